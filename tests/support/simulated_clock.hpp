#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until somebody lets time pass: an hour takes no time, and every run is the same.

#include <algorithm>

#include "model/ports/clock.hpp"

namespace portolan::test {

class SimulatedClock final : public ports::Clock {
 public:
  ports::Moment now() const override { return now_; }
  std::chrono::nanoseconds wall() const override { return std::chrono::hours(24 * 365 * 50) + now_; }
  void sleep_until(ports::Moment moment) override { now_ = std::max(now_, moment); }
  void pass(std::chrono::nanoseconds time) { now_ += time; }

 private:
  ports::Moment now_{};
};

}  // namespace portolan::test
