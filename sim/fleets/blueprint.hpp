#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A fleet's scenario, ready to be simulated: who brings each action about, and the plan that is followed in
// place of the operator's dice, if there is one.

#include "sim/fleets/parts.hpp"
#include "sim/run/blueprint.hpp"

namespace portolan::sim::fleets {

class Blueprint : public run::Blueprint {
 public:
  Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded, run::MachineSteps::Stepper built_in)
      : run::Blueprint(std::move(loaded), built_in), parts_(evaluator()) {}

  std::unique_ptr<run::Replication> replicate(const time::StreamName& name) const override;

  const Parts& parts() const { return parts_; }
  /// Empty: the operator decides at random.
  const std::vector<run::Choice>& plan() const { return plan_; }
  /// Before the first replication.
  void follow(std::vector<run::Choice> plan) { plan_ = std::move(plan); }

 private:
  Parts parts_;
  std::vector<run::Choice> plan_;
};

}  // namespace portolan::sim::fleets
