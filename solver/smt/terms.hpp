#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The rule language in Z3: one algebra for `rules::fold`, whatever the expression is about (parameters,
// machines, models). Integers are mathematical. A boolean is a Bool; an element of a sort is its position,
// `none` is -1, a text is its position among the texts that the caller collected: what these may be is for
// the caller to bound. Quantifiers run over sorts of known size and are written out; an indexed variable is a
// choice among its cells. Where the reference has no value (an index that is `none`) the term has some value:
// a condition that looks before it indexes means the same in both.

#include <cassert>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <z3++.h>

#include "model/rules/evaluate.hpp"

namespace portolan::solver::smt {

struct Z3Terms {
  using value = z3::expr;
  z3::context& context;
  std::span<const z3::expr> cells;             ///< variables in order, each row-major over its index sorts
  std::span<const std::int32_t> offsets = {};  ///< as in rules::Integers; empty: variable k is cell k
  std::span<const std::int32_t> strides = {};
  std::span<const std::int32_t> widths = {};
  std::span<const std::int32_t> sort_sizes = {};
  const std::set<std::string>* texts = nullptr;

  /// The position of a text among all that occur.
  static z3::expr position(z3::context& context, const std::set<std::string>& texts,
                           const std::string& text) {
    const auto found = texts.find(text);
    assert(found != texts.end() && "every text that occurs was collected");
    return context.int_val(static_cast<std::uint64_t>(std::distance(texts.begin(), found)));
  }

  value boolean(bool truth) const { return context.bool_val(truth); }
  value integer(std::uint64_t number) const { return context.int_val(number); }
  value text(const std::string& text) const {
    assert(texts != nullptr && "the caller collects the texts");
    return position(context, *texts, text);
  }
  value element(int, std::uint64_t position) const { return context.int_val(position); }
  value none() const { return context.int_val(-1); }

  value variable(int symbol, std::span<const value> indices) const {
    const auto s = static_cast<std::size_t>(symbol);
    if (offsets.empty()) return cells[s];
    const std::span<const z3::expr> own =
        cells.subspan(static_cast<std::size_t>(offsets[s]), static_cast<std::size_t>(widths[s]));
    if (own.empty()) throw z3::exception("a variable is read for an element of a sort that has none");
    if (indices.empty()) return own.front();
    value index = indices.front();
    for (const value& next : indices.subspan(1)) index = index * context.int_val(strides[s]) + next;
    std::int64_t number = 0;
    if (index.simplify().is_numeral_i64(number) && number >= 0 && number < widths[s])
      return own[static_cast<std::size_t>(number)];
    value chosen = own.back();
    for (std::int32_t cell = widths[s] - 1; cell-- > 0;)
      chosen = z3::ite(index == context.int_val(cell), own[static_cast<std::size_t>(cell)], chosen);
    return chosen;
  }

  value negation(const value& a) const { return !a; }
  /// Both operands are looked at: nothing in them can fail.
  template <class A, class B>
  value logical(rules::Op op, A a, B b) const {
    const value left = a(), right = b();
    if (op == rules::Op::conjunction) return left && right;
    return op == rules::Op::disjunction ? left || right : z3::implies(left, right);
  }
  template <class C, class A, class B>
  value conditional(C c, A a, B b) const {
    const value condition = c(), left = a(), right = b();
    return z3::ite(condition, left, right);
  }
  value binary(rules::Op op, const value& a, const value& b) const {
    switch (op) {
      case rules::Op::equal: return a == b;
      case rules::Op::not_equal: return a != b;
      case rules::Op::less: return a < b;
      case rules::Op::less_equal: return a <= b;
      case rules::Op::greater: return a > b;
      case rules::Op::greater_equal: return a >= b;
      case rules::Op::plus: return a + b;
      case rules::Op::minus: return a - b;
      case rules::Op::times: return a * b;
      default: break;
    }
    assert(false && "the parser makes no other operation of two operands");
    return boolean(false);
  }
  value member(const value& a, const std::vector<std::pair<value, std::optional<value>>>& items) const {
    z3::expr_vector choices(context);
    for (const auto& [low, high] : items) choices.push_back(high ? low <= a && a <= *high : a == low);
    return z3::mk_or(choices);
  }
  template <class Body>
  value quantified(rules::Op op, int sort, Body body) const {
    const std::int32_t size = sort_sizes[static_cast<std::size_t>(sort)];
    z3::expr_vector cases(context);
    for (std::int32_t element = 0; element < size; ++element) {
      const value one = body(context.int_val(element));
      cases.push_back(op == rules::Op::count ? z3::ite(one, context.int_val(1), context.int_val(0)) : one);
    }
    if (op == rules::Op::for_all) return z3::mk_and(cases);
    if (op == rules::Op::exists) return z3::mk_or(cases);
    return cases.empty() ? context.int_val(0) : z3::sum(cases);
  }
};

}  // namespace portolan::solver::smt
