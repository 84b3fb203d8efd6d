// SPDX-License-Identifier: Apache-2.0
#include "solver/answering/formula.hpp"

#include <algorithm>
#include <cassert>

#include "model/compat/judging/behaviour.hpp"

namespace portolan::solver::answering {
namespace {

using compat::Value;
using compat::ValueSet;
using Kind = FormulaNode::Kind;

Formula made(FormulaNode node) { return std::make_shared<const FormulaNode>(std::move(node)); }

void add_support(std::vector<int>& support, int variable) {
  if (variable < 0) return;
  const auto at = std::lower_bound(support.begin(), support.end(), variable);
  if (at == support.end() || *at != variable) support.insert(at, variable);
}

BoundExpression bind(const rules::Expression& expression, std::span<const ParameterTerm> terms,
                     std::vector<int>& support) {
  BoundExpression bound{&expression, terms.size(), {}};
  std::vector<bool> seen(terms.size(), false);
  for (const rules::Node& node : expression.nodes) {
    if (node.op != rules::Op::variable) continue;
    const auto symbol = static_cast<std::size_t>(node.symbol);
    if (seen[symbol]) continue;
    seen[symbol] = true;
    bound.used.emplace_back(symbol, terms[symbol]);
    add_support(support, terms[symbol].variable);
  }
  return bound;
}

compat::Evaluated value_of(const BoundExpression& bound, std::span<const Value* const> values) {
  std::vector<const Value*> own(bound.parameters, nullptr);
  for (const auto& [symbol, term] : bound.used) {
    own[symbol] =
        term.variable < 0 ? &term.constant : &term.at(*values[static_cast<std::size_t>(term.variable)]);
  }
  return compat::evaluate(*bound.expression, own);
}

/// A formula without variables is its value.
Formula folded(FormulaNode node) {
  if (!node.support.empty()) return made(std::move(node));
  return truth(meaning(node, {}));
}

Formula joined(Kind kind, std::vector<Formula> parts) {
  const bool neutral = kind == Kind::conjunction;
  FormulaNode node;
  node.kind = kind;
  for (Formula& part : parts) {
    if (part->kind == Kind::truth) {
      if (part->value != neutral) return part;
      continue;
    }
    if (part->kind == kind)
      node.parts.insert(node.parts.end(), part->parts.begin(), part->parts.end());
    else
      node.parts.push_back(std::move(part));
  }
  if (node.parts.empty()) return truth(neutral);
  if (node.parts.size() == 1) return node.parts.front();
  for (const Formula& part : node.parts)
    for (const int variable : part->support) add_support(node.support, variable);
  return made(std::move(node));
}

}  // namespace

Formula truth(bool value) {
  const auto constant = [](bool of) {
    FormulaNode node;
    node.value = of;
    return made(std::move(node));
  };
  static const Formula yes = constant(true), no = constant(false);
  return value ? yes : no;
}

Formula within(const ParameterTerm& term, const ValueSet& set) {
  assert(term.type == set.type());
  if (term.variable < 0) return truth(set.contains(term.constant));
  FormulaNode node;
  node.kind = Kind::within;
  node.variable = term.variable;
  node.support = {term.variable};
  node.set = set;
  if (!term.exceptions.empty()) {
    ValueSet replaced(set.type()), kept(set.type());
    for (const auto& [value, becomes] : term.exceptions) {
      replaced.add(value);
      if (set.contains(becomes)) kept.add(value);
    }
    node.set = set.minus(replaced);
    for (const auto& [value, becomes] : term.exceptions)
      if (kept.contains(value)) node.set.add(value);
  }
  if (node.set.empty()) return truth(false);
  return made(std::move(node));
}

Formula is(const ParameterTerm& term, const Value& value) {
  if (term.type != compat::type_of(value)) return truth(false);
  ValueSet set(term.type);
  set.add(value);
  return within(term, set);
}

Formula same(const ParameterTerm& left, const ParameterTerm& right) {
  if (left.type != right.type) return truth(false);
  if (left.variable < 0) return is(right, left.constant);
  if (right.variable < 0) return is(left, right.constant);
  if (left.variable == right.variable) {
    ValueSet different(left.type);
    for (const ParameterTerm* term : {&left, &right})
      for (const auto& [value, becomes] : term->exceptions)
        if (left.at(value) != right.at(value)) different.add(value);
    return different.empty()
               ? truth(true)
               : negation(within(ParameterTerm::of_variable(left.variable, left.type), different));
  }
  FormulaNode node;
  node.kind = Kind::same;
  node.left = left;
  node.right = right;
  add_support(node.support, left.variable);
  add_support(node.support, right.variable);
  return made(std::move(node));
}

Formula holds(const rules::Expression& expression, std::span<const ParameterTerm> terms) {
  FormulaNode node;
  node.kind = Kind::holds;
  node.first = bind(expression, terms, node.support);
  return folded(std::move(node));
}

Formula differs(const rules::Expression* left, std::span<const ParameterTerm> left_terms,
                const rules::Expression* right, std::span<const ParameterTerm> right_terms) {
  assert(left != nullptr || right != nullptr);
  if (left == nullptr) {
    std::swap(left, right);
    std::swap(left_terms, right_terms);
  }
  FormulaNode node;
  node.kind = Kind::differs;
  node.first = bind(*left, left_terms, node.support);
  if (right != nullptr) node.second = bind(*right, right_terms, node.support);
  return folded(std::move(node));
}

Formula negation(const Formula& formula) {
  if (formula->kind == Kind::truth) return truth(!formula->value);
  if (formula->kind == Kind::negation) return formula->parts.front();
  FormulaNode node;
  node.kind = Kind::negation;
  node.parts = {formula};
  node.support = formula->support;
  return made(std::move(node));
}

Formula all_of(std::vector<Formula> parts) { return joined(Kind::conjunction, std::move(parts)); }
Formula any_of(std::vector<Formula> parts) { return joined(Kind::disjunction, std::move(parts)); }

bool meaning(const FormulaNode& formula, std::span<const Value* const> values) {
  const auto value = [&](int variable) -> const Value& {
    return *values[static_cast<std::size_t>(variable)];
  };
  switch (formula.kind) {
    case Kind::truth: return formula.value;
    case Kind::within: return formula.set.contains(value(formula.variable));
    case Kind::same:
      return formula.left.at(value(formula.left.variable)) == formula.right.at(value(formula.right.variable));
    case Kind::holds: return std::get<bool>(value_of(formula.first, values));
    case Kind::differs: {
      const compat::Evaluated left = value_of(formula.first, values);
      return left != (formula.second.expression != nullptr ? value_of(formula.second, values)
                                                           : compat::absent_aspect(left));
    }
    case Kind::negation: return !meaning(*formula.parts.front(), values);
    case Kind::conjunction:
      return std::all_of(formula.parts.begin(), formula.parts.end(),
                         [&](const Formula& part) { return meaning(*part, values); });
    case Kind::disjunction:
      return std::any_of(formula.parts.begin(), formula.parts.end(),
                         [&](const Formula& part) { return meaning(*part, values); });
  }
  return false;
}

}  // namespace portolan::solver::answering
