// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/programs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "model/files/document.hpp"
#include "model/support/text.hpp"
#include "vfio/socket.hpp"

extern char** environ;

namespace portolan::vfio {

namespace {

constexpr std::chrono::milliseconds glance{10};

struct SpawnOptions {
  const std::filesystem::path& folder;
  int out = -1;  ///< -1: nowhere
};

Result<pid_t> spawn(const std::vector<std::string>& words, const SpawnOptions& options) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (options.out >= 0)
      posix_spawn_file_actions_adddup2(&actions, options.out, stream);
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
    return fail(Fault{FaultCode::unreadable,
                      {words[0], {}, {}},
                      fmt::format("cannot be started: {}", std::strerror(error)),
                      "a program",
                      "check the path and its permissions"});
  return process;
}

/// The exit status, or nothing while it runs; a signal counts as 128 and its number.
std::optional<int> ended(pid_t process) {
  int status = 0;
  const pid_t got = waitpid(process, &status, WNOHANG);
  if (got == 0) return std::nullopt;
  if (got < 0) return errno == ECHILD ? std::optional(0) : std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::optional<int> wait_until(pid_t process, Deadline deadline) {
  for (;;) {
    if (const auto status = ended(process)) return status;
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(glance);
  }
}

/// With all that it started: every program has a session of its own, so a wrapper's child ends with it.
void kill_now(pid_t process) {
  kill(-process, SIGKILL);
  wait_until(process, Clock::now() + std::chrono::seconds(5));
}

/// The end of a log, for a message.
std::string last_of(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::string line, last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  constexpr std::size_t shown_max = 300;
  return printable(last.substr(0, shown_max));
}

}  // namespace

std::string command_line(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") +
            (word.find_first_of(" \t'\"") == std::string::npos && !word.empty() ? word : "'" + word + "'");
  return text;
}

std::string parameter_option(const std::string& name, const compat::Value& value) {
  const bool* truth = std::get_if<bool>(&value);
  return "--m-" + name + "=" + (truth != nullptr ? (*truth ? "on" : "off") : compat::to_string(value));
}

Result<compat::MigrationInfo> published_by(const std::vector<std::string>& words,
                                           const std::filesystem::path& folder,
                                           std::chrono::milliseconds limit) {
  const std::string name = command_line(words) + " --print-migration-info-json";
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0)
    return fail(Fault{FaultCode::unreadable,
                      {name, {}, {}},
                      fmt::format("cannot be asked: {}", std::strerror(errno)),
                      {},
                      {}});
  const Descriptor in(pipe_ends[0]);
  Descriptor out(pipe_ends[1]);
  std::vector<std::string> asked = words;
  asked.emplace_back("--print-migration-info-json");
  const auto process = spawn(asked, {folder, out.get()});
  out.close();
  if (!process) return fail(process.error());
  const Deadline deadline = Clock::now() + limit;
  std::string text;
  constexpr std::size_t text_max = 16 << 20;
  for (char buffer[4096]; text.size() <= text_max;) {
    if (wait_for(in.get(), POLLIN | POLLHUP, deadline) != Wait::ready) break;
    const ssize_t got = read(in.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  const auto status = wait_until(*process, deadline);
  if (!status) {
    kill_now(*process);
    return fail(Fault{FaultCode::unreadable,
                      {name, {}, {}},
                      fmt::format("has not ended after {} s", limit.count() / 1000),
                      "migration information",
                      {}});
  }
  if (*status != 0)
    return fail(Fault{FaultCode::unreadable,
                      {name, {}, {}},
                      fmt::format("ended with status {}: {}", *status, printable(text.substr(0, 300))),
                      "migration information (R11)",
                      {}});
  auto document = files::parse_document(text, name, files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  return compat::migration_info_from(document->root, name, "");
}

Result<StartedProgram> start_device(std::vector<std::string> words, const std::filesystem::path& folder,
                                    const std::filesystem::path& socket, const std::filesystem::path& log,
                                    const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds limit) {
  std::error_code error;
  std::filesystem::create_directories(socket.parent_path(), error);
  const Descriptor out(open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600));
  if (!out)
    return fail(Fault{FaultCode::unreadable,
                      {log.string(), {}, {}},
                      fmt::format("cannot be written: {}", std::strerror(errno)),
                      "a directory that may be written",
                      "check hosts.HOST.directory of the inventory"});
  words.emplace_back("--socket");
  words.push_back(socket.string());
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto process = spawn(words, {folder, out.get()});
  if (!process) return fail(process.error());
  StartedProgram started{*process, socket, log};
  const Deadline deadline = Clock::now() + limit;
  for (;;) {
    if (Socket::connect(socket, Clock::now() + std::chrono::seconds(1))) return started;
    if (const auto status = ended(*process))
      return fail(Fault{FaultCode::unreadable,
                        {command_line(words), {}, {}},
                        fmt::format("ended with status {}: {}", *status, last_of(log)),
                        "a device that listens",
                        fmt::format("see {}", log.string())});
    if (Clock::now() >= deadline) {
      kill_now(*process);
      return fail(Fault{FaultCode::unreadable,
                        {command_line(words), {}, {}},
                        fmt::format("does not listen after {} s", limit.count() / 1000),
                        "a device that listens",
                        fmt::format("see {}", log.string())});
    }
    std::this_thread::sleep_for(glance);
  }
}

bool nobody_listens(const std::filesystem::path& socket, std::chrono::milliseconds limit) {
  const Deadline deadline = Clock::now() + limit;
  for (;;) {
    const auto connected = Socket::connect(socket, Clock::now() + std::chrono::milliseconds(200));
    if (!connected && connected.error().trouble == Trouble::closed) return true;
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(glance);
  }
}

bool end_program(const StartedProgram& program, std::chrono::milliseconds limit) {
  kill(-program.process, SIGTERM);
  wait_until(program.process, Clock::now() + limit);
  if (nobody_listens(program.socket, limit)) return true;
  kill_now(program.process);
  return nobody_listens(program.socket, limit);
}

Result<void> run_command(const std::vector<std::string>& words, const std::filesystem::path& folder,
                         const std::string& what, std::chrono::milliseconds limit) {
  const auto process = spawn(words, {folder});
  if (!process) return fail(process.error());
  const auto status = wait_until(*process, Clock::now() + limit);
  if (!status) {
    kill_now(*process);
    return fail(Fault{FaultCode::unreadable,
                      {command_line(words), {}, {}},
                      fmt::format("{} has not ended after {} s", what, limit.count() / 1000),
                      {},
                      {}});
  }
  if (*status != 0)
    return fail(Fault{FaultCode::unreadable,
                      {command_line(words), {}, {}},
                      fmt::format("{} ended with status {}", what, *status),
                      "status 0",
                      {}});
  return {};
}

}  // namespace portolan::vfio
