#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Formulas of another language, as text that still knows enough of itself to be put together without needless
// parentheses and without what is certain: how strongly its outermost operator binds, between which numbers
// its value lies, what holds where it does not. `Logic` is the algebra of these, over a table of the
// language's words (`Grammar`); the languages share it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/expression.hpp"

namespace portolan::rules::exports {

/// An expression as text. Booleans are 0 and 1, elements their position, `none` is -1.
struct Term {
  std::int64_t low = 0, high = 0;
  std::string text;
  int binding = 0;                      ///< of the grammar's
  bool decided = false;                 ///< a condition that is certain: `low` says which way
  std::vector<std::string> parts = {};  ///< of a conjunction: its conjuncts, where the grammar keeps them
  std::string opposite = {};            ///< what holds where it does not, when that needs no negation
  int opposite_binding = 0;

  bool constant() const { return low == high; }
  bool is(std::int64_t value) const { return low == value && high == value; }
  bool always() const { return decided && low == 1; }
  bool never() const { return decided && low == 0; }
};

/// A value, and the condition under which there is one. What reading it gives elsewhere is not said.
struct Meaning {
  Term value, defined;
};

/// The words of a language, and how strongly its operators bind.
struct Grammar {
  std::string_view yes, no, negation, conjunction, disjunction;
  std::string_view comparisons[6];  ///< == != < <= > >=
  int disjunctive, conjunctive, negated, equality, relational, atomic;
  int operand;     ///< least of an operand of another kind of "and" and "or"
  int compared;    ///< least of a side of a comparison
  int reversible;  ///< least of a condition whose negation remembers it
  int restored;    ///< of a condition that a second negation brings back; 0: as before
  /// What bounds or equal texts tell is folded, so that the text is small; without it the text stays near to
  /// the module, and only literals and sorts that cannot meet are.
  bool folds;
  /// Conjuncts are kept one by one, so that none is said twice.
  bool keeps_parts;
};

/// The algebra of terms.
class Logic {
 public:
  explicit Logic(const Grammar& grammar) : grammar_(grammar) {}
  virtual ~Logic() = default;

  Term truth(bool value) const;
  /// A value between two numbers.
  Term term(std::int64_t low, std::int64_t high, std::string text, int binding) const;
  Term condition(std::string text, int binding, std::string opposite = {}) const;
  std::string wrapped(const Term& term, int least) const;

  Term negation(const Term& a) const;
  Term conjunction(const Term& a, const Term& b) const;
  Term disjunction(const Term& a, const Term& b) const;
  /// `a op b`, for a comparison.
  Term compared(Op op, const Term& a, const Term& b);
  /// That an element is not `none`.
  Term present(const Term& element) const;
  /// What is still to be asked where the facts hold.
  Term without(const Term& term, const std::vector<std::string>& facts) const;

 protected:
  const Grammar& grammar_;

  /// Called for each operand that is written out: the place to refuse one.
  virtual const Term& spelled(const Term& term) { return term; }

 private:
  std::string side(const Term& term, int own) const;
  bool known_from(const Term& a, const Term& b) const;
};

}  // namespace portolan::rules::exports
