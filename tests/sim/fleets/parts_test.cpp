// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/parts.hpp"

#include <gmock/gmock.h>

#include <map>

#include "model/fleet/usual_times.hpp"
#include "sim/fleets/blueprint.hpp"
#include "tests/sim/scenarios.hpp"

namespace portolan::sim::fleets {
namespace {

std::vector<std::string> names(const run::Evaluator& evaluator, const std::vector<std::size_t>& groups) {
  std::vector<std::string> found;
  for (const std::size_t group : groups) found.push_back(evaluator.groups()[group].name);
  return found;
}

TEST(FleetActions, AreEachBroughtAboutByExactlyOne) {
  const auto blueprint = test::blueprint_of(test::one_vm(2, ""));
  const auto& evaluator = blueprint->evaluator();
  const Parts parts(evaluator);
  std::map<std::size_t, int> times;
  for (const auto* groups :
       {&parts.driver, &parts.vm_reactions, &parts.host_reactions, &parts.faults, &parts.operators})
    for (const std::size_t group : *groups) ++times[group];
  EXPECT_EQ(times.size(), std::size(fleet::actions));
  for (const auto& [group, number] : times) EXPECT_EQ(number, 1) << evaluator.groups()[group].name;
}

TEST(FleetActions, OfTheOperatorAreThoseWithAWeight) {
  const auto blueprint = test::blueprint_of(test::one_vm(2, ""));
  std::vector<std::string> weighted;
  for (const auto& row : fleet::usual::weights) weighted.emplace_back(row.action.name());
  EXPECT_THAT(names(blueprint->evaluator(), Parts(blueprint->evaluator()).operators),
              testing::UnorderedElementsAreArray(weighted));
}

TEST(FleetActions, ThatFollowByThemselvesBelongToTheHostOrTheVmThatTheyHappenTo) {
  const auto blueprint = test::blueprint_of(test::one_vm(2, ""));
  const Parts parts(blueprint->evaluator());
  EXPECT_THAT(names(blueprint->evaluator(), parts.host_reactions),
              testing::ElementsAre("host_recovers", "link_recovers"));
  EXPECT_THAT(names(blueprint->evaluator(), parts.vm_reactions),
              testing::ElementsAre("source_dies", "destination_dies", "destination_dies_early", "vm_dies"));
}

TEST(FleetActions, ThatAScenarioLeavesOutHaveNoPart) {
  const auto blueprint =
      test::blueprint_of(test::one_vm(2, "actions: {without: [migrate_abort, migrate_step]}"));
  const Parts parts(blueprint->evaluator());
  EXPECT_EQ(parts.abort, Parts::none);
  EXPECT_EQ(parts.load, Parts::none);
  EXPECT_FALSE(parts.moves_the_rest(0));
}

}  // namespace
}  // namespace portolan::sim::fleets
