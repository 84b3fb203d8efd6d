#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A clean stop of a command that works for long: while one of these lives, SIGINT and SIGTERM set a flag that the command looks at; a second
// signal ends the program at once, as it would without. One at a time.

#include <atomic>
#include <csignal>
#include <optional>

#include "cli/run.hpp"

namespace portolan::cli {

class Stopping {
 public:
  Stopping();
  ~Stopping();
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

  /// True from the first signal on.
  const std::atomic<bool>& requested() const;
  /// 128 and the signal's number; empty where none came.
  std::optional<Exit> status() const;

 private:
  struct sigaction interrupt_before_ {}, terminate_before_ {};
};

}  // namespace portolan::cli
