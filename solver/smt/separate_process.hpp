#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Work that can be stopped whatever it does: a function runs in a copy of this process until a deadline, and
// what it returns comes back through a pipe. For libraries that do not look at their own time limit. The
// child is killed at the deadline and always waited for, so no process is left behind; it dies with its
// parent. It runs no destructors of this program and no `atexit`, writes nothing to standard output or error,
// and SIGINT and SIGTERM end it.
//
// The function finds only the thread that called; it must not wait for others. It may set itself a shorter
// limit with `setitimer(ITIMER_REAL)`: SIGALRM ends the child, which counts as late.

#include <chrono>
#include <functional>
#include <string>

namespace portolan::solver::smt {

struct SeparateResult {
  enum class Ending { answered, late, failed };
  Ending ending = Ending::failed;
  std::string bytes;   ///< what the function returned, when it answered
  std::string reason;  ///< of a failure: what became of the child, or why there was none
};

/// An exception that leaves the function is a failure.
SeparateResult run_separately(const std::function<std::string()>& work,
                              std::chrono::steady_clock::time_point deadline);

}  // namespace portolan::solver::smt
