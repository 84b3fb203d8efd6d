#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// C6 on init values: whether what R7 gives the destination of a new source breaks one of its constraints. By
// the reference evaluation of constraints, without the reference's maps; asked once for all pairs of a group
// whose ends say the same. Not thread-safe.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/shared_coupling.hpp"

namespace portolan::solver::matrix {

class FreshConstraints {
 public:
  /// Of one group. `shared` is null where pairs share no couplings. Both must outlive it.
  FreshConstraints(const Group& group, const SharedCouplings* shared)
      : group_(group),
        shared_(shared != nullptr && !shared->own_constraints ? shared : nullptr),
        broken_(shared_ != nullptr ? shared_->couplings.size() : 0) {}

  bool broken(const MemberPair& pair);

 private:
  bool broken_of(std::size_t coupling, const MemberPair& pair);

  const Group& group_;
  const SharedCouplings* shared_;
  std::vector<std::unordered_map<std::uint64_t, bool>> broken_;  ///< by coupling, then by its `key`
  // Neighbours mostly define the same parameters, so that the same values are given.
  std::vector<const compat::Value*> given_;  ///< of this source to destinations that define this
  const Member* given_source_ = nullptr;
  std::vector<DefinitionId> given_definitions_;
};

}  // namespace portolan::solver::matrix
