// SPDX-License-Identifier: Apache-2.0
//
// `check --solver`, `check --smtlib`, `impact`, `baseline` and `diff` on the worked examples: statuses, and
// the members that others rely on.

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using Json = nlohmann::json;
using portolan::test::run_here;
using portolan::test::TemporaryFolder;
using testing::HasSubstr;

const std::string scenarios = PORTOLAN_SOURCE_DIR "/scenarios/";
const std::string examples = scenarios + "examples/catalogue.yaml";

TEST(CheckProofsSlow, WritesItsQueries) {
  const TemporaryFolder folder;
  const auto ran =
      run_here({"check", scenarios + "proofs/nic.yaml", "--smtlib", (folder / "queries").string(), "--json"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "queries"))
    files += entry.path().extension() == ".smt2";
  EXPECT_GT(files, 20u);
}

TEST(CheckProofs, RefusesAFolderForQueriesThatIsAFile) {
  const auto ran = run_here({"check", examples, "--smtlib", examples});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("--smtlib"));
}

TEST(CheckProofs, SaysTheSameByEachProcedure) {
  const auto direct = run_here({"check", scenarios + "proofs/nic.yaml", "--solver", "direct", "--json"});
  for (const char* solver : {"auto", "z3", "both"}) {
    const auto other = run_here({"check", scenarios + "proofs/nic.yaml", "--solver", solver, "--json"});
    EXPECT_EQ(other.out, direct.out) << solver;
    EXPECT_EQ(other.status, direct.status) << solver;
  }
}

TEST(Impact, SaysThatTheOldHostIsLostAndWhatBringsItBack) {  // E11a
  const auto ran = run_here({"impact", "--from", examples + "#forgetful@2", "--set", "fix=on",
                             examples + "#forgetful@1", "--json"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["write"], (Json{{"fix", true}}));
  EXPECT_TRUE(json["refused_while_open"].empty());
  ASSERT_EQ(json["destinations"].size(), 1u);
  const Json& old = json["destinations"][0];
  EXPECT_EQ(old["effect"], "lost");
  EXPECT_EQ(old["reasons"][0]["rule"], "C2");
  EXPECT_EQ(old["brings_back"][0]["set"], (Json{{"fix", false}}));
  EXPECT_EQ(old["brings_back"][0]["power_cycle"], false);
}

TEST(Impact, SaysWhatIsGainedAndWhatIsLeftBehind) {
  const auto ran = run_here({"impact", "--from", examples + "#forgetful@2", "--now", "fix=on", "--set",
                             "fix=off", examples + "#forgetful@1", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  const Json old = Json::parse(ran.out)["destinations"][0];
  EXPECT_EQ(old["effect"], "gained");
  EXPECT_EQ(old["left_behind"], (Json{"the forgotten field"}));
}

TEST(CheckProofs, FindsTheForgottenFieldWhileItsFixIsOff) {  // E11a
  const auto ran = run_here({"check", examples + "#forgetful", "--json"});
  const Json json = Json::parse(ran.out);
  const auto found = std::find_if(json["findings"].begin(), json["findings"].end(),
                                  [](const Json& one) { return one["rule"] == "incomplete-state"; });
  ASSERT_NE(found, json["findings"].end());
  EXPECT_EQ((*found)["witness"], (Json{{"fix", false}}));
  EXPECT_THAT((*found)["message"].get<std::string>(), HasSubstr("the forgotten field"));
}

TEST(CheckProofs, FindsTheConstraintHoleOfE10AndTheAmbiguousTypeOfE8) {
  const Json json = Json::parse(run_here({"check", examples, "--json"}).out);
  const auto has = [&](const std::string& rule, const Json& witness) {
    return std::any_of(json["findings"].begin(), json["findings"].end(),
                       [&](const Json& one) { return one["rule"] == rule && one["witness"] == witness; });
  };
  EXPECT_TRUE(has("constraint-hole", Json({{"new-feature", true}, {"num-queues", 1}})));
  EXPECT_TRUE(has("ambiguous-type", Json({{"memory", 4096}})));
}

TEST(Baseline, NamesTheBlockers) {
  const auto ran = run_here({"baseline", scenarios + "gfx/gfx-4GB.json", scenarios + "gfx/gfx-8GB.json",
                             scenarios + "gfx/gfx-variable.json", "--json"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json model = Json::parse(ran.out)["models"][0];
  EXPECT_EQ(model["verdict"], "none");
  EXPECT_EQ(model["blockers"]["hosts"], (Json{"gfx-4GB", "gfx-8GB"}));
  EXPECT_EQ(model["blockers"]["parameters"], (Json{"memory"}));
}

TEST(Diff, NamesTheDirectionThatBreaksAndWhatMendsIt) {
  const auto ran =
      run_here({"diff", scenarios + "gfx/gfx-4GB.json", scenarios + "gfx/gfx-variable.json", "--json"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json json = Json::parse(ran.out);
  ASSERT_EQ(json["directions"].size(), 2u);
  for (const Json& direction : json["directions"]) {
    EXPECT_EQ(direction["relation"], direction["direction"] == "forward" ? "all" : "some");
    EXPECT_EQ(direction["mends"].size(), direction["direction"] == "forward" ? 0u : 1u);
  }
  EXPECT_EQ(run_here({"diff", scenarios + "gfx/gfx-4GB.json", scenarios + "gfx/gfx-4GB.json"}).status, 0);
}

}  // namespace
