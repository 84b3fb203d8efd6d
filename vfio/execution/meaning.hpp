#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the fleet's model and real devices mean to each other, as tables: what each decision of a plan asks of
// hosts and devices, and which events of the model each step of a migration is. Actions and variables are
// those of model/fleet/vocabulary.hpp; that no decision is forgotten is checked when this is compiled.

#include <optional>
#include <string>
#include <vector>

#include "model/fleet/plans/course.hpp"
#include "model/fleet/vocabulary.hpp"
#include "vfio/execution/step.hpp"

namespace portolan::vfio::execution {

namespace action = fleet::vocabulary::action;
namespace variable = fleet::vocabulary::variable;

/// What a decision of a plan is to an executor.
enum class Act : std::uint8_t {
  note,         ///< nothing on a device changes: it is ours alone to keep
  migrate,      ///< an instance is made on another host, and the state moved there
  install,      ///< another driver of an empty host
  start,        ///< an instance is made
  power_off,    ///< an instance is ended
  unsupported,  ///< cannot be carried out
};

/// Which of the action's arguments are what the act needs; none: -1.
struct Meaning {
  Act act = Act::unsupported;
  int vm = -1, host = -1, driver = -1, setting = -1;
};
struct DecisionMeaning {
  fleet::vocabulary::Action action;
  Meaning meaning;
};

// clang-format off
inline constexpr DecisionMeaning decision_meanings[] = {
  // action                 act                vm  host driver setting
  { action::drain,         { Act::note,         -1, -1,  -1,    -1 } },
  { action::undrain,       { Act::note,         -1, -1,  -1,    -1 } },
  { action::open,          { Act::note,          0, -1,  -1,    -1 } },
  { action::run,           { Act::note,          0, -1,  -1,    -1 } },
  { action::migrate_begin, { Act::migrate,       0,  1,  -1,     2 } },
  { action::upgrade,       { Act::install,      -1,  0,   1,    -1 } },
  { action::downgrade,     { Act::install,      -1,  0,   1,    -1 } },
  { action::create,        { Act::start,         0,  1,  -1,     2 } },
  { action::power_cycle,   { Act::power_off,     0, -1,  -1,    -1 } },
  { action::destroy,       { Act::power_off,     0, -1,  -1,    -1 } },
  // R11: a program has its parameters when it is started.
  { action::set_param,     { Act::unsupported,  -1, -1,  -1,    -1 } },
  { action::upgrade_live,  { Act::unsupported,  -1, -1,  -1,    -1 } },
  { action::adopt,         { Act::unsupported,  -1, -1,  -1,    -1 } },
};
// clang-format on

/// Every decision that the fleet's tables leave to the operator has its row.
consteval bool every_decision_has_a_meaning() {
  for (std::size_t a = 0; a < std::size(fleet::actions); ++a) {
    int rows = 0;
    for (const DecisionMeaning& one : decision_meanings) rows += one.action.number() == a ? 1 : 0;
    if (rows > 1 || (rows == 0 && fleet::actions[a].actor == rules::Actor::decision)) return false;
  }
  return true;
}
static_assert(every_decision_has_a_meaning());

/// Of an action by its name; one that is no decision is unsupported.
Meaning meaning_of(const fleet::NamedEvent& event);
/// The argument at one of its positions.
const std::string& argument(const fleet::NamedEvent& event, int position);

/// The events of the model that a step of a VM's migration is, from where the course stands. `ended`: how the
/// migration ended with this step.
std::vector<fleet::NamedEvent> events_of(const std::string& vm, const StepReport& report,
                                         std::optional<Outcome> ended, const fleet::Course& course);

/// What devices said, as cells of the model: `source[small]` to `STOP_COPY`.
std::map<std::string, std::string> observed(const std::string& vm,
                                            std::optional<machines::DeviceState> source,
                                            std::optional<machines::DeviceState> destination);

}  // namespace portolan::vfio::execution
