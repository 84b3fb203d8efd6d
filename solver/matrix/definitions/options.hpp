#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the matrix is decided: by which rules, by which procedure, and how much it may take.

#include <cstdint>

#include "model/compat/check.hpp"
#include "solver/engine.hpp"

namespace portolan::solver::matrix {

struct MatrixOptions {
  compat::Scheme scheme = compat::Scheme::rfc_v3;
  Engine engine = Engine::automatic;
  std::uint32_t z3_milliseconds_max = 5000;  ///< for each query (solver/smt/budget.hpp)
  std::uint64_t enumerated_max = 4096;  ///< configurations of a coupling that `automatic` still enumerates
  std::uint64_t enumerated_direct_max = 65536;  ///< the same for `direct` and `both`

  /// Whether the destination's constraints count (C6).
  bool strict() const { return compat::is_strict(scheme); }
  /// Whether all that the catalogue says counts (R13).
  bool declared() const { return scheme == compat::Scheme::declared; }
  /// Whether Z3 is asked about each pair as a whole.
  bool asks_whole_pairs() const { return engine == Engine::z3 || engine == Engine::both; }
};

}  // namespace portolan::solver::matrix
