#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One pair, decided alone: from its couplings and the parameters that none of them holds, or by Z3 as a
// whole. Where it stays open, the reason is said.

#include <string>
#include <vector>

#include "solver/matrix/coupling/coupling.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/relation.hpp"
#include "solver/matrix/procedures.hpp"

namespace portolan::solver::matrix {

struct PairDecision {
  RelationKind relation = RelationKind::undetermined;
  std::string reason;  ///< of `undetermined`, in one sentence
  bool known = true;   ///< false: some procedure gave up
};

PairDecision by_couplings(const MemberPair& pair, Procedures& procedures);
PairDecision by_whole_pair(const MemberPair& pair, Procedures& procedures);

/// By column, whether none of the couplings holds it.
std::vector<bool> uncoupled_columns(const Group& group, const std::vector<Coupling>& couplings);

}  // namespace portolan::solver::matrix
