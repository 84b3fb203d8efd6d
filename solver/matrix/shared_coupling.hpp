#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Couplings that many pairs share. Columns that constraints of any member tie together are one coupling for
// all pairs of the group; what each member says of them is one of a few variants, and two pairs with the same
// two variants have the same answer. Found once for a group, which must outlive them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "solver/matrix/coupling/coupling.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/options.hpp"

namespace portolan::solver::matrix {

struct SharedCoupling {
  std::vector<std::size_t> columns;
  std::vector<std::uint32_t> variant;  ///< by member
  std::uint32_t variants = 0;
  std::vector<std::vector<const rules::Expression*>> constraints;  ///< by member

  /// Of two members, by what they say.
  std::uint64_t key(std::size_t source, std::size_t destination) const {
    return std::uint64_t{variant[source]} << 32 | variant[destination];
  }
  /// The coupling of one pair.
  Coupling of(const MemberPair& pair, compat::Scheme scheme) const;
};

struct SharedCouplings {
  std::vector<SharedCoupling> couplings;
  std::vector<bool> coupled;  ///< by column, whether one of them holds it
  /// Pairs share too little, and there would be more distinct questions than pairs: one source is asked
  /// against all destinations (own_constraints.hpp).
  bool own_constraints = false;
};

/// Empty where no member is constrained, and where pairs are better decided one by one: some coupling would
/// have many parameters, or some constraint has none.
std::optional<SharedCouplings> shared_couplings(const Group& group, const MatrixOptions& options);

}  // namespace portolan::solver::matrix
