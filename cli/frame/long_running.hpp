#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What commands that take a while share: progress on standard error (a line that is written over on a
// terminal, plain lines otherwise, JSON lines, or nothing), and sizes and times as people write them. Their
// clean stop is in interruption.hpp.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "cli/frame/output.hpp"

namespace portolan::cli {

enum class ProgressKind { automatic, json, none };

/// `json`, `none`; else what fits where it is shown.
inline ProgressKind progress_kind(std::string_view name) {
  return name == "json" ? ProgressKind::json : name == "none" ? ProgressKind::none : ProgressKind::automatic;
}

/// Prints at most a few times a second, and nothing in the first second: what is quick needs no progress.
/// Where nobody shows anything for a while, it tells what is being done and for how long, so that there is
/// progress all the time. While it lives nothing else may be written to standard error.
class Progress {
 public:
  Progress(const Output& output, ProgressKind kind);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `text` for people, `json` (one object) for programs.
  void show(const std::string& text, const std::string& json);
  /// What is being done from here on: `reading the scenario`.
  void phase(std::string_view what);

 private:
  const Output& output_;
  ProgressKind kind_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point started_, last_;
  std::mutex mutex_;  ///< of what is above and below
  std::string phase_;
  std::condition_variable_any ends_;
  std::jthread beat_;  ///< from the first phase on

  void write(const std::string& text, const std::string& json);
  void beat(const std::stop_token& end);
};

/// `512M`, `2GiB`, `4096` (bytes); K, M, G and T are powers of 1024.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// `90`, `90s`, `15m`, `2h`, `0.5s`, `250ms`: every option that takes a time reads it so (Command::duration).
std::optional<double> parse_seconds(std::string_view text);
/// `3.2 MiB`.
std::string shown_bytes(std::uint64_t bytes);

/// An option in seconds as the time that it stands for.
inline std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace portolan::cli
