#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One replication of a fleet. An action is decided first and happens after its duration, if it is enabled
// then. The operator decides at his intervals, or follows the plan step by step; a driver for each VM takes a
// migration through its steps; the world reacts by itself; faults come at their rates, bounded by the
// module's own budget.

#include "sim/fleets/blueprint.hpp"
#include "sim/fleets/migration_log.hpp"
#include "sim/fleets/operator.hpp"
#include "sim/run/replication.hpp"
#include "sim/time/agenda.hpp"
#include "sim/time/pre_copy.hpp"

namespace portolan::sim::fleets {

class Replication : public run::Replication {
 public:
  Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name);

  /// Reactions and steps of migrations that are enabled and that nothing waits for.
  std::vector<std::string> overlooked() const override;

 private:
  enum class TaskKind : std::uint8_t {
    driver,           ///< the next step of a migration
    round,            ///< a round of pre-copy; no event
    reaction,         ///< of the world
    operator_turn,    ///< he looks for something to do
    operator_action,  ///< what he decided on happens
    planned,          ///< a step of the plan
    fault,
  };
  struct Task {
    TaskKind kind = TaskKind::fault;
    run::Choice what;
    bool patience = false;  ///< of the driver: gives up unless something else becomes possible
  };
  using Agenda = time::Agenda<Task>;
  static constexpr std::size_t none = Agenda::none;

  /// What a migration has to move.
  struct Transfer {
    bool copying = false;  ///< in pre-copy, or past it
    std::uint64_t state_bytes = 0, dirty_bytes_per_s = 0;
    std::uint64_t rest_ns = 0;  ///< how long the rest takes that is moved with the guest stopped
    time::PreCopy copy;
    std::uint64_t rest_bytes() const { return copying ? copy.remaining() : state_bytes; }
  };
  struct Vm {
    std::size_t task = none;               ///< of the driver, or the round that copies
    std::int64_t session = 0, source = 0;  ///< as last seen
    Transfer transfer;
    MigrationLog log;
  };
  struct PlanProgress {
    std::size_t cursor = 0, task = none;
    bool active = false, diverged = false;
    std::string diverged_at;
  };

  const Blueprint& blueprint_;
  const Parts& parts_;
  Agenda agenda_;
  std::size_t waiting_reactions_ = 0,
              busy_tasks_ = 0;  ///< busy: tasks that end by themselves, so neither turns nor faults
  std::vector<Vm> vms_;
  std::vector<std::vector<std::size_t>> reaction_tasks_;  ///< by group and element
  std::vector<char> touched_;
  std::vector<std::size_t> touched_list_, troubled_hosts_, stalled_;
  std::vector<run::Write> writes_;
  PlanProgress plan_;
  Operator operator_;
  time::Stream operator_when_, states_, dirty_rates_, repairs_, fault_when_, fault_where_;

  std::int64_t at(fleet::vocabulary::Variable variable, std::size_t element) const {
    return cells()[blueprint_.module().cell(variable.position(), static_cast<std::int64_t>(element))];
  }
  bool reachable(std::int64_t host) const;
  bool is_up(std::int64_t host) const;

  std::optional<time::Time> next_due() override { return agenda_.next_at(); }
  void do_next() override;
  void look_for_end() override;
  void before_change(const run::Choice& event, std::span<const run::Write> writes) override;
  void close(ports::Batch& batch) override;

  std::size_t schedule(std::uint64_t delay_ns, Task task);
  void cancel(std::size_t& task);
  void count(const Task& task, int by);
  std::uint64_t delay(const run::Choice& choice);
  void handle(const Task& task);

  void look_around();
  void touch(std::size_t vm);
  void touch_those_at(std::size_t host);
  void observe(std::size_t vm);
  void begin_migration(std::size_t vm, bool guest_runs);
  void react(std::size_t group, std::size_t element);

  void decide(std::size_t vm);
  bool goes_on(const Vm& vm, std::size_t v);
  bool copy_next(std::size_t vm) const;
  bool linked(std::size_t vm) const;
  std::uint64_t share_of_bandwidth(std::size_t vm) const;
  std::uint64_t sharing(std::int64_t host, std::size_t vm) const;
  void start_round(std::size_t vm);
  std::optional<run::Choice> next_step(std::size_t vm);

  void advance_plan();
  void operator_turn();
  void next_turn();
  void next_fault(std::size_t group);
};

}  // namespace portolan::sim::fleets
