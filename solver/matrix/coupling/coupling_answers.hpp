#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Decides couplings by the engine that the options name, by enumeration while they are small or by Z3, and
// keeps the answers: two couplings that say the same have the same answer, whichever implementations they
// come from. Not thread-safe.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "solver/matrix/coupling/coupling.hpp"
#include "solver/matrix/coupling/coupling_z3.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/matrix/definitions/options.hpp"

namespace portolan::solver::matrix {

class CouplingAnswers {
 public:
  /// The options must outlive it.
  explicit CouplingAnswers(const MatrixOptions& options)
      : options_(options), z3_(options.z3_milliseconds_max) {}

  /// Asked anew, for those who keep the answer themselves.
  CouplingAnswer decide(const Coupling& coupling);
  /// `coupling` is one of the pair's.
  const CouplingAnswer& answer(const MemberPair& pair, const Coupling& coupling);
  const CouplingWitness& witness(const MemberPair& pair, const Coupling& coupling);
  /// The pair as a whole, by Z3 whatever the options say.
  const CouplingAnswer& whole_pair_by_z3(const MemberPair& pair);

  std::size_t questions() const { return questions_; }  ///< distinct ones that were decided

 private:
  bool enumerates(const Coupling& coupling) const;

  const MatrixOptions& options_;
  Z3Couplings z3_;
  std::size_t questions_ = 0;
  std::unordered_map<std::string, CouplingAnswer> answers_, whole_pairs_;
  std::unordered_map<std::string, CouplingWitness> witnesses_;
};

}  // namespace portolan::solver::matrix
