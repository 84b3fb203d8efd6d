// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/process.hpp"

#include <array>
#include <sstream>

#include <unistd.h>

#include "model/support/process_start.hpp"

namespace portolan::cli {

namespace {

std::string host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

std::string this_process() {
  const std::string pid = std::to_string(getpid());
  return host() + " " + pid + " " + process_start(pid);
}

Alive is_alive(const std::string& process) {
  std::istringstream fields(process);
  std::string on, pid, start;
  fields >> on >> pid >> start;
  if (on != host()) return Alive::elsewhere;
  return !start.empty() && process_start(pid) == start ? Alive::yes : Alive::no;
}

std::string state_now(const std::string& state, const std::string& process) {
  if (state != "running") return state;
  switch (is_alive(process)) {
    case Alive::yes: return "running";
    case Alive::no: return "broken-off";
    case Alive::elsewhere: return "running-elsewhere";
  }
  return state;
}

}  // namespace portolan::cli
