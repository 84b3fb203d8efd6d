// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/translation.hpp"

#include <algorithm>

namespace portolan::rules::exports {

namespace {

/// Between which numbers the result lies; empty where it may leave 64 bits.
std::optional<std::pair<std::int64_t, std::int64_t>> bounds(Op op, const Term& a, const Term& b) {
  std::int64_t ends[4];
  bool overflow = false;
  for (int i = 0; i < 4; ++i) {
    const std::int64_t x = i < 2 ? a.low : a.high, y = i % 2 == 0 ? b.low : b.high;
    if (op == Op::plus)
      overflow |= __builtin_add_overflow(x, y, &ends[i]);
    else if (op == Op::minus)
      overflow |= __builtin_sub_overflow(x, y, &ends[i]);
    else
      overflow |= __builtin_mul_overflow(x, y, &ends[i]);
  }
  if (overflow) return std::nullopt;
  return std::pair(*std::min_element(ends, ends + 4), *std::max_element(ends, ends + 4));
}

}  // namespace

Term Translation::holds(const Expression& condition) {
  const Meaning it = meaning(condition, {});
  return conjunction(it.defined, it.value);
}

Term Translation::behind(const std::vector<Meaning>& guards, Term last) const {
  for (std::size_t g = guards.size(); g-- > 0;)
    last = disjunction(Logic::negation(guards[g].defined), conjunction(guards[g].value, last));
  return last;
}

std::vector<Term> Translation::target(const Assignment& assignment, std::span<const Meaning> bound,
                                      const std::vector<std::string>& facts, Term& sound) {
  std::vector<Term> at;
  for (const Expression& index : assignment.indices) {
    const Meaning one = meaning(index, bound);
    sound = conjunction(sound, without(conjunction(one.defined, present(one.value)), facts));
    at.push_back(one.value);
  }
  return at;
}

Term Translation::given(const Assignment& assignment, std::span<const Meaning> bound,
                        const std::vector<std::string>& facts, Term& sound) {
  const Meaning it = meaning(assignment.value, bound);
  sound = conjunction(sound, without(it.defined, facts));
  fits(module_.variables[static_cast<std::size_t>(assignment.variable)], it.value, sound);
  return it.value;
}

Term Translation::agree(std::span<const Term> at, const Term& first, std::span<const Term> other_at,
                        const Term& other) {
  Term same = truth(true);
  for (std::size_t i = 0; i < at.size(); ++i)
    if (at[i].text != other_at[i].text) same = conjunction(same, compared(Op::equal, at[i], other_at[i]));
  if (same.never() || first.text == other.text) return truth(true);
  return disjunction(Logic::negation(same), compared(Op::equal, first, other));
}

Term Translation::cell_value(const Variable& variable, std::int64_t cell) const {
  if (variable.type.kind == TypeKind::boolean) return truth(cell != 0);
  return variable.type.kind == TypeKind::element
             ? element_term(static_cast<std::size_t>(variable.type.sort), cell)
             : number(cell);
}

std::span<const std::int64_t> Translation::cells_of(std::size_t variable) const {
  return std::span(module_.initial)
      .subspan(static_cast<std::size_t>(module_.offsets[variable]),
               static_cast<std::size_t>(module_.widths[variable]));
}

std::map<std::int64_t, std::vector<std::int64_t>> Translation::cells_by_value(std::size_t variable) const {
  std::map<std::int64_t, std::vector<std::int64_t>> where;
  const std::span<const std::int64_t> cells = cells_of(variable);
  for (std::size_t i = 0; i < cells.size(); ++i) where[cells[i]].push_back(static_cast<std::int64_t>(i));
  return where;
}

void Translation::now_at(std::string_view section, const std::string& name) {
  where_ = std::string(section) + "." + name;
}

void Translation::refuse_number() {
  if (!faults_.empty() && faults_.back().place.path == where_) return;
  faults_.push_back({FaultCode::out_of_range,
                     {{}, {}, where_},
                     std::string(numbers_.finding),
                     std::string(numbers_.expectation),
                     "narrow the domains"});
}

Meaning Translation::integer(std::uint64_t v) const {
  return v <= 0x7fffffffffffffffull ? certain(number(static_cast<std::int64_t>(v))) : nothing();
}

Meaning Translation::variable(int symbol, std::span<const Meaning> indices) {
  const auto v = static_cast<std::size_t>(symbol);
  Term defined = truth(true);
  for (const Meaning& index : indices)
    defined = conjunction(defined, conjunction(index.defined, present(index.value)));
  if (defined.never() || module_.widths[v] == 0) return nothing();
  return {read(v, indices), std::move(defined)};
}

Meaning Translation::logical(Op op, const Meaning& a, const Term& open, const Meaning& b) {
  const Term needed = without(b.defined, open.parts);
  const Term defined = conjunction(a.defined, disjunction(Logic::negation(open), needed));
  if (op == Op::conjunction) return {conjunction(a.value, b.value), defined};
  return {op == Op::disjunction ? disjunction(a.value, b.value) : implication(a.value, b.value), defined};
}

Meaning Translation::conditional(const Meaning& c, const Meaning& a, const Meaning& b) {
  const Term defined =
      choice(c.value, without(a.defined, c.value.parts), without(b.defined, Logic::negation(c.value).parts));
  return {choice(c.value, a.value, b.value), conjunction(c.defined, defined)};
}

Meaning Translation::binary(Op op, const Meaning& a, const Meaning& b) {
  const Term defined = conjunction(a.defined, b.defined);
  if (!is_arithmetic(op)) return {compared(op, a.value, b.value), defined};
  const bool constant = a.value.constant() && b.value.constant();
  const auto between = bounds(op, a.value, b.value);
  if (!between) {
    if (!constant || numbers_.refuses_constants) refuse_number();
    return nothing();
  }
  if (constant) return {number(between->first), defined};
  return {arithmetic(op, a.value, b.value, between->first, between->second), defined};
}

Meaning Translation::added(const std::vector<Meaning>& bodies) {
  Meaning result = certain(number(0));
  std::int64_t sure = 0;
  for (const Meaning& one : bodies) {
    if (one.value.constant())
      sure += one.value.low;
    else
      result.value = result.value.is(0) ? one.value : binary(Op::plus, result, one).value;
    result.defined = conjunction(result.defined, one.defined);
  }
  return sure == 0 ? result : binary(Op::plus, result, certain(number(sure)));
}

Term Translation::defined_in_order(Op op, const Meaning& one, const Term& behind) const {
  const Term decided = op == Op::for_all ? Logic::negation(one.value) : one.value;
  return conjunction(one.defined, disjunction(decided, behind));
}

std::int64_t most_frequent(const std::map<std::int64_t, std::vector<std::int64_t>>& cells_by_value) {
  return std::max_element(cells_by_value.begin(), cells_by_value.end(),
                          [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); })
      ->first;
}

std::string joined(const std::vector<std::string>& all, std::string_view separator) {
  std::string text;
  for (const std::string& one : all) {
    if (&one != all.data()) text += separator;
    text += one;
  }
  return text;
}

std::string cited(const std::vector<std::string>& sources, std::string (*commented)(std::string_view)) {
  std::vector<std::string> told;
  for (const std::string& source : sources)
    if (!source.empty()) told.push_back(commented(source));
  return told.empty() ? std::string() : " (" + joined(told, "; ") + ")";
}

std::string about(const Action& action) {
  return action.name + (action.fault ? ", a fault" : "") +
         (action.meaning.empty() ? "" : ": " + action.meaning);
}

}  // namespace portolan::rules::exports
