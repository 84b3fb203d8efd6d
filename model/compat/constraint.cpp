// SPDX-License-Identifier: Apache-2.0
#include "model/compat/constraint.hpp"

#include <cassert>
#include <set>
#include <utility>

#include "model/compat/evaluation.hpp"
#include "model/rules/evaluate.hpp"
#include "model/rules/parse.hpp"

namespace portolan::compat {
namespace {

rules::Type rule_type(ValueType type) {
  switch (type) {
    case ValueType::boolean: return {rules::TypeKind::boolean, false, -1};
    case ValueType::integer: return {rules::TypeKind::integer, false, -1};
    case ValueType::string: break;
  }
  return {rules::TypeKind::text, false, -1};
}

/// The reference meaning over parameter values: mathematical integers and strings compared bytewise.
struct Values {
  using value = Evaluated;
  std::span<const Value* const> parameters;

  value boolean(bool v) const { return v; }
  value integer(std::uint64_t v) const { return Integer(v); }
  value text(const std::string& v) const { return v; }
  value element(int, std::uint64_t) const { return no_sorts(); }
  value none() const { return no_sorts(); }
  value variable(int symbol, std::span<const value>) const {
    const Value& found = *parameters[static_cast<std::size_t>(symbol)];
    if (const bool* truth = std::get_if<bool>(&found)) return *truth;
    if (const std::uint64_t* number = std::get_if<std::uint64_t>(&found)) return Integer(*number);
    return std::get<std::string>(found);
  }
  value negation(const value& a) const { return !std::get<bool>(a); }
  template <class A, class B>
  value logical(rules::Op op, A a, B b) const {
    const bool left = std::get<bool>(a());
    if (op == rules::Op::conjunction ? !left : op == rules::Op::disjunction ? left : !left)
      return op != rules::Op::conjunction;
    return std::get<bool>(b());
  }
  template <class C, class A, class B>
  value conditional(C c, A a, B b) const {
    return std::get<bool>(c()) ? a() : b();
  }
  value binary(rules::Op op, const value& a, const value& b) const {
    if (rules::is_arithmetic(op)) {
      const Integer& left = std::get<Integer>(a);
      const Integer& right = std::get<Integer>(b);
      if (op == rules::Op::plus) return Integer(left + right);
      if (op == rules::Op::minus) return Integer(left - right);
      return Integer(left * right);
    }
    assert(a.index() == b.index() && "the type checker saw to it");
    return rules::compare(op, a, b);
  }
  value member(const value& a, const std::vector<std::pair<value, std::optional<value>>>& items) const {
    for (const auto& [low, high] : items)
      if (high ? low <= a && a <= *high : a == low) return true;
    return false;
  }
  template <class Body>
  value quantified(rules::Op, int, Body) const {
    return no_sorts();
  }

 private:
  static value no_sorts() {
    assert(false && "parameter expressions have no sorts");
    return false;
  }
};

}  // namespace

Result<rules::Expression> parse_parameter_expression(std::string_view text, const Parameters& parameters,
                                                     const Place& place, std::optional<ValueType> type) {
  std::vector<rules::VariableView> variables;
  for (const auto& [name, parameter] : parameters)
    variables.push_back({name, rule_type(parameter.type), {-1, -1}});
  const rules::Type wanted = rule_type(type.value_or(ValueType::boolean));
  rules::Parsed parsed = rules::parse_expression(text, {{}, variables, {}}, type ? &wanted : nullptr);
  if (!parsed.faults.empty()) {
    Faults faults;
    for (rules::ParseFault& fault : parsed.faults) {
      Place where = place;
      where.mark.column += where.mark.column == 0 ? 0 : fault.column - 1;
      fault.finding = "in the expression, column " + std::to_string(fault.column) + ": " + fault.finding;
      faults.push_back({fault.code, std::move(where), std::move(fault.finding), std::move(fault.expectation),
                        std::move(fault.remedy)});
    }
    return fail(std::move(faults));
  }
  return rules::Expression{std::move(parsed.nodes), std::move(parsed.strings), std::string(text), place};
}

Evaluated evaluate(const rules::Expression& expression, const Parameters& parameters,
                   const std::map<std::string, Value>& configuration) {
  std::vector<const Value*> values;
  for (const auto& [name, parameter] : parameters) {
    const auto found = configuration.find(name);
    values.push_back(found == configuration.end() ? &parameter.init : &found->second);
  }
  return evaluate(expression, values);
}

Evaluated evaluate(const rules::Expression& expression, std::span<const Value* const> values) {
  Values reading{values};
  return rules::fold(expression.view(), reading);
}

bool holds(const rules::Expression& expression, const Parameters& parameters,
           const std::map<std::string, Value>& configuration) {
  return std::get<bool>(evaluate(expression, parameters, configuration));
}

bool holds(const rules::Expression& expression, std::span<const Value* const> values) {
  return std::get<bool>(evaluate(expression, values));
}

std::vector<std::string> parameters_of(const rules::Expression& expression, const Parameters& parameters) {
  std::vector<bool> used(parameters.size(), false);
  for (const rules::Node& node : expression.nodes)
    if (node.op == rules::Op::variable) used[static_cast<std::size_t>(node.symbol)] = true;
  std::vector<std::string> names;
  std::size_t position = 0;
  for (const auto& [name, parameter] : parameters)
    if (used[position++]) names.push_back(name);
  return names;
}

LiteralUses literal_uses(const rules::Expression& expression, std::size_t parameter) {
  using rules::Op;
  const auto node = [&](std::int32_t k) -> const rules::Node& {
    return expression.nodes[static_cast<std::size_t>(k)];
  };
  const auto is_it = [&](std::int32_t k) {
    return k >= 0 && node(k).op == Op::variable && static_cast<std::size_t>(node(k).symbol) == parameter;
  };
  LiteralUses uses;
  const auto literal = [&](std::int32_t k) {
    const Op op = node(k).op;
    if (op == Op::integer) uses.numbers.push_back(node(k).number);
    return op == Op::integer || op == Op::text || op == Op::boolean;
  };
  std::size_t occurrences = 0, compared = 0;
  for (const rules::Node& one : expression.nodes) {
    occurrences += one.op == Op::variable && static_cast<std::size_t>(one.symbol) == parameter;
    if (one.op >= Op::equal && one.op <= Op::greater_equal) {
      for (const auto& [mine, other] : {std::pair(one.a, one.b), std::pair(one.b, one.a)})
        compared += is_it(mine) && literal(other);
    } else if (one.op == Op::member && is_it(one.a)) {
      bool all = true;
      for (std::int32_t item = one.b; item >= 0; item = node(item).c)
        for (const std::int32_t end : {node(item).a, node(item).b}) all = (end < 0 || literal(end)) && all;
      compared += all;
    }
  }
  uses.only = compared == occurrences;
  return uses;
}

}  // namespace portolan::compat
