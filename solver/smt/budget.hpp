#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How long Z3 may take: the one place that sets Z3's limits on time and steps, for every solver and fixed
// point of the product. What Z3 does not decide within them is *unknown*; it never becomes a guess. Z3 leaves
// SIGINT to the program, which it would otherwise take for "unknown", and the program would go on.
//
//   const smt::Budget budget(5000);                                 // milliseconds for each query
//   z3::solver solver(context, z3::solver::simple());
//   if (budget.satisfiable(solver)) … solver.get_model() …          // throws z3::exception: not decided
//
// Z3 does not look at its limits everywhere; what must end all the same is asked in a process of its own
// (separate_queries.hpp).

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <z3++.h>

namespace portolan::solver::smt {

/// A limit for each query. A value; it may be used by several solvers.
class Budget {
 public:
  explicit Budget(std::uint32_t milliseconds_max) : milliseconds_max_(milliseconds_max) {}

  std::uint32_t milliseconds_max() const { return milliseconds_max_; }

  /// Time alone, for solvers and fixed points that are asked few and large questions.
  z3::params params(z3::context& context) const;
  /// One of many small queries, to a simple solver: first a number of steps that nearly every query stays
  /// below, because a time limit costs a thread for each query and depends on the machine; only then the
  /// time. Both are set anew for each query, since Z3 counts steps over all of them.
  z3::check_result check(z3::solver& solver) const;
  /// The same where an answer is needed. Throws z3::exception with Z3's reason where there is none.
  bool satisfiable(z3::solver& solver) const;

  /// What a reader is told: `Z3 gave up (limit 5000 ms for each query): timeout`.
  std::string gave_up(const std::string& why) const;

 private:
  friend class SeparateQueries;
  std::uint32_t milliseconds_max_;
  bool ends_process_ = false;  ///< this process is there for the query alone, and ends where Z3 does not
};

/// One limit for all queries of a proof together: each may take what those before it left. It begins when it
/// is made.
class SharedBudget {
 public:
  using Stop = std::function<bool()>;
  /// `stop`, where there is one, ends the proof from outside.
  SharedBudget(std::uint32_t milliseconds_max, Stop stop)
      : milliseconds_max_(milliseconds_max), stop_(std::move(stop)) {}

  /// For the next query. Throws z3::exception: `timeout` where nothing is left, `stopped` after `stop`.
  z3::params params(z3::context& context) const;

 private:
  std::uint32_t milliseconds_max_;
  Stop stop_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace portolan::solver::smt
