// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/terms.hpp"

#include <algorithm>
#include <limits>

namespace portolan::solver::explore {

using rules::Op;

namespace {

/// Makes the term of an expression: the algebra of rules::fold whose values are terms.
struct TermAlgebra {
  using value = TermId;
  Terms& terms;

  value boolean(bool v) { return terms.constant(v ? 1 : 0); }
  value integer(std::uint64_t v) {
    return v <= 0x7fffffffffffffffull ? terms.constant(static_cast<std::int64_t>(v)) : terms.undefined();
  }
  value text(const std::string&) { return terms.undefined(); }
  value element(int, std::uint64_t position) { return terms.constant(static_cast<std::int64_t>(position)); }
  value none() { return terms.constant(-1); }
  value variable(int symbol, std::span<const value> indices) {
    const auto v = static_cast<std::size_t>(symbol);
    if (indices.empty()) return terms.cell(terms.module().cell(symbol));
    return terms.select(v, indices[0], indices.size() > 1 ? indices[1] : -1);
  }
  value negation(value a) { return terms.negation(a); }
  template <class A, class B>
  value logical(Op op, A a, B b) {
    const value left = op == Op::implication ? terms.negation(a()) : a();
    if (op == Op::conjunction) return terms.is_false(left) ? left : terms.conjunction(left, b());
    return terms.is_true(left) ? left : terms.disjunction(left, b());
  }
  template <class C, class A, class B>
  value conditional(C c, A a, B b) {
    const value condition = c();
    if (terms.is_constant(condition)) return terms.is_true(condition) ? a() : b();
    const value left = a();
    return terms.conditional(condition, left, b());
  }
  value binary(Op op, value a, value b) {
    return rules::is_arithmetic(op) ? terms.arithmetic(op, a, b) : terms.compare(op, a, b);
  }
  value member(value a, const std::vector<std::pair<value, std::optional<value>>>& items) {
    value found = terms.constant(0);
    for (const auto& [low, high] : items) {
      const value here =
          high ? terms.both(terms.compare(Op::less_equal, low, a), terms.compare(Op::less_equal, a, *high))
               : terms.compare(Op::equal, a, low);
      found = terms.either(found, here);
    }
    // An empty set is looked at after the element.
    return terms.either(found, terms.negation(terms.compare(Op::equal, a, a)));
  }
  template <class Body>
  value quantified(Op op, int sort, Body body) {
    const std::int32_t size = terms.module().sort_sizes[static_cast<std::size_t>(sort)];
    value result = terms.constant(op == Op::for_all ? 1 : 0);
    for (std::int64_t e = 0; e < size; ++e) {
      if (op == Op::for_all ? terms.is_false(result) : op == Op::exists && terms.is_true(result)) break;
      const value here = body(terms.constant(e));
      if (op == Op::for_all)
        result = terms.conjunction(result, here);
      else if (op == Op::exists)
        result = terms.disjunction(result, here);
      else
        result = terms.arithmetic(Op::plus, result, here);
    }
    return result;
  }
};

}  // namespace

Terms::Terms(const rules::Module& module) : module_(module), constants_(module.initial.size()) {}

void Terms::restart(std::vector<std::optional<std::int64_t>> constants) {
  constants_ = std::move(constants);
  terms_.clear();
  ids_.clear();
}

TermId Terms::intern(const Term& term) {
  constexpr std::uint32_t between_ticks = 4096;
  constexpr std::uint64_t bytes_of_one =
      sizeof(Term) + sizeof(Key) + sizeof(TermId) + 4 * sizeof(void*);  // with its node of the map
  if (++asked_ % between_ticks == 0 && tick) tick(terms_.size() * bytes_of_one);
  const auto [at, fresh] =
      ids_.try_emplace(Key{term.op, term.a, term.b, term.c, term.number}, static_cast<TermId>(terms_.size()));
  if (fresh) terms_.push_back(term);
  return at->second;
}

TermId Terms::cell(std::size_t cell) {
  if (constants_[cell]) return constant(*constants_[cell]);
  std::size_t v = 0;
  while (v + 1 < module_.offsets.size() && static_cast<std::size_t>(module_.offsets[v + 1]) <= cell) ++v;
  return intern({.op = TermOp::cell,
                 .number = static_cast<std::int64_t>(cell),
                 .low = std::min(module_.variables[v].low, module_.initial[cell]),
                 .high = std::max(module_.variables[v].high, module_.initial[cell])});
}

TermId Terms::select(std::size_t variable, TermId i, TermId j) {
  const Term first = (*this)[i], second = j >= 0 ? (*this)[j] : Term{.op = TermOp::constant, .high = 0};
  if (first.op == TermOp::undefined || second.op == TermOp::undefined) return undefined();
  if (first.high < 0 || second.high < 0) return undefined();
  const std::int64_t stride = j >= 0 ? module_.strides[variable] : 1, width = module_.widths[variable];
  if (first.op == TermOp::constant && second.op == TermOp::constant) {
    const std::int64_t at = first.number * stride + second.number;
    return at < width ? cell(static_cast<std::size_t>(module_.offsets[variable] + at)) : undefined();
  }
  Term term{.op = TermOp::select, .a = i, .b = j, .number = static_cast<std::int64_t>(variable)};
  term.low = std::numeric_limits<std::int64_t>::max();
  term.high = std::numeric_limits<std::int64_t>::min();
  bool same = true;
  for (std::int64_t c = 0; c < width; ++c) {
    const Term here = (*this)[cell(static_cast<std::size_t>(module_.offsets[variable] + c))];
    same = same && here.low == here.high && (c == 0 || term.low == here.low);
    term.low = std::min(term.low, here.low);
    term.high = std::max(term.high, here.high);
  }
  if (width == 0) return undefined();
  term.partial = first.partial || second.partial || first.low < 0 || second.low < 0 ||
                 first.high * stride + second.high >= width;
  if (same && !term.partial) return constant(term.low);
  return intern(term);
}

TermId Terms::negation(TermId a) {
  const Term term = (*this)[a];
  switch (term.op) {
    case TermOp::undefined: return a;
    case TermOp::constant: return boolean(term.number == 0);
    case TermOp::negation: return term.a;
    case TermOp::conjunction: {
      const TermId left = negation(term.a);
      return disjunction(left, negation(term.b));
    }
    case TermOp::disjunction: {
      const TermId left = negation(term.a);
      return conjunction(left, negation(term.b));
    }
    case TermOp::equal: return compare(Op::not_equal, term.a, term.b);
    case TermOp::not_equal: return compare(Op::equal, term.a, term.b);
    case TermOp::less: return compare(Op::less_equal, term.b, term.a);
    case TermOp::less_equal: return compare(Op::less, term.b, term.a);
    default: return intern({.op = TermOp::negation, .partial = term.partial, .a = a});
  }
}

TermId Terms::conjunction(TermId a, TermId b) {
  if ((*this)[a].op == TermOp::undefined || is_false(a)) return a;
  if (is_true(a)) return b;
  if (is_true(b) || a == b) return a;
  if (is_false(b) && !(*this)[a].partial) return b;
  return logical(TermOp::conjunction, a, b);
}

TermId Terms::disjunction(TermId a, TermId b) {
  if ((*this)[a].op == TermOp::undefined || is_true(a)) return a;
  if (is_false(a)) return b;
  if (is_false(b) || a == b) return a;
  if (is_true(b) && !(*this)[a].partial) return b;
  return logical(TermOp::disjunction, a, b);
}

TermId Terms::both(TermId a, TermId b) {
  if ((*this)[b].op == TermOp::undefined) return b;
  if (!(*this)[b].partial) return conjunction(a, b);
  return (*this)[a].partial ? logical(TermOp::both, a, b) : conjunction(b, a);
}

TermId Terms::either(TermId a, TermId b) {
  if ((*this)[b].op == TermOp::undefined) return b;
  if (!(*this)[b].partial) return disjunction(a, b);
  return (*this)[a].partial ? logical(TermOp::either, a, b) : disjunction(b, a);
}

TermId Terms::compare(Op op, TermId a, TermId b) {
  if (op == Op::greater) return compare(Op::less, b, a);
  if (op == Op::greater_equal) return compare(Op::less_equal, b, a);
  const Term x = (*this)[a], y = (*this)[b];
  if (x.op == TermOp::undefined) return a;
  if (y.op == TermOp::undefined) return b;
  if (!x.partial && !y.partial) {
    if (x.op == TermOp::constant && y.op == TermOp::constant)
      return boolean(rules::compare(op, x.number, y.number));
    const bool apart = x.high < y.low || y.high < x.low;
    if (op == Op::equal && (a == b || apart)) return boolean(a == b);
    if (op == Op::not_equal && (a == b || apart)) return boolean(a != b);
    if (op == Op::less && (x.high < y.low || x.low >= y.high)) return boolean(x.high < y.low);
    if (op == Op::less_equal && (x.high <= y.low || x.low > y.high)) return boolean(x.high <= y.low);
  }
  if (op == Op::equal || op == Op::not_equal) {
    if (x.op == TermOp::constant && y.op != TermOp::constant) return compare(op, b, a);
    // A comparison of a truth value with true or false is that value or its opposite.
    if (y.op == TermOp::constant && x.low >= 0 && x.high <= 1 && (y.number == 0 || y.number == 1))
      return (y.number == 1) == (op == Op::equal) ? a : negation(a);
  }
  const TermOp made = op == Op::equal       ? TermOp::equal
                      : op == Op::not_equal ? TermOp::not_equal
                      : op == Op::less      ? TermOp::less
                                            : TermOp::less_equal;
  return logical(made, a, b);
}

TermId Terms::arithmetic(Op op, TermId a, TermId b) {
  const Term x = (*this)[a], y = (*this)[b];
  if (x.op == TermOp::undefined) return a;
  if (y.op == TermOp::undefined) return b;
  Term term{.op = op == Op::plus    ? TermOp::plus
                  : op == Op::minus ? TermOp::minus
                                    : TermOp::times,
            .partial = x.partial || y.partial,
            .a = a,
            .b = b};
  bool overflow = false;
  std::int64_t ends[4] = {};
  if (op == Op::plus) {
    overflow =
        __builtin_add_overflow(x.low, y.low, &ends[0]) | __builtin_add_overflow(x.high, y.high, &ends[1]);
    ends[2] = ends[3] = ends[0];
  } else if (op == Op::minus) {
    overflow =
        __builtin_sub_overflow(x.low, y.high, &ends[0]) | __builtin_sub_overflow(x.high, y.low, &ends[1]);
    ends[2] = ends[3] = ends[0];
  } else {
    overflow =
        __builtin_mul_overflow(x.low, y.low, &ends[0]) | __builtin_mul_overflow(x.low, y.high, &ends[1]) |
        __builtin_mul_overflow(x.high, y.low, &ends[2]) | __builtin_mul_overflow(x.high, y.high, &ends[3]);
  }
  if (overflow) {
    if (x.op == TermOp::constant && y.op == TermOp::constant) return undefined();
    term.partial = true;
    term.low = std::numeric_limits<std::int64_t>::min();
    term.high = std::numeric_limits<std::int64_t>::max();
  } else {
    term.low = *std::min_element(ends, ends + 4);
    term.high = *std::max_element(ends, ends + 4);
  }
  if (x.op == TermOp::constant && y.op == TermOp::constant) return constant(term.low);
  if (y.op == TermOp::constant && y.number == 0 && op != Op::times) return a;
  if (x.op == TermOp::constant && x.number == 0 && op == Op::plus) return b;
  return intern(term);
}

TermId Terms::conditional(TermId a, TermId b, TermId c) {
  const Term condition = (*this)[a], yes = (*this)[b], no = (*this)[c];
  if (condition.op == TermOp::undefined) return a;
  if (condition.op == TermOp::constant) return condition.number != 0 ? b : c;
  if (b == c && !condition.partial) return b;
  return intern({.op = TermOp::conditional,
                 .partial = condition.partial || yes.partial || no.partial,
                 .a = a,
                 .b = b,
                 .c = c,
                 .low = std::min(yes.low, no.low),
                 .high = std::max(yes.high, no.high)});
}

TermId Terms::ground(const rules::Expression& expression, std::span<const std::int64_t> arguments) {
  std::vector<TermId> bound;
  for (const std::int64_t argument : arguments) bound.push_back(constant(argument));
  TermAlgebra algebra{*this};
  return rules::fold(expression.view(), algebra, std::span<const TermId>(bound));
}

std::vector<TermId> Terms::conjuncts(TermId id) const {
  std::vector<TermId> result, work{id};
  while (!work.empty()) {
    const TermId next = work.back();
    work.pop_back();
    if ((*this)[next].op != TermOp::conjunction) {
      result.push_back(next);
      continue;
    }
    work.push_back((*this)[next].b);
    work.push_back((*this)[next].a);
  }
  return result;
}

void Terms::read_cells(TermId id, const std::function<void(std::size_t)>& f) const {
  std::vector<bool> seen(terms_.size());
  std::vector<TermId> work{id};
  while (!work.empty()) {
    const TermId next = work.back();
    work.pop_back();
    if (next < 0 || seen[static_cast<std::size_t>(next)]) continue;
    seen[static_cast<std::size_t>(next)] = true;
    const Term& term = (*this)[next];
    for (const TermId child : {term.a, term.b, term.c}) work.push_back(child);
    own_cells(next, f);
  }
}

void Terms::own_cells(TermId id, const std::function<void(std::size_t)>& f) const {
  const Term& term = (*this)[id];
  if (term.op == TermOp::cell) f(static_cast<std::size_t>(term.number));
  if (term.op != TermOp::select) return;
  const auto v = static_cast<std::size_t>(term.number);
  const std::int64_t stride = term.b >= 0 ? module_.strides[v] : 1;
  std::int64_t begin = 0, end = module_.widths[v], step = 1;
  if (is_constant(term.a))
    begin = (*this)[term.a].number * stride, end = std::min(end, begin + stride);
  else if (term.b >= 0 && is_constant(term.b))
    begin = (*this)[term.b].number, step = stride;
  for (std::int64_t c = begin; c < end; c += step) f(static_cast<std::size_t>(module_.offsets[v] + c));
}

std::int64_t Terms::value(TermId id, const Packing& packing, const Word* state, bool& undefined) const {
  const Term& term = (*this)[id];
  const auto at = [&](TermId child) { return value(child, packing, state, undefined); };
  const auto fail = [&]() -> std::int64_t {
    undefined = true;
    return 0;
  };
  switch (term.op) {
    case TermOp::undefined: return fail();
    case TermOp::constant: return term.number;
    case TermOp::cell: return packing.read(static_cast<std::size_t>(term.number), state);
    case TermOp::select: {
      const auto v = static_cast<std::size_t>(term.number);
      const std::int64_t i = at(term.a), j = term.b >= 0 ? at(term.b) : 0;
      if (i < 0 || j < 0) return fail();
      const std::int64_t cell = term.b >= 0 ? i * module_.strides[v] + j : i;
      return cell < module_.widths[v]
                 ? packing.read(static_cast<std::size_t>(module_.offsets[v] + cell), state)
                 : fail();
    }
    case TermOp::negation: return at(term.a) == 0;
    case TermOp::conjunction: return at(term.a) != 0 && at(term.b) != 0;
    case TermOp::disjunction: return at(term.a) != 0 || at(term.b) != 0;
    case TermOp::both: return (at(term.a) != 0) & (at(term.b) != 0);
    case TermOp::either: return (at(term.a) != 0) | (at(term.b) != 0);
    case TermOp::conditional: return at(term.a) != 0 ? at(term.b) : at(term.c);
    default: break;
  }
  const std::int64_t a = at(term.a), b = at(term.b);
  std::int64_t result = 0;
  switch (term.op) {
    case TermOp::equal: return a == b;
    case TermOp::not_equal: return a != b;
    case TermOp::less: return a < b;
    case TermOp::less_equal: return a <= b;
    case TermOp::plus: return __builtin_add_overflow(a, b, &result) ? fail() : result;
    case TermOp::minus: return __builtin_sub_overflow(a, b, &result) ? fail() : result;
    default: return __builtin_mul_overflow(a, b, &result) ? fail() : result;
  }
}

}  // namespace portolan::solver::explore
