// SPDX-License-Identifier: Apache-2.0
#include "cli/stopping.hpp"

#include <unistd.h>

namespace portolan::cli {

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<int> stop_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free, "a signal handler may not wait");

extern "C" void request_stop(int signal) {
  if (stop_requested.exchange(true)) _exit(128 + signal);
  stop_signal = signal;
}

}  // namespace

Stopping::Stopping() {
  stop_requested = false;
  stop_signal = 0;
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, &interrupt_before_);
  sigaction(SIGTERM, &action, &terminate_before_);
}

Stopping::~Stopping() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

const std::atomic<bool>& Stopping::requested() const { return stop_requested; }

std::optional<Exit> Stopping::status() const {
  if (stop_signal == 0) return std::nullopt;
  return stop_signal == SIGTERM ? Exit::terminated : Exit::interrupted;
}

}  // namespace portolan::cli
