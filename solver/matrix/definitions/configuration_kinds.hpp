#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which kinds of configuration exist (accepted, rejected, undetermined), joined over parts of a pair that do
// not depend on each other: a configuration is rejected when any part of it is. Sixty-four pairs are joined
// by a few instructions, a bit for each; whoever joins one pair uses the first bit.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "solver/matrix/definitions/relation.hpp"

namespace portolan::solver::matrix {

/// Numbers from 0 to 3, one for each of 64 pairs.
struct TwoBits {
  std::uint64_t low = 0, high = 0;

  unsigned at(std::size_t pair) const {
    return static_cast<unsigned>((low >> pair & 1u) | (high >> pair & 1u) << 1);
  }
  void set(std::size_t pair, unsigned number) {
    const auto put = [pair](std::uint64_t& word, std::uint64_t bit) {
      word = (word & ~(std::uint64_t{1} << pair)) | bit << pair;
    };
    put(low, number & 1u);
    put(high, number >> 1);
  }
  void keep(std::uint64_t pairs) { low &= pairs, high &= pairs; }  ///< 0 elsewhere
  /// How many pairs have the numbers 1, 2 and 3.
  std::array<std::size_t, 3> counts() const {
    const auto count = [](std::uint64_t word) { return static_cast<std::size_t>(std::popcount(word)); };
    return {count(low & ~high), count(high & ~low), count(low & high)};
  }
};

struct ConfigurationKinds {
  std::uint64_t rejected = 0, undetermined = 0;  ///< some part has such a choice
  std::uint64_t none_accepted = 0;               ///< some part has no accepted choice
  std::uint64_t all_rejected = 0;                ///< some part has no choice but rejected ones

  /// A part of the first pair.
  void join(bool part_accepted, bool part_rejected, bool part_undetermined) {
    rejected |= std::uint64_t{part_rejected};
    undetermined |= std::uint64_t{part_undetermined};
    none_accepted |= std::uint64_t{!part_accepted};
    all_rejected |= std::uint64_t{!part_accepted && !part_undetermined};
  }
  ConfigurationKinds of(std::size_t pair) const {
    return {rejected >> pair & 1u, undetermined >> pair & 1u, none_accepted >> pair & 1u,
            all_rejected >> pair & 1u};
  }

  /// `RelationKind` of each pair, for sources that have a configuration.
  TwoBits relations() const {
    const std::uint64_t some_undetermined = undetermined & ~all_rejected;
    const std::uint64_t all = ~rejected & ~some_undetermined;
    const std::uint64_t none = ~all & none_accepted & ~some_undetermined;
    const std::uint64_t some = ~none_accepted & rejected;
    return {~all & ~none, ~all & ~some};
  }
  /// Of the first pair.
  RelationKind relation() const { return static_cast<RelationKind>(relations().at(0)); }
};
static_assert(static_cast<int>(RelationKind::some) == 1 && static_cast<int>(RelationKind::none) == 2 &&
                  static_cast<int>(RelationKind::undetermined) == 3,
              "as ConfigurationKinds::relations has them");

}  // namespace portolan::solver::matrix
