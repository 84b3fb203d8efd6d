#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an event reads and writes, in one state: the facts that it assumes and those that it makes true. For
// plans, whose steps may run side by side where they do not touch each other's facts, and for stories, which
// tell only what changed.

#include "model/rules/firing.hpp"

namespace portolan::rules {

/// Cells by position in `Cells`, ascending; fixed variables are left out.
struct Footprint {
  std::vector<std::size_t>
      reads;  ///< looked at by the guards and by the values and targets of the assignments
  std::vector<std::size_t> writes;  ///< assigned, also where the value stays the same
};

Footprint footprint(const Module& module, const Event& event, const Cells& now);

/// Cells whose value differs, ascending.
std::vector<std::size_t> changed_cells(const Cells& before, const Cells& after);
/// `place[vm1]` for a position in `Cells`, and the variable that it belongs to.
std::string cell_name(const Module& module, std::size_t cell);
std::size_t variable_of(const Module& module, std::size_t cell);
/// `place[vm1] = host2`
std::string fact(const Module& module, std::size_t cell, std::int64_t value);

}  // namespace portolan::rules
