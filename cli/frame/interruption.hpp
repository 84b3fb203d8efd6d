#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// SIGINT, SIGTERM and SIGHUP for a command that must not be left in the middle, because a stopped device has
// to be brought back, a database completed, or what was found so far said: while one of these lives, the
// first signal is only noted; a second one ends the program at once. One at a time.

#include <atomic>
#include <optional>

#include "cli/frame/streams.hpp"

namespace portolan::cli {

class Interruption {
 public:
  /// What is in hand: `devices` have to be asked where the program cannot go on.
  enum class Holds { work, devices };

  explicit Interruption(Holds holds = Holds::work) {
    noted = 0;
    asked = false;
    devices = holds == Holds::devices;
    in_hand = true;
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() { in_hand = false; }

  /// The signal that came, or 0.
  int signal() const { return noted; }
  /// True from the first signal on, for threads that look at it.
  const std::atomic<bool>& requested() const { return asked; }
  /// 128 and the signal's number; empty where none came.
  std::optional<Exit> status() const {
    return noted == 0 ? std::nullopt : std::optional(static_cast<Exit>(128 + noted));
  }

  /// The signal that came to whichever of these lives now, or 0.
  static int noted_now() { return in_hand ? noted.load() : 0; }

  /// How the program ends when a file that it has mapped (SQLite's shared memory) is cut short by somebody
  /// else.
  static Exit status_of_cut_file() { return in_hand && devices ? Exit::stopped : Exit::usage; }

  /// For the handler of main.cpp: true when the signal was noted. Async-signal-safe.
  static bool take(int signal) {
    if (!in_hand || asked) return false;
    noted = signal;
    asked = true;
    return true;
  }

 private:
  static inline std::atomic<bool> in_hand = false, asked = false, devices = false;
  static inline std::atomic<int> noted = 0;
  static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);
};

}  // namespace portolan::cli
