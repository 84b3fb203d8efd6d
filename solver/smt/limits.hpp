#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A time limit for many small queries to one solver: first a number of steps that nearly every query stays
// below, because a time limit costs a thread for each query and depends on the machine; only then the time.
// SIGINT is left to the program.

#include <cstdint>
#include <limits>

#include <z3++.h>

namespace portolan::solver::smt {

inline void limit_steps(z3::solver& solver, z3::context& context) {
  constexpr unsigned steps_max = 20'000;
  z3::params params(context);
  params.set("ctrl_c", false);
  params.set("rlimit", steps_max);
  params.set("timeout", std::numeric_limits<unsigned>::max());
  solver.set(params);
}

/// For a simple solver. The steps are set anew for each query, since they are counted over all of them.
inline z3::check_result check_within(z3::solver& solver, z3::context& context,
                                     std::uint32_t milliseconds_max) {
  limit_steps(solver, context);
  z3::check_result result = solver.check();
  if (result != z3::unknown) return result;
  z3::params params(context);
  params.set("ctrl_c", false);
  params.set("rlimit", 0u);
  params.set("timeout", milliseconds_max);
  solver.set(params);
  return solver.check();
}

}  // namespace portolan::solver::smt
