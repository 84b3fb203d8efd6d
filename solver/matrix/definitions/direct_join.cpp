// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/definitions/direct_join.hpp"

#include <utility>

namespace portolan::solver::matrix {

using compat::Decision;

namespace {

constexpr std::uint32_t unnumbered = ~std::uint32_t{0};
constexpr std::size_t words_together =
    std::size_t{1} << 15;  ///< of rows that are made before they are joined, so that they stay in a cache

static_assert(static_cast<int>(Decision::reject) == 1 && static_cast<int>(Decision::undetermined) == 2,
              "as JoinedRows::fresh has them");

std::uint8_t code_of(const ParameterVerdict& verdict) {
  const auto flag = [](bool is, JoinedRows::Row row) { return static_cast<unsigned>(is) << row; };
  return static_cast<std::uint8_t>(
      flag(verdict.rejected, JoinedRows::rejected) | flag(verdict.undetermined, JoinedRows::undetermined) |
      flag(!verdict.accepted, JoinedRows::none_accepted) |
      flag(!verdict.accepted && !verdict.undetermined, JoinedRows::all_rejected) |
      flag(verdict.fresh == Decision::reject, JoinedRows::fresh_rejected) |
      flag(verdict.fresh == Decision::undetermined, JoinedRows::fresh_undetermined));
}

}  // namespace

DirectJoin::DirectJoin(ParameterVerdicts& verdicts, const std::vector<std::span<const DefinitionId>>& members)
    : verdicts_(verdicts),
      members_(members.size()),
      words_((members.size() + 63) / 64),
      columns_(members.empty() ? 0 : members.front().size()) {
  std::vector<std::uint32_t> numbers(verdicts.definitions() + 1, unnumbered);  // the last one: absent
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& column = columns_[c];
    column.number.reserve(members_);
    const auto number_of = [&](DefinitionId id) -> std::uint32_t& {
      return numbers[id == absent ? verdicts.definitions() : id];
    };
    for (const auto& definitions : members) {
      std::uint32_t& number = number_of(definitions[c]);
      if (number == unnumbered) {
        number = static_cast<std::uint32_t>(column.distinct.size());
        column.distinct.push_back(definitions[c]);
      }
      column.number.push_back(number);
    }
    for (const DefinitionId id : column.distinct) number_of(id) = unnumbered;
  }
}

std::vector<DirectJoin::Made> DirectJoin::make(const Column& column) {
  std::vector<std::uint64_t> who(column.distinct.size() * words_);  // says what, by number
  for (std::size_t member = 0; member < members_; ++member)
    who[column.number[member] * words_ + member / 64] |= std::uint64_t{1} << member % 64;
  std::vector<Made> made(column.distinct.size());
  std::vector<std::uint8_t> codes(column.distinct.size());
  for (std::size_t source = 0; source < made.size(); ++source) {
    for (std::size_t destination = 0; destination < codes.size(); ++destination) {
      codes[destination] = code_of(verdicts_.verdict(column.distinct[source], column.distinct[destination]));
      made[source].rows |= codes[destination];
    }
    made[source].begin = bits_.size();
    for (std::size_t row = 0; made[source].rows >> row != 0; ++row) {
      if ((made[source].rows >> row & 1u) == 0) continue;
      bits_.resize(bits_.size() + words_);
      std::uint64_t* to = bits_.data() + bits_.size() - words_;
      for (std::size_t destination = 0; destination < codes.size(); ++destination) {
        if ((codes[destination] >> row & 1u) == 0) continue;
        for (std::size_t word = 0; word < words_; ++word) to[word] |= who[destination * words_ + word];
      }
    }
  }
  return made;
}

void DirectJoin::add(const std::vector<std::size_t>& columns, JoinedRows& rows) {
  for (std::size_t next = 0; next < columns.size();) {
    bits_.clear();
    std::vector<std::pair<const Column*, std::vector<Made>>> together;
    for (; next < columns.size() && (together.empty() || bits_.size() < words_together); ++next)
      together.emplace_back(&columns_[columns[next]], make(columns_[columns[next]]));
    for (std::size_t source = 0; source < members_; ++source) {
      for (const auto& [column, made] : together) {
        const Made& one = made[column->number[source]];
        const std::uint64_t* from = bits_.data() + one.begin;
        for (std::size_t row = 0; one.rows >> row != 0; ++row) {
          if ((one.rows >> row & 1u) == 0) continue;
          std::uint64_t* to = rows.row(source, row);
          for (std::size_t word = 0; word < words_; ++word) to[word] |= from[word];
          from += words_;
        }
      }
    }
  }
}

}  // namespace portolan::solver::matrix
