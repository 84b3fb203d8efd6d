#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The skeleton of a module's text in another language: expressions with the condition under which they have a
// value (`Meaning`), guards in their order, assignments with what makes them sound, comments. A language
// (promela_terms.hpp, tla_terms.hpp) adds how it spells a value, a read, a choice, a set and a quantifier,
// and which numbers it has; its writer (promela.cpp, tla.cpp) lays the text out.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/rules/evaluate.hpp"
#include "model/rules/exports/names.hpp"
#include "model/rules/exports/term.hpp"
#include "model/rules/module.hpp"

namespace portolan::rules::exports {

/// The numbers that a language computes with, as a fault tells them.
struct Numbers {
  std::string_view finding, expectation;
  /// Whether a constant beyond 64 bits, which has no value in a module, is refused, because it has one there.
  bool refuses_constants;
};

class Translation : public Logic {
 public:
  Translation(const Module& module, const Grammar& grammar, const Numbers& numbers, Names names)
      : Logic(grammar), names_(std::move(names)), module_(module), numbers_(numbers) {}

  /// What an expression means; `bound` are the action's parameters and the elements ranged over.
  Meaning meaning(const Expression& expression, std::span<const Meaning> bound) {
    return fold(expression.view(), *this, bound);
  }
  /// That a condition is true and has a value: an undefined condition does not hold.
  Term holds(const Expression& condition);
  /// What lies behind the guards, each of which is looked at where those before it hold: `last` where all
  /// hold, true where one has no value.
  Term behind(const std::vector<Meaning>& guards, Term last) const;
  /// The cell that is assigned to; `sound` gains what must hold for there to be one, beyond the facts.
  std::vector<Term> target(const Assignment& assignment, std::span<const Meaning> bound,
                           const std::vector<std::string>& facts, Term& sound);
  /// The value that is assigned; `sound` gains that there is one and that it lies in the domain.
  Term given(const Assignment& assignment, std::span<const Meaning> bound,
             const std::vector<std::string>& facts, Term& sound);
  /// That two assignments to one variable give no cell two values.
  Term agree(std::span<const Term> at, const Term& first, std::span<const Term> other_at, const Term& other);

  virtual Term number(std::int64_t n) const = 0;
  /// An element of a sort; position -1: `none`.
  virtual Term element_term(std::size_t sort, std::int64_t position) const = 0;
  /// What a cell holds.
  Term cell_value(const Variable& variable, std::int64_t cell) const;
  std::span<const std::int64_t> cells_of(std::size_t variable) const;
  /// The cells of a variable (within the variable) by what they hold at the beginning.
  std::map<std::int64_t, std::vector<std::int64_t>> cells_by_value(std::size_t variable) const;

  /// Which part of the module is being written, for faults; each part has one at most.
  void now_at(std::string_view section, const std::string& name);
  void refuse_number();
  const Faults& faults() const { return faults_; }

  // --- the algebra of `fold` ---
  using value = Meaning;
  Meaning boolean(bool v) const { return certain(truth(v)); }
  Meaning integer(std::uint64_t v) const;
  Meaning text(const std::string&) const { return nothing(); }
  Meaning element(int sort, std::uint64_t position) const {
    return certain(element_term(static_cast<std::size_t>(sort), static_cast<std::int64_t>(position)));
  }
  Meaning none() const { return certain(element_term(0, -1)); }
  Meaning negation(const Meaning& a) const { return {Logic::negation(a.value), a.defined}; }
  using Logic::negation;
  Meaning variable(int symbol, std::span<const Meaning> indices);
  template <class A, class B>
  Meaning logical(Op op, A left, B right) {
    const Meaning a = left();
    // The right side is looked at where the left one does not decide.
    const Term open = op == Op::disjunction ? Logic::negation(a.value) : a.value;
    if (open.never()) return {truth(op != Op::conjunction), a.defined};
    return logical(op, a, open, right());
  }
  template <class C, class A, class B>
  Meaning conditional(C which, A yes, B no) {
    const Meaning c = which();
    if (c.value.decided) {
      Meaning taken = c.value.always() ? yes() : no();
      taken.defined = conjunction(c.defined, taken.defined);
      return taken;
    }
    const Meaning a = yes();
    return conditional(c, a, no());
  }
  Meaning binary(Op op, const Meaning& a, const Meaning& b);
  virtual Meaning member(const Meaning& a,
                         const std::vector<std::pair<Meaning, std::optional<Meaning>>>& items) = 0;
  template <class Body>
  Meaning quantified(Op op, int sort, Body body) {
    return over_elements(op, static_cast<std::size_t>(sort),
                         [&](const Term& element) { return body(certain(element)); });
  }

 protected:
  using BodyOf = std::function<Meaning(const Term& element)>;

  Meaning certain(Term known) const { return {std::move(known), truth(true)}; }
  /// What has no value anywhere.
  Meaning nothing() const { return {number(0), truth(false)}; }
  /// What the bodies are for all elements, added up; a truth is 0 or 1.
  Meaning added(const std::vector<Meaning>& bodies);
  /// That *forall* or *exists* over elements in their order, ending with the first that decides, has a value,
  /// where `behind` says so of the elements after this one.
  Term defined_in_order(Op op, const Meaning& one, const Term& behind) const;

  /// The value of a cell that is there.
  virtual Term read(std::size_t variable, std::span<const Meaning> indices) = 0;
  virtual Term implication(const Term& a, const Term& b) = 0;
  virtual Term choice(const Term& condition, const Term& yes, const Term& no) = 0;
  /// `a + b`, `a - b` or `a * b`, whose value lies between the numbers.
  virtual Term arithmetic(Op op, const Term& a, const Term& b, std::int64_t low, std::int64_t high) = 0;
  virtual Meaning over_elements(Op op, std::size_t sort, const BodyOf& body) = 0;
  /// That a value lies in the variable's domain; `sound` gains it.
  virtual void fits(const Variable& variable, const Term& written, Term& sound) = 0;

  Names names_;
  const Module& module_;

 private:
  const Numbers& numbers_;
  Faults faults_;
  std::string where_;

  Meaning logical(Op op, const Meaning& a, const Term& open, const Meaning& b);
  Meaning conditional(const Meaning& c, const Meaning& a, const Meaning& b);
};

/// The value that most cells have, the least of several; there is one.
std::int64_t most_frequent(const std::map<std::int64_t, std::vector<std::int64_t>>& cells_by_value);

/// `{a}{separator}{b}…`
std::string joined(const std::vector<std::string>& all, std::string_view separator = ", ");

/// ` (source; source)` of those that are not empty; `commented` makes a text safe inside a comment.
std::string cited(const std::vector<std::string>& sources, std::string (*commented)(std::string_view));
/// `eat, a fault: eats and puts it back`
std::string about(const Action& action);

}  // namespace portolan::rules::exports
