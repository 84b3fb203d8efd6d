// SPDX-License-Identifier: Apache-2.0
#include "model/support/whole_file.hpp"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace portolan {
namespace {

constexpr const char* writable = "a place in a folder that may be written, with room";

std::string error_text(int error) { return std::generic_category().message(error); }

/// What cannot be done, in words; empty where it was.
struct Refusal {
  std::string finding, expectation;
};
using Outcome = std::optional<Refusal>;

/// The descriptor that a name in the folder of the process's own stands for.
std::optional<int> descriptor_of(const std::filesystem::path& file) {
  std::error_code none;
  const auto own = std::filesystem::canonical("/proc/self/fd", none);
  if (none || std::filesystem::canonical(file.parent_path(), none) != own || none) return std::nullopt;
  const std::string name = file.filename().string();
  int number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// Where links lead to; a link that leads nowhere yet names what will be made.
std::filesystem::path followed(std::filesystem::path file) {
  constexpr int links_max = 40;  // as the kernel
  for (int link = 0; link < links_max && !descriptor_of(file); ++link) {
    std::error_code none;
    const auto to = std::filesystem::read_symlink(file, none);
    if (none) break;
    file = to.is_absolute() ? to : file.parent_path() / to;
  }
  return file;
}

Outcome write_to(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Refusal{"cannot be written: " + error_text(errno), writable};
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// A device or a FIFO. It is opened without waiting, because for a FIFO without a reader that would be for
/// ever.
Outcome write_into(const std::filesystem::path& file, const std::string& text) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (opened < 0)
    return errno == ENXIO ? Refusal{"nobody reads from it", "a FIFO with a reader"}
                          : Refusal{"cannot be written: " + error_text(errno), writable};
  ::fcntl(opened, F_SETFL, ::fcntl(opened, F_GETFL) & ~O_NONBLOCK);
  const Outcome outcome = write_to(opened, text);
  ::close(opened);
  return outcome;
}

/// `kept`: the mode of the file that is replaced.
Outcome replace(const std::filesystem::path& file, const std::string& text, std::optional<mode_t> kept) {
  const std::filesystem::path beside = file.string() + fmt::format(".{}.new", getpid());
  const auto refused = [&](std::string finding, std::string expectation) -> Outcome {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return Refusal{std::move(finding), std::move(expectation)};
  };
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) return refused("cannot be written", writable);
  }
  if (kept && ::chmod(beside.c_str(), *kept & 07777) != 0)
    return refused("cannot be written: " + error_text(errno), writable);
  std::error_code error;
  std::filesystem::rename(beside, file, error);
  if (error) return refused("cannot be written: " + error.message(), "the path of a file");
  return {};
}

Outcome written(const std::filesystem::path& named, const std::string& text) {
  const std::filesystem::path file = followed(named);
  if (const auto descriptor = descriptor_of(file)) return write_to(*descriptor, text);
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return replace(file, text, std::nullopt);
  if (S_ISREG(status.st_mode)) return replace(file, text, status.st_mode);
  if (S_ISDIR(status.st_mode)) return Refusal{"cannot be written: it is a folder", "the path of a file"};
  return write_into(file, text);
}

}  // namespace

Result<void> write_whole(const std::filesystem::path& file, const std::string& text,
                         const std::string& option) {
  Outcome refusal = written(file, text);
  if (!refusal) return {};
  return fail(Fault{FaultCode::unreadable,
                    {file.string(), {}, {}},
                    std::move(refusal->finding),
                    std::move(refusal->expectation),
                    "name another file with " + option});
}

}  // namespace portolan
