#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// SIGINT and SIGTERM for a command that must not be left in the middle, because a stopped device has to be brought back
// first: while one of these lives, a signal is only noted.

#include <atomic>

namespace portolan::cli {

class Interruption {
 public:
  Interruption() { in_hand = true; }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() { in_hand = false; }

  /// The signal that came, or 0.
  int signal() const { return noted; }

  /// For the handler of main.cpp: true when the signal was noted. Async-signal-safe.
  static bool take(int signal) {
    if (!in_hand) return false;
    noted = signal;
    return true;
  }

 private:
  static inline std::atomic<bool> in_hand = false;
  static inline std::atomic<int> noted = 0;
  static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);
};

}  // namespace portolan::cli
