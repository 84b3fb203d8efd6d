#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The verdicts of single parameters (parameter_verdict.hpp) decided by Z3 from the rules, for the engine
// `z3-joined`: what Z3 says of each distinct pair of definitions is joined over all pairs of implementations,
// since a pair of implementations is made of pairs of definitions. One incremental solver asks all of it. Not
// thread-safe. Z3's exceptions end here.

#include <cstdint>
#include <memory>
#include <optional>

#include "solver/matrix/definitions/parameter_verdict.hpp"

namespace portolan::solver::matrix {

class Z3ParameterVerdicts {
 public:
  explicit Z3ParameterVerdicts(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3ParameterVerdicts();

  /// Without `least_rejected`. `destination` is null where it does not know the name. Empty where Z3 gave up.
  std::optional<ParameterVerdict> decide(compat::Scheme scheme, const compat::Parameter& source,
                                         const compat::Parameter* destination);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
