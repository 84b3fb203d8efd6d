#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The end of a command that does not end by itself. Searches keep to their bounds and hear a signal, but not
// every loop on the way to one can ask: reading a file with three million values, or building what a scenario
// says. So a thread looks, and when --time has passed by a tenth, when the program holds far more than
// --memory, or when a signal was not heard for some seconds, it says so and ends the program: nothing was
// decided, and nothing is stored. From `answered` on results are printed and kept, and it lets that happen.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "cli/frame/output.hpp"

namespace portolan::cli {

class LastResort {
 public:
  struct Bounds {
    std::optional<std::chrono::steady_clock::time_point> deadline;
    double seconds_max = 0;       ///< which that deadline ends
    std::uint64_t bytes_max = 0;  ///< 0: no bound
  };
  LastResort(const Output& output, const Bounds& bounds);
  ~LastResort() { answered(); }
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

  /// What was asked is decided.
  void answered();

 private:
  const Output& output_;
  Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable_any ends_;
  std::jthread thread_;

  void watch(const std::stop_token& end);
};

}  // namespace portolan::cli
