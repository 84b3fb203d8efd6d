// SPDX-License-Identifier: Apache-2.0
//
// What `compat` makes of its line: --set, --profile, the choice of ends, and the JSON shape that others rely
// on.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using testing::HasSubstr;

class Compat : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(file) << R"(
format: portolan.catalogue/1
implementations:
  - name: card
    version: "1"
    types:
      - {name: small, migration_info: {models: {a.com/x: {params: {
           memory: {type: int, init_value: 4, allowed_values: [4]}}}}}}
  - name: card
    version: "2"
    types:
      - {name: small, migration_info: {models: {a.com/x: {params: {
           memory: {type: int, init_value: 4, allowed_values: [4]}, fast: {type: bool, init_value: true, )"
                           R"(off_value: false}}}}}}
      - {name: large, migration_info: {models: {a.com/x: {params: {
           memory: {type: int, init_value: 8, allowed_values: [8]}, fast: {type: bool, init_value: true, )"
                           R"(off_value: false}}}}}}
    models:
      a.com/x: {profiles: {old: {fast: false}}}
  - name: open
    version: "1"
    types:
      - {name: any, migration_info: {models: {a.com/x: {params: {
           memory: {type: int, init_value: 4}}}}}}
)";
  }

  test::Ended run(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
    std::vector<std::string> line = {"compat", "--from", file + from, "--to", file + to, "--json"};
    line.insert(line.end(), more.begin(), more.end());
    return test::run_here(line);
  }

  test::TemporaryFolder folder;
  const std::string file = (folder / "cards.yaml").string();
};

TEST_F(Compat, HasTheMembersOfTheContract) {
  const auto ran = run("#card@2", "#card@1", {"--type", "small"});
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["format_version"], 1);
  EXPECT_EQ(json["verdict"], "reject");
  EXPECT_EQ(json["scheme"], "declared");
  EXPECT_EQ(json["model"], "a.com/x");
  EXPECT_EQ(json["list"], (Json{{"fast", true}, {"memory", 4}}));
  ASSERT_EQ(json["reasons"].size(), 1u);
  EXPECT_EQ(json["reasons"][0]["rule"], "C2");
  EXPECT_EQ(json["reasons"][0]["parameter"], "fast");
  EXPECT_EQ(json["reasons"][0]["value"], true);
  EXPECT_TRUE(json["reasons"][0].contains("expected"));
  EXPECT_TRUE(json["reasons"][0].contains("message"));
  ASSERT_EQ(json["repairs"].size(), 1u);
  EXPECT_EQ(json["repairs"][0]["set"], (Json{{"fast", false}}));
  EXPECT_EQ(json["repairs"][0]["where"], "source");
  EXPECT_EQ(json["repairs"][0]["cost"], 1);
}

TEST_F(Compat, TakesValuesFromSetAndFromAProfile) {
  EXPECT_EQ(run("#card@2", "#card@1", {"--type", "small", "--set", "fast=off"}).status, 0);
  EXPECT_EQ(run("#card@2", "#card@1", {"--type", "small", "--profile", "old"}).status, 0);
  EXPECT_EQ(run("#card@2", "#card@1", {"--type", "small", "--profile", "old", "--set", "fast=on"}).status, 1);
}

TEST_F(Compat, SaysWhichPinWouldMove) {
  const Json repairs = Json::parse(
      run("#card@2", "#card@1", {"--type", "small", "--profile", "old", "--set", "fast=on"}).out)["repairs"];
  ASSERT_EQ(repairs.size(), 1u);
  EXPECT_EQ(repairs[0]["set"], (Json{{"fast", false}}));
  EXPECT_EQ(repairs[0]["pin"], "old");
}

TEST_F(Compat, NamesWhatLeavesNoConfigurationWithItsPlaces) {
  const Json json = Json::parse(run("#card@2", "#card@2", {"--type", "small", "--to-type", "large"}).out);
  EXPECT_EQ(json["repairs"].size(), 1u) << "at the destination";
  ASSERT_EQ(json["core"].size(), 2u) << json.dump(1);
  EXPECT_EQ(json["core"][0]["rule"], "R1");
  EXPECT_EQ(json["core"][1]["rule"], "C3");
  for (const Json& one : json["core"]) {
    EXPECT_EQ(one["parameter"], "memory");
    EXPECT_NE(one["place"].get<std::string>().find("cards.yaml:"), std::string::npos);
  }
}

TEST_F(Compat, ChoosesTheTypeThatAccepts) {
  const auto ran = run("#card@1", "#card@2");
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  const Json type = Json::parse(ran.out)["type"];
  EXPECT_EQ(type["chosen"], "small");
  EXPECT_EQ(type["candidates"].size(), 2u);
}

TEST_F(Compat, SaysUndeterminedWhenTheDestinationSaysNothing) {
  const auto ran = run("#card@2", "#open", {"--type", "large", "--set", "fast=off"});
  EXPECT_EQ(ran.status, 3) << ran.err;
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["verdict"], "undetermined");
  EXPECT_EQ(json["reasons"][0]["rule"], "R2");
}

TEST_F(Compat, TakesAValueThatIsMerelyUndeterminedAtTheSource) {
  const auto ran = run("#open", "#open", {"--set", "memory=5"});
  EXPECT_EQ(ran.status, 3) << ran.err;
}

TEST_F(Compat, SaysWhatTheDestinationKeepsBecauseNobodySetsIt) {
  std::ofstream(file, std::ios::app) << R"(  - name: bare
    version: "1"
    types:
      - {name: any, migration_info: {models: {a.com/x: {params: {}}}}}
)";
  const test::Ended ran =
      test::run_here({"compat", "--from", file + "#bare", "--to", file + "#card@1", "--scheme", "rfc-v3"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("which keep their init values:\n  memory=4\n"), std::string::npos) << ran.out;
}

TEST_F(Compat, RefusesASourceThatCannotBeHoweverItIsSaid) {
  std::ofstream(file, std::ios::app) << R"(  - name: tied
    version: "1"
    types:
      - {name: any, migration_info: {models: {a.com/x: {params: {
           memory: {type: int, init_value: 4, allowed_values: [4, 8]}}}}}}
    models:
      a.com/x: {constraints: ["memory > 4"]}
)";
  const auto fresh = run("#tied", "#open"), said = run("#tied", "#open", {"--set", "memory=4"});
  EXPECT_EQ(fresh.status, 2) << fresh.out;
  EXPECT_NE(fresh.err.find("the source refuses its own init values: its constraint `memory > 4` fails"),
            std::string::npos)
      << fresh.err;
  EXPECT_EQ(said.status, 2) << said.out;
  EXPECT_EQ(run("#tied", "#open", {"--set", "memory=8"}).status, 3);
}

struct WrongLine {
  std::string from, to;
  std::vector<std::string> more;
  std::string says;
};

TEST_F(Compat, RefusesALineThatMakesNoSense) {
  const std::vector<WrongLine> lines = {
      {"#card@1", "#card@1", {"--set", "speed=1"}, "unknown parameter \"speed\""},
      {"#card@1", "#card@1", {"--set", "memory=fast"}, "a whole number from 0 to 18446744073709551615"},
      {"#card@1", "#card@1", {"--set", "memory=-4"}, "a whole number from 0 to 18446744073709551615"},
      {"#card@1",
       "#card@1",
       {"--set", "memory=18446744073709551616"},
       "a whole number from 0 to 18446744073709551615"},
      {"#card@1", "#card@1", {"--set", "memory=8"}, "the source refuses 8"},
      {"#card@1", "#card@1", {"--set", "memory"}, "name=value"},
      {"#card@1", "#card@1", {"--set", "memory=4", "memory=4"}, "given twice"},
      {"#card@1", "#card@1", {"--model", "a.com/y"}, "a.com/x"},
      {"#card@1", "#card@1", {"--type", "huge"}, "small"},
      {"#card@1", "#card@1", {"--to-type", "huge"}, "small"},
      {"#card@1", "#card@1", {"--profile", "new"}, "--profile"},
      {"#card@1", "#card@1", {"--scheme", "rfc-v2"}, "rfc-v3"},
      {"#card@2", "#card@1", {}, "--type"},
      {"", "#card@1", {}, "#card@2"},
      {"#card@1", "", {}, "#card@2"},
      {"#card@9", "#card@1", {}, "card"},
  };
  for (const auto& line : lines) {
    const auto ran = run(line.from, line.to, line.more);
    SCOPED_TRACE(line.from + " " + line.to + " " + testing::PrintToString(line.more));
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(line.says));
  }
}

TEST_F(Compat, SuggestsNamesThatCanBeCopied) {
  for (const char* asked : {"#", "#card"}) {
    const auto ran = run(asked, "#card@1");
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr(file + "#card@1, " + file + "#card@2"));
    EXPECT_EQ(ran.err.find("##"), std::string::npos);
    EXPECT_EQ(ran.err.find("…"), std::string::npos);
  }
  const std::string deep = (folder / std::string(200, 'd')).string();
  std::filesystem::create_directory(deep);
  std::filesystem::copy_file(file, deep + "/cards.yaml");
  std::ostringstream out, err;
  EXPECT_EQ(cli::run({"compat", "--from", deep + "/cards.yaml", "--to", deep + "/cards.yaml#card@1"},
                     {out, err, false}),
            2);
  EXPECT_THAT(err.str(), HasSubstr("one of: " + deep + "/cards.yaml#card@1, " + deep + "/cards.yaml#card@2"));
}

TEST_F(Compat, NamesAllThatIsWrongWithTheLineAtOnce) {
  const auto ran = run("#card@1", "#card@1", {"--set", "memory=x", "speed=1"});
  EXPECT_THAT(ran.err, HasSubstr("memory"));
  EXPECT_THAT(ran.err, HasSubstr("speed"));
}

TEST_F(Compat, AdvisesAboutAParameterThatTheDestinationHasUnderAnotherName) {
  std::ofstream(file) << R"(
format: portolan.catalogue/1
implementations:
  - {name: old, migration_info: {models: {a.com/x: {params: {
       speed-mbit: {type: int, init_value: 8, allowed_values: [1, 8]}}}}}}
  - {name: new, migration_info: {models: {a.com/x: {params: {
       speed: {type: int, init_value: 1, allowed_values: [1, 2]}}}}},
     models: {a.com/x: {params: {speed-mbit: {alias-of: speed}}}}}
)";
  const auto said = test::run_here({"compat", "--from", file + "#old", "--to", file + "#new"});
  EXPECT_EQ(said.status, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("give speed-mbit a value that both ends accept: {1}"));
  const auto judged = test::run_here({"schemes", file});
  EXPECT_EQ(judged.status, 0) << judged.err;
}

}  // namespace
