#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One source against many destinations where constraints alone decide (R6/C6), and every implementation has
// constraints of its own, so that pairs share no couplings. One incremental solver holds the source; each
// destination is one question, pushed and popped. Configurations that were found are kept and tried on the
// next destination first, so that Z3 is mostly asked where every configuration is accepted. Z3's exceptions
// end here. Not thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "solver/matrix/coupling/coupling.hpp"

namespace portolan::solver::matrix {

class Z3OwnConstraints {
 public:
  explicit Z3OwnConstraints(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3OwnConstraints();

  /// Whether constraints of this implementation can be asked about here: no texts, and no products of
  /// parameters.
  static bool fits(const compat::End& end);

  /// Begins with another source. `parameters` are those that constraints of any implementation mention, as
  /// far as the source knows them.
  void begin(const compat::End& source, const std::vector<std::string>& parameters);
  /// For a destination that takes every value of these parameters as it is, and whose constraints mention
  /// none that the source lacks. Those that are not `open` hold for every configuration of the source.
  CouplingAnswer decide(const compat::End& destination, const std::vector<const rules::Expression*>& open);
  std::size_t queries() const;  ///< put to Z3 so far

 private:
  struct State;
  std::uint32_t milliseconds_max_;
  std::unique_ptr<State> state_;  ///< made when it begins: to make one takes longer than many queries
};

}  // namespace portolan::solver::matrix
