// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/parts.hpp"

#include "model/fleet/usual_times.hpp"

namespace portolan::sim::fleets {

namespace {

/// Each action is the driver's, the world's, a fault, or one that the operator has a weight for.
constexpr bool each_is_somebodys() {
  for (const rules::ActionText& row : fleet::actions) {
    const auto parameters = std::count(row.parameters.begin(), row.parameters.end(), ',') + 1;
    const bool driven = std::count(std::begin(driver_order), std::end(driver_order), row.name) == 1,
               reaction = happens_by_itself(row.actor, static_cast<std::size_t>(parameters)),
               fault = row.actor == rules::Actor::fault,
               chosen = fleet::usual::row_of(fleet::usual::weights, row.name) != nullptr;
    if (driven + reaction + fault + chosen != 1) return false;
    if (driven && row.actor != rules::Actor::session) return false;
  }
  return true;
}
static_assert(each_is_somebodys());

std::size_t group_of(const run::Evaluator& evaluator, std::string_view name) {
  const int group = evaluator.group(name);
  return group < 0 ? Parts::none : static_cast<std::size_t>(group);
}

}  // namespace

Parts::Parts(const run::Evaluator& evaluator)
    : pause(group_of(evaluator, action::migrate_step_pause)),
      load(group_of(evaluator, action::migrate_step_load)),
      refuse(group_of(evaluator, action::migrate_step_refuse)),
      abort(group_of(evaluator, action::migrate_abort)) {
  for (const auto& one : driver_order)
    if (const std::size_t group = group_of(evaluator, one); group != none) driver.push_back(group);
  for (std::size_t g = 0; g < evaluator.groups().size(); ++g) {
    const run::ActionGroup& group = evaluator.groups()[g];
    is_reaction.push_back(happens_by_itself(group.actor, group.sorts.size()));
    if (is_reaction.back() != 0)
      (group.sorts[0] == fleet::vocabulary::sort::vm.position() ? vm_reactions : host_reactions).push_back(g);
    else if (group.actor == rules::Actor::fault)
      faults.push_back(g);
    else if (std::find(driver.begin(), driver.end(), g) == driver.end())
      operators.push_back(g);
  }
}

}  // namespace portolan::sim::fleets
