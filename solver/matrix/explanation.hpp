#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Why the relation of a pair is not `all`: a witness, the parameters and constraints that reject, and the
// reason where it stays open. Made when somebody asks for them. Not thread-safe: `procedures` keeps what it
// has found.

#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/procedures.hpp"

namespace portolan::solver::matrix {

/// The smallest configuration of the source that is rejected (matrix.hpp), checked again with the reference
/// evaluator. Empty where there is none, and where Z3 ran out of time.
std::optional<compat::Configuration> witness_of(const MemberPair& pair, Procedures& procedures);

/// Parameters in name order, then constraints of the destination as written.
std::vector<std::string> culprits_of(const MemberPair& pair, Procedures& procedures);

/// Of a pair whose relation is `undetermined`.
std::string reason_of(const MemberPair& pair, Procedures& procedures);

}  // namespace portolan::solver::matrix
