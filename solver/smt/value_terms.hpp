#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Values of migration parameters as Z3 terms, and back. A `bool` is a Bool. An `int` is a mathematical
// integer, so nothing wraps around. A `str` is the position of its text among all texts that occur, in
// bytewise order, so that the order of positions is that of the texts.

#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <z3++.h>

#include "model/compat/value.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::smt {

class ValueTerms {
 public:
  /// `texts`: every text that a value, a set or an expression may have. The context must outlive this.
  explicit ValueTerms(z3::context& context, std::set<std::string> texts = {})
      : context_(context), texts_(std::move(texts)) {}

  const std::set<std::string>& texts() const { return texts_; }

  static z3::expr variable(z3::context& context, const std::string& name, compat::ValueType type) {
    return type == compat::ValueType::boolean ? context.bool_const(name.c_str())
                                              : context.int_const(name.c_str());
  }

  z3::expr constant(const compat::Value& value) const {
    if (const bool* truth = std::get_if<bool>(&value)) return context_.bool_val(*truth);
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return context_.int_val(*number);
    return Z3Terms::position(context_, texts_, std::get<std::string>(value));
  }

  z3::expr within(const z3::expr& variable, const compat::ValueSet& set) const {
    z3::expr_vector choices(context_);
    if (set.has_false()) choices.push_back(!variable);
    if (set.has_true()) choices.push_back(variable);
    for (const compat::Range& range : set.ranges()) {
      const z3::expr low = context_.int_val(range.min);
      // The constant on the right: Z3 turns it round otherwise.
      choices.push_back(range.min == range.max ? variable == low
                                               : variable >= low && variable <= context_.int_val(range.max));
    }
    for (const std::string& text : set.strings()) choices.push_back(variable == constant(text));
    return z3::mk_or(choices);
  }

  /// In the order of values: false before true, texts bytewise.
  z3::expr at_most(const z3::expr& variable, const compat::Value& value) const {
    if (const bool* truth = std::get_if<bool>(&value)) return *truth ? context_.bool_val(true) : !variable;
    return variable <= constant(value);
  }

  /// What a model says of a variable, which the formulas hold `within` some set. Throws z3::exception where
  /// it says nothing of the kind.
  compat::Value value_in(const z3::model& model, const z3::expr& variable, compat::ValueType type) const {
    const z3::expr value = model.eval(variable, true);
    if (type == compat::ValueType::boolean) return value.is_true();
    std::uint64_t number = 0;
    if (!value.is_numeral_u64(number)) throw z3::exception("a model without a number");
    if (type == compat::ValueType::integer) return number;
    if (number >= texts_.size()) throw z3::exception("a model without a text");
    return *std::next(texts_.begin(), static_cast<std::ptrdiff_t>(number));
  }

 private:
  z3::context& context_;
  std::set<std::string> texts_;
};

}  // namespace portolan::solver::smt
