// SPDX-License-Identifier: Apache-2.0
//
// `explore`, `plan` and what they store, through the command line.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "model/fleet/plans/plan.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using testing::HasSubstr;

class FleetCommands : public testing::Test {
 protected:
  void SetUp() override { write("\"fixes[setting[guest]]\""); }
  /// forgotten-field.yaml with another goal.
  void write(const std::string& goal) {
    std::ofstream(scenario)
        << "format: portolan.scenario/1\ndescription: E11\ncatalogue: " PORTOLAN_SOURCE_DIR
           "/scenarios/fleet/forgotten-field-catalogue.yaml\nfleet:\n"
           "  hosts: [{name: old, implementation: acme-nic, version: \"1\"}, {name: new, implementation: "
           "acme-nic, version: \"2\"}]\n"
           "  vms: [{name: guest, place: old, may_set: {fix: [true]}}]\ngoal: "
        << goal << "\nactions: {without: [power_cycle, upgrade, downgrade, drain, undrain]}\n"
        << "properties: [{name: guest-can-return, eventually: \"place[guest] == old && session[guest] == "
           "Idle\"}]\n";
  }
  test::Ended run(std::vector<std::string> arguments) {
    for (const char* more : {"--db", database.c_str()}) arguments.emplace_back(more);
    return test::run_here(arguments);
  }
  test::TemporaryFolder folder;
  const std::string scenario = (folder / "fleet.yaml").string(), plan = (folder / "fleet.plan.json").string(),
                    database = (folder / "p.db").string();
};

