#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The procedures that the pairs of one matrix are decided with, and what they have found so far: single
// parameters, couplings, sources with constraints of their own. Not thread-safe.

#include <cstddef>
#include <memory>

#include "solver/matrix/coupling/coupling_answers.hpp"
#include "solver/matrix/declared_pairs.hpp"
#include "solver/matrix/definitions/options.hpp"
#include "solver/matrix/definitions/parameter_verdict.hpp"
#include "solver/matrix/definitions/parameter_verdict_z3.hpp"
#include "solver/matrix/own_constraints_z3.hpp"

namespace portolan::solver::matrix {

struct Procedures {
  explicit Procedures(const MatrixOptions& how)
      : options(how),
        parameters(how.scheme, decider(how)),
        couplings(options),
        own_constraints(how.z3_milliseconds_max),
        declared(how) {}
  Procedures(const Procedures&) = delete;
  Procedures& operator=(const Procedures&) = delete;

  /// Distinct questions that were decided so far.
  std::size_t questions() const {
    return parameters.distinct_pairs() + couplings.questions() + own_constraints.queries() +
           declared.questions();
  }

  const MatrixOptions options;
  ParameterVerdicts parameters;
  CouplingAnswers couplings;
  Z3OwnConstraints own_constraints;
  DeclaredPairs declared;

 private:
  static ParameterVerdicts::Decider decider(const MatrixOptions& how) {
    if (how.engine != Engine::z3_joined) return {};
    return [z3 = std::make_shared<Z3ParameterVerdicts>(how.z3_milliseconds_max), scheme = how.scheme](
               const compat::Parameter& source, const compat::Parameter* destination) {
      return z3->decide(scheme, source, destination);
    };
  }
};

}  // namespace portolan::solver::matrix
