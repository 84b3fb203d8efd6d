#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Fleets with something broken in them: a guard taken away, a commit too early, a destination started too
// early. Whatever checks fleets has to find the property that each of them violates.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "model/fleet/scenario.hpp"
#include "model/fleet/vocabulary.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/session.hpp"
#include "model/rules/compile.hpp"

namespace portolan::test {

/// A scenario of scenarios/fleet.
inline fleet::LoadedScenario loaded(const char* name) {
  auto scenario = fleet::load_scenario(std::filesystem::path(PORTOLAN_SOURCE_DIR) / "scenarios/fleet" / name);
  if (!scenario) throw std::runtime_error(to_string(scenario.error()));
  return std::move(*scenario);
}

/// A fleet whose machines or actions were changed, over the hosts and VMs of a scenario.
class BrokenFleet {
 public:
  BrokenFleet()
      : machines_(std::begin(fleet::machines), std::end(fleet::machines)),
        actions_(std::begin(fleet::actions), std::end(fleet::actions)) {}

  rules::ActionText& action(fleet::vocabulary::Action which) { return actions_[which.number()]; }
  /// Changes one row of a machine.
  template <class Change>
  void row(const rules::Machine& machine, std::string_view from, std::string_view event, Change change) {
    Copy& copy = copies_.emplace_back();
    copy.rows.assign(machine.text->rows.begin(), machine.text->rows.end());
    bool found = false;
    for (rules::RowText& row : copy.rows)
      if (row.from == from && row.event == event) {
        change(row);
        found = true;
      }
    EXPECT_TRUE(found) << from << " " << event;
    copy.text = *machine.text;
    copy.text.rows = copy.rows;
    copy.compiled = rules::compile(copy.text);
    EXPECT_TRUE(copy.compiled.faults.empty());
    copy.machine = {&copy.text, copy.compiled.rows, copy.compiled.initial};
    for (rules::MachineUseText& use : machines_)
      if (use.machine == &machine) use.machine = &copy.machine;
  }
  rules::Module module(const fleet::LoadedScenario& scenario) const {
    rules::ModuleText text = fleet::fleet_text;
    text.machines = machines_;
    text.actions = actions_;
    auto built = fleet::build_fleet(scenario.scenario, scenario.catalogue, text);
    EXPECT_TRUE(built) << to_string(built.error());
    return built->module;
  }

 private:
  struct Copy {
    std::vector<rules::RowText> rows;
    rules::MachineText text;
    rules::CompiledRows compiled;
    rules::Machine machine;
  };
  std::deque<Copy> copies_;
  std::vector<rules::MachineUseText> machines_;
  std::vector<rules::ActionText> actions_;
};

/// The three variants that the issue of the fleet names; each is whole in forgotten-field.yaml but for its
/// property.
struct BrokenVariant {
  std::string_view name, property;
  void (*break_it)(BrokenFleet&);
};
inline constexpr BrokenVariant broken_variants[] = {
    {"a guard removed: parameters may be written during the migration (R9)", "as-checked",
     [](BrokenFleet& fleet) {
       fleet.row(machines::instance, "Open", "write",
                 [](rules::RowText& row) { row.guard = "runtime_writable"; });
     }},
    {"a commit before the load", "commit-has-the-state",
     [](BrokenFleet& fleet) {
       fleet.row(machines::session, "Transferring", "commit", [](rules::RowText& row) { row.guard = ""; });
       fleet.action(fleet::vocabulary::action::migrate_commit).guard = "up[place[v]] && up[target[v]]";
     }},
    {"a destination that starts before the commit", "runs-after-commit",
     [](BrokenFleet& fleet) {
       fleet.row(machines::session, "Committed", "start_destination",
                 [](rules::RowText& row) { row.from = row.to = "Transferring"; });
       fleet.action(fleet::vocabulary::action::migrate_step_wake).guard =
           "session[v] == Transferring && up[target[v]] && destination[v] in {STOP, RUNNING_P2P}";
     }},
};

}  // namespace portolan::test
