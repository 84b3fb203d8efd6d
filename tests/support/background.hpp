#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A program that runs beside a test: a device, or a peer. It is killed at the end, whatever happened.

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace portolan::test {

class Background {
 public:
  Background(const std::string& program, const std::vector<std::string>& arguments) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(in[0], 0);
      dup2(out[1], 1);
      std::vector<char*> words{const_cast<char*>(program.c_str())};
      for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      execvp(program.c_str(), words.data());
      _exit(126);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() {
    end(SIGKILL);
    close(out_);
  }

  /// The next line of its standard output, without its end; empty when there is none any more.
  std::string line() {
    for (;;) {
      if (const auto end = text_.find('\n'); end != std::string::npos) {
        std::string result = text_.substr(0, end);
        text_.erase(0, end + 1);
        return result;
      }
      char bytes[65536];
      const ssize_t count = read(out_, bytes, sizeof bytes);
      if (count <= 0) return {};
      text_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  /// Its standard input ends.
  void close_input() {
    if (in_ >= 0) close(in_);
    in_ = -1;
  }
  void signal(int number) {
    if (child_ > 0) kill(child_, number);
  }
  pid_t id() const { return child_; }
  /// Sends the signal (0: none) and waits; exit status, or 128 + signal.
  int end(int number = SIGTERM) {
    close_input();
    if (child_ <= 0) return status_;
    if (number != 0) kill(child_, number);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0) {}
    child_ = -1;
    return status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t child_ = -1;
  int in_ = -1, out_ = -1, status_ = -1;
  std::string text_;
};

}  // namespace portolan::test
