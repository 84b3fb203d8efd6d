#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the number by which a table is asked comes together from a state: of each component that the table
// depends on one *slot*, which says what the table needs to know of the component's value
// (value_notes.hpp), shifted to its place.

#include <cstdint>
#include <vector>

#include "solver/explore/ground/components.hpp"

namespace portolan::solver::explore {

/// A slot's place in a table's number; or a gate.
struct SlotUse {
  std::uint32_t component, slot;
  unsigned shift;
};

struct TableNumber {
  static constexpr unsigned bits_max = 63;  ///< with more than that there is no number

  std::vector<SlotUse> uses;
  unsigned bits = 0;  ///< numbers are below 2^bits

  std::uint64_t of(const Seen& seen) const {
    std::uint64_t result = 0;
    for (const SlotUse& use : uses)
      result += std::uint64_t{seen.at[use.component]->slots[use.slot]} << use.shift;
    return result;
  }
};

}  // namespace portolan::solver::explore
