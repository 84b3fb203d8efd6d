#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A plan carried out on real devices (rules.md §session, §fleet): its steps one after the other, each
// migration as a Walk. It acts through the ports device, host and clock alone. Invariants:
//   1. before anything is done the journal has said so, and what came of it is in the journal before the next
//   thing is done;
//   2. everything that happens is an event of the fleet's model, enabled where it happens
//   (model/fleet/plans/course.hpp); what a device is read back as must be what the model says, and a
//   migration that differs is abandoned before its commit;
//   3. a migration that fails before its commit is rolled back: the source runs, the new instance is ended;
//   no further step is taken;
//   4. nothing is ended that may hold the only complete state.
//
//   Execution execution(scenario, plan, inventory, {devices, hosts, clock}, {});
//   if (const Faults unmet = execution.preconditions(); !unmet.empty()) return refuse(unmet);
//   const ExecutionResult result = execution.run(journal);

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vfio/execution/ledger.hpp"
#include "vfio/execution/preconditions.hpp"
#include "vfio/execution/walk.hpp"

namespace portolan::vfio::execution {

struct ExecutionOptions {
  WalkOptions walk;
  Tell tell;  ///< may be empty
};

/// done: every step, and the goal holds. refused: a precondition does not hold, nothing was touched. stopped:
/// between two steps, on request or because a step that is no migration failed. rolled_back: a migration
/// failed, its source runs. unknown: a device does not answer, nobody runs. lost: a state is lost, or needs a
/// person.
enum class ExecutionEnd : std::uint8_t { done, refused, stopped, rolled_back, unknown, lost };
inline constexpr std::string_view execution_ends[] = {"done",        "refused", "stopped",
                                                      "rolled-back", "unknown", "lost"};
constexpr std::string_view name_of(ExecutionEnd end) { return execution_ends[static_cast<std::size_t>(end)]; }

struct ExecutionResult {
  ExecutionEnd end = ExecutionEnd::refused;
  std::size_t steps_done = 0;
  std::string why, attention;  ///< empty: nothing
  std::vector<std::string> notes;
  std::map<std::string, std::string> devices;  ///< where each VM is now: `small` to `vfio-user:/run/…`
};

class Execution {
 public:
  /// All outlive the execution; the plan fits the scenario, and the inventory has what it needs.
  Execution(const fleet::LoadedScenario& scenario, const fleet::Plan& plan, const fleet::Inventory& inventory,
            World world, ExecutionOptions options);

  /// What has to hold before the first step, on the real devices and hosts. Asks only. A fault for each that
  /// does not.
  Faults preconditions() { return preconditions_.all(ledger_.course()); }
  /// Carries the plan out. The preconditions have been asked.
  ExecutionResult run(ports::Journal& journal);

  /// Hosts to which the plan moves something, and VMs that it moves.
  static std::vector<std::string> hosts_of(const fleet::Plan& plan);
  static std::vector<std::string> vms_of(const fleet::Plan& plan);

 private:
  using NamedEvent = fleet::NamedEvent;
  /// Where a VM is, and who can end its device; nullptr: nobody was told how.
  struct Vm {
    std::string device;
    ports::Keeper* keeper = nullptr;
    std::string instance = {};  ///< as it was seen running; empty: not yet, or no way to tell
  };
  struct Move;

  const fleet::LoadedScenario& scenario_;
  const fleet::Plan& plan_;
  World world_;
  ExecutionOptions options_;
  Preconditions preconditions_;
  Ledger ledger_;
  std::map<std::string, Vm> vms_;
  ExecutionResult result_;

  bool stop_requested() const { return options_.walk.stop_requested && options_.walk.stop_requested(); }
  bool end_with(ExecutionEnd end, std::string why);
  /// The ledger's; an end of the execution where it says no.
  bool intend(const std::string& what, const std::string& detail);
  bool record(ports::Outcome outcome, const std::vector<NamedEvent>& events, const std::string& what);
  bool record_failure(const std::string& why, const std::string& what);

  bool take(const fleet::PlanStep& step);
  bool note(const fleet::PlanStep& step);
  bool install(const fleet::PlanStep& step);
  bool start(const fleet::PlanStep& step);
  bool power_off(const fleet::PlanStep& step);
  /// What was reached is asked of the devices, not concluded.
  void ask_where_it_ended();
  Answer<machines::DeviceState> state_of(const std::string& name, const Vm& vm);
  /// R8: what was seen running and is gone has taken the state with it; its source must not run.
  bool lose_running(const std::string& name, const Vm& vm, const Failure& failure);

  /// Makes and prepares an instance, as a step of the journal that the caller records. A fault: nothing was
  /// made; an execution that has ended: the journal could not be written.
  Result<ports::Proposal> make_instance(const std::string& vm, const std::string& host,
                                        const fleet::SettingInfo& info);
  /// Ends whatever is the VM's device.
  ports::Ended end_device(const std::string& name, const Vm& vm);

  // One migration (moving.cpp).
  bool migrate(const fleet::PlanStep& step);
  bool open_source(Move& move);
  bool start_destination(Move& move);
  std::string open_destination(Move& move);
  void follow(Walk& walk, Move& move);
  void journal_intent(Walk& walk, const Move& move);
  bool finish(const Walk& walk, Move& move);
  bool finish_committed(const Walk& walk, Move& move);
  bool finish_lost(const Walk& walk, Move& move);
  bool abandon_instance(const Move& move, const std::string& why, const std::vector<NamedEvent>& events);
};

}  // namespace portolan::vfio::execution
