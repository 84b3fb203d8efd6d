#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One replication: a run of the module through simulated time. Invariants: 1. every event is an enabled
// action of the module in the state where it happens, and the state after it is the module's and the
// machines' (machine_steps.hpp); 2. only when something happens is decided here, by the durations of the
// scenario and the streams of (seed, point, replication); 3. nothing reads a clock, a thread or a pointer
// value.
//
// In a fleet an action is decided first and happens after its duration, if it is enabled then. The operator
// decides at its intervals, or follows the plan step by step; a driver for each VM takes a migration through
// its steps; the world reacts by itself; faults come at their rates, bounded by the module's own budget. A
// model of a scenario's own has one event at a time, chosen among those that are enabled.

#include "sim/blueprint.hpp"
#include "sim/event_queue.hpp"
#include "sim/pre_copy.hpp"
#include "sim/sampling.hpp"

namespace portolan::sim {

class Replication {
 public:
  Replication(std::shared_ptr<const Blueprint> blueprint, const StreamName& name);

  /// Goes on until the batch holds `events_max` events, or the end. True when the replication has ended; the
  /// batch then says how.
  bool run(ports::Batch& batch, std::size_t events_max);

  const rules::Cells& cells() const { return cells_; }
  Time now() const { return now_; }
  /// Goes on while the next event is due by then; for looking at the state at that time.
  void run_until(ports::Batch& batch, Time until);

  /// What should be under way and is not: reactions and steps of migrations that are enabled and that nothing
  /// waits for. Tests ask; it is empty.
  std::vector<std::string> overlooked() const;

 private:
  enum class TaskKind : std::uint8_t {
    driver,
    round,
    reaction,
    operator_turn,
    operator_action,
    planned,
    fault,
    choice
  };
  struct Task {
    TaskKind kind = TaskKind::choice;
    std::size_t group = 0;
    rules::Arguments arguments;
    std::uint64_t generation = 0;
    bool patience = false;  ///< of the driver: gives up unless something else becomes possible
  };
  struct Due {
    std::size_t task = 0;
    std::uint64_t generation = 0;
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Vm {
    std::size_t task = none;               ///< of the driver, or the round that copies
    std::int64_t session = 0, source = 0;  ///< as last seen
    bool running = false, in_migration = false, copying = false, stalled = false;
    Time down_since = 0;
    std::uint64_t state_bytes = 0, dirty_bytes_per_s = 0, rest_ns = 0;
    PreCopy copy;
    ports::MigrationRow row;
  };

  std::shared_ptr<const Blueprint> blueprint_;
  const Evaluator& evaluator_;
  rules::Cells cells_;
  Time now_ = 0;
  std::int64_t sequence_ = 0;
  EventQueue<Due> queue_;
  std::vector<Task> tasks_;
  std::vector<std::size_t> free_;
  std::size_t waiting_reactions_ = 0,
              busy_tasks_ = 0;  ///< busy: tasks that end by themselves, so neither turns nor faults
  std::vector<Vm> vms_;
  std::vector<std::vector<std::size_t>> reaction_tasks_;  ///< by group and element
  std::vector<std::uint32_t> busy_vms_, busy_hosts_;      ///< operator's actions under way
  std::vector<char> touched_;
  std::vector<std::size_t> touched_list_, troubled_hosts_, stalled_;
  std::vector<Write> writes_, stepped_;
  std::size_t plan_cursor_ = 0, plan_task_ = none;
  bool plan_active_ = false, plan_diverged_ = false;
  std::string diverged_at_;
  std::optional<ports::ReplicationEnd> end_;
  std::optional<Time> goal_at_;
  ports::Batch* batch_ = nullptr;
  Stream operator_when_, operator_what_, durations_, latencies_, states_, dirty_rates_, repairs_, fault_when_,
      fault_where_;

  const FleetView& fleet() const { return *blueprint_->fleet(); }
  std::int64_t at(int variable, std::size_t element) const {
    return cells_[blueprint_->module().cell(variable, static_cast<std::int64_t>(element))];
  }
  bool enabled(std::size_t group, std::span<const std::int64_t> arguments);
  bool changes_something(std::size_t group, std::span<const std::int64_t> arguments);
  void end(std::string reason, std::string detail = {});

  std::size_t schedule(std::uint64_t delay_ns, Task task);
  void cancel(std::size_t& task);
  void release(std::size_t task);
  std::uint64_t delay_of(std::size_t group, std::span<const std::int64_t> arguments);

  bool happen(std::size_t group, std::span<const std::int64_t> arguments);
  void handle(Task task);
  void look_around();
  void touch(std::size_t vm);
  void observe(std::size_t vm);
  void react(std::size_t group, std::size_t element);
  void decide(std::size_t vm);
  bool copy_next(std::size_t vm) const;
  bool linked(std::size_t vm) const;
  std::uint64_t share_of_bandwidth(std::size_t vm) const;
  std::uint64_t rest_bytes(std::size_t vm) const;
  std::size_t next_step(std::size_t vm, rules::Arguments& arguments);
  void start_round(std::size_t vm);
  void advance_plan();
  void operator_turn();
  void next_turn();
  void next_fault(std::size_t group);
  void next_choice();
  bool step_once();
};

}  // namespace portolan::sim
