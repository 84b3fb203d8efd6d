// SPDX-License-Identifier: Apache-2.0
#include "model/rules/firing.hpp"

#include <algorithm>

namespace portolan::rules {

Integers integers_of(const Module& module, const Cells& cells) {
  return {cells, module.offsets, module.strides, module.widths, module.sort_sizes};
}

std::optional<std::int64_t> value_of(const Module& module, const Expression& expression, const Cells& cells,
                                     std::span<const std::int64_t> arguments) {
  Integers integers = integers_of(module, cells);
  const std::int64_t value = fold(expression.view(), integers, arguments);
  return integers.undefined ? std::nullopt : std::optional(value);
}

bool holds(const Module& module, const Expression& condition, const Cells& cells,
           std::span<const std::int64_t> arguments) {
  return value_of(module, condition, cells, arguments).value_or(0) != 0;
}

Firing fire(const Module& module, const Action& action, std::span<const std::int64_t> arguments,
            const Cells& now, Cells& next) {
  for (const Expression& guard : action.guards) {
    const auto value = value_of(module, guard, now, arguments);
    if (!value) return Firing::undefined;
    if (*value == 0) return Firing::disabled;
  }
  next = now;
  std::vector<std::size_t> written;
  const auto assign = [&](const Assignment& assignment, std::span<const std::int64_t> bound) {
    const auto v = static_cast<std::size_t>(assignment.variable);
    std::int64_t indices[2] = {0, 0};
    for (std::size_t i = 0; i < assignment.indices.size(); ++i) {
      const auto index = value_of(module, assignment.indices[i], now, bound);
      if (!index || *index < 0) return false;
      indices[i] = *index;
    }
    const auto value = value_of(module, assignment.value, now, bound);
    if (!value || *value < module.variables[v].low || *value > module.variables[v].high) return false;
    const std::size_t cell = module.cell(assignment.variable, indices[0], indices[1]);
    if (std::find(written.begin(), written.end(), cell) != written.end() && next[cell] != *value)
      return false;
    written.push_back(cell);
    next[cell] = *value;
    return true;
  };
  for (const Assignment& assignment : action.assignments)
    if (!for_each_element(module, assignment, arguments,
                          [&](std::span<const std::int64_t> bound) { return assign(assignment, bound); }))
      return Firing::undefined;
  return Firing::fired;
}

std::vector<Successor> successors(const Module& module, const Cells& now) {
  std::vector<Successor> result;
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    for_each_choice(module, module.actions[a], [&](std::span<const std::int64_t> arguments) {
      Cells next;
      const Firing firing = fire(module, module.actions[a], arguments, now, next);
      if (firing != Firing::disabled)
        result.push_back(
            {{a, {arguments.begin(), arguments.end()}}, std::move(next), firing == Firing::fired});
    });
  }
  return result;
}

std::string to_string(const Module& module, const Event& event) {
  const Action& action = module.actions[event.action];
  std::string text = action.name + "(";
  for (std::size_t p = 0; p < action.parameters.size(); ++p) {
    if (p > 0) text += ", ";
    text += module.sorts[static_cast<std::size_t>(action.parameters[p].sort)]
                .elements[static_cast<std::size_t>(event.arguments[p])];
  }
  return text + ")";
}

std::optional<Successor> find_event(const Module& module, std::string_view action,
                                    std::span<const std::string> arguments, const Cells& now) {
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    const Action& candidate = module.actions[a];
    if (candidate.name != action || candidate.parameters.size() != arguments.size()) continue;
    Event event{a, {}};
    for (std::size_t p = 0; p < arguments.size(); ++p) {
      const auto& elements = module.sorts[static_cast<std::size_t>(candidate.parameters[p].sort)].elements;
      const auto found = std::find(elements.begin(), elements.end(), arguments[p]);
      if (found == elements.end()) return std::nullopt;
      event.arguments.push_back(found - elements.begin());
    }
    Cells next;
    const Firing firing = fire(module, candidate, event.arguments, now, next);
    if (firing != Firing::disabled)
      return Successor{std::move(event), std::move(next), firing == Firing::fired};
  }
  return std::nullopt;
}

}  // namespace portolan::rules
