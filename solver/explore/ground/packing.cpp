// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/packing.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace portolan::solver::explore {

Packing::Packing(const rules::Module& module, std::span<const std::optional<std::int64_t>> constants) {
  fields_.resize(module.initial.size());
  high_.resize(module.initial.size());
  std::vector<std::tuple<int, std::int32_t, std::size_t>> order;  // index sort, element, cell
  for (std::size_t v = 0; v < module.variables.size(); ++v) {
    const rules::Variable& variable = module.variables[v];
    for (std::int32_t i = 0; i < module.widths[v]; ++i) {
      const auto cell = static_cast<std::size_t>(module.offsets[v] + i);
      Field& field = fields_[cell];
      if (constants[cell]) {
        field.low = high_[cell] = *constants[cell];
        continue;
      }
      // An element of an empty sort begins outside its domain.
      field.low = std::min(variable.low, module.initial[cell]);
      high_[cell] = std::max(variable.high, module.initial[cell]);
      field.width = static_cast<std::uint8_t>(
          std::bit_width(static_cast<Word>(high_[cell]) - static_cast<Word>(field.low)));
      field.mask = field.width == 64 ? ~Word{0} : (Word{1} << field.width) - 1;
      order.emplace_back(variable.index_sorts[0], i / module.strides[v], cell);
    }
  }
  std::stable_sort(order.begin(), order.end());
  std::uint32_t word = 0;
  unsigned used = 0;
  for (const auto& [sort, element, cell] : order) {
    Field& field = fields_[cell];
    if (used + field.width > 64) ++word, used = 0;
    field.word = word;
    field.shift = static_cast<std::uint8_t>(field.width == 0 ? 0 : used);
    used += field.width;
    bits_ += field.width;
  }
  words_ = word + 1;
}

bool Packing::pack(const rules::Cells& cells, Word* into) const {
  if (cells.size() != fields_.size()) return false;
  std::fill(into, into + words_, Word{0});
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (cells[c] < fields_[c].low || cells[c] > high_[c]) return false;
    into[fields_[c].word] |= fields_[c].coded(cells[c]);
  }
  return true;
}

rules::Cells Packing::unpack(const Word* state) const {
  rules::Cells cells(fields_.size());
  for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = fields_[c].read(state);
  return cells;
}

}  // namespace portolan::solver::explore
