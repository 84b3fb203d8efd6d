#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the matrix says of one ordered pair of implementations, over all configurations of the source
// (docs/rules.md, R2 to R6), and how often it says so.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portolan::solver::matrix {

/// How the configurations of the source fare: all accepted, some accepted and some rejected, none but
/// rejected ones. Undetermined: R2 leaves it open, the source has no configuration, or a procedure gave up.
enum class RelationKind : std::uint8_t { all, some, none, undetermined };
std::string_view name_of(RelationKind kind);

/// The counters of `portolan matrix`.
struct MatrixSummary {
  std::size_t pairs = 0;
  std::size_t fresh_accept = 0, fresh_reject = 0, fresh_undetermined = 0;
  std::size_t relation_all = 0, relation_some = 0, relation_none = 0, relation_undetermined = 0;
  std::size_t disagreements =
      0;  ///< with `Engine::both`: cells on which the procedures differ, an error of ours
};

}  // namespace portolan::solver::matrix
