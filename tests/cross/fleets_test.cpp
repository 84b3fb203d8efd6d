// SPDX-License-Identifier: Apache-2.0
//
// Fleets, three ways: the explorer counts the states that Spin counts and finds what Spin finds, in whole
// fleets and in broken ones; and whatever the simulator comes to, the explorer has seen.

#include <gmock/gmock.h>

#include <set>

#include "model/rules/exports/names.hpp"
#include "model/rules/exports/promela.hpp"
#include "sim/run/replication.hpp"
#include "solver/explore/explorer.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/support/broken_fleet.hpp"
#include "tests/support/spin.hpp"

namespace portolan {
namespace {

std::set<std::string> violated(const solver::explore::Exploration& found) {
  std::set<std::string> names;
  for (const auto& property : found.properties)
    if (property.verb == rules::Verb::always &&
        property.verdict == solver::explore::PropertyVerdict::violated)
      names.insert("violated_" + rules::exports::mangled(property.name));
  return names;
}

/// States, transitions, and which *always* properties fail.
void expect_that_spin_agrees(const rules::Module& module) {
  const solver::explore::Exploration found = solver::explore::Explorer(module).run();
  ASSERT_TRUE(found.complete);
  const auto text = rules::exports::promela(module);
  ASSERT_TRUE(text) << to_string(text.error());
  const test::SpinRun spin = test::run_spin(*text);
  ASSERT_TRUE(spin.complete) << spin.output;
  EXPECT_EQ(spin.states, found.states);
  EXPECT_EQ(spin.transitions, found.transitions + spin.errors +
                                  1);  // Spin counts its own first step, and each failed assertion as one
  EXPECT_EQ(std::set<std::string>(spin.failed.begin(), spin.failed.end()), violated(found));
  testing::Test::RecordProperty("states", std::to_string(found.states));
}

/// `one_vm` and more, each of another shape.
const std::pair<const char*, std::string> shapes[] = {
    {"two hosts, two faults of every kind", test::one_vm(2, "faults: {budget: 2}")},
    {"live upgrade",
     test::one_vm(
         2,
         "rollout: {live_upgrade: [acme-gfx@2]}\nfaults: {budget: 1, kinds: [device_error, answer_lost]}")},
    {"one migration at a time, links fail",
     test::one_vm(3,
                  "rollout: {migrations_max: 1}\nactions: {without: [power_cycle, drain, undrain]}\nfaults: "
                  "{budget: 1, kinds: [link_fails]}")},
};

TEST(SlowFleets, AreTheSameForSpin) {
  for (const auto& [name, yaml] : shapes) {
    SCOPED_TRACE(name);
    expect_that_spin_agrees(test::load_text(yaml)->module);
  }
}

TEST(SlowFleets, OfTheScenariosAreTheSameForSpin) {
  for (const char* name : {"forgotten-field.yaml", "upgrade.yaml", "impossible.yaml"}) {
    SCOPED_TRACE(name);
    expect_that_spin_agrees(test::loaded(name).module);
  }
}

TEST(SlowFleets, ThatAreBrokenAreBrokenForSpinToo) {
  const fleet::LoadedScenario scenario = test::loaded("forgotten-field.yaml");
  for (const test::BrokenVariant& variant : test::broken_variants) {
    SCOPED_TRACE(variant.name);
    test::BrokenFleet broken;
    variant.break_it(broken);
    const rules::Module module = broken.module(scenario);
    expect_that_spin_agrees(module);
    EXPECT_TRUE(violated(solver::explore::Explorer(module).run())
                    .contains("violated_" + rules::exports::mangled(variant.property)));
  }
}

/// Every event of the run is enabled for the reference evaluator, and every state that it comes to is one of
/// the explorer's.
void expect_that_the_explorer_saw(const std::shared_ptr<const sim::run::Blueprint>& blueprint,
                                  std::uint64_t seeds, std::size_t states_min) {
  const rules::Module& module = blueprint->module();
  solver::explore::Explorer explorer(module);
  const solver::explore::Exploration found = explorer.run();
  ASSERT_TRUE(found.complete);
  const auto names = blueprint->names();
  std::set<rules::Cells> visited;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto replication = blueprint->replicate({seed, 0, 1});
    rules::Cells now = module.initial, next;
    for (bool ended = false; !ended;) {
      ports::Batch batch;
      ended = replication->run(batch, 1000);
      for (const ports::EventRow& row : batch.events) {
        bool fired = false;
        for (const rules::Action& action : module.actions) {
          if (action.name != names[static_cast<std::size_t>(row.action)]) continue;
          rules::Arguments arguments;
          for (std::size_t p = 0; p < action.parameters.size(); ++p) {
            const auto& elements = module.sorts[static_cast<std::size_t>(action.parameters[p].sort)].elements;
            arguments.push_back(std::find(elements.begin(), elements.end(),
                                          names[static_cast<std::size_t>(row.arguments[p])]) -
                                elements.begin());
          }
          if (rules::fire(module, action, arguments, now, next) != rules::Firing::fired) continue;
          fired = true;
          break;
        }
        ASSERT_TRUE(fired) << "seed " << seed << ": " << names[static_cast<std::size_t>(row.action)] << " at "
                           << row.time_ns << " ns is not enabled for the reference";
        now = next;
        ASSERT_TRUE(explorer.visited(now))
            << "seed " << seed << ": after " << names[static_cast<std::size_t>(row.action)] << " at "
            << row.time_ns << " ns";
        visited.insert(now);
      }
      ASSERT_EQ(now, replication->cells());
    }
  }
  EXPECT_GE(visited.size(), states_min)
      << "of " << found.states << ": the walk is no test where it stands still";
}

TEST(SlowFleets, OfOneVmAreSimulatedWithinWhatTheExplorerSaw) {
  const char* rough =
      "rollout: {migrations_max: 1}\nfaults: {budget: 2, rates: {device_error_ns: 10000000000, "
      "answer_lost_ns: 20000000000, link_fails_ns: 300000000000}}\nsimulation: {events_max: 300}";
  expect_that_the_explorer_saw(test::blueprint_of(test::one_vm(2, rough)), 6, 40);
}

TEST(SlowFleets, OfTheUpgradeAreSimulatedWithinWhatTheExplorerSaw) {
  std::ifstream in(PORTOLAN_SOURCE_DIR "/scenarios/fleet/upgrade.yaml");
  std::string yaml{std::istreambuf_iterator<char>(in), {}};
  yaml.replace(yaml.find("catalogue: "), 11, "catalogue: " PORTOLAN_SOURCE_DIR "/scenarios/fleet/");
  expect_that_the_explorer_saw(test::blueprint_of(yaml + "simulation: {events_max: 2000}\n"), 10, 500);
}

}  // namespace
}  // namespace portolan
