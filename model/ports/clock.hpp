#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The clock of whoever acts on devices: what runs under a port never asks the system for the time itself, so
// that the same code runs in simulated time, and a run of an hour takes milliseconds. `SystemClock` is the
// real one; tests/support/simulated_clock.hpp the other.

#include <chrono>

namespace portolan::ports {

/// Steady time since some moment that means nothing.
using Moment = std::chrono::nanoseconds;
inline constexpr Moment never = Moment::max();

class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back.
  virtual Moment now() const = 0;
  /// Since 1970, UTC, for what people read: may jump either way.
  virtual std::chrono::nanoseconds wall() const = 0;
  /// Returns at that moment or later; at once when it is past.
  virtual void sleep_until(Moment moment) = 0;
};

class SystemClock final : public Clock {
 public:
  Moment now() const override;
  std::chrono::nanoseconds wall() const override;
  void sleep_until(Moment moment) override;
};

}  // namespace portolan::ports
