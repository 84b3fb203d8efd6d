#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Couplings decided by Z3 (coupling_encoding.hpp). A query that Z3 does not decide in its time makes the
// answer unknown, with the reason. Z3's exceptions end here. Linear couplings are decided in this process,
// those that multiply parameters with each other in one of their own (solver/smt/separate_queries.hpp). Not
// thread-safe.

#include <cstdint>
#include <memory>

#include "solver/matrix/coupling/coupling.hpp"

namespace portolan::solver::matrix {

class Z3Couplings {
 public:
  explicit Z3Couplings(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3Couplings();

  CouplingAnswer decide(const Coupling& coupling);
  /// The smallest configurations, by asking for fewer parameters away from init, then for smaller values,
  /// until no more.
  CouplingWitness witness(const Coupling& coupling);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
