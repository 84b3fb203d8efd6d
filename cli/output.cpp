// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <cerrno>
#include <cstring>

namespace portolan::cli {

std::string Output::coloured(std::string_view code, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

void Output::note(std::string_view text) const { streams_.err << text << '\n' << std::flush; }

Exit Output::refuse(const Faults& faults) const {
  for (const auto& fault : faults) note(to_string(fault));
  return Exit::usage;
}

Result<void> Output::flush() {
  errno = 0;
  streams_.out << buffer_ << std::flush;
  buffer_.clear();
  if (streams_.out || errno == EPIPE) return {};
  return fail({FaultCode::unreadable, {"standard output", {}, {}}, fmt::format("cannot be written: {}", std::strerror(errno)), "room for the results",
               "write them somewhere else"});
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

}  // namespace portolan::cli
