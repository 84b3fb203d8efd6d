#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Queries during which Z3 may not look at its limits: where a constraint multiplies parameters with each
// other, it may expand polynomials for minutes. A child process answers, which ends when a query takes longer
// than the limit (and an eighth) or the whole question twice that. Each time that it had to be ended the next
// question has half the time, down to an eighth, so that a catalogue of such questions ends.
//
// Not thread-safe, and no other thread may be inside Z3 while a child is made (separate_process.hpp).

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "solver/smt/budget.hpp"
#include "solver/smt/separate_process.hpp"

namespace portolan::solver::smt {

class SeparateQueries {
 public:
  explicit SeparateQueries(std::uint32_t milliseconds_max)
      : milliseconds_max_(milliseconds_max), next_milliseconds_max_(milliseconds_max) {}

  /// `work(Budget)` makes bytes in the child, `read(bytes)` an optional answer of them here. Else it is
  /// `unknown`, with `reason` set.
  template <class Answer, class Work, class Read>
  Answer ask(Answer unknown, const Work& work, const Read& read) {
    Budget budget(next_milliseconds_max_);
    budget.ends_process_ = true;
    const SeparateResult result =
        run_separately([&] { return work(std::as_const(budget)); },
                       std::chrono::steady_clock::now() +
                           std::chrono::milliseconds(std::uint64_t{budget.milliseconds_max()} * 2));
    if (result.ending == SeparateResult::Ending::answered) {
      if (std::optional<Answer> answer = read(result.bytes)) return *std::move(answer);
      unknown.reason = budget.gave_up("the answer of its process cannot be read");
      return unknown;
    }
    next_milliseconds_max_ = std::max({next_milliseconds_max_ / 2, milliseconds_max_ / 8, std::uint32_t{1}});
    unknown.reason = budget.gave_up(result.reason.empty() ? "products of parameters"
                                                          : "products of parameters; " + result.reason);
    return unknown;
  }

 private:
  std::uint32_t milliseconds_max_, next_milliseconds_max_;
};

}  // namespace portolan::solver::smt
