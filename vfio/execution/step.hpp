#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The steps of one migration, what each reports, and how a migration can end (rules of the session:
// model/machines/session.hpp). Whoever carries a migration out writes a step down before it takes it, and its
// report after.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "model/machines/paths.hpp"
#include "model/support/failure.hpp"

namespace portolan::vfio::execution {

enum class StepKind : std::uint8_t {
  begin,           ///< destination to RESUMING
  pre_copy,        ///< source to PRE_COPY
  round,           ///< moves what the source has at the moment
  quiesce_source,  ///< source to PRE_COPY_P2P or RUNNING_P2P, where it reports P2P; of several devices of a
                   ///< VM, all before any stops
  stop_source,     ///< source to STOP_COPY; the downtime begins
  copy,            ///< moves the rest
  load,            ///< compares length and SHA-256, then destination to STOP
  commit,          ///< the commit point; of several devices of a VM, all are loaded before any commits
  retire,          ///< source to STOP; it never runs again
  quiesce_destination,  ///< destination to RUNNING_P2P, where it reports P2P
  start,                ///< destination to RUNNING
  abort,                ///< source to RUNNING, destination reset
  ask,                  ///< the destination's answer was lost: reconnects and asks
};
inline constexpr std::string_view step_names[] = {
    "begin", "pre_copy", "round",  "quiesce_source", "stop_source",
    "copy",  "load",     "commit", "retire",         "quiesce_destination",
    "start", "abort",    "ask"};
constexpr std::string_view name_of(StepKind kind) { return step_names[static_cast<std::size_t>(kind)]; }
static_assert(name_of(StepKind::begin) == "begin" &&
              name_of(StepKind::quiesce_destination) == "quiesce_destination" &&
              name_of(StepKind::ask) == "ask");

struct StepReport {
  StepKind kind = StepKind::begin;
  bool done = false;  ///< what the step is for has happened, and was read back
  std::string said;   ///< one sentence
  std::optional<machines::DeviceState> source, destination;  ///< as read back in this step
  std::uint64_t bytes = 0;                                   ///< moved in this step
  std::chrono::nanoseconds time{};
  std::optional<Failure> failure;
  std::string row;  ///< the citation of the session's row that fired last in this step
};

/// committed: the state is the destination's for good. aborted: the source runs on, as it was. unknown: a
/// device does not answer, nobody runs until it was asked. lost: the only complete state is gone.
enum class Outcome : std::uint8_t { committed, aborted, unknown, lost };
inline constexpr std::string_view outcome_names[] = {"committed", "aborted", "unknown", "lost"};
constexpr std::string_view name_of(Outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}

}  // namespace portolan::vfio::execution
