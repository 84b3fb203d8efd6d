// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/term.hpp"

#include <algorithm>
#include <optional>

#include "model/rules/evaluate.hpp"

namespace portolan::rules::exports {

namespace {

bool contains_all(const std::vector<std::string>& all, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  });
}

/// What the bounds tell of a comparison; `folds`: of any, and equal texts too.
std::optional<bool> decided(Op op, const Term& a, const Term& b, bool folds) {
  if (a.constant() && b.constant()) return compare(op, a.low, b.low);
  if (op == Op::greater) return decided(Op::less, b, a, folds);
  if (op == Op::greater_equal) return decided(Op::less_equal, b, a, folds);
  const bool below = a.high < b.low, above = b.high < a.low, same = folds && a.text == b.text;
  if (op == Op::equal || op == Op::not_equal) {
    if (below || above) return op == Op::not_equal;
    return same ? std::optional(op == Op::equal) : std::nullopt;
  }
  if (!folds) return std::nullopt;
  if (op == Op::less)
    return below ? std::optional(true) : a.low >= b.high || same ? std::optional(false) : std::nullopt;
  return a.high <= b.low || same ? std::optional(true) : above ? std::optional(false) : std::nullopt;
}

std::size_t number_of(Op comparison) {
  return static_cast<std::size_t>(comparison) - static_cast<std::size_t>(Op::equal);
}

}  // namespace

Term Logic::truth(bool value) const {
  return {value, value, std::string(value ? grammar_.yes : grammar_.no), grammar_.atomic, true};
}

Term Logic::term(std::int64_t low, std::int64_t high, std::string text, int binding) const {
  return {low, high, std::move(text), binding, grammar_.folds && low == high};
}

Term Logic::condition(std::string text, int binding, std::string opposite) const {
  Term made{0, 1, std::move(text), binding, false, {}, std::move(opposite), binding};
  if (grammar_.keeps_parts) made.parts = {made.text};
  return made;
}

std::string Logic::wrapped(const Term& term, int least) const {
  return term.binding < least ? "(" + term.text + ")" : term.text;
}

Term Logic::negation(const Term& a) const {
  if (a.decided) return truth(a.never());
  const bool remembers = !a.opposite.empty() || a.binding >= grammar_.reversible;
  Term made = a.opposite.empty()
                  ? condition(std::string(grammar_.negation) + wrapped(a, grammar_.atomic), grammar_.negated)
                  : condition(a.opposite, grammar_.restored == 0 ? a.opposite_binding : grammar_.restored);
  if (remembers) made.opposite = a.text;
  made.opposite_binding = a.binding;
  return made;
}

std::string Logic::side(const Term& term, int own) const {
  return term.binding == own ? term.text : wrapped(term, grammar_.operand);
}

bool Logic::known_from(const Term& a, const Term& b) const {
  return grammar_.keeps_parts ? contains_all(a.parts, b.parts) : a.text == b.text;
}

Term Logic::conjunction(const Term& a, const Term& b) const {
  if (a.never() || b.never()) return truth(false);
  if (a.always()) return b;
  if (b.always() || known_from(a, b)) return a;
  Term made = condition(
      side(a, grammar_.conjunctive) + std::string(grammar_.conjunction) + side(b, grammar_.conjunctive),
      grammar_.conjunctive);
  if (grammar_.keeps_parts) {
    made.parts = a.parts;
    made.parts.insert(made.parts.end(), b.parts.begin(), b.parts.end());
  }
  return made;
}

Term Logic::disjunction(const Term& a, const Term& b) const {
  const auto opposed = [](const Term& one, const Term& other) {
    return !one.opposite.empty() && one.opposite == other.text;
  };
  if (a.always() || b.always() || (grammar_.keeps_parts && (opposed(a, b) || opposed(b, a))))
    return truth(true);
  if (a.never() || a.text == b.text) return b;
  if (b.never()) return a;
  return condition(
      side(a, grammar_.disjunctive) + std::string(grammar_.disjunction) + side(b, grammar_.disjunctive),
      grammar_.disjunctive);
}

Term Logic::compared(Op op, const Term& a, const Term& b) {
  if (const auto known = decided(op, a, b, grammar_.folds)) return truth(*known);
  // == and != are each other's opposite, < and >=, <= and >.
  constexpr std::size_t opposites[] = {1, 0, 5, 4, 3, 2};
  const std::size_t which = number_of(op);
  const std::string left = wrapped(spelled(a), grammar_.compared),
                    right = wrapped(spelled(b), grammar_.compared);
  const auto written = [&](std::size_t sign) {
    return left + " " + std::string(grammar_.comparisons[sign]) + " " + right;
  };
  return condition(written(which), which < 2 ? grammar_.equality : grammar_.relational,
                   written(opposites[which]));
}

Term Logic::present(const Term& element) const {
  if (element.low >= 0) return truth(true);
  if (element.high < 0) return truth(false);
  const auto written = [&](std::size_t sign) {
    return wrapped(element, grammar_.compared) + " " + std::string(grammar_.comparisons[sign]) + " none";
  };
  return condition(written(1), grammar_.equality, written(0));
}

Term Logic::without(const Term& term, const std::vector<std::string>& facts) const {
  return term.parts.empty() || !contains_all(facts, term.parts) ? term : truth(true);
}

}  // namespace portolan::rules::exports
