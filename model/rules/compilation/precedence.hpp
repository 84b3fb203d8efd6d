#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which rows of a machine stand in another row's way. Rows are tried in their order (rules.md §rules), so a
// row answers only where no earlier row of its state and event does; `step` of machine.hpp says so by trying
// them, a variant of an action says so by its guards. Rows that are guarded apart, as those of the built-in
// tables are, need nothing said. For compile.hpp alone.

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/rules/machine.hpp"

namespace portolan::rules::compilation {

/// How many combinations of values are tried before two rows are taken to meet; that is always safe, and
/// costs a guard that says nothing.
inline constexpr std::int64_t combinations_max = 4096;

/// Whether both rows can answer in one environment.
constexpr bool may_meet(const MachineText& text, const Row& a, const Row& b) {
  std::array<bool, max_variables> looked{};
  for (const Row* row : {&a, &b})
    for (const Node& node : row->guard.view().nodes)
      if (node.op == Op::variable) looked[static_cast<std::size_t>(node.symbol)] = true;
  std::int64_t combinations = 1;
  Environment at{};
  for (std::size_t v = 0; v < text.variables.size(); ++v) {
    const MachineVariable& variable = text.variables[v];
    at[v] = variable.low;
    if (!looked[v]) continue;
    // What a step gives as an input is any number of the module's, not only one of the machine's domain.
    if (variable.role == Role::input && !variable.boolean()) return true;
    if (variable.high - variable.low >= combinations_max) return true;
    combinations *= variable.high - variable.low + 1;
    if (combinations > combinations_max) return true;
  }
  for (;;) {
    if (holds(a.guard, at) && holds(b.guard, at)) return true;
    std::size_t v = 0;
    while (v < text.variables.size() && (!looked[v] || at[v] == text.variables[v].high)) {
      at[v] = text.variables[v].low;
      ++v;
    }
    if (v == text.variables.size()) return false;
    ++at[v];
  }
}

/// Whether the earlier row is tried before the later one somewhere.
constexpr bool stands_before(const Machine& machine, std::size_t earlier, std::size_t later) {
  const Row &a = machine.rows[earlier], &b = machine.rows[later];
  return a.from == b.from && a.event == b.event && may_meet(*machine.text, a, b);
}

}  // namespace portolan::rules::compilation
