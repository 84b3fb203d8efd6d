#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A plan carried out on real devices (machines.md §2, §3): its steps one after the other, each migration by
// the steps of vfio/transfer. Invariants:
//   1. before anything is done the journal has said so, and what came of it is in the journal before the next
//   thing is done;
//   2. everything that happens is an event of the fleet's model, enabled where it happens
//   (model/fleet/course.hpp); what a device is read back as must be
//      what the model says, and a migration that differs is abandoned before its commit;
//   3. a migration that fails before its commit is rolled back: the source runs, the new program is ended; no
//   further step is taken;
//   4. nothing is ended that may hold the only complete state.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/fleet/course.hpp"
#include "model/fleet/inventory.hpp"
#include "model/ports.hpp"
#include "vfio/execution/programs.hpp"
#include "vfio/transfer/migration.hpp"

namespace portolan::vfio {

struct ExecutionOptions {
  Patience patience;
  MigrationOptions migration;
  std::chrono::milliseconds start_limit{
      30'000};  ///< for a device program to listen, and to say what it publishes
  std::chrono::milliseconds install_limit{600'000};
  std::function<void(std::size_t step, const std::string& what, const std::string& said)>
      tell;  ///< after each thing that was done
};

/// done: every step, and the goal holds. refused: a precondition does not hold, nothing was touched. stopped:
/// between two steps, on request or because a step that is no migration failed. rolled_back: a migration
/// failed, its source runs. unknown: a device does not answer, nobody runs. lost: a state is lost, or needs a
/// person.
enum class ExecutionEnd : std::uint8_t { done, refused, stopped, rolled_back, unknown, lost };
std::string_view name_of(ExecutionEnd end);

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
            ExecutionOptions options);

  /// What has to hold before the first step, on the real devices and programs. Asks only. A fault for each
  /// that does not.
  Faults preconditions();
  /// Carries the plan out. The preconditions have been asked.
  ExecutionResult run(ports::Journal& journal);

  /// Hosts to which the plan moves something, and VMs that it moves.
  static std::vector<std::string> hosts_of(const fleet::Plan& plan);
  static std::vector<std::string> vms_of(const fleet::Plan& plan);

 private:
  struct Vm {
    std::string device;                     ///< as on the command line
    std::optional<StartedProgram> program;  ///< of ours
    std::vector<std::string> retire;
  };

  const fleet::LoadedScenario& scenario_;
  const fleet::Plan& plan_;
  const fleet::Inventory& inventory_;
  ExecutionOptions options_;
  fleet::Course course_;
  std::map<std::string, Vm> vms_;
  ports::Journal* journal_ = nullptr;
  ExecutionResult result_;
  std::size_t step_ = 0;  ///< from 1

  using NamedEvent = fleet::NamedEvent;
  bool stop_requested() const {
    return options_.migration.stop_requested && options_.migration.stop_requested();
  }
  const fleet::SettingInfo* setting(const std::string& name) const;
  const std::vector<std::string>* program_for(const std::string& host,
                                              const compat::Implementation& implementation) const;
  Faults publishes(const std::string& host, const std::string& driver);
  Faults runs(const std::string& vm);

  bool intend(const std::string& what, const std::string& detail);
  /// Follows the events and writes down what came of it. False when the journal cannot, or the tables do not
  /// allow the events.
  bool record(ports::Outcome outcome, const std::vector<NamedEvent>& events, const std::string& what);
  bool end_with(ExecutionEnd end, std::string why);

  bool take(const fleet::PlanStep& step);
  bool migrate(const fleet::PlanStep& step);
  bool install(const fleet::PlanStep& step);
  bool start(const fleet::PlanStep& step);
  bool power_off(const fleet::PlanStep& step);
  bool note(const fleet::PlanStep& step);
  std::vector<NamedEvent> meaning(const std::string& vm, const StepReport& report,
                                  std::optional<Outcome> ended) const;
  std::vector<NamedEvent> way_back(const std::string& vm) const;
  /// Ends whatever is the VM's device; says in `said` what became of it.
  bool end_device(const std::string& name, Vm& vm, std::string& said);
  Result<StartedProgram> start_program(const std::string& vm, const std::string& host,
                                       const fleet::SettingInfo& info, std::string& line);
};

}  // namespace portolan::vfio
