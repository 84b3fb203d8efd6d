// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/process.hpp"

#include <array>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace portolan::cli {

namespace {

std::string host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// Field 22 of /proc/PID/stat; the second is the program's name in parentheses, which may hold anything.
/// Empty without such a process.
std::string start_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int k = 3; k <= 22; ++k) fields >> field;
  return fields ? field : std::string();
}

}  // namespace

std::string this_process() {
  const std::string pid = std::to_string(getpid());
  return host() + " " + pid + " " + start_of(pid);
}

Alive is_alive(const std::string& process) {
  std::istringstream fields(process);
  std::string on, pid, start;
  fields >> on >> pid >> start;
  if (on != host()) return Alive::elsewhere;
  return !start.empty() && start_of(pid) == start ? Alive::yes : Alive::no;
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
