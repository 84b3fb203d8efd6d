#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a simulation needs stored, said without naming whoever stores it (rules.md §ports): db/ implements the
// store's side, cli/ brings the two together. The store pulls the events, so that a slow disk slows the
// simulation down instead of filling the memory.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::ports {

/// Numbers below are positions in `EventSource::names()`.
using Name = std::int32_t;
inline constexpr Name no_name = -1;
/// An action of a simulation has at most so many parameters.
inline constexpr std::size_t arguments_max = 4;

/// One event of a replication; its number within the replication is its position, from 1.
struct EventRow {
  std::int64_t time_ns = 0;
  Name action = no_name;
  std::array<Name, arguments_max> arguments{no_name, no_name, no_name, no_name};
  friend bool operator==(const EventRow&, const EventRow&) = default;
};

/// One transfer of a migration: while the guest ran, or with it stopped.
struct RoundRow {
  std::uint64_t bytes = 0, duration_ns = 0;
  bool stopped = false;
  friend bool operator==(const RoundRow&, const RoundRow&) = default;
};

enum class MigrationOutcome : std::uint8_t { committed, aborted, lost, unfinished };
inline constexpr std::string_view migration_outcomes[] = {"committed", "aborted", "lost", "unfinished"};
constexpr std::string_view name_of(MigrationOutcome outcome) {
  return migration_outcomes[static_cast<std::size_t>(outcome)];
}

/// A migration that ended, or that was under way when the replication ended. Events are numbers of events,
/// `downtime_ns` is how long the guest ran nowhere between the two.
struct MigrationRow {
  Name vm = no_name, source = no_name, destination = no_name, setting = no_name;
  std::int64_t first_event = 0, last_event = 0, begin_ns = 0, end_ns = 0, downtime_ns = 0;
  MigrationOutcome outcome = MigrationOutcome::unfinished;
  std::vector<RoundRow> rounds;
  friend bool operator==(const MigrationRow&, const MigrationRow&) = default;
};

/// How a replication ended.
struct ReplicationEnd {
  std::string reason;                   ///< until, events, nothing-left, plan-done, plan-diverged, undefined
  std::int64_t time_ns = 0;             ///< simulated time at the end
  std::optional<std::int64_t> goal_ns;  ///< when the scenario's goal first held
  std::string detail;  ///< the step that was not enabled, the event that is undefined; else empty
};

/// Rows of one replication, in order; the last batch of a replication says how it ended.
struct Batch {
  std::uint64_t replication = 0;  ///< from 1
  std::vector<EventRow> events;
  std::vector<MigrationRow> migrations;
  std::optional<ReplicationEnd> end;
};

class EventSource {
 public:
  virtual ~EventSource() = default;
  /// Every name that rows can refer to.
  virtual std::span<const std::string> names() const = 0;
  /// The next batch, of any replication; false when there will be none. Called by one thread.
  virtual bool next(Batch& batch) = 0;
};

}  // namespace portolan::ports
