// SPDX-License-Identifier: Apache-2.0
#include "model/ports/clock.hpp"

#include <thread>

namespace portolan::ports {

Moment SystemClock::now() const { return std::chrono::steady_clock::now().time_since_epoch(); }

std::chrono::nanoseconds SystemClock::wall() const {
  return std::chrono::system_clock::now().time_since_epoch();
}

void SystemClock::sleep_until(Moment moment) {
  std::this_thread::sleep_until(std::chrono::steady_clock::time_point(moment));
}

}  // namespace portolan::ports
