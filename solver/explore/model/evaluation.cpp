// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/evaluation.hpp"

#include <algorithm>

namespace portolan::solver::explore {

TruthValue Evaluation::conjunction(const std::vector<TermId>& conjuncts, const Word* raw) const {
  for (const TermId conjunct : conjuncts) {
    bool undefined = false;
    const bool yes = ground_.terms.value(conjunct, packing_, raw, undefined) != 0;
    if (undefined) return TruthValue::undefined;
    if (!yes) return TruthValue::no;
  }
  return TruthValue::yes;
}

bool Evaluation::write(std::uint32_t action, const Word* raw, Word* next) const {
  const rules::Module& module = ground_.terms.module();
  const std::size_t words = packing_.words();
  std::vector<Word> written(words);
  std::copy_n(raw, words, next);
  bool undefined = false;
  for (const GroundWrite& write : ground_.actions[action].writes) {
    const auto term = [&](TermId id) {
      return id >= 0 ? ground_.terms.value(id, packing_, raw, undefined) : 0;
    };
    const std::int64_t i = term(write.i), j = term(write.j), value = term(write.value);
    const rules::Variable& variable = module.variables[write.variable];
    if (undefined || i < 0 || j < 0 || value < variable.low || value > variable.high) return false;
    const std::int64_t cell = write.j >= 0 ? i * module.strides[write.variable] + j : i;
    if (cell >= module.widths[write.variable]) return false;
    const Field& field = packing_.fields()[static_cast<std::size_t>(module.offsets[write.variable] + cell)];
    const Word mask = field.mask << field.shift, set = field.coded(value);
    // A constant cell has no bits; what is written to it is what it holds.
    if ((written[field.word] & mask) != 0 && (next[field.word] & mask) != set) return false;
    written[field.word] |= mask;
    next[field.word] = (next[field.word] & ~mask) | set;
  }
  return true;
}

}  // namespace portolan::solver::explore
