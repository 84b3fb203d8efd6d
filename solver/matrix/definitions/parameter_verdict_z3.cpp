// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/definitions/parameter_verdict_z3.hpp"

#include <set>
#include <string>

#include <z3++.h>

#include "solver/smt/budget.hpp"
#include "solver/smt/value_terms.hpp"

namespace portolan::solver::matrix {

using compat::Parameter;
using compat::Scheme;
using compat::ValueSet;
using compat::ValueType;

struct Z3ParameterVerdicts::State {
  smt::Budget budget;
  z3::context context;
  std::optional<z3::solver> solver;
  z3::expr boolean, number;  ///< the value; a text is its position

  explicit State(std::uint32_t milliseconds_max)
      : budget(milliseconds_max), boolean(context.bool_const("value")), number(context.int_const("number")) {}

  /// Whether the condition can be met. Throws z3::exception where Z3 gives up.
  bool possible(const z3::expr& condition) {
    if (!solver) solver.emplace(context, z3::solver::simple());
    solver->push();
    solver->add(condition);
    const bool met = budget.satisfiable(*solver);
    solver->pop();
    return met;
  }

  ParameterVerdict decide(Scheme scheme, const Parameter& source, const Parameter* destination) {
    const ValueSet own = source.accepted_values();
    const bool comparable = destination != nullptr && destination->type == source.type;
    const ValueSet there = comparable ? destination->accepted_values() : ValueSet(source.type);
    std::set<std::string> texts(own.strings().begin(), own.strings().end());
    texts.insert(there.strings().begin(), there.strings().end());
    if (source.off && source.type == ValueType::string) texts.insert(std::get<std::string>(*source.off));
    const smt::ValueTerms terms(context, std::move(texts));
    const z3::expr& value = source.type == ValueType::boolean ? boolean : number;

    const z3::expr exists = terms.within(value, own);
    const z3::expr unlisted =
        source.off ? value == terms.constant(*source.off) : context.bool_val(false);  // R4
    const z3::expr taken = terms.within(value, there);
    // R6/C4, C5 for a value that is not listed.
    const bool stays =
        scheme == Scheme::rfc_v3 || destination == nullptr ||
        (tolerates_absence(scheme, *destination) && source.off && *destination->off == *source.off);
    const bool certain = !comparable || destination->allowed.has_value();
    z3::expr rejected = certain ? !unlisted && !taken : context.bool_val(false);  // C2, C3; R2
    if (!stays) rejected = rejected || unlisted;
    const z3::expr undetermined = certain ? context.bool_val(false) : !unlisted && !taken;

    ParameterVerdict verdict;
    verdict.rejected = possible(exists && rejected);
    verdict.undetermined = !certain && possible(exists && undetermined);
    // Where nothing is rejected or undetermined, whatever exists is accepted.
    verdict.accepted = verdict.rejected || verdict.undetermined
                           ? possible(exists && !rejected && !undetermined)
                           : !own.empty();
    verdict.fresh = solver::matrix::decide(scheme, source, source.init, destination);
    verdict.rejects_init = own.contains(source.init) && verdict.fresh == compat::Decision::reject;
    return verdict;
  }
};

Z3ParameterVerdicts::Z3ParameterVerdicts(std::uint32_t milliseconds_max)
    : state_(std::make_unique<State>(milliseconds_max)) {}
Z3ParameterVerdicts::~Z3ParameterVerdicts() = default;

std::optional<ParameterVerdict> Z3ParameterVerdicts::decide(Scheme scheme, const Parameter& source,
                                                            const Parameter* destination) {
  try {
    return state_->decide(scheme, source, destination);
  } catch (const z3::exception&) {
    state_->solver.reset();  // a formula may be left in it
    return std::nullopt;
  }
}

}  // namespace portolan::solver::matrix
