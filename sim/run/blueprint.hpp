#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What all replications of a scenario share and none changes: the module as the simulator reads it, the names
// of its rows, how long each action takes and how often it is chosen. A kind of simulator (fleets, models of
// a scenario's own) adds what it knows of its modules and makes the replications. Thread-safe: nothing is
// changed once it is made.

#include <memory>

#include "model/fleet/plans/plan.hpp"
#include "model/fleet/scenario.hpp"
#include "model/machines/run_time.hpp"
#include "model/ports/events.hpp"
#include "sim/run/machine_steps.hpp"

namespace portolan::sim::run {

class Replication;

class Blueprint : public std::enable_shared_from_this<Blueprint> {
 public:
  virtual ~Blueprint() = default;
  Blueprint(const Blueprint&) = delete;

  /// A replication at its beginning.
  virtual std::unique_ptr<Replication> replicate(const time::StreamName& name) const = 0;

  const fleet::LoadedScenario& loaded() const { return *loaded_; }
  const fleet::Timing& timing() const { return loaded_->scenario.timing; }
  const rules::Module& module() const { return loaded_->module; }
  const Evaluator& evaluator() const { return evaluator_; }
  const MachineSteps& machines() const { return machines_; }
  const fleet::Distribution& duration(std::size_t group) const { return durations_[group]; }
  /// How often the latency is added to the duration.
  std::uint32_t messages(std::size_t group) const { return messages_[group]; }
  /// How often an action is chosen, by group.
  std::span<const std::uint64_t> weights() const { return weights_; }

  /// Every name that rows refer to: actions by group, then the elements of each sort.
  std::span<const std::string> names() const { return names_; }
  ports::Name name_of_action(std::size_t group) const { return static_cast<ports::Name>(group); }
  ports::Name name_of_element(int sort, std::int64_t element) const {
    return element < 0 ? ports::no_name
                       : first_name_[static_cast<std::size_t>(sort)] + static_cast<ports::Name>(element);
  }
  /// `migrate_begin(vm1, host2, acme@2)`.
  std::string shown(std::size_t group, std::span<const std::int64_t> arguments) const;

  /// Faults: an action with more parameters than rows have.
  Faults faults() const;
  /// The steps of a plan by group and element. Faults: a name that is not there.
  Result<std::vector<Choice>> choices(const std::vector<fleet::NamedEvent>& plan) const;

 protected:
  /// An object stays where it is: its parts refer to one another.
  Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded, MachineSteps::Stepper built_in);

 private:
  std::shared_ptr<const fleet::LoadedScenario> loaded_;
  Evaluator evaluator_;
  MachineSteps machines_;
  std::vector<std::string> names_;
  std::vector<ports::Name> first_name_;
  std::vector<fleet::Distribution> durations_;
  std::vector<std::uint32_t> messages_;
  std::vector<std::uint64_t> weights_;
};

}  // namespace portolan::sim::run
