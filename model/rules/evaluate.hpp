#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The walk that every reader of an expression shares (`fold`), and the reference meaning over small integers
// (`Integers`) by which machines and models are evaluated. An algebra says what each operation is in its own
// world: numbers, Z3 terms, text.

#include <cassert>
#include <optional>
#include <utility>

#include "model/rules/expression.hpp"

namespace portolan::rules {

/// An algebra has a type `value` and the members called below. Logical operands and branches come as
/// callables, so that an evaluator can leave them alone while a translator looks at both.
template <class Algebra>
class Fold {
 public:
  using value = typename Algebra::value;
  constexpr Fold(ExpressionView expression, Algebra& algebra, std::span<const value> bound = {})
      : expression_(expression), algebra_(algebra), bound_(bound.begin(), bound.end()) {}

  constexpr value visit(std::int32_t index) {
    const Node& node = expression_.nodes[static_cast<std::size_t>(index)];
    const auto a = [&] { return visit(node.a); };
    const auto b = [&] { return visit(node.b); };
    const auto c = [&] { return visit(node.c); };
    switch (node.op) {
      case Op::boolean: return algebra_.boolean(node.number != 0);
      case Op::integer: return algebra_.integer(node.number);
      case Op::text: return algebra_.text(expression_.strings[static_cast<std::size_t>(node.number)]);
      case Op::element: return algebra_.element(node.symbol, node.number);
      case Op::none: return algebra_.none();
      case Op::variable: {
        std::vector<value> indices;
        if (node.a >= 0) indices.push_back(a());
        if (node.b >= 0) indices.push_back(b());
        return algebra_.variable(node.symbol, std::span<const value>(indices));
      }
      case Op::bound: return bound_[static_cast<std::size_t>(node.symbol)];
      case Op::negation: return algebra_.negation(a());
      case Op::conjunction:
      case Op::disjunction:
      case Op::implication: return algebra_.logical(node.op, a, b);
      case Op::conditional: return algebra_.conditional(a, b, c);
      case Op::member: {
        const value element = a();
        std::vector<std::pair<value, std::optional<value>>> items;
        for (std::int32_t i = node.b; i >= 0;) {
          const Node& item = expression_.nodes[static_cast<std::size_t>(i)];
          items.emplace_back(visit(item.a), item.b >= 0 ? std::optional<value>(visit(item.b)) : std::nullopt);
          i = item.c;
        }
        return algebra_.member(element, items);
      }
      case Op::for_all:
      case Op::exists:
      case Op::count:
      case Op::sum:
        return algebra_.quantified(node.op, node.symbol, [&](value element) {
          bound_.push_back(std::move(element));  // the slot is the number of elements bound so far
          value result = a();
          bound_.pop_back();
          return result;
        });
      case Op::item: break;  // visited through its set
      default: {
        value left = a();
        return algebra_.binary(node.op, std::move(left), b());
      }
    }
    assert(false && "an item stands only in a set");
    return algebra_.boolean(false);
  }

 private:
  ExpressionView expression_;
  Algebra& algebra_;
  std::vector<value> bound_;
};

/// Walks an expression that is not empty. `bound` are the values of the action parameters.
template <class Algebra>
constexpr typename Algebra::value fold(ExpressionView expression, Algebra& algebra,
                                       std::span<const typename Algebra::value> bound = {}) {
  assert(!expression.always());
  return Fold<Algebra>(expression, algebra, bound).visit(expression.root());
}

/// The meaning of `== != < <= > >=` and of `+ - *` over any type that has them; the one place where it is
/// written.
template <class Number>
constexpr bool compare(Op op, const Number& a, const Number& b) {
  switch (op) {
    case Op::equal: return a == b;
    case Op::not_equal: return !(a == b);
    case Op::less: return a < b;
    case Op::less_equal: return !(b < a);
    case Op::greater: return b < a;
    case Op::greater_equal: return !(a < b);
    default: assert(false && "not a comparison"); return false;
  }
}
constexpr bool is_arithmetic(Op op) { return op == Op::plus || op == Op::minus || op == Op::times; }

/// The reference meaning over small integers: booleans are 0 and 1, elements their position, `none` is -1.
/// What has no value (an index that is `none`, a result beyond 64 bits) sets `undefined`; the result is then
/// not to be used.
struct Integers {
  using value = std::int64_t;
  std::span<const std::int64_t> cells;         ///< variables in order, each row-major over its index sorts
  std::span<const std::int32_t> offsets = {};  ///< first cell of each variable; empty: variable k is cell k
  std::span<const std::int32_t> strides =
      {};  ///< size of the second index sort of each variable (1 where there is none)
  std::span<const std::int32_t> widths = {};  ///< number of cells of each variable
  std::span<const std::int32_t> sort_sizes = {};
  bool undefined = false;

  constexpr value boolean(bool v) const { return v; }
  constexpr value integer(std::uint64_t v) {
    return v <= 0x7fffffffffffffffull ? static_cast<value>(v) : fail();
  }
  constexpr value text(const std::string&) { return fail(); }
  constexpr value element(int, std::uint64_t position) const { return static_cast<value>(position); }
  constexpr value none() const { return -1; }
  constexpr value variable(int symbol, std::span<const value> indices) {
    const auto s = static_cast<std::size_t>(symbol);
    if (offsets.empty()) return cells[s];
    value cell = 0;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (indices[i] < 0) return fail();
      cell = i == 0 ? indices[i] : cell * strides[s] + indices[i];
    }
    return cell < widths[s] ? cells[static_cast<std::size_t>(offsets[s] + cell)] : fail();
  }
  constexpr value negation(value a) const { return !a; }
  template <class A, class B>
  constexpr value logical(Op op, A a, B b) {
    const bool left = a() != 0;
    if (op == Op::conjunction) return left && b() != 0;
    if (op == Op::disjunction) return left || b() != 0;
    return !left || b() != 0;
  }
  template <class C, class A, class B>
  constexpr value conditional(C c, A a, B b) {
    return c() != 0 ? a() : b();
  }
  constexpr value binary(Op op, value a, value b) {
    value result = 0;
    bool overflow = false;
    if (op == Op::plus)
      overflow = __builtin_add_overflow(a, b, &result);
    else if (op == Op::minus)
      overflow = __builtin_sub_overflow(a, b, &result);
    else if (op == Op::times)
      overflow = __builtin_mul_overflow(a, b, &result);
    else
      return compare(op, a, b);
    return overflow ? fail() : result;
  }
  constexpr value member(value a, const std::vector<std::pair<value, std::optional<value>>>& items) const {
    for (const auto& [low, high] : items)
      if (high ? low <= a && a <= *high : a == low) return 1;
    return 0;
  }
  template <class Body>
  constexpr value quantified(Op op, int sort, Body body) {
    value number = 0;
    const std::int32_t size = sort_sizes[static_cast<std::size_t>(sort)];
    for (value e = 0; e < size; ++e) {
      const value one = body(e);
      if (op == Op::for_all && one == 0) return 0;
      if (op == Op::exists && one != 0) return 1;
      number = op == Op::sum ? binary(Op::plus, number, one) : number + (one != 0);
    }
    return op == Op::count || op == Op::sum ? number : op == Op::for_all;
  }

 private:
  constexpr value fail() {
    undefined = true;
    return 0;
  }
};

}  // namespace portolan::rules
