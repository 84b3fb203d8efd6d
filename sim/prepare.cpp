// SPDX-License-Identifier: Apache-2.0
#include "sim/prepare.hpp"

#include "sim/fleets/blueprint.hpp"
#include "sim/own_model/replication.hpp"

namespace portolan::sim {

Result<std::shared_ptr<const run::Blueprint>> prepare(std::shared_ptr<const fleet::LoadedScenario> loaded,
                                                      const std::vector<fleet::NamedEvent>& plan,
                                                      run::MachineSteps::Stepper built_in) {
  if (!plan.empty() && !loaded->is_fleet())
    return fail(Fault{FaultCode::usage,
                      {loaded->scenario.file, {}, "model"},
                      "a scenario with a model of its own has no operator who could follow a plan",
                      "a scenario with a fleet",
                      "run it without the plan; portolan plan verify says whether the plan is good"});
  std::shared_ptr<fleets::Blueprint> of_fleet;
  std::shared_ptr<run::Blueprint> blueprint;
  if (loaded->is_fleet())
    blueprint = of_fleet = std::make_shared<fleets::Blueprint>(std::move(loaded), built_in);
  else
    blueprint = std::make_shared<own_model::Blueprint>(std::move(loaded), built_in);
  Faults faults = blueprint->faults();
  auto choices = blueprint->choices(plan);
  if (!choices) faults.insert(faults.end(), choices.error().begin(), choices.error().end());
  if (!faults.empty()) return fail(std::move(faults));
  if (of_fleet) of_fleet->follow(std::move(*choices));
  return std::shared_ptr<const run::Blueprint>(std::move(blueprint));
}

}  // namespace portolan::sim
