#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the actions of a cluster do. Actions that write the same components form a *cluster*
// (clusters.hpp): the values of those components, and what else the writes depend on, number the rows of its
// table, and a row lists what its actions do, as masks over a state's words. Rows never move: they lie in an
// arena, each with its effects behind it.

#include <map>
#include <memory>
#include <vector>

#include "solver/explore/ground/packing.hpp"

namespace portolan::solver::explore {

/// What one enabled action does to one word. All actions of a cluster take as many of these: one for each
/// word that it writes.
struct Effect {
  enum Flag : std::uint8_t {
    fault = 1,
    undefined = 2,
    computed = 4,
    guarded = 8,
    late = 16
  };  ///< guarded: by tests; late: even where the gates are open
  static constexpr std::size_t words_max = 1u << 16;  ///< that `word` can say
  Word keep = ~Word{0}, set = 0;
  std::uint64_t hash = 0;    ///< by which the state's hash changes, all words together
  std::uint32_t action = 0;  ///< position in GroundModel::actions
  std::uint16_t word = 0;
  std::uint8_t flags = 0;
};

/// Which of the gated actions of its cluster a row has, and where.
struct GatedActions {
  std::vector<Word> set;          ///< a bit for each
  std::vector<std::uint16_t> at;  ///< for each, its position among those of the row
};

/// One row; the effects lie behind it, those of gated actions last.
struct Row {
  const GatedActions* gated = nullptr;  ///< null: none
  std::uint32_t free = 0;               ///< effects of actions that no gate can close
  bool suspect = false;                 ///< some condition that rows cover fails here (predicates.hpp)
  const Effect* effects() const { return reinterpret_cast<const Effect*>(this + 1); }
};

/// Where the rows of all clusters lie.
class RowArena {
 public:
  const Row* place(const Row& row, const std::vector<Effect>& free, const std::vector<Effect>& gated);
  std::uint64_t bytes() const { return total_; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t used_ = 0, size_ = 0, total_ = 0;  ///< of the last block two, then of all
};

}  // namespace portolan::solver::explore
