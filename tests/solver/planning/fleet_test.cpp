// SPDX-License-Identifier: Apache-2.0
//
// The fleet under the explorer and the planner: what the built-in actions promise, and that a broken variant
// of them is found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "model/fleet/actions.hpp"
#include "model/fleet/plans/plan.hpp"
#include "solver/explore/explorer.hpp"
#include "solver/planning/planner.hpp"
#include "tests/support/broken_fleet.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::solver::planning {
namespace {

using test::BrokenFleet;
using test::loaded;

std::map<std::string, explore::PropertyVerdict> verdicts(const explore::Exploration& found) {
  std::map<std::string, explore::PropertyVerdict> result;
  for (const explore::PropertyResult& property : found.properties) result[property.name] = property.verdict;
  return result;
}

std::set<std::string> violated(const rules::Module& module) {
  std::set<std::string> names;
  for (const explore::PropertyResult& property : explore::Explorer(module).run().properties)
    if (property.verdict == explore::PropertyVerdict::violated) names.insert(property.name);
  return names;
}

TEST(Fleet, NamesTheForgottenFieldsPointOfNoReturn) {
  const fleet::LoadedScenario scenario = loaded("forgotten-field.yaml");
  const explore::Exploration found = explore::Explorer(scenario.module).run();
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(verdicts(found)["guest-can-return"], explore::PropertyVerdict::violated);
  EXPECT_EQ(verdicts(found)["fix-can-be-enabled"], explore::PropertyVerdict::holds);
  for (const explore::PropertyResult& property : found.properties) {
    if (property.name != "guest-can-return") continue;
    ASSERT_TRUE(property.trace);
    EXPECT_EQ(rules::to_string(scenario.module, property.trace->steps.back().event),
              "set_param(guest, acme-nic@2)");
  }

  const PlanAnswer plan = make_plan(scenario, {});
  EXPECT_EQ(plan.verdict, PlanVerdict::found) << plan.reason;
  ASSERT_EQ(plan.plan.steps.size(), 2u);
  EXPECT_EQ(plan.plan.point_of_no_return, std::optional<std::size_t>(1));
  EXPECT_THAT(plan.plan.notes, testing::Contains(testing::HasSubstr("guest-can-return")));
}

TEST(Fleet, IsPlannedWithinOneDeadlineForAllSearches) {
  explore::ExploreOptions options;
  options.seconds_max = 60;
  options.deadline = std::chrono::steady_clock::now();
  const auto begun = std::chrono::steady_clock::now();
  const PlanAnswer answer = make_plan(loaded("upgrade.yaml"), options);
  EXPECT_EQ(answer.verdict, PlanVerdict::undetermined);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

TEST(Fleet, SaysWhatWouldLetAFixBeEnabled) {
  const std::filesystem::path folder = PORTOLAN_SOURCE_DIR "/scenarios/fleet";
  const test::TemporaryFolder own;
  std::filesystem::copy(folder / "forgotten-field-catalogue.yaml", own / "forgotten-field-catalogue.yaml");
  std::stringstream text;
  text << std::ifstream(folder / "forgotten-field.yaml").rdbuf();
  std::string scenario = text.str();
  const std::string may = ", may_set: {fix: [true]}";
  ASSERT_NE(scenario.find(may), std::string::npos);
  scenario.erase(scenario.find(may), may.size());
  if (const auto expect = scenario.find("\nexpect:"); expect != std::string::npos) scenario.erase(expect + 1);
  std::ofstream(own / "s.yaml") << scenario;
  const auto read = fleet::load_scenario(own / "s.yaml");
  ASSERT_TRUE(read) << to_string(read.error());
  const explore::Exploration found = explore::Explorer(read->module).run();
  for (const explore::PropertyResult& property : found.properties)
    if (property.name == "fix-can-be-enabled") {
      EXPECT_EQ(property.verdict, explore::PropertyVerdict::violated);
      EXPECT_EQ(
          property.reason,
          "no reachable state has the condition; no VM may switch it on while it runs: let one, with fix "
          "under its may_set");
    }
  EXPECT_EQ(verdicts(found).count("fix-can-be-enabled"), 1u);
}

TEST(FleetSlow, SaysWhichParameterMakesAnUpgradeImpossible) {
  const PlanAnswer answer = make_plan(loaded("impossible.yaml"), {});
  EXPECT_EQ(answer.verdict, PlanVerdict::impossible);
  ASSERT_EQ(answer.obstacles.size(), 1u);
  ASSERT_EQ(answer.obstacles[0].details.size(), 1u);
  EXPECT_EQ(answer.obstacles[0].details[0],
            "large from acme-gfx@1/gfx {memory=8192} to acme-gfx@2-compact/gfx: C3: memory=8192 is not "
            "accepted by acme-gfx@2-compact/gfx, which accepts {4096}");
}

TEST(Fleet, PlansTheUpgradeAndVerifiesItUnderFaults) {
  const fleet::LoadedScenario scenario = loaded("upgrade.yaml");
  const PlanAnswer answer = make_plan(scenario, {});
  ASSERT_EQ(answer.verdict, PlanVerdict::found) << answer.reason;
  EXPECT_EQ(answer.plan.steps.size(), 8u);
  EXPECT_EQ(answer.plan.verified.fault_budget, 1u);
  EXPECT_FALSE(answer.plan.point_of_no_return) << "a VM that came from driver 1 can go back";
  // The reference takes the same steps and comes to the goal.
  const auto events = fleet::events_of(scenario, answer.plan.steps, {});
  ASSERT_TRUE(events) << to_string(events.error());
  rules::Cells now = scenario.module.initial, next;
  for (const rules::Event& event : *events) {
    ASSERT_EQ(rules::fire(scenario.module, scenario.module.actions[event.action], event.arguments, now, next),
              rules::Firing::fired);
    now = next;
  }
  EXPECT_TRUE(rules::holds(scenario.module, *scenario.goal, now));
  // Steps without an order between them may be taken either way round.
  std::vector<fleet::PlanStep> swapped = answer.plan.steps;
  for (std::size_t s = 0; s + 1 < swapped.size(); ++s) {
    if (std::find(swapped[s + 1].after.begin(), swapped[s + 1].after.end(), s) != swapped[s + 1].after.end())
      continue;
    std::swap(swapped[s], swapped[s + 1]);
    EXPECT_TRUE(fleet::events_of(scenario, swapped, {})) << "steps " << s + 1 << " and " << s + 2;
    std::swap(swapped[s], swapped[s + 1]);
  }
  // A step too many, too few or in the wrong place is noticed.
  std::vector<fleet::PlanStep> wrong = answer.plan.steps;
  std::swap(wrong[0], wrong[1]);
  EXPECT_FALSE(fleet::events_of(scenario, wrong, {}));
}

// --- broken variants
// -------------------------------------------------------------------------------------------------

TEST(BrokenFleets, AreFoundByTheirProperties) {
  const fleet::LoadedScenario scenario = loaded("forgotten-field.yaml");
  const auto whole = violated(scenario.module);
  for (const test::BrokenVariant& variant : test::broken_variants) {
    EXPECT_FALSE(whole.contains(std::string(variant.property)));
    BrokenFleet broken;
    variant.break_it(broken);
    EXPECT_TRUE(violated(broken.module(scenario)).contains(std::string(variant.property))) << variant.name;
  }
}

TEST(BrokenFleets, ASourceThatIsNeverStoppedShowsInWhatSometimesHappens) {
  const fleet::LoadedScenario scenario = loaded("forgotten-field.yaml");
  BrokenFleet broken;
  broken.row(machines::session, "Transferring", "stop_source", [](rules::RowText& row) { row.update = ""; });
  broken.row(machines::session, "Transferring", "load",
             [](rules::RowText& row) { row.guard = row.to == "Aborted" ? "!yes" : "yes && !loaded"; });
  // The fleet's own guards keep such a source from being saved: nothing wrong happens, and nothing migrates.
  EXPECT_TRUE(violated(broken.module(scenario)).contains("some-migration-commits"));
}

TEST(BrokenFleets, AnInstanceFromAPoolThatIsNotClearedIsFound) {
  fleet::LoadedScenario scenario = loaded("forgotten-field.yaml");
  for (fleet::HostGroup& host : scenario.scenario.hosts) host.pooled = true;
  BrokenFleet whole, broken;
  EXPECT_TRUE(violated(whole.module(scenario)).empty() ||
              !violated(whole.module(scenario)).contains("no-leftovers"));
  broken.action(fleet::vocabulary::action::migrate_step_prepare).guard =
      "session[v] == Checked && up[target[v]]";
  EXPECT_TRUE(violated(broken.module(scenario)).contains("no-leftovers")) << "E12";
}

TEST(BrokenFleets, ACapacityThatIsNotAskedForIsFound) {
  fleet::LoadedScenario scenario = loaded("upgrade.yaml");
  for (fleet::HostGroup& host : scenario.scenario.hosts) host.capacity = 1;
  scenario.scenario.fault_budget = 0;
  BrokenFleet broken;
  const std::string guard(broken.action(fleet::vocabulary::action::migrate_begin).guard);
  const std::string asked =
      " && count(w in vm: place[w] == h && type-of[setting[w]] == type-of[s]) + count(w in vm: target[w] == "
      "h && type-of[given[w]] == type-of[s]) < capacity[h, type-of[s]]";
  const std::size_t at = guard.find(asked);
  ASSERT_NE(at, std::string::npos);
  const std::string without = guard.substr(0, at) + guard.substr(at + asked.size());
  broken.action(fleet::vocabulary::action::migrate_begin).guard = without;
  scenario.scenario.without.push_back({"upgrade", {}});
  scenario.scenario.without.push_back({"downgrade", {}});
  EXPECT_TRUE(violated(broken.module(scenario)).contains("within-capacity"));
}

}  // namespace
}  // namespace portolan::solver::planning
