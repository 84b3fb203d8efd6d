#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Programs that are devices (compatibility.md R11): asked what they publish, started so that they go on when
// we end, and ended. Every wait has a limit.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/migration_info.hpp"

namespace portolan::vfio {

/// A device program of ours.
struct StartedProgram {
  pid_t process = -1;
  std::filesystem::path socket, log;
};

// Programs and commands are started in `folder`; a name without a slash is looked for in PATH.

/// What a program says to `--print-migration-info-json`.
Result<compat::MigrationInfo> published_by(const std::vector<std::string>& words,
                                           const std::filesystem::path& folder,
                                           std::chrono::milliseconds limit);

/// Starts the program with `--socket` and these arguments, in a session of its own and with its output in the
/// log, and waits until it listens.
Result<StartedProgram> start_device(std::vector<std::string> words, const std::filesystem::path& folder,
                                    const std::filesystem::path& socket, const std::filesystem::path& log,
                                    const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds limit);
/// SIGTERM to all that the program started, and SIGKILL after the limit. False when something still listens
/// on its socket.
bool end_program(const StartedProgram& program, std::chrono::milliseconds limit);
/// Whether nobody listens there any more, or stops to within the limit.
bool nobody_listens(const std::filesystem::path& socket, std::chrono::milliseconds limit);

/// Runs a command to its end; a fault when it cannot be run, fails, or takes longer. `what` says which it is,
/// for the message.
Result<void> run_command(const std::vector<std::string>& words, const std::filesystem::path& folder,
                         const std::string& what, std::chrono::milliseconds limit);

/// `--m-memory=4096`: bool as on and off.
std::string parameter_option(const std::string& name, const compat::Value& value);
/// As one would type it, for people.
std::string command_line(const std::vector<std::string>& words);

}  // namespace portolan::vfio
