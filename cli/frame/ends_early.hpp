#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// When a run that is pulled step by step ends before its end: at the first signal, or at the deadline of its
// command. A thread looks, because whoever runs it asks one flag only.

#include <atomic>
#include <chrono>
#include <thread>

#include "cli/frame/interruption.hpp"

namespace portolan::cli {

class EndsEarly {
 public:
  /// `seconds_max`: from `begun` on; 0: no bound.
  EndsEarly(std::chrono::steady_clock::time_point begun, double seconds_max) {
    if (seconds_max > 0)
      deadline_ = begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double>(seconds_max));
    thread_ = std::jthread([this](const std::stop_token& end) {
      while (!end.stop_requested() && !now_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        late_ = deadline_ && std::chrono::steady_clock::now() >= *deadline_;
        now_ = late_ || interruption_.requested();
      }
    });
  }
  EndsEarly(const EndsEarly&) = delete;
  EndsEarly& operator=(const EndsEarly&) = delete;

  const std::atomic<bool>& now() const { return now_; }
  /// The status of what was ended so; empty where nothing ended it.
  std::optional<Exit> status() const {
    if (const auto signalled = interruption_.status()) return signalled;
    return late_ ? std::optional(Exit::undetermined) : std::nullopt;
  }

 private:
  const Interruption interruption_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::atomic<bool> now_ = false, late_ = false;
  std::jthread thread_;
};

}  // namespace portolan::cli
