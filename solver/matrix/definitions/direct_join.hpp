#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The direct join: how all configurations fare where nothing ties parameters together. The verdict of a pair
// of definitions (parameter_verdict.hpp) is six bits. A row has these bits for one source and all
// destinations, so that joining parameters is an `or` of rows, and 64 pairs are decided by a few
// instructions. Each distinct pair of definitions is classified once.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/matrix/definitions/configuration_kinds.hpp"
#include "solver/matrix/definitions/parameter_verdict.hpp"

namespace portolan::solver::matrix {

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
  ConfigurationKinds kinds(std::size_t source, std::size_t word) const {
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
  DirectJoin(ParameterVerdicts& verdicts, const std::vector<std::span<const DefinitionId>>& members);

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

  ParameterVerdicts& verdicts_;
  std::size_t members_, words_;
  std::vector<Column> columns_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace portolan::solver::matrix
