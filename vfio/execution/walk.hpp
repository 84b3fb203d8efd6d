#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One migration of one device state, as a walk of single steps (rules.md §session): whoever runs it asks for
// the `next` step, writes down that it is going to be taken, takes it, and writes down what it reports;
// between steps it can check what it likes and `abandon` the migration. `run` does all of them in a row.
// Invariants, each checked on the device itself by reading its state back:
//   1. until the commit the source's content is never given up: the session ends with the source running, or
//   names it lost;
//   2. the destination is not told to leave RESUMING before length and SHA-256 of what it was given are what
//   was read;
//   3. after a refused write the destination is only ever reset;
//   4. the source is never told to run once the destination may hold the committed state.
// The session steps through the table of model/machines/session.hpp. Steps forward are in walk.cpp, what is
// done when one fails in recovery.cpp.
//
//   Walk walk(source, destination, clock, {});
//   while (const auto step = walk.next()) {
//     note_down(*step);
//     note_down(walk.take());
//   }
//   walk.outcome();  // committed, aborted, unknown, lost

#include <functional>
#include <optional>

#include "vfio/execution/end.hpp"
#include "vfio/execution/pump.hpp"
#include "vfio/execution/session.hpp"
#include "vfio/execution/step.hpp"

namespace portolan::vfio::execution {

struct WalkOptions {
  bool pre_copy = true;                                    ///< where the source can
  std::uint64_t converged_bytes = std::uint64_t{1} << 20;  ///< a round that moved no more ends pre-copy
  std::uint32_t rounds_max = 30;
  std::chrono::milliseconds pre_copy_limit{300'000};  ///< then the source is stopped, converged or not
  std::chrono::milliseconds copy_limit{3'600'000};    ///< for the rest, with the source stopped
  std::function<bool()> stop_requested;               ///< asked between chunks and steps; true abandons
  std::function<void(StepKind, std::uint64_t bytes)>
      progress;      ///< bytes of the stream so far, after each chunk
  PumpOptions pump;  ///< without its `stop_requested` and `progress`, which are those above
};

class Walk {
 public:
  /// The ends have been opened, checked and prepared (R5–R7) by the caller; the source runs. All outlive the
  /// walk.
  Walk(ports::Device& source, ports::Device& destination, ports::Clock& clock, WalkOptions options);
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

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
  std::optional<machines::DeviceState> source_state() const { return source_.state(); }
  std::optional<machines::DeviceState> destination_state() const { return destination_.state(); }
  std::uint64_t bytes() const { return pump_.read().bytes(); }
  std::string sha256() const { return pump_.read().hexadecimal(); }
  std::chrono::nanoseconds downtime() const { return downtime_; }
  const Session& session() const { return session_; }

 private:
  enum class Attempt : std::uint8_t { runs, left_alone, again, over };

  void step(StepReport& report, ports::Moment started);
  void begin(StepReport& report);
  void pre_copy(StepReport& report);
  void round(StepReport& report);
  void copy(StepReport& report);
  void load(StepReport& report);
  void commit(StepReport& report);
  void retire(StepReport& report);
  void start(StepReport& report);
  void go_on(End& end, machines::DeviceState state, StepKind then, StepReport& report);
  /// The source is not where a source begins, or the destination is itself a source.
  void refuse_busy(const End& busy, StepReport& report);
  /// Tells it until it is there or cannot be told any more; nothing: it is there.
  std::optional<Failure> bring_destination_to(machines::DeviceState target);
  /// It says that it runs, after its connection was lost, and may be another instance.
  void cannot_tell_who_runs(StepReport& report);
  bool moved(const Pumped& pumped, StepReport& report);
  StepKind after_running() const;
  /// Why pre-copy ends with this round; empty: it does not.
  std::string_view end_of_pre_copy(const Pumped& pumped) const;

  /// Reports the failure and makes `abort` next.
  void give_up(StepReport& report, const Failure& failure);
  void abort(StepReport& report);
  void ask(StepReport& report);
  void source_again(StepReport& report, SessionEvent event);
  Attempt try_source(std::optional<Failure>& failure);
  bool reset_destination(StepReport& report);

  bool fire(StepReport* report, SessionEvent event, bool yes = false);
  void end(Outcome outcome);
  void end_downtime();

  End source_, destination_;
  ports::Clock& clock_;
  WalkOptions options_;
  Pump pump_;
  Session session_;
  std::optional<StepKind> next_ = StepKind::begin;
  Outcome outcome_ = Outcome::unknown;
  std::string why_, attention_;
  std::uint32_t rounds_ = 0, slow_rounds_ = 0;
  std::uint64_t last_round_bytes_ = 0;
  ports::Moment pre_copy_end_ = ports::never;
  std::optional<ports::Moment> stopped_;
  std::chrono::nanoseconds downtime_{};
  bool reconnected_source_ = false, unsure_destination_ = false;
};

}  // namespace portolan::vfio::execution
