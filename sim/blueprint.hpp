#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What all replications of a scenario share and none changes: the module as the simulator reads it, the names
// of its rows, how long each action takes, and, for a fleet, who brings each action about: the operator, the
// driver of a migration, the world by itself, or a fault.

#include <memory>

#include "model/fleet/scenario.hpp"
#include "model/machines/run_time.hpp"
#include "model/ports.hpp"
#include "model/rules/firing.hpp"
#include "sim/machine_steps.hpp"

namespace portolan::sim {

/// A step of a plan: the name of an action and of its arguments.
struct PlanStep {
  std::string action;
  std::vector<std::string> arguments;
};

struct PlannedEvent {
  std::size_t group = 0;
  rules::Arguments arguments;
};

/// operator: chosen at random, or by the plan. driver: the next step of a migration. reaction: follows by
/// itself after its duration. fault: happens at a rate. The four parts of the fleet's actions; a test holds
/// that each action is in one of them.
enum class Who : std::uint8_t { operator_, driver, reaction, fault };

/// Positions of the variables and elements that the simulator knows by name; only for a fleet.
struct FleetView {
  int vm_sort = -1, host_sort = -1;
  int session = -1, source = -1, place = -1, target = -1, given = -1, up = -1, link = -1, faults_left = -1;
  int instance_running = -1, replica_running = -1, source_runs = -1;
  std::int64_t idle = 0, transferring = 0, committed = 0, aborted = 0, pre_copy = 0;  ///< states
  std::vector<Who> who;                                                               ///< by group
  std::vector<std::size_t>
      driver;  ///< groups in the order in which a migration prefers them; giving up is not among them
  std::vector<std::size_t> vm_reactions, host_reactions, faults, operators;
  int pause = -1, load = -1, refuse = -1, abort = -1;
};

class Blueprint {
 public:
  /// Faults: an action with more parameters than rows have; a plan that names what is not there. The scenario
  /// is kept.
  static Result<std::shared_ptr<const Blueprint>> make(std::shared_ptr<const fleet::LoadedScenario> loaded,
                                                       const std::vector<PlanStep>& plan = {},
                                                       MachineSteps::Stepper built_in = machines::step);

  const fleet::LoadedScenario& loaded() const { return *loaded_; }
  const fleet::Timing& timing() const { return loaded_->scenario.timing; }
  const rules::Module& module() const { return loaded_->module; }
  const Evaluator& evaluator() const { return evaluator_; }
  const MachineSteps& machines() const { return machines_; }
  const std::vector<PlannedEvent>& plan() const { return plan_; }
  bool has_plan() const { return has_plan_; }
  const std::optional<FleetView>& fleet() const { return fleet_; }
  const fleet::Distribution& duration(std::size_t group) const { return durations_[group]; }
  std::uint32_t messages(std::size_t group) const { return messages_[group]; }
  std::uint64_t weight(std::size_t group) const { return weights_[group]; }

  std::span<const std::string> names() const { return names_; }
  ports::Name name_of_action(std::size_t group) const { return static_cast<ports::Name>(group); }
  ports::Name name_of_element(int sort, std::int64_t element) const {
    return element < 0 ? ports::no_name
                       : first_name_[static_cast<std::size_t>(sort)] + static_cast<ports::Name>(element);
  }
  std::string shown(std::size_t group, std::span<const std::int64_t> arguments) const;

  Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded,
            MachineSteps::Stepper built_in);  // by make(); an object stays where it is
  Blueprint(const Blueprint&) = delete;

 private:
  std::shared_ptr<const fleet::LoadedScenario> loaded_;
  Evaluator evaluator_;
  MachineSteps machines_;
  std::vector<std::string> names_;
  std::vector<ports::Name> first_name_;
  std::vector<fleet::Distribution> durations_;
  std::vector<std::uint32_t> messages_;
  std::vector<std::uint64_t> weights_;
  std::optional<FleetView> fleet_;
  std::vector<PlannedEvent> plan_;
  bool has_plan_ = false;
};

}  // namespace portolan::sim
