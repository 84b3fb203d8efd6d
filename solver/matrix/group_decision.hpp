#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// All pairs of one group at once. Rows of bits decide wherever no constraint has a say (direct_join.hpp);
// what they do not decide goes to the couplings that pairs share, to sources asked one by one where
// implementations have constraints of their own, or to single pairs; the engines `z3` and `both` ask Z3 about
// each pair as a whole.

#include <cstddef>

#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/verdicts.hpp"
#include "solver/matrix/procedures.hpp"

namespace portolan::solver::matrix {

struct GroupDecision {
  Verdicts verdicts;
  std::size_t disagreements = 0;  ///< with `Engine::both`
};

GroupDecision decide(const Group& group, Procedures& procedures);

}  // namespace portolan::solver::matrix
