#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Scenarios for tests of the simulator: the fleet of scenarios/fleet, smaller, with other members added.

#include <fstream>
#include <stdexcept>

#include "sim/blueprint.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::test {

inline std::shared_ptr<const fleet::LoadedScenario> load_text(const std::string& yaml) {
  const TemporaryFolder folder;
  std::ofstream(folder / "scenario.yaml") << yaml;
  auto loaded = fleet::load_scenario(folder / "scenario.yaml");
  if (!loaded) throw std::runtime_error(to_string(loaded.error()));
  return std::make_shared<const fleet::LoadedScenario>(std::move(*loaded));
}

inline std::shared_ptr<const sim::Blueprint> blueprint_of(const std::string& yaml,
                                                          const std::vector<sim::PlanStep>& plan = {}) {
  auto made = sim::Blueprint::make(load_text(yaml), plan);
  if (!made) throw std::runtime_error(to_string(made.error()));
  return *made;
}

inline std::shared_ptr<const sim::Blueprint> upgrade_blueprint() {
  auto loaded = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/fleet/upgrade.yaml");
  if (!loaded) throw std::runtime_error(to_string(loaded.error()));
  return *sim::Blueprint::make(std::make_shared<const fleet::LoadedScenario>(std::move(*loaded)));
}

/// So many hosts and one VM of driver 1; `more` is YAML for further members.
inline std::string one_vm(int hosts, const std::string& more) {
  return "format: portolan.scenario/1\ndescription: one VM\ncatalogue: " PORTOLAN_SOURCE_DIR
         "/scenarios/fleet/drivers.yaml\nfleet:\n  hosts: [{name: host, count: " +
         std::to_string(hosts) +
         ", implementation: acme-gfx, version: \"1\"}]\n  vms: [{name: vm, place: host1}]\n" + more + "\n";
}

}  // namespace portolan::test
