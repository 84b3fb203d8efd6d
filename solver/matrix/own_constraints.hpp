#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Pairs of a group whose implementations have constraints of their own, so that few share a coupling: one
// source against all destinations (own_constraints_z3.hpp). What an earlier pair has shown of some coupling
// is not asked again where both ends say the same of it: couplings of a source do not share parameters, so
// that one which implies a constraint does so whatever the others are. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "solver/matrix/definitions/configuration_kinds.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/procedures.hpp"
#include "solver/matrix/shared_coupling.hpp"

namespace portolan::solver::matrix {

class OwnConstraints {
 public:
  /// All must outlive it.
  OwnConstraints(const Group& group, const SharedCouplings& shared, Procedures& procedures)
      : group_(group), shared_(shared), procedures_(procedures), implied_(shared.couplings.size()) {}

  /// `uncoupled`: what is known of the columns outside the couplings. Empty where the pair has to be decided
  /// in another way.
  std::optional<RelationKind> relation(const MemberPair& pair, ConfigurationKinds uncoupled);

 private:
  bool constraints_decide(const MemberPair& pair) const;
  void begin(const Member& source);

  const Group& group_;
  const SharedCouplings& shared_;
  Procedures& procedures_;
  const Member* source_ = nullptr;  ///< that Z3 holds
  /// By coupling and `key`: whatever the source is at, the destination's constraints here hold.
  std::vector<std::unordered_set<std::uint64_t>> implied_;
};

}  // namespace portolan::solver::matrix
