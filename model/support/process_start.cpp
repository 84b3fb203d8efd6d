// SPDX-License-Identifier: Apache-2.0
#include "model/support/process_start.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

namespace portolan {

// Field 22 of /proc/PID/stat; the second is the program's name in parentheses, which may hold anything.
std::string process_start(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int k = 3; k <= 22; ++k) fields >> field;
  return fields ? field : std::string();
}

}  // namespace portolan