TEST_F(FleetCommands, ExploreStoresWhatItFound) {
  const auto ran = run({"explore", scenario, "--json"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("stored as report 1"));
  const auto shown = test::run_here({"db", "show", "1", "--json", "--db", database});
  ASSERT_EQ(shown.status, 0) << shown.err;
  Json printed = Json::parse(ran.out), stored = Json::parse(shown.out).at("exploration");
  for (const auto& [name, value] : stored.items()) EXPECT_EQ(value, printed.at(name)) << name;
  EXPECT_EQ(stored.at("properties").size(), printed.at("properties").size());
  const auto text = test::run_here({"db", "show", "1", "--db", database});
  EXPECT_THAT(text.out, HasSubstr("violated      eventually guest-can-return"));
  EXPECT_THAT(text.out, HasSubstr("set_param(guest, acme-nic@2)"));
  EXPECT_THAT(test::run_here({"db", "list", "--db", database}).out, HasSubstr("explore " + scenario));
  const auto asked =
      test::run_here({"sim", "query", "SELECT property FROM properties WHERE verdict = 'violated'", "--json",
                      "--db", database});
  EXPECT_THAT(asked.out, HasSubstr("guest-can-return"));
}

TEST_F(FleetCommands, ExploreStoresNothingWhenToldSo) {
  EXPECT_EQ(run({"explore", scenario, "--no-store"}).status, 1);
  EXPECT_FALSE(std::filesystem::exists(database));
}

TEST_F(FleetCommands, ABoundIsAWholeNumber) {
  for (const char* wrong : {"-1", "99999999999999999999", "", "ten"}) {
    const auto ran = run({"explore", scenario, "--max-states", wrong});
    EXPECT_EQ(ran.status, 2) << wrong;
    EXPECT_THAT(ran.err, HasSubstr(std::string("--max-states: got \"") + wrong +
                                   "\", expected a whole number from 0 to 18446744073709551615"));
  }
  const auto one = run({"explore", scenario, "--max-states", "1"});
  EXPECT_EQ(one.status, 3);
  EXPECT_THAT(one.out, HasSubstr("1 state, "));
}

TEST_F(FleetCommands, ADatabaseThatCannotBeUsedIsFoundOutFirst) {
  const auto ran = test::run_here({"explore", scenario, "--db", folder.path().string()});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
}

TEST_F(FleetCommands, APlanIsMadeVerifiedSimulatedAndReplayed) {
  const auto made = run({"plan", scenario, "-o", plan, "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out).at("plan"), Json::parse(std::ifstream(plan)));
  EXPECT_EQ(run({"plan", "verify", plan}).status, 0);
  const auto simulated = run({"sim", "run", scenario, "--plan", plan, "--json"});
  ASSERT_EQ(simulated.status, 0) << simulated.out << simulated.err;
  const Json run_json = Json::parse(simulated.out);
  EXPECT_EQ(run_json.at("goal_reached"), 1);
  EXPECT_EQ(run_json.at("replications").at(0).at("ended"), "plan-done");
  EXPECT_EQ(run_json.at("migrations").at("committed"), 1);
  EXPECT_EQ(run({"sim", "replay", "1", "--verify"}).status, 0);
  const Json shown = Json::parse(test::run_here({"db", "show", "1", "--json", "--db", database}).out);
  EXPECT_EQ(shown.at("command"), "plan");
  EXPECT_EQ(shown.at("plan").at("verdict"), "found");
  EXPECT_EQ(shown.at("plan").at("plan"), Json::parse(made.out).at("plan"));
  const auto verified = test::run_here({"db", "show", "2", "--db", database});
  EXPECT_THAT(verified.out, HasSubstr("plan verify"));
  EXPECT_THAT(verified.out, HasSubstr("verified: 2 steps"));
}

TEST_F(FleetCommands, AFaultLeavesThePlanAndTheRunSaysSo) {
  ASSERT_EQ(run({"plan", scenario, "-o", plan}).status, 0);
  std::ofstream(scenario, std::ios::app) << "faults: {budget: 1, rates: {device_error_ns: 10000000}}\n";
  // The budget of faults is part of what the plan was made for.
  EXPECT_EQ(run({"sim", "run", scenario, "--plan", plan}).status, 4);
  ASSERT_EQ(run({"plan", scenario, "-o", plan}).status, 0);
  const auto ran = run({"sim", "run", scenario, "--plan", plan});
  EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("the plan could not be followed: step "));
}

class SlowFleetCommands : public FleetCommands {};

TEST_F(SlowFleetCommands, APlanThatWasEditedSaysWhereItIsNotTrue) {
  ASSERT_EQ(run({"plan", scenario, "-o", plan}).status, 0);
  const Json made = Json::parse(std::ifstream(plan));
  ASSERT_EQ(made.at("point_of_no_return"), 2);
  const auto edited = [&](const std::string& at, const Json& value) {
    Json other = made;
    other[Json::json_pointer(at)] = value;
    std::ofstream(plan) << other.dump(2);
    return run({"plan", "verify", plan});
  };
  const struct {
    std::string at;
    Json value;
    std::string said;
  } edits[] = {
      {"/steps/0/guarantees/place[guest]", "old",
       "the plan was edited: step 1 says guarantees place[guest]=old, its actions give new"},
      {"/steps/0/guarantees/up[old]", "false", "step 1 says guarantees up[old]=false, its actions do not"},
      {"/steps/1/assumes", Json::object(), "step 2 leaves out: assumes "},
      {"/steps/0/does", "nothing", "step 1 says does \"nothing\", its actions give \"migrates"},
      {"/steps/0/rule", "R99", "step 1 says rule \"R99\", its actions give "},
      {"/steps/0/undo", Json{{"action", "set_param"}, {"arguments", Json::array()}},
       "step 1 says undo set_param(), its actions give "},
      {"/steps/1/after", Json::array(), "step 2 says after none, its actions give 1"},
      {"/goal", "true", "it says goal \"true\", the scenario says \"fixes[setting[guest]]\""},
      {"/inputs/goal", "true", "its inputs are not those of its digest"},
      {"/point_of_no_return", nullptr, "it says point_of_no_return none, its actions give step 2"},
      {"/notes", Json::array(),
       "it leaves out the note \"step 2 is the point of no return for guest-can-return"},
      {"/notes/1", "all is well", "its note \"all is well\" does not follow from its actions"},
      {"/verified/states", 1, "its content_digest is of another content"},
      {"/verified/transitions", 1, "its content_digest is of another content"},
      {"/verified/complete", false, "it was not verified to the end"},
      {"/verified/fault_budget", 9, "it says verified under 9 faults, the scenario has 0"},
      {"/verified/properties", Json::array(), "it was not verified for always \"one-runner\""},
      {"/verified/properties/0/name", "no-runner", "which the scenario does not ask"},
      {"/verified/properties/0/verb", "sometimes", "it was not verified for always \"one-runner\""},
      {"/verified/properties/0/verdict", "vacuous", "its content_digest is of another content"},
      {"/verified/properties/0/verdict", "violated", "it says \"one-runner\" is \"violated\""},
      {"/content_digest", std::string(64, '0'), "its content_digest is of another content"}};
  for (const auto& [at, value, said] : edits) {
    const auto ran = edited(at, value);
    EXPECT_EQ(ran.status, 4) << at << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(said)) << at;
  }
  // A step is where its number says.
  const auto moved = edited("/steps/1/step", 1);
  EXPECT_EQ(moved.status, 2);
  EXPECT_THAT(moved.err, HasSubstr("steps[1].step: got 1, expected 2, its place in the list"));
  // Whoever follows a plan looks at all of it, too, without a search.
  for (const auto& [at, value, said] : edits) {
    edited(at, value);
    EXPECT_EQ(run({"sim", "run", scenario, "--plan", plan}).status, 4) << at;
  }
  // Written so by another version of the program, it is no stale plan, but none that is called verified.
  edited("/verified/states", 1);
  auto other = fleet::read_plan(plan);
  ASSERT_TRUE(other);
  other->content_digest = fleet::content_digest_of(*other);
  std::ofstream(plan) << fleet::write_plan(*other);
  const auto different = run({"plan", "verify", plan});
  EXPECT_EQ(different.status, 1);
  EXPECT_THAT(different.out, testing::StartsWith("different: 2 steps"));
  EXPECT_EQ(edited("/scenario", made.at("scenario")).status, 0) << "nothing but its layout changed";
}

TEST_F(FleetCommands, AStalePlanIsNamedSoBySimulationAndVerification) {
  ASSERT_EQ(run({"plan", scenario, "-o", plan}).status, 0);
  write("\"place[guest] == new\"");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan", "verify", plan}, {"sim", "run", scenario, "--plan", plan}}) {
    const auto ran = run(command);
    EXPECT_EQ(ran.status, 4) << command[0];
    EXPECT_THAT(ran.out, HasSubstr("the scenario or its catalogue changed since the plan was made"));
  }
}

}  // namespace
