#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One migration of one device state, as a walk of single steps (machines.md §2): whoever runs it asks for the
// `next` step, writes down that it is going to be taken, takes it, and writes down what it reports; between
// steps it can check what it likes and `abandon` the migration. `run` does all of them in a row. Invariants,
// each checked on the device itself by reading its state back:
//   1. until the commit the source's content is never given up: the session ends with the source running, or
//   names it lost;
//   2. the destination is not told to leave RESUMING before length and SHA-256 of what it was given are what
//   was read;
//   3. after a refused write the destination is only ever reset;
//   4. the source is never told to run once the destination may hold the committed state.
// The session steps through the table of model/machines/session.hpp.

#include <functional>
#include <optional>

#include "model/rules/machine.hpp"
#include "vfio/digest.hpp"
#include "vfio/transfer/device_end.hpp"

namespace portolan::vfio {

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
std::string_view name_of(StepKind kind);

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

enum class Outcome : std::uint8_t { committed, aborted, unknown, lost };
std::string_view name_of(Outcome outcome);

struct MigrationOptions {
  bool pre_copy = true;                         ///< where the source can
  std::uint64_t converged_bytes = 1024 * 1024;  ///< a round that moved no more ends pre-copy
  std::uint32_t rounds_max = 30;
  std::chrono::milliseconds pre_copy_limit{300'000};  ///< then the source is stopped, converged or not
  std::chrono::milliseconds copy_limit{3'600'000};    ///< for the rest, with the source stopped
  std::uint64_t bytes_max = std::uint64_t{1}
                            << 40;       ///< of one stream: a source that never ends is not believed
  std::function<bool()> stop_requested;  ///< asked between chunks and steps; true abandons
  std::function<void(StepKind, std::uint64_t bytes)>
      progress;  ///< bytes of the stream so far, after each chunk
  /// What lies between the two ends and may damage what it carries. Empty: nothing.
  std::function<void(Bytes& chunk)> carrier;
};

class Migration {
 public:
  /// The ends have been opened, checked and prepared (R5–R7) by the caller; the source runs. They outlive the
  /// migration.
  Migration(DeviceEnd& source, DeviceEnd& destination, MigrationOptions options);

  /// Nothing: the migration has ended.
  std::optional<StepKind> next() const { return next_; }
  /// Takes the next step; there must be one. Never throws for what a device does.
  StepReport take();
  /// Makes `abort` the next step, which leaves a source that was not told anything as it is. False when it is
  /// too late: the state is committed, or the session has ended.
  bool abandon(std::string reason);
  /// Every step that is left.
  std::vector<StepReport> run(const std::function<void(const StepReport&)>& each = {});

  /// When there is no next step.
  Outcome outcome() const { return outcome_; }
  /// What a person has to look at, though the outcome stands; empty: nothing.
  const std::string& attention() const { return attention_; }
  const std::string& why() const { return why_; }  ///< of an outcome other than committed
  /// As last read back; nothing when the device could not be asked any more.
  std::optional<machines::DeviceState> source_state() const { return source_state_; }
  std::optional<machines::DeviceState> destination_state() const { return destination_state_; }
  std::uint64_t bytes() const { return read_.bytes(); }
  std::string sha256() const { return read_.hexadecimal(); }
  std::chrono::nanoseconds downtime() const { return downtime_; }
  const rules::Configuration& session() const { return session_; }

 private:
  struct Pumped;
  void begin(StepReport& report);
  void pre_copy(StepReport& report);
  void round(StepReport& report);
  void copy(StepReport& report);
  void load(StepReport& report);
  void start(StepReport& report);
  void retire(StepReport& report);
  void abort(StepReport& report);
  void ask(StepReport& report);
  /// Tells a device to go there and reads its state back. Fails with `refused` when it is elsewhere
  /// afterwards.
  Answer<void> go(DeviceEnd& end, machines::DeviceState state);
  Answer<machines::DeviceState> read_back(DeviceEnd& end);
  Pumped pump(StepKind step, Deadline limit);
  bool moved(const Pumped& pumped, StepReport& report);
  /// Reports the failure and makes `abort` next.
  void give_up(StepReport& report, const Failure& failure);
  void source_again(StepReport& report, std::string_view event);
  bool reset_destination(StepReport& report);
  bool fire(StepReport* report, std::string_view event, bool yes = false);
  void end(Outcome outcome);
  bool source_is(const DeviceEnd& end) const { return &end == &source_; }

  DeviceEnd& source_;
  DeviceEnd& destination_;
  MigrationOptions options_;
  rules::Configuration session_;
  std::optional<StepKind> next_ = StepKind::begin;
  Outcome outcome_ = Outcome::unknown;
  std::string why_, attention_;
  std::optional<machines::DeviceState> source_state_, destination_state_;
  StreamDigest read_, written_;
  std::uint32_t rounds_ = 0, slow_rounds_ = 0;
  std::uint64_t last_round_bytes_ = 0;
  Deadline pre_copy_end_ = Deadline::max();
  std::optional<Clock::time_point> stopped_;
  std::chrono::nanoseconds downtime_{};
  bool source_touched_ = false, destination_touched_ = false, reconnected_source_ = false;
};

}  // namespace portolan::vfio
