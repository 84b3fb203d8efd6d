#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What commands that take a while share: progress on standard error (a line that is written over on a
// terminal, plain lines otherwise, JSON lines, or nothing), and sizes and times as people write them. Their
// clean stop is in interruption.hpp.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/frame/output.hpp"

namespace portolan::cli {

enum class ProgressKind { automatic, json, none };

/// Prints at most a few times a second, and nothing in the first second: what is quick needs no progress.
class Progress {
 public:
  Progress(const Output& output, ProgressKind kind);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `text` for people, `json` (one object) for programs.
  void show(const std::string& text, const std::string& json);

 private:
  const Output& output_;
  ProgressKind kind_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point started_, last_;
};

/// `512M`, `2GiB`, `4096` (bytes); K, M, G and T are powers of 1024.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// `90`, `90s`, `15m`, `2h`, `0.5s`.
std::optional<double> parse_seconds(std::string_view text);
/// `3.2 MiB`.
std::string shown_bytes(std::uint64_t bytes);

/// An option in seconds as the time that it stands for.
inline std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace portolan::cli
