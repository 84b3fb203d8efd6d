#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Where the cells of a state lie in 64-bit words. A cell that never changes takes no bits: its value stands
// in its field. No field crosses a word. Cells of one element (all that belongs to vm1) lie beside each
// other, because what an action reads together can then be gathered with few shifts.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/rules/firing.hpp"

namespace portolan::solver::explore {

using Word = std::uint64_t;

struct Field {
  std::uint32_t word = 0;
  std::uint8_t shift = 0, width = 0;
  Word mask = 0;         ///< before shifting; 0 for a constant cell
  std::int64_t low = 0;  ///< value of the field 0; the value of a constant cell

  std::int64_t read(const Word* state) const {
    return low + static_cast<std::int64_t>((state[word] >> shift) & mask);
  }
  Word coded(std::int64_t value) const { return static_cast<Word>(value - low) << shift; }
};

class Packing {
 public:
  /// `constants` has one entry for each cell of the module; those with a value are constant.
  Packing(const rules::Module& module, std::span<const std::optional<std::int64_t>> constants);

  std::size_t words() const { return words_; }  ///< at least 1
  std::size_t bits() const { return bits_; }
  const std::vector<Field>& fields() const { return fields_; }
  std::int64_t read(std::size_t cell, const Word* state) const { return fields_[cell].read(state); }

  /// False when some cell is outside its domain, or differs from what it is in every state.
  bool pack(const rules::Cells& cells, Word* into) const;
  rules::Cells unpack(const Word* state) const;

 private:
  std::vector<Field> fields_;
  std::vector<std::int64_t> high_;
  std::size_t words_ = 1, bits_ = 0;
};

}  // namespace portolan::solver::explore
