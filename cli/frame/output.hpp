#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a command prints: its results, collected and written to standard output at the end in one piece, so
// that a command that fails half-way has printed nothing; words with a colour where a terminal reads them,
// and lines no longer than it is wide.

#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/frame/streams.hpp"
#include "model/support/fault.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

enum class Format { text, json, csv, itf, mermaid };

class Output {
 public:
  Output(const Streams& streams, Format format, bool colour)
      : streams_(streams), format_(format), colour_(colour && format == Format::text) {}

  Format format() const { return format_; }
  std::size_t columns() const { return streams_.columns; }
  bool json() const { return format_ == Format::json; }

  /// As it is.
  void write(std::string_view text) {
    fold();
    buffer_ += text;
    folded_to_ = buffer_.size();
  }
  void forget() { folded_to_ = 0, buffer_.clear(); }  ///< what was collected so far
  /// Text for a reader: its lines are folded where they are longer than a terminal, or 120 columns.
  template <class... Arguments>
  void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Arguments>(arguments)...);
  }

  std::string bold(std::string_view text) const { return coloured("1", text); }
  std::string good(std::string_view text) const { return coloured("32", text); }
  std::string bad(std::string_view text) const { return coloured("31", text); }
  std::string unsure(std::string_view text) const { return coloured("33", text); }
  std::string faint(std::string_view text) const { return coloured("2", text); }

  /// A line for standard error, at once.
  void note(std::string_view text) const;
  /// The same for JSON, which has its own way to write what must not be obeyed.
  void note_json(std::string_view json) const;
  /// A line of progress on a terminal, written over by the next one.
  void rewrite_line(std::string_view text) const;
  void erase_line() const { rewrite_line({}); }
  std::istream* input() const { return streams_.in; }
  bool input_terminal() const { return streams_.in_terminal; }
  bool error_terminal() const { return streams_.error_terminal; }
  /// One line for each fault on standard error; the status that goes with them.
  Exit refuse(const Faults& faults) const;
  /// Writes what was collected. Faults when the stream refuses; a reader that went away (`| head`) is none.
  Result<void> flush();

 private:
  std::string coloured(std::string_view code, std::string_view text) const;
  /// Folds what was printed since the last time.
  void fold();
  const Streams& streams_;
  Format format_;
  bool colour_;
  std::string buffer_;
  std::size_t folded_to_ = 0;  ///< what stands before is not folded any more
};

}  // namespace portolan::cli
