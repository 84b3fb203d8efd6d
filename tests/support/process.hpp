#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Runs a program to its end and keeps what it printed, for tests that go through the real binary.

#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace portolan::test {

struct Ended {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

struct Process {
  bool unprivileged = false;  ///< as the user nobody, when the test itself runs as root
  int standard_output = -1;   ///< a file to write to instead; stays open here
};

inline Ended run_program(const std::string& program, const std::vector<std::string>& arguments,
                         const Process& how = {}) {
  int out[2], err[2];
  if (pipe(out) != 0 || pipe(err) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(how.standard_output < 0 ? out[1] : how.standard_output, 1);
    dup2(err[1], 2);
    for (const int end : {out[0], out[1], err[0], err[1]}) close(end);
    constexpr uid_t nobody = 65534;
    if (how.unprivileged && geteuid() == 0 && setuid(nobody) != 0) _exit(125);
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execv(program.c_str(), words.data());
    _exit(126);
  }
  close(out[1]);
  close(err[1]);
  Ended ended;
  pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string* texts[2] = {&ended.out, &ended.err};
  for (int open_ends = 2; open_ends > 0;) {
    poll(ends, 2, -1);
    for (int k = 0; k < 2; ++k) {
      if (ends[k].fd < 0 || ends[k].revents == 0) continue;
      char bytes[65536];
      const ssize_t count = read(ends[k].fd, bytes, sizeof bytes);
      if (count > 0) {
        texts[k]->append(bytes, static_cast<std::size_t>(count));
      } else {
        close(ends[k].fd);
        ends[k].fd = -1;
        --open_ends;
      }
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace portolan::test
