// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/output.hpp"

#include <cerrno>
#include <cstring>

#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

// Names come out of files: what could move the cursor or hide text is shown instead of obeyed. Our own
// colours stay.
std::string harmless(std::string_view text, bool colours) {
  std::string result;
  std::size_t begin = 0;
  const auto piece = [&](std::size_t end) { result += printable(text.substr(begin, end - begin)); };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t kept = text[at] == '\n' ? 1 : 0;
    if (colours && text.substr(at, 2) == "\x1b[") {
      const auto end = text.find_first_not_of("0123456789", at + 2);
      if (end != text.npos && text[end] == 'm') kept = end + 1 - at;
    }
    if (kept == 0) {
      ++at;
      continue;
    }
    piece(at);
    result += text.substr(at, kept);
    begin = at += kept;
  }
  piece(text.size());
  return result;
}

}  // namespace

std::string Output::coloured(std::string_view code, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

void Output::note(std::string_view text) const {
  streams_.err << harmless(text, false) << '\n' << std::flush;
}

void Output::note_json(std::string_view json) const { streams_.err << json << '\n' << std::flush; }

void Output::rewrite_line(std::string_view text) const {
  streams_.err << "\r\x1b[K" << harmless(text, false) << std::flush;
}

Exit Output::refuse(const Faults& faults) const {
  for (const auto& fault : faults) note(to_string(fault));
  return Exit::usage;
}

void Output::fold() {
  if (format_ == Format::text)
    buffer_.replace(
        folded_to_, buffer_.npos,
        folded(harmless(std::string_view(buffer_).substr(folded_to_), colour_), streams_.columns));
  folded_to_ = buffer_.size();
}

Result<void> Output::flush() {
  fold();
  errno = 0;
  // JSON has its own way to write control characters, and a CSV cell was looked at when it was written.
  const bool as_it_is = format_ == Format::json || format_ == Format::itf || format_ == Format::csv;
  streams_.out << (as_it_is ? buffer_ : harmless(buffer_, colour_)) << std::flush;
  forget();
  if (streams_.out || errno == EPIPE) return {};
  return fail({FaultCode::unreadable,
               {"standard output", {}, {}},
               fmt::format("cannot be written: {}", std::strerror(errno)),
               "room for the results",
               "write them somewhere else"});
}

}  // namespace portolan::cli
