#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The direct join: how all configurations fare where nothing ties parameters together. The fate of a pair of
// definitions (fate.hpp) is six bits. A row has these bits for one source and all destinations, so that
// joining parameters is an `or` of rows, and 64 pairs are decided by a few instructions.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/matrix/fate.hpp"

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

/// The kinds of configuration that exist in 64 pairs, a bit for each; joined over parts of the pairs that do
/// not depend on each other.
struct Kinds {
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
  Kinds of(std::size_t pair) const {
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
};

/// The rows of all sources, joined over the columns that were added.
class JoinedRows {
 public:
  enum Row : std::size_t {
    rejected,
    undetermined,
    none_accepted,
    all_rejected,
    fresh_rejected,
    fresh_undetermined,
    row_count
  };

  JoinedRows() = default;
  JoinedRows(std::size_t sources, std::size_t words) : words_(words), bits_(sources * row_count * words) {}

  std::uint64_t* row(std::size_t source, std::size_t row) {
    return bits_.data() + (source * row_count + row) * words_;
  }
  Kinds kinds(std::size_t source, std::size_t word) const {
    return {at(source, rejected, word), at(source, undetermined, word), at(source, none_accepted, word),
            at(source, all_rejected, word)};
  }
  /// `Decision` on the init values of the source.
  TwoBits fresh(std::size_t source, std::size_t word) const {
    const std::uint64_t reject = at(source, fresh_rejected, word);
    return {reject, at(source, fresh_undetermined, word) & ~reject};
  }

 private:
  std::uint64_t at(std::size_t source, Row row, std::size_t word) const {
    return bits_[(source * row_count + row) * words_ + word];
  }

  std::size_t words_ = 0;
  std::vector<std::uint64_t> bits_;
};

class DirectJoin {
 public:
  /// What each member says of each column; the spans are not kept.
  DirectJoin(FateTable& fates, const std::vector<std::span<const DefinitionId>>& members);

  JoinedRows empty() const { return {members_, words_}; }
  void add(const std::vector<std::size_t>& columns, JoinedRows& rows);

 private:
  /// Members mostly say the same: what they say is numbered.
  struct Column {
    std::vector<DefinitionId> distinct;
    std::vector<std::uint32_t> number;  ///< by member
  };
  /// Of what a source may say in a column, those that have a bit: rows of `bits_`, one after the other.
  struct Made {
    std::size_t begin = 0;
    std::uint8_t rows = 0;  ///< a bit for each
  };

  std::vector<Made> make(const Column& column);

  FateTable& fates_;
  std::size_t members_, words_;
  std::vector<Column> columns_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace portolan::solver::matrix
