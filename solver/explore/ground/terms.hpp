#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Grounded expressions: no parameters, no quantifiers, fixed variables folded into numbers, each distinct
// subterm kept once. `TermAlgebra` makes them with the walk that every reader of an expression shares. The
// meaning is that of rules::Integers to the letter, short-circuits and undefinedness included: a term that
// may be undefined (`partial`) is never simplified away.

#include <functional>
#include <map>
#include <tuple>

#include "model/rules/evaluate.hpp"
#include "solver/explore/ground/packing.hpp"

namespace portolan::solver::explore {

using TermId = std::int32_t;

enum class TermOp : std::uint8_t {
  undefined,  ///< has no value
  constant,   ///< `number`
  cell,       ///< `number` is the cell
  select,     ///< cell of variable `number` at index a, or a, b; undefined where an index is `none`
  negation,
  conjunction,
  disjunction,  ///< b is not looked at when a decides
  both,
  either,  ///< of two partial terms that are always looked at
  equal,
  not_equal,
  less,
  less_equal,
  plus,
  minus,
  times,        ///< undefined beyond 64 bits
  conditional,  ///< a ? b : c
};

struct Term {
  TermOp op = TermOp::undefined;
  bool partial = false;
  TermId a = -1, b = -1, c = -1;
  std::int64_t number = 0;
  std::int64_t low = 0, high = 1;  ///< the value lies in between
};

class Terms {
 public:
  explicit Terms(const rules::Module& module);

  /// Called now and then while terms are made, with the bytes that they hold; may throw to end that.
  std::function<void(std::uint64_t)> tick = {};

  /// Forgets all terms; from here on the cells with a value are that constant.
  void restart(std::vector<std::optional<std::int64_t>> constants);
  const std::vector<std::optional<std::int64_t>>& constants() const { return constants_; }
  const rules::Module& module() const { return module_; }
  const Term& operator[](TermId id) const { return terms_[static_cast<std::size_t>(id)]; }

  TermId undefined() { return intern({.op = TermOp::undefined, .partial = true}); }
  TermId constant(std::int64_t value) {
    return intern({.op = TermOp::constant, .number = value, .low = value, .high = value});
  }
  TermId cell(std::size_t cell);
  /// `j` is -1 where the variable has one index.
  TermId select(std::size_t variable, TermId i, TermId j);
  TermId negation(TermId a);
  TermId conjunction(TermId a, TermId b);
  TermId disjunction(TermId a, TermId b);
  TermId both(TermId a, TermId b);
  TermId either(TermId a, TermId b);
  TermId compare(rules::Op op, TermId a, TermId b);
  TermId arithmetic(rules::Op op, TermId a, TermId b);
  TermId conditional(TermId a, TermId b, TermId c);

  /// The term of a module's expression for one choice of arguments.
  TermId ground(const rules::Expression& expression, std::span<const std::int64_t> arguments);

  bool is_constant(TermId id) const { return (*this)[id].op == TermOp::constant; }
  bool is_true(TermId id) const { return is_constant(id) && (*this)[id].number != 0; }
  bool is_false(TermId id) const { return is_constant(id) && (*this)[id].number == 0; }
  /// The operands of nested conjunctions, left to right.
  std::vector<TermId> conjuncts(TermId id) const;
  /// Calls f(cell) for every cell that the term may read, some more than once.
  void read_cells(TermId id, const std::function<void(std::size_t)>& f) const;
  /// The same for the term itself, without its operands: the cell of a cell, those that a select may choose.
  void own_cells(TermId id, const std::function<void(std::size_t)>& f) const;

  /// The value in a packed state; sets `undefined` where there is none.
  std::int64_t value(TermId id, const Packing& packing, const Word* state, bool& undefined) const;

 private:
  using Key = std::tuple<TermOp, TermId, TermId, TermId, std::int64_t>;
  const rules::Module& module_;
  std::vector<std::optional<std::int64_t>> constants_;
  std::vector<Term> terms_;
  std::map<Key, TermId> ids_;
  std::uint32_t asked_ = 0;

  TermId intern(const Term& term);
  TermId boolean(bool value) { return constant(value ? 1 : 0); }
  TermId logical(TermOp op, TermId a, TermId b) {
    return intern({.op = op, .partial = (*this)[a].partial || (*this)[b].partial, .a = a, .b = b});
  }
};

}  // namespace portolan::solver::explore
