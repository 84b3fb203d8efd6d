#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Partial-order reduction: actions that read and write different cells can be taken in any order, so where
// only one order matters to the properties, one is looked at. For a state this gives a *strong stubborn set*
// of ground actions: with an enabled action everything that interferes with it belongs to the set, with a
// disabled one everything that could make it enabled, through one conjunct of its guard that is false. Its
// enabled actions stand for all where one of them that writes nothing a property reads leads to a state of a
// later level. For let `w` be a way to a state with a condition. Where an action of the set occurs in `w`,
// the first of them can be taken at once, the rest of `w` after it, and the end is the same. Where none does,
// the one that is not seen can be taken first, and all of `w` is left, from a state of a later level; of
// these there are finitely many. Kept are the verdicts of *always* and *sometimes*, and whether some event is
// undefined; not what *eventually* asks, and not which trace is shortest.
//
// A. Valmari, Stubborn sets for reduced state space generation (1991); D. Bošnački, G. J. Holzmann, Improving
// Spin's partial-order reduction for breadth-first search (2005).

#include <cstdint>
#include <span>
#include <vector>

#include "solver/explore/ground/grounding.hpp"

namespace portolan::solver::explore {

class Independence {
 public:
  /// More ground actions than that are not compared with each other.
  static constexpr std::size_t actions_max = 4096;

  /// `asked`: what the properties ask of a state. Terms that are made later are not known here.
  Independence(const GroundModel& model, std::span<const TermId> asked);

  /// Whether the action writes what a property reads.
  bool seen(std::uint32_t action) const { return seen_[action] != 0; }
  /// Whether no state can be reduced: too many actions, or each of them interferes with a property.
  bool trivial() const { return trivial_; }

  /// What one thread works with.
  struct Room {
    std::vector<std::uint8_t> member, enabled;
    std::vector<std::uint32_t> work, set;
  };
  /// Some of the enabled actions that stand for all of them, in their order; all of them where there are no
  /// such. `raw` is a packed state, `enabled` the actions that are enabled in it, those without a meaning
  /// too.
  void stubborn(const Packing& packing, const Word* raw, std::span<const std::uint32_t> enabled, Room& room,
                std::vector<std::uint32_t>& chosen) const;

 private:
  struct Conjunct {
    TermId term;
    std::vector<std::uint32_t> enablers;  ///< actions that may make it true, or one before it undefined
  };
  const GroundModel& model_;
  bool trivial_ = false;
  std::vector<std::vector<std::uint32_t>> interfering_;  ///< by action
  std::vector<std::vector<Conjunct>> guards_;            ///< by action
  std::vector<std::uint8_t> seen_;                       ///< by action

  /// The conjunct of a disabled action with the fewest enablers.
  const Conjunct& obstacle(std::uint32_t action, const Packing& packing, const Word* raw) const;
};

}  // namespace portolan::solver::explore
