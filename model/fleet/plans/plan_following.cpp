// SPDX-License-Identifier: Apache-2.0
//
// The module that is explored to verify a plan: its decisions in their order and no others, counted by one
// more variable.
#include <algorithm>

#include "model/fleet/plans/plan.hpp"

namespace portolan::fleet {

namespace {

constexpr rules::Type integer{rules::TypeKind::integer, false, -1};

rules::Node number(std::uint64_t value) { return {rules::Op::integer, integer, -1, -1, -1, -1, 1, value}; }

/// How many decisions were taken, as one more variable behind the others; its position.
std::int16_t add_counter(rules::Module& module, std::size_t steps) {
  const auto position = static_cast<std::int16_t>(module.variables.size());
  rules::Variable taken;
  taken.name = "plan-step";
  taken.type = integer;
  taken.high = static_cast<std::int64_t>(steps);
  taken.meaning = "steps of the plan that were taken";
  module.offsets.push_back(static_cast<std::int32_t>(module.initial.size()));
  module.strides.push_back(1);
  module.widths.push_back(1);
  module.initial.push_back(0);
  module.variables.push_back(std::move(taken));
  return position;
}

/// guard && comparison, whose indices are relative to its beginning.
void also(rules::Expression& guard, const std::vector<rules::Node>& comparison) {
  const auto base = static_cast<std::int32_t>(guard.nodes.size());
  for (rules::Node node : comparison) {
    if (node.a >= 0) node.a += base;
    if (node.b >= 0) node.b += base;
    guard.nodes.push_back(node);
  }
  const auto root = static_cast<std::int32_t>(guard.nodes.size()) - 1;
  if (base > 0) guard.nodes.push_back({rules::Op::conjunction, {}, -1, base - 1, root, -1, 1, 0});
}

/// The action as step `s` of the plan: with that step's arguments, when s decisions were taken before.
rules::Action as_step(rules::Action action, std::size_t s, const NamedEvent& event,
                      const rules::Module& module, std::int16_t counter) {
  rules::Expression guard;
  also(guard, {{rules::Op::variable, integer, counter, -1, -1, -1, 1, 0},
               number(s),
               {rules::Op::equal, {}, -1, 0, 1, -1, 1, 0}});
  for (std::size_t p = 0; p < action.parameters.size(); ++p) {
    const rules::Type type{rules::TypeKind::element, false, action.parameters[p].sort};
    const auto& elements = module.sorts[static_cast<std::size_t>(type.sort)].elements;
    const auto element = static_cast<std::uint64_t>(
        std::find(elements.begin(), elements.end(), event.arguments[p]) - elements.begin());
    also(guard, {{rules::Op::bound, type, static_cast<std::int16_t>(p), -1, -1, -1, 1, 0},
                 {rules::Op::element, type, type.sort, -1, -1, -1, 1, element},
                 {rules::Op::equal, {}, -1, 0, 1, -1, 1, 0}});
  }
  action.guards.insert(action.guards.begin(), std::move(guard));
  rules::Assignment count;
  count.variable = counter;
  count.value.nodes.push_back(number(s + 1));
  action.assignments.push_back(std::move(count));
  return action;
}

}  // namespace

bool asked_of_a_plan(const rules::Property& property) {
  switch (property.verb) {
    case rules::Verb::always: return true;
    case rules::Verb::sometimes: return property.name == "goal-is-reachable";
    case rules::Verb::eventually: return property.name == "sessions-end";
  }
  return true;
}

rules::Module following(const LoadedScenario& scenario, const std::vector<PlanStep>& steps) {
  rules::Module module = scenario.module;
  const std::int16_t counter = add_counter(module, steps.size());
  std::vector<rules::Action> kept;
  for (const rules::Action& action : scenario.module.actions) {
    if (action.actor != rules::Actor::decision) {
      kept.push_back(action);
      continue;
    }
    for (std::size_t s = 0; s < steps.size(); ++s)
      if (steps[s].event.action == action.name)
        kept.push_back(as_step(action, s, steps[s].event, module, counter));
  }
  module.actions = std::move(kept);
  return module;
}

}  // namespace portolan::fleet
