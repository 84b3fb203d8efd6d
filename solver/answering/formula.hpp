#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a question about all configurations of one implementation is made of (questions.hpp): terms, which are
// a parameter's value on its way through migrations, and formulas over them. A value travels unchanged or is
// replaced where it meets an off value (R4, R7), so a term is one variable with finitely many exceptions, or
// a constant; whether a term lies in a set of values is therefore again whether its variable lies in a set.
// What remains are expressions of the catalogue with terms for their parameters.
//
// Everything is simplified when it is made. A formula borrows the expressions of the catalogue, which must
// outlive it.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/constraint.hpp"
#include "model/compat/value.hpp"

namespace portolan::solver::answering {

/// A value as a function of the source's configuration.
struct ParameterTerm {
  int variable = -1;  ///< its number in the question; -1: a constant
  compat::ValueType type = compat::ValueType::boolean;
  compat::Value constant;                             ///< where there is no variable
  std::map<compat::Value, compat::Value> exceptions;  ///< what becomes of these values; all others stay

  static ParameterTerm of_variable(int number, compat::ValueType type) { return {number, type, {}, {}}; }
  static ParameterTerm of_value(compat::Value value) {
    const compat::ValueType type = compat::type_of(value);
    return {-1, type, std::move(value), {}};
  }
  const compat::Value& at(const compat::Value& variables_value) const {
    const auto found = exceptions.find(variables_value);
    return found == exceptions.end() ? variables_value : found->second;
  }
};

/// An expression of the catalogue with a term for each parameter that it names.
struct BoundExpression {
  const rules::Expression* expression = nullptr;
  std::size_t parameters = 0;                               ///< of the model
  std::vector<std::pair<std::size_t, ParameterTerm>> used;  ///< by position of the parameter
};

struct FormulaNode;
using Formula = std::shared_ptr<const FormulaNode>;

struct FormulaNode {
  enum class Kind : std::uint8_t {
    truth,    ///< `value`
    within,   ///< `variable` lies in `set`
    same,     ///< `left` and `right`, of two variables, are equal
    holds,    ///< `first` is true
    differs,  ///< `first` and `second` have different values; without `second`: `first` is not false, 0 or ""
    negation,
    conjunction,
    disjunction,
  };
  Kind kind = Kind::truth;
  bool value = true;
  int variable = -1;
  compat::ValueSet set;
  ParameterTerm left, right;
  BoundExpression first, second;
  std::vector<Formula> parts;
  std::vector<int> support;  ///< the variables that occur, ascending
};

Formula truth(bool value);
/// The set has the term's type.
Formula within(const ParameterTerm& term, const compat::ValueSet& set);
Formula is(const ParameterTerm& term, const compat::Value& value);    ///< false for a value of another type
Formula same(const ParameterTerm& left, const ParameterTerm& right);  ///< false for terms of two types
/// `terms` are those of the model's parameters, in name order.
Formula holds(const rules::Expression& expression, std::span<const ParameterTerm> terms);
/// Values of two expressions; a null one stands for false, 0 or "" (an aspect that an end does not have).
Formula differs(const rules::Expression* left, std::span<const ParameterTerm> left_terms,
                const rules::Expression* right, std::span<const ParameterTerm> right_terms);
Formula negation(const Formula& formula);
Formula all_of(std::vector<Formula> parts);
Formula any_of(std::vector<Formula> parts);

/// The meaning. `values` are those of the variables by number; those that do not occur may be null.
bool meaning(const FormulaNode& formula, std::span<const compat::Value* const> values);

}  // namespace portolan::solver::answering
