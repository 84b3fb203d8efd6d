// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/last_resort.hpp"

#include <algorithm>
#include <fstream>

#include <unistd.h>

#include "cli/frame/interruption.hpp"

namespace portolan::cli {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// What the program holds, in bytes; 0 where the system does not say.
std::uint64_t held() {
  std::uint64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// A bound is the searches' to keep to. What they hold beside their states, and what the program is itself,
/// is not counted there.
std::uint64_t far_more_than(std::uint64_t bytes) { return bytes + bytes / 4 + (std::uint64_t{256} << 20); }

}  // namespace

LastResort::LastResort(const Output& output, const Bounds& bounds)
    : output_(output), bounds_(bounds), thread_([this](const std::stop_token& end) { watch(end); }) {}

void LastResort::answered() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void LastResort::watch(const std::stop_token& end) {
  constexpr auto patience = 5s;  // with a signal: a search says what it found until then
  const auto allowance = std::max<Clock::duration>(
      500ms,
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(bounds_.seconds_max * 0.1)));
  std::optional<Clock::time_point> asked;
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    ends_.wait_for(lock, end, 100ms, [] { return false; });
    if (end.stop_requested()) return;
    const auto now = Clock::now();
    const auto give_up = [&](const char* why, int status) {
      output_.note(std::string("portolan: ended ") + why +
                   ": the input takes longer to prepare than that; nothing was decided, nothing is stored");
      _exit(status);
    };
    if (bounds_.deadline && now > *bounds_.deadline + allowance)
      give_up("at --time", static_cast<int>(Exit::undetermined));
    if (bounds_.bytes_max > 0 && held() > far_more_than(bounds_.bytes_max))
      give_up("at --memory", static_cast<int>(Exit::undetermined));
    if (const int signal = Interruption::noted_now(); signal != 0) {
      if (!asked) asked = now;
      if (now - *asked > patience) give_up("by a signal", 128 + signal);
    }
  }
}

}  // namespace portolan::cli
