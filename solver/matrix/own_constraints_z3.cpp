// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/own_constraints_z3.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <unordered_map>

#include <z3++.h>

#include "model/compat/constraint.hpp"
#include "solver/smt/budget.hpp"
#include "solver/smt/linear.hpp"
#include "solver/smt/value_terms.hpp"

namespace portolan::solver::matrix {

using compat::End;
using compat::Parameter;
using compat::Value;
using compat::ValueType;

namespace {

constexpr std::size_t points_max = 24;

}  // namespace

struct Z3OwnConstraints::State {
  smt::Budget budget;
  z3::context context;
  smt::ValueTerms values{context};
  std::map<std::string, z3::expr, std::less<>> constants[2];  ///< by type: false for numbers
  std::unordered_map<const rules::Expression*, z3::expr> terms;
  std::optional<z3::solver> solver;
  std::vector<const Parameter*> parameters;  ///< of the source
  std::vector<std::vector<Value>> points;    ///< configurations of the source that were met
  bool exists = false, known = true;
  std::string reason;
  std::size_t queries = 0;

  explicit State(std::uint32_t milliseconds_max) : budget(milliseconds_max) {}

  const z3::expr& constant(const Parameter& parameter) {
    auto& known_constants = constants[parameter.type == ValueType::boolean];
    const auto found = known_constants.find(parameter.name);
    if (found != known_constants.end()) return found->second;
    return known_constants
        .emplace(parameter.name, smt::ValueTerms::variable(context, parameter.name, parameter.type))
        .first->second;
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

  /// Whether the solver's formulas can be met; what meets them is kept. Empty where Z3 gave up.
  std::optional<bool> met() {
    ++queries;
    const z3::check_result result = budget.check(*solver);
    if (result == z3::unknown) {
      reason = solver->reason_unknown();
      return std::nullopt;
    }
    if (result == z3::unsat) return false;
    const z3::model model = solver->get_model();
    std::vector<Value> point;
    for (const Parameter* parameter : parameters)
      point.push_back(values.value_in(model, constant(*parameter), parameter->type));
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
    std::vector<const Value*> given;
    given.reserve(places.size());
    for (const auto& place : places) given.push_back(place ? &point[*place] : nullptr);
    return std::ranges::all_of(constraints_of(destination),
                               [&](const rules::Expression& one) { return compat::holds(one, given); });
  }
};

Z3OwnConstraints::Z3OwnConstraints(std::uint32_t milliseconds_max) : milliseconds_max_(milliseconds_max) {}
Z3OwnConstraints::~Z3OwnConstraints() = default;
std::size_t Z3OwnConstraints::queries() const { return state_ ? state_->queries : 0; }

bool Z3OwnConstraints::fits(const End& end) {
  return std::ranges::all_of(constraints_of(end), [](const rules::Expression& one) {
    return std::ranges::none_of(
               one.nodes, [](const rules::Node& node) { return node.type.kind == rules::TypeKind::text; }) &&
           !smt::multiplies_variables(one.view(), [](std::int16_t) { return true; });
  });
}

void Z3OwnConstraints::begin(const End& source, const std::vector<std::string>& parameters) {
  if (!state_) state_ = std::make_unique<State>(milliseconds_max_);
  State& state = *state_;
  state.points.clear();
  state.parameters.clear();
  state.exists = false;
  try {
    state.solver.emplace(state.context, z3::solver::simple());
    for (const std::string& name : parameters) {
      const Parameter& parameter = source.model->parameters.at(name);
      state.parameters.push_back(&parameter);
      state.solver->add(state.values.within(state.constant(parameter), parameter.accepted_values()));
    }
    state.solver->add(state.conjunction(source));
    const std::optional<bool> exists = state.met();
    state.known = exists.has_value();
    state.exists = exists.value_or(false);
  } catch (const z3::exception& error) {
    state.known = false;
    state.reason = error.msg();
  }
}

CouplingAnswer Z3OwnConstraints::decide(const End& destination,
                                        const std::vector<const rules::Expression*>& open) {
  assert(state_ && "after `begin`");
  State& state = *state_;
  CouplingAnswer answer;
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
        answer.known = false;  // the next destination is another question
        answer.reason = state.reason;
        return answer;
      }
      (wanted ? answer.accepted : answer.rejected) = *found;
    }
  } catch (const z3::exception& error) {
    state.known = answer.known = false;  // a formula may be left in the solver
    state.reason = answer.reason = error.msg();
  }
  return answer;
}

}  // namespace portolan::solver::matrix
