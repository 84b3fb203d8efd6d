#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The fate of one parameter's values (fate.hpp) decided by Z3 from the rules, for the matrix engine
// `z3-joined`: what Z3 says of each distinct pair of definitions is joined over all pairs of implementations,
// since a pair of implementations is made of pairs of definitions. One incremental solver asks all of it.

#include <cstdint>
#include <memory>
#include <optional>

#include "solver/matrix/fate.hpp"

namespace portolan::solver::matrix {

class Z3Fates {
 public:
  explicit Z3Fates(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3Fates();

  /// Without `least_rejected`. `destination` is null where it does not know the name. Empty where Z3 gave up.
  std::optional<Fate> decide(compat::Scheme scheme, const compat::Parameter& source,
                             const compat::Parameter* destination);
  std::size_t queries() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::matrix
