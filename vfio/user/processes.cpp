// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/processes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include <fmt/format.h>

#include "vfio/user/socket.hpp"

extern char** environ;

namespace portolan::vfio::user {

namespace {

constexpr std::chrono::seconds kill_limit{5};  ///< for the kernel to end what was killed
constexpr int signal_status = 128;             ///< as shells count: and the signal's number

Fault cannot(const std::string& name, std::string finding, std::string expectation, std::string remedy) {
  return {
      FaultCode::unreadable, {name, {}, {}}, std::move(finding), std::move(expectation), std::move(remedy)};
}

}  // namespace

Result<pid_t> spawn(const std::vector<std::string>& words, const std::filesystem::path& folder, int out) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (out >= 0)
      posix_spawn_file_actions_adddup2(&actions, out, stream);
    else
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // What we ignore or block is no concern of the program's.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(
      &attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  pid_t process = -1;
  const int error = posix_spawnp(&process, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return fail(cannot(words[0], fmt::format("cannot be started: {}", std::strerror(error)), "a program",
                       "check the path and its permissions"));
  return process;
}

std::optional<int> exit_status(pid_t process) {
  int status = 0;
  const pid_t got = waitpid(process, &status, WNOHANG);
  if (got == 0) return std::nullopt;
  if (got < 0) return errno == ECHILD ? std::optional(0) : std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : signal_status + WTERMSIG(status);
}

std::optional<int> wait_for_end(pid_t process, ports::Moment until, ports::Clock& clock) {
  for (;;) {
    if (const auto status = exit_status(process)) return status;
    if (clock.now() >= until) return std::nullopt;
    clock.sleep_until(clock.now() + glance);
  }
}

void ask_to_end(pid_t process, std::chrono::milliseconds limit, ports::Clock& clock) {
  kill(-process, SIGTERM);
  wait_for_end(process, clock.now() + limit, clock);
}

// Every program has a session of its own, so a wrapper's child ends with it.
void kill_now(pid_t process, ports::Clock& clock) {
  kill(-process, SIGKILL);
  wait_for_end(process, clock.now() + kill_limit, clock);
}

Result<Printed> output_of(const std::vector<std::string>& words, const std::filesystem::path& folder,
                          const std::string& name, std::chrono::milliseconds limit, ports::Clock& clock) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0)
    return fail(cannot(name, fmt::format("cannot be asked: {}", std::strerror(errno)), {}, {}));
  const Descriptor in(pipe_ends[0]);
  Descriptor out(pipe_ends[1]);
  const auto process = spawn(words, folder, out.get());
  out.close();
  if (!process) return fail(process.error());
  const Deadline deadline = Clock::now() + limit;
  const ports::Moment until = clock.now() + limit;
  Printed printed;
  constexpr std::size_t text_max = 16 << 20, piece_bytes = 4096;
  for (char buffer[piece_bytes]; printed.text.size() <= text_max;) {
    if (wait_for(in.get(), POLLIN | POLLHUP, deadline) != Wait::ready) break;
    const ssize_t got = read(in.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    printed.text.append(buffer, static_cast<std::size_t>(got));
  }
  const auto status = wait_for_end(*process, until, clock);
  if (!status) {
    kill_now(*process, clock);
    return fail(cannot(name, fmt::format("has not ended after {} s", limit.count() / 1000),
                       "migration information", {}));
  }
  printed.status = *status;
  return printed;
}

Result<void> run_command(const std::vector<std::string>& words, const std::filesystem::path& folder,
                         const std::string& what, std::chrono::milliseconds limit, ports::Clock& clock) {
  const auto process = spawn(words, folder, -1);
  if (!process) return fail(process.error());
  const auto status = wait_for_end(*process, clock.now() + limit, clock);
  if (!status) {
    kill_now(*process, clock);
    return fail(cannot(command_line(words),
                       fmt::format("{} has not ended after {} s", what, limit.count() / 1000), {}, {}));
  }
  if (*status != 0)
    return fail(
        cannot(command_line(words), fmt::format("{} ended with status {}", what, *status), "status 0", {}));
  return {};
}

std::string command_line(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") +
            (word.find_first_of(" \t'\"") == std::string::npos && !word.empty() ? word : "'" + word + "'");
  return text;
}

}  // namespace portolan::vfio::user
