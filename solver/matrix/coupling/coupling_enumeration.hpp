#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Couplings decided by going through every configuration with the reference evaluation of constraints. Only
// sensible where `size_of` says that there are few.

#include "solver/matrix/coupling/coupling.hpp"

namespace portolan::solver::matrix {

/// Always known.
CouplingAnswer enumerate(const Coupling& coupling);
CouplingWitness enumerate_witness(const Coupling& coupling);

}  // namespace portolan::solver::matrix
