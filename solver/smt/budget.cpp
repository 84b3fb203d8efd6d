// SPDX-License-Identifier: Apache-2.0
#include "solver/smt/budget.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/time.h>

namespace portolan::solver::smt {
namespace {

constexpr unsigned steps_max = 20'000;

/// Zero steps: as many as there is time for.
z3::params limits(z3::context& context, unsigned steps, unsigned milliseconds) {
  z3::params params(context);
  params.set("ctrl_c", false);
  params.set("rlimit", steps);
  params.set("timeout", milliseconds);
  return params;
}

/// Z3 does not look at every allocation: it is told how much there is to have, so that it gives up before.
void keep_within_the_systems_memory() {
  [[maybe_unused]] static const bool told = [] {
    rlimit addresses{};
    if (getrlimit(RLIMIT_AS, &addresses) != 0 || addresses.rlim_cur == RLIM_INFINITY) return false;
    constexpr std::uint64_t share = 2, least = 16;
    const std::uint64_t megabytes = std::max(least, (addresses.rlim_cur >> 20) / share);
    z3::set_param("memory_max_size", static_cast<int>(std::min<std::uint64_t>(megabytes, 1u << 30)));
    return true;
  }();
}

/// A little later than Z3's own limit, which leaves the better reason where Z3 looks at it.
void end_this_process_after(std::uint32_t milliseconds_max) {
  const std::uint64_t milliseconds = std::uint64_t{milliseconds_max} + milliseconds_max / 8 + 10;
  const itimerval once{
      {0, 0},
      {static_cast<time_t>(milliseconds / 1000), static_cast<suseconds_t>(milliseconds % 1000 * 1000)}};
  setitimer(ITIMER_REAL, &once, nullptr);
}

}  // namespace

// No step limit is set here: a fixed point has no such parameter.
z3::params Budget::params(z3::context& context) const {
  keep_within_the_systems_memory();
  z3::params params(context);
  params.set("ctrl_c", false);
  params.set("timeout", milliseconds_max_);
  return params;
}

z3::check_result Budget::check(z3::solver& solver) const {
  keep_within_the_systems_memory();
  if (ends_process_) end_this_process_after(milliseconds_max_);
  solver.set(limits(solver.ctx(), steps_max, std::numeric_limits<unsigned>::max()));
  const z3::check_result result = solver.check();
  if (result != z3::unknown) return result;
  solver.set(limits(solver.ctx(), 0, milliseconds_max_));
  return solver.check();
}

bool Budget::satisfiable(z3::solver& solver) const {
  const z3::check_result result = check(solver);
  if (result == z3::unknown) throw z3::exception(solver.reason_unknown().c_str());
  return result == z3::sat;
}

std::string Budget::gave_up(const std::string& why) const {
  return fmt::format("Z3 gave up (limit {} ms for each query): {}", milliseconds_max_, why);
}

z3::params SharedBudget::params(z3::context& context) const {
  const auto spent =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun_)
          .count();
  if (spent >= std::int64_t{milliseconds_max_}) throw z3::exception("timeout");
  if (stop_ && stop_()) throw z3::exception("stopped");
  return Budget(static_cast<std::uint32_t>(std::int64_t{milliseconds_max_} - spent)).params(context);
}

}  // namespace portolan::solver::smt
