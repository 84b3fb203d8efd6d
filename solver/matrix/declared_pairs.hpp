#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Pairs of which the catalogue says more than parameters and constraints (R13): state, interface, blocks,
// what is taken in, profiles and what was observed at them. All configurations are decided by formulas
// (solver/answering), and those few that are configurations of a profile one by one, by the reference. Not
// thread-safe.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/judging/all_known.hpp"
#include "solver/answering/answering.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/options.hpp"
#include "solver/matrix/definitions/relation.hpp"

namespace portolan::solver::matrix {

/// Why a pair that speaks by aliases is undetermined over all configurations (MemberPair::by_alias).
std::string why_not_by_alias(const MemberPair& pair);

class DeclaredPairs {
 public:
  explicit DeclaredPairs(const MatrixOptions& options);

  struct Decided {
    compat::Decision fresh = compat::Decision::accept;  ///< of the source's init values
    RelationKind relation = RelationKind::undetermined;
    std::string reason;  ///< of `undetermined`, in one sentence
  };
  Decided decide(const MemberPair& pair);
  /// The smallest configuration that is rejected; empty where there is none, or where it is not known.
  std::optional<compat::Configuration> witness(const MemberPair& pair);
  /// What rejects some configuration: rule and what it is about, as in `loads rings`; then each reason at a
  /// profile.
  std::vector<std::string> culprits(const MemberPair& pair);

  /// What Z3 is asked for `decide`, as SMT-LIB 2 with the answers: files whose names begin with `name`, and
  /// their number. Throws std::filesystem::filesystem_error.
  std::size_t write_queries(const MemberPair& pair, const std::filesystem::path& folder,
                            const std::string& name);

  std::size_t questions() const { return answers_.questions(); }
  std::size_t disagreements() const { return answers_.disagreements(); }

 private:
  answering::Answers answers_;
};

}  // namespace portolan::solver::matrix
