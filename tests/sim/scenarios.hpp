#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Scenarios for tests of the simulator: the fleet of scenarios/fleet, smaller, with other members added.

#include <fstream>
#include <stdexcept>

#include "sim/prepare.hpp"
#include "sim/run/replication.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::test {

inline std::shared_ptr<const fleet::LoadedScenario> load_text(const std::string& yaml) {
  const TemporaryFolder folder;
  std::ofstream(folder / "scenario.yaml") << yaml;
  auto loaded = fleet::load_scenario(folder / "scenario.yaml");
  if (!loaded) throw std::runtime_error(to_string(loaded.error()));
  return std::make_shared<const fleet::LoadedScenario>(std::move(*loaded));
}

inline std::shared_ptr<const sim::run::Blueprint> blueprint_of(
    const std::string& yaml, const std::vector<fleet::NamedEvent>& plan = {}) {
  auto made = sim::prepare(load_text(yaml), plan);
  if (!made) throw std::runtime_error(to_string(made.error()));
  return *made;
}

inline std::shared_ptr<const sim::run::Blueprint> upgrade_blueprint() {
  auto loaded = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/fleet/upgrade.yaml");
  if (!loaded) throw std::runtime_error(to_string(loaded.error()));
  return *sim::prepare(std::make_shared<const fleet::LoadedScenario>(std::move(*loaded)));
}

/// So many hosts and one VM of driver 1; `more` is YAML for further members.
inline std::string one_vm(int hosts, const std::string& more) {
  return "format: portolan.scenario/1\ndescription: one VM\ncatalogue: " PORTOLAN_SOURCE_DIR
         "/scenarios/fleet/drivers.yaml\nfleet:\n  hosts: [{name: host, count: " +
         std::to_string(hosts) +
         ", implementation: acme-gfx, version: \"1\"}]\n  vms: [{name: vm, place: host1}]\n" + more + "\n";
}

/// A whole replication, in one piece.
struct Ran {
  std::vector<ports::EventRow> events;
  std::vector<ports::MigrationRow> migrations;
  ports::ReplicationEnd end;
};

inline Ran ran_of(const std::shared_ptr<const sim::run::Blueprint>& blueprint, std::uint64_t seed = 1) {
  const auto replication = blueprint->replicate({seed, 0, 1});
  Ran ran;
  for (bool ended = false; !ended;) {
    ports::Batch batch;
    ended = replication->run(batch, 1000);
    ran.events.insert(ran.events.end(), batch.events.begin(), batch.events.end());
    ran.migrations.insert(ran.migrations.end(), batch.migrations.begin(), batch.migrations.end());
    if (ended) ran.end = *batch.end;
  }
  return ran;
}

inline std::vector<std::string> actions_of(const sim::run::Blueprint& blueprint, const Ran& ran) {
  std::vector<std::string> names;
  for (const auto& event : ran.events)
    names.push_back(blueprint.names()[static_cast<std::size_t>(event.action)]);
  return names;
}

}  // namespace portolan::test
