// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/rows_z3.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include <z3++.h>

#include "model/compat/constraint.hpp"
#include "solver/smt/limits.hpp"
#include "solver/smt/terms.hpp"

namespace portolan::solver::matrix {

using compat::End;
using compat::Parameter;
using compat::Value;
using compat::ValueType;

namespace {

constexpr std::size_t points_max = 24;

}  // namespace

struct Z3Rows::State {
  std::uint32_t milliseconds_max;
  z3::context context;
  std::map<std::string, z3::expr, std::less<>> constants[2];  ///< by type: false for numbers
  std::unordered_map<const rules::Expression*, z3::expr> terms;
  std::optional<z3::solver> solver;
  std::vector<const Parameter*> parameters;  ///< of the source
  std::vector<std::vector<Value>> points;    ///< configurations of the source that were met
  bool exists = false, known = true;
  std::string reason;
  std::size_t queries = 0;

  explicit State(std::uint32_t milliseconds) : milliseconds_max(milliseconds) {}

  const z3::expr& constant(const Parameter& parameter) {
    auto& known_constants = constants[parameter.type == ValueType::boolean];
    const auto found = known_constants.find(parameter.name);
    if (found != known_constants.end()) return found->second;
    const z3::expr made = parameter.type == ValueType::boolean ? context.bool_const(parameter.name.c_str())
                                                               : context.int_const(parameter.name.c_str());
    return known_constants.emplace(parameter.name, made).first->second;
  }

  const z3::expr& term(const End& end, const rules::Expression& one) {
    const auto found = terms.find(&one);
    if (found != terms.end()) return found->second;
    std::vector<z3::expr> cells;
    for (const auto& [name, parameter] : end.model->parameters)
      cells.push_back(parameter.type == ValueType::string ? context.int_val(0) : constant(parameter));
    smt::Z3Terms translated{.context = context, .cells = cells};
    return terms.emplace(&one, rules::fold(one.view(), translated)).first->second;
  }

  z3::expr conjunction(const End& end) {
    z3::expr_vector all(context);
    for (const rules::Expression& one : constraints_of(end)) all.push_back(term(end, one));
    return z3::mk_and(all);
  }

  z3::expr some_fails(const End& end, const std::vector<const rules::Expression*>& constraints) {
    z3::expr_vector all(context);
    for (const rules::Expression* one : constraints) all.push_back(term(end, *one));
    return !z3::mk_and(all);
  }

  z3::expr domain(const Parameter& parameter) {
    const z3::expr& value = constant(parameter);
    const compat::ValueSet set = parameter.accepted_values();
    z3::expr_vector choices(context);
    if (set.has_false()) choices.push_back(!value);
    if (set.has_true()) choices.push_back(value);
    for (const compat::Range& range : set.ranges())
      choices.push_back(context.int_val(range.min) <= value && value <= context.int_val(range.max));
    return z3::mk_or(choices);
  }

  /// Whether the solver's formulas can be met; what meets them is kept.
  std::optional<bool> met() {
    ++queries;
    const z3::check_result result = smt::check_within(*solver, context, milliseconds_max);
    if (result == z3::unknown) {
      known = false;
      reason = solver->reason_unknown();
      return std::nullopt;
    }
    if (result == z3::unsat) return false;
    const z3::model model = solver->get_model();
    std::vector<Value> point;
    for (const Parameter* parameter : parameters) {
      const z3::expr value = model.eval(constant(*parameter), true);
      std::uint64_t number = 0;
      if (parameter->type == ValueType::boolean)
        point.emplace_back(value.is_true());
      else if (value.is_numeral_u64(number))
        point.emplace_back(number);
      else
        return std::nullopt;
    }
    if (points.size() == points_max) points.erase(points.begin());
    points.push_back(std::move(point));
    return true;
  }

  /// Where in a point each parameter of the destination is.
  std::vector<std::optional<std::size_t>> places_of(const End& destination) const {
    std::vector<std::optional<std::size_t>> places;
    std::size_t own = 0;
    for (const auto& [name, parameter] : destination.model->parameters) {
      while (own < parameters.size() && parameters[own]->name < name) ++own;
      places.push_back(own < parameters.size() && parameters[own]->name == name ? std::optional(own)
                                                                                : std::nullopt);
    }
    return places;
  }

  static bool accepts(const End& destination, const std::vector<std::optional<std::size_t>>& places,
                      const std::vector<Value>& point) {
    std::vector<const Value*> values;
    values.reserve(places.size());
    for (const auto& place : places) values.push_back(place ? &point[*place] : nullptr);
    const auto& constraints = constraints_of(destination);
    return std::all_of(constraints.begin(), constraints.end(), [&](const rules::Expression& one) {
      return std::get<bool>(compat::evaluate(one, values));
    });
  }
};

Z3Rows::Z3Rows(std::uint32_t milliseconds_max) : state_(std::make_unique<State>(milliseconds_max)) {}
Z3Rows::~Z3Rows() = default;
std::size_t Z3Rows::queries() const { return state_->queries; }

bool Z3Rows::fits(const End& end) {
  const auto& constraints = constraints_of(end);
  return std::all_of(constraints.begin(), constraints.end(), [](const rules::Expression& one) {
    return std::none_of(one.nodes.begin(), one.nodes.end(), [&](const rules::Node& node) {
      if (node.type.kind == rules::TypeKind::text) return true;
      // A literal on one side keeps a product linear.
      const auto is_literal = [&](std::int32_t child) {
        return one.nodes[static_cast<std::size_t>(child)].op == rules::Op::integer;
      };
      return node.op == rules::Op::times && !is_literal(node.a) && !is_literal(node.b);
    });
  });
}

void Z3Rows::begin(const End& source, const std::vector<std::string>& parameters) {
  State& state = *state_;
  state.points.clear();
  state.parameters.clear();
  state.exists = false;
  state.known = true;
  try {
    state.solver.emplace(state.context, z3::solver::simple());
    for (const std::string& name : parameters) {
      const Parameter& parameter = source.model->parameters.at(name);
      state.parameters.push_back(&parameter);
      state.solver->add(state.domain(parameter));
    }
    state.solver->add(state.conjunction(source));
    state.exists = state.met().value_or(false);
  } catch (const z3::exception& error) {
    state.known = false;
    state.reason = error.msg();
  }
}

ComponentAnswer Z3Rows::decide(const End& destination, const std::vector<const rules::Expression*>& open) {
  State& state = *state_;
  ComponentAnswer answer;
  answer.known = state.known;
  answer.reason = state.reason;
  answer.exists = state.exists;
  if (!state.known || !state.exists) return answer;
  const auto places = state.places_of(destination);
  for (const auto& point : state.points) {
    (State::accepts(destination, places, point) ? answer.accepted : answer.rejected) = true;
    if (answer.accepted && answer.rejected) return answer;
  }
  try {
    for (const bool wanted : {false, true}) {  // a rejected one, an accepted one
      if (wanted ? answer.accepted : answer.rejected || open.empty()) continue;
      state.solver->push();
      state.solver->add(wanted ? state.conjunction(destination) : state.some_fails(destination, open));
      const auto found = state.met();
      state.solver->pop();
      if (!found) {
        answer.known = false;
        state.known = true;  // the next destination is another question
        answer.reason = state.reason;
        return answer;
      }
      (wanted ? answer.accepted : answer.rejected) = *found;
    }
  } catch (const z3::exception& error) {
    answer.known = false;
    answer.reason = error.msg();
  }
  return answer;
}

}  // namespace portolan::solver::matrix
