#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From a scenario to what is simulated: a fleet by the fleets' simulator, a model of the scenario's own by
// the other. The one place that knows both.
//
//   const auto blueprint = sim::prepare(loaded);
//   sim::run::Run run(*blueprint, {.seed = 7, .replications = 10});

#include "sim/run/blueprint.hpp"

namespace portolan::sim {

/// Faults: an action with more parameters than rows have; a plan that names what is not there. An empty plan
/// is none; of a model of its own it is not followed. `built_in` steps built-in machines.
Result<std::shared_ptr<const run::Blueprint>> prepare(std::shared_ptr<const fleet::LoadedScenario> loaded,
                                                      const std::vector<fleet::NamedEvent>& plan = {},
                                                      run::MachineSteps::Stepper built_in = machines::step);

}  // namespace portolan::sim
