// SPDX-License-Identifier: Apache-2.0
#include "model/support/whole_file.hpp"

#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace portolan {

Result<void> write_whole(const std::filesystem::path& file, const std::string& text,
                         const std::string& option) {
  const std::filesystem::path beside = file.string() + fmt::format(".{}.new", getpid());
  const auto refused = [&](std::string finding, std::string expectation) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return fail(Fault{FaultCode::unreadable,
                      {file.string(), {}, {}},
                      std::move(finding),
                      std::move(expectation),
                      "name another file with " + option});
  };
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) return refused("cannot be written", "a place in a folder that may be written, with room");
  }
  std::error_code error;
  std::filesystem::rename(beside, file, error);
  if (error) return refused("cannot be written: " + error.message(), "the path of a file");
  return {};
}

}  // namespace portolan
