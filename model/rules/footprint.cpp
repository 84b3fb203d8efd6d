// SPDX-License-Identifier: Apache-2.0
#include "model/rules/footprint.hpp"

#include <set>

namespace portolan::rules {

namespace {

/// The reference meaning, which also notes the cells that it looks at.
struct Recording : Integers {
  const Module* module = nullptr;
  std::set<std::size_t>* seen = nullptr;
  value variable(int symbol, std::span<const value> indices) {
    const value result = Integers::variable(symbol, indices);
    if (!undefined && !module->variables[static_cast<std::size_t>(symbol)].fixed)
      seen->insert(
          module->cell(symbol, indices.empty() ? 0 : indices[0], indices.size() < 2 ? 0 : indices[1]));
    return result;
  }
};

}  // namespace

Footprint footprint(const Module& module, const Event& event, const Cells& now) {
  std::set<std::size_t> reads, writes;
  const auto evaluate = [&](const Expression& expression, std::span<const std::int64_t> bound) {
    Recording recording{integers_of(module, now), &module, &reads};
    return fold(expression.view(), recording, bound);
  };
  const Action& action = module.actions[event.action];
  for (const Expression& guard : action.guards) evaluate(guard, event.arguments);
  for (const Assignment& assignment : action.assignments)
    for_each_element(module, assignment, event.arguments, [&](std::span<const std::int64_t> bound) {
      std::int64_t indices[2] = {0, 0};
      for (std::size_t i = 0; i < assignment.indices.size(); ++i)
        indices[i] = evaluate(assignment.indices[i], bound);
      evaluate(assignment.value, bound);
      writes.insert(module.cell(assignment.variable, indices[0], indices[1]));
      return true;
    });
  return {{reads.begin(), reads.end()}, {writes.begin(), writes.end()}};
}

std::vector<std::size_t> changed_cells(const Cells& before, const Cells& after) {
  std::vector<std::size_t> changed;
  for (std::size_t c = 0; c < before.size(); ++c)
    if (before[c] != after[c]) changed.push_back(c);
  return changed;
}

std::size_t variable_of(const Module& module, std::size_t cell) {
  std::size_t v = 0;
  while (v + 1 < module.offsets.size() && static_cast<std::size_t>(module.offsets[v + 1]) <= cell) ++v;
  while (module.widths[v] == 0) --v;
  return v;
}

std::string cell_name(const Module& module, std::size_t cell) {
  const std::size_t v = variable_of(module, cell);
  return cell_name(module, v, cell - static_cast<std::size_t>(module.offsets[v]));
}

std::string fact(const Module& module, std::size_t cell, std::int64_t value) {
  return cell_name(module, cell) + " = " + shown(module, module.variables[variable_of(module, cell)], value);
}

}  // namespace portolan::rules
