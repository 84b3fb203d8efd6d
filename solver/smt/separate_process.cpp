// SPDX-License-Identifier: Apache-2.0
#include "solver/smt/separate_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace portolan::solver::smt {
namespace {

using Clock = std::chrono::steady_clock;
using Ending = SeparateResult::Ending;

constexpr int failed_status = 1;

void write_all(int file, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = write(file, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(failed_status);
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

/// The child. The number of bytes goes first, so that the parent can tell an answer from a part of one.
[[noreturn]] void answer(const std::function<std::string()>& work, int pipe_end, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(failed_status);  // it died before the line above
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGALRM, SIGPIPE}) {
    std::signal(signal, SIG_DFL);
    sigaddset(&ending, signal);
  }
  sigprocmask(SIG_UNBLOCK, &ending, nullptr);
  // Whatever a library wants to say would stand in the middle of what the parent says.
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) _exit(failed_status);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (standard != pipe_end) dup2(nowhere, standard);
  try {
    const std::string bytes = work();
    const std::uint64_t size = bytes.size();
    char head[sizeof size];
    std::memcpy(head, &size, sizeof size);
    write_all(pipe_end, head, sizeof head);
    write_all(pipe_end, bytes.data(), bytes.size());
  } catch (...) {
    _exit(failed_status);
  }
  _exit(0);
}

/// Milliseconds for poll(), rounded up so that it does not spin before the deadline.
int remaining(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

/// Reads to the end; false at the deadline.
bool read_until(int pipe_end, Clock::time_point deadline, std::string& bytes) {
  char buffer[65536];
  for (;;) {
    pollfd wait{pipe_end, POLLIN, 0};
    const int ready = poll(&wait, 1, remaining(deadline));
    if (ready <= 0) {
      if (ready < 0 && errno != EINTR) return true;
      if (Clock::now() >= deadline) return false;
      continue;
    }
    const ssize_t count = read(pipe_end, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

/// Ends the child, if it has not ended, and takes its status. A status that is set already stays what it is.
int end(pid_t child) {
  kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;  // SIGCHLD is ignored: the system has taken the status
  return status;
}

}  // namespace

SeparateResult run_separately(const std::function<std::string()>& work, Clock::time_point deadline) {
  const auto failed = [](std::string reason) {
    return SeparateResult{Ending::failed, {}, std::move(reason)};
  };
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(fmt::format("no pipe: {}", std::strerror(errno)));
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    answer(work, ends[1], parent);
  }
  const int why = errno;
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return failed(fmt::format("no process: {}", std::strerror(why)));
  }
  std::string received;
  const bool in_time = read_until(ends[0], deadline, received);
  close(ends[0]);
  const int status = end(child);

  std::uint64_t size = 0;
  if (in_time && received.size() >= sizeof size) {
    std::memcpy(&size, received.data(), sizeof size);
    if (received.size() - sizeof size == size) return {Ending::answered, received.substr(sizeof size), {}};
  }
  if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)) return {Ending::late, {}, {}};
  return failed(WIFSIGNALED(status) ? fmt::format("its process was ended by signal {}", WTERMSIG(status))
                                    : std::string("its process ended without an answer"));
}

}  // namespace portolan::solver::smt
