// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/long_running.hpp"

#include <charconv>

namespace portolan::cli {

namespace {

/// Number and unit; empty when there is no number.
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

}  // namespace

Progress::Progress(const Output& output, ProgressKind kind)
    : output_(output), kind_(kind), started_(std::chrono::steady_clock::now()), last_(started_) {}

Progress::~Progress() {
  if (beat_.joinable()) {
    beat_.request_stop();
    beat_.join();
  }
  if (drawn_) output_.erase_line();
}

void Progress::show(const std::string& text, const std::string& json) {
  using namespace std::chrono_literals;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool line_by_line = kind_ == ProgressKind::json || !output_.error_terminal();
  if (kind_ == ProgressKind::none || now - started_ < 1s || now - last_ < (line_by_line ? 2000ms : 200ms))
    return;
  last_ = now;
  write(text, json);
}

void Progress::phase(std::string_view what) {
  const std::lock_guard lock(mutex_);
  phase_ = what;
  if (kind_ != ProgressKind::none && !beat_.joinable())
    beat_ = std::jthread([this](const std::stop_token& end) { beat(end); });
}

void Progress::beat(const std::stop_token& end) {
  using namespace std::chrono_literals;
  constexpr auto silence = 3s;
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    ends_.wait_for(lock, end, 250ms, [] { return false; });
    const auto now = std::chrono::steady_clock::now();
    if (end.stop_requested() || now - last_ < silence) continue;
    last_ = now;
    const double passed = std::chrono::duration<double>(now - started_).count();
    write(fmt::format("{}, {:.0f} s", phase_, passed),
          fmt::format("{{\"phase\":\"{}\",\"seconds\":{:.1f}}}", phase_, passed));
  }
}

void Progress::write(const std::string& text, const std::string& json) {
  const bool line_by_line = kind_ == ProgressKind::json || !output_.error_terminal();
  if (kind_ == ProgressKind::json)
    output_.note_json(json);
  else if (line_by_line)
    output_.note(text);
  else {
    output_.rewrite_line(text);
    drawn_ = true;
  }
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  auto [number, unit] = *parsed;
  if (!unit.empty() && unit.back() == 'B') unit.remove_suffix(1);
  if (unit.size() == 2 && unit[1] == 'i') unit.remove_suffix(1);
  constexpr std::string_view units = "KMGT";
  if (!unit.empty()) {
    const std::size_t power = unit.size() == 1 ? units.find(unit[0]) : std::string_view::npos;
    if (power == std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) number *= 1024;
  }
  if (number >= 9.0e18) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

std::optional<double> parse_seconds(std::string_view text) {
  const auto parsed = number_and_unit(text);
  if (!parsed) return std::nullopt;
  const auto [number, unit] = *parsed;
  if (unit.empty() || unit == "s") return number;
  if (unit == "ms") return number / 1000;
  if (unit == "m" || unit == "min") return number * 60;
  if (unit == "h") return number * 3600;
  return std::nullopt;
}

std::string shown_bytes(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto number = static_cast<double>(bytes);
  for (; number >= 1024 && unit + 1 < std::size(units); ++unit) number /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", number, units[unit]);
}

}  // namespace portolan::cli
