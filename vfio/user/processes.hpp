#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Processes of this machine: started so that they go on when we end, waited for, and ended with all that they
// started. Every wait has a limit. A process is started in a folder, in a session of its own, with nothing to
// read; a name without a slash is looked for in PATH.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/ports/clock.hpp"
#include "model/support/fault.hpp"

namespace portolan::vfio::user {

/// What a process prints goes to the descriptor `out`; negative: nowhere.
Result<pid_t> spawn(const std::vector<std::string>& words, const std::filesystem::path& folder, int out);

/// The exit status, or nothing while it runs; a signal counts as 128 and its number.
std::optional<int> exit_status(pid_t process);
/// The same, waited for.
std::optional<int> wait_for_end(pid_t process, ports::Moment until, ports::Clock& clock);

/// SIGTERM to all that it started; returns when it ended or the limit is over.
void ask_to_end(pid_t process, std::chrono::milliseconds limit, ports::Clock& clock);
/// SIGKILL to all that it started.
void kill_now(pid_t process, ports::Clock& clock);

/// Everything that a command prints until it ends, at most 16 MiB of it. `name` is what messages call it.
struct Printed {
  int status = 0;
  std::string text;
};
Result<Printed> output_of(const std::vector<std::string>& words, const std::filesystem::path& folder,
                          const std::string& name, std::chrono::milliseconds limit, ports::Clock& clock);

/// Runs a command to its end; a fault when it cannot be run, fails, or takes longer. `what` says which it is,
/// for the message.
Result<void> run_command(const std::vector<std::string>& words, const std::filesystem::path& folder,
                         const std::string& what, std::chrono::milliseconds limit, ports::Clock& clock);

/// How long to wait before a process or a socket is looked at again.
inline constexpr std::chrono::milliseconds glance{10};

/// As one would type it, for people.
std::string command_line(const std::vector<std::string>& words);

}  // namespace portolan::vfio::user
