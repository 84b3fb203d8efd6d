#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Supertrace: a breadth-first search that keeps of each state it came to no more than a few bits of a table,
// at places that hashes of the state name. A state whose bits were all set by others is taken for one that
// was visited, so what is found is real, and what is not found may still be there; the search estimates how
// much it left out. Beside the table it keeps two levels of states, and for each state the action and source
// by which it was entered (two or three bytes), from which ways are carried out again.
//
// G. J. Holzmann, An analysis of bitstate hashing (1998).

#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// A search that also says how much it may have left out.
class BitstateSearch : public Search {
 public:
  /// Of the states that were met, the share that was not taken for another, as estimated from how full the
  /// table was each time. What only states that were left out lead to is in none of the two.
  virtual double coverage() const = 0;
  /// Bits of the table for each state.
  virtual double bits_per_state() const = 0;
};

/// The table takes `bytes`, rounded down to a power of two; 0: half of the bound on memory, or
/// `bitstate_bytes_usual` where there is none.
inline constexpr std::uint64_t bitstate_bytes_usual = std::uint64_t{1} << 29;
std::unique_ptr<BitstateSearch> make_bitstate_search(const CompiledModel& model, Workers& workers,
                                                     SearchLimits limits, std::uint64_t bytes);

}  // namespace portolan::solver::explore
