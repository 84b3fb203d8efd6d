#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One replication: a run of the module through simulated time; what both kinds of simulators share. Here is
// the loop, what an event does to the state, and the rows that are recorded of it; a kind decides what is due
// next and what follows. Invariants: 1. every event is an enabled action of the module in the state where it
// happens, and the state after it is the module's and the machines' (machine_steps.hpp); 2. only when
// something happens is decided by a simulator, by the durations of the scenario and the streams of (seed,
// point, replication); 3. nothing reads a clock, a thread or a pointer value.

#include "sim/run/blueprint.hpp"
#include "sim/time/event_queue.hpp"
#include "sim/time/sampling.hpp"

namespace portolan::sim::run {

class Replication {
 public:
  virtual ~Replication() = default;
  Replication(const Replication&) = delete;

  /// Goes on until the batch holds `events_max` events, or the end. True when the replication has ended; the
  /// batch then says how.
  bool run(ports::Batch& batch, std::size_t events_max);
  /// Goes on while the next event is due by then; for looking at the state at that time.
  void run_until(ports::Batch& batch, time::Time until);

  const rules::Cells& cells() const { return cells_; }
  time::Time now() const { return now_; }

  /// What should be under way and is not. Tests ask; it is empty.
  virtual std::vector<std::string> overlooked() const { return {}; }

 protected:
  Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name);

  // What a kind of simulator decides.

  /// When the next task is due; empty where none waits.
  virtual std::optional<time::Time> next_due() = 0;
  /// Does the task that is due now, and whatever follows from it.
  virtual void do_next() = 0;
  /// Asked before each task: ends the replication where it is over although something may still wait.
  virtual void look_for_end() {}
  /// An event is about to change the state: `writes` is what it writes.
  virtual void before_change(const Choice& event, std::span<const Write> writes);
  /// The replication has ended: records what is still open.
  virtual void close(ports::Batch&) {}

  // What it is given for that.

  const Evaluator& evaluator() const { return evaluator_; }
  const fleet::Timing& timing() const { return blueprint_->timing(); }
  bool ended() const { return end_.has_value(); }
  /// Events so far; the number of the last one.
  std::int64_t events() const { return events_; }
  ports::Batch& batch() { return *batch_; }

  /// Ends the replication now, unless it has ended already.
  void end(std::string reason, std::string detail = {});
  /// False, and the end, where a guard has no value.
  bool enabled(std::size_t group, std::span<const std::int64_t> arguments);
  /// It is enabled, and what it writes is not what is there.
  bool changes_something(std::size_t group, std::span<const std::int64_t> arguments,
                         std::vector<Write>& writes) const;
  /// The event, if it is enabled now. Throws Disagreement.
  bool happen(const Choice& event);
  /// A sample of the action's duration, from that stream, and of the latency of its messages; ns.
  std::uint64_t delay_of(std::size_t group, time::Stream& durations);
  /// That many ns from now, or the end of all time.
  time::Time after(std::uint64_t delay_ns) const;

  time::Stream durations_;  ///< of actions that somebody takes

 private:
  std::shared_ptr<const Blueprint> blueprint_;
  const Evaluator& evaluator_;
  rules::Cells cells_;
  time::Time now_ = 0;
  std::int64_t events_ = 0;
  std::vector<Write> writes_, stepped_;
  std::optional<ports::ReplicationEnd> end_;
  std::optional<time::Time> goal_at_;
  ports::Batch* batch_ = nullptr;
  time::Stream latencies_;

  bool step();
  int variant_of(std::size_t group, std::span<const std::int64_t> arguments);
  void compare_with_machines(const Choice& event) const;
  void record(const Choice& event);
};

}  // namespace portolan::sim::run
