// SPDX-License-Identifier: Apache-2.0
//
// One answer for one pair, configuration and profile (rules.md §R13), through the commands themselves: what
// tests/solver/one_answer_test.cpp holds together below them is what `compat`, `matrix`, `check`, `diff` and
// `explore` print.

#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "model/compat/catalogue.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using test::run_here;

/// One member of what a command answers with --json, by value: a loop may run over it.
Json said(std::vector<std::string> words, const char* member) {
  words.emplace_back("--json");
  const test::Ended ran = run_here(words);
  return Json::parse(ran.out).at(member);
}

/// `compat`, `matrix --profile` and `check` for every ordered pair and profile of the source, in a file whose
/// entries have one type each.
void hold_commands(const std::string& file) {
  const auto catalogue = compat::read_catalogue(file);
  ASSERT_TRUE(catalogue);
  std::set<std::tuple<std::string, std::string, std::string>> broken;
  for (const Json& one : said({"check", file}, "findings")) {
    const std::string rule = one["rule"];
    if (rule == "undeclared-change" || rule == "profile-migration" || rule == "nowhere-to-go")
      broken.emplace(one["profile"].get<std::string>(), one["source"].get<std::string>(),
                     one["destination"].get<std::string>());
  }
  std::set<std::string> profiles;
  for (const auto& one : catalogue->implementations)
    for (const auto& [model, notes] : one.annotations)
      for (const auto& [name, profile] : notes.profiles) profiles.insert(name);
  ASSERT_FALSE(profiles.empty());
  for (const std::string& profile : profiles)
    for (const Json& cell : said({"matrix", file, "--profile", profile}, "pairs")) {
      const std::string from = cell["source"], to = cell["destination"], fresh = cell["fresh"];
      SCOPED_TRACE(file + ": " + from + " -> " + to + " at " + profile);
      const int status =
          run_here({"compat", "--from", file + "#" + from, "--to", file + "#" + to, "--profile", profile})
              .status;
      if (status == 2) {  // the source does not know the profile
        EXPECT_EQ(fresh, "undetermined");
        continue;
      }
      EXPECT_EQ(status, fresh == "accept" ? 0 : fresh == "reject" ? 1 : 3);
      EXPECT_EQ(broken.contains({profile, from, to}), fresh == "reject");
    }
}

TEST(OneAnswerOfCommands, OnReportedBugs) {
  const std::string bugs = PORTOLAN_SOURCE_DIR "/scenarios/bugs/";
  for (const char* file : {"virtio-net-uso.json", "vhost-vsock-seqpacket.json", "further/lost-section.json",
                           "reported/vgpu-boards.json"})
    hold_commands(bugs + file);
}

class OneAnswerOfCommandsInAFolder : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  static std::string entry(const std::string& version, const std::string& notes,
                           const std::string& parameters = {}) {
    return fmt::format(
        R"({{"name": "nic", "version": "{}", "migration_info": {{"models": {{"a.example/x": {{"params": {{
             "q": {{"type": "int", "init_value": 1, "off_value": 0, "allowed_values": [0, 1]}}{}}}}}}}}},
            "models": {{"a.example/x": {{{}}}}}}})",
        version, parameters, notes);
  }
  std::string catalogue(const std::vector<std::string>& entries) {
    return write("nics.json", fmt::format(R"({{"format": "portolan.catalogue/1", "implementations": [{}]}})",
                                          fmt::join(entries, ", ")));
  }
  std::string verdict(const std::string& scenario, const std::string& property) {
    for (const Json& one : said({"explore", scenario, "--no-store"}, "properties"))
      if (one["name"] == property) return one["verdict"];
    return "not asked";
  }

  test::TemporaryFolder folder_;
};

TEST_F(OneAnswerOfCommandsInAFolder, OnWhatOnlyR13Rejects) {
  const auto saves = [](int layout) {
    return fmt::format(
        R"("state": [{{"section": "s", "layout": {0}}}], "loads": [{{"section": "s", "layouts": [{0}]}}])",
        layout);
  };
  const std::string file = catalogue({entry("1", saves(1)), entry("2", saves(2))});
  const std::string a = file + "#nic@1", b = file + "#nic@2";
  EXPECT_EQ(run_here({"compat", "--from", a, "--to", b}).status, 1);
  for (const Json& direction : said({"diff", a, b}, "directions")) {
    EXPECT_EQ(direction["relation"], "none");
    EXPECT_EQ(direction["reasons"][0]["rule"], "loads");
  }
  for (const Json& cell : said({"matrix", file}, "pairs")) EXPECT_EQ(cell["relation"], "none");
}

TEST_F(OneAnswerOfCommandsInAFolder, DoesNotHangOnWhatElseOfAFileWasPicked) {
  // That `wide` is absent means true: only the third entry says so.
  const std::string file =
      catalogue({entry("1", R"("profiles": {"p": {}}, "observed": {"p": {"wide": true}})"),
                 entry("2", R"("profiles": {"p": {}}, "observed": {"p": {}})"),
                 entry("3", "", R"(, "wide": {"type": "bool", "init_value": true, "off_value": true})")});
  const std::string a = file + "#nic@1", b = file + "#nic@2";
  EXPECT_EQ(run_here({"compat", "--from", a, "--to", b}).status, 0);
  for (const std::vector<std::string>& files : {std::vector<std::string>{file}, {a, b}}) {
    std::vector<std::string> words{"matrix"};
    words.insert(words.end(), files.begin(), files.end());
    for (const Json& cell : said(words, "pairs"))
      if (cell["source"] == "nic@1" && cell["destination"] == "nic@2") {
        EXPECT_EQ(cell["fresh"], "accept");
      }
    words.front() = "check";
    for (const Json& one : said(words, "findings")) EXPECT_NE(one["rule"], "undeclared-change");
  }
  for (const Json& direction : said({"diff", a, b}, "directions"))
    EXPECT_NE(direction["relation"], "none") << direction;
}

TEST_F(OneAnswerOfCommandsInAFolder, OnWhatIsPinnedAndHasNoOffValue) {
  const std::string file = catalogue(
      {entry("1", R"("profiles": {"p": {}})"),
       entry("2", R"("profiles": {"p": {"wide": false}})",
             R"(, "wide": {"type": "bool", "init_value": true, "allowed_values": [false, true]})")});
  const std::vector<std::string> compat{"compat",    "--from", file + "#nic@1", "--to", file + "#nic@2",
                                        "--profile", "p"};
  EXPECT_EQ(run_here(compat).status, 0);
  EXPECT_EQ(said(compat, "prepared"), (Json{{"q", 1}, {"wide", false}}));
  EXPECT_THAT(run_here(compat).out, testing::Not(testing::HasSubstr("What would make it acceptable")));
}

TEST_F(OneAnswerOfCommandsInAFolder, OnProfilesThatTheirOwnImplementationDoesNotMake) {
  // 2 pins what its constraint forbids, 3 what it does not accept, 4 was observed and describes no profile.
  const std::string file =
      catalogue({entry("1", R"("profiles": {"p": {"q": 0}}, "observed": {"p": {"a": 1}})"),
                 entry("2", R"("profiles": {"p": {"q": 1}}, "constraints": ["q == 0"])"),
                 entry("3", R"("profiles": {"p": {"q": 7}}, "observed": {"p": {"a": 1}})"),
                 entry("4", R"("observed": {"p": {"a": 2}})")});
  hold_commands(file);
  const auto status = [&](const std::string& from, const std::string& to) {
    return run_here(
               {"compat", "--from", file + "#nic@" + from, "--to", file + "#nic@" + to, "--profile", "p"})
        .status;
  };
  EXPECT_EQ(status("2", "2"), 1) << "C6";
  EXPECT_EQ(status("3", "1"), 1) << "C3";
  EXPECT_EQ(status("4", "1"), 1) << "observed";
  EXPECT_EQ(status("4", "2"), 3) << "nobody says what it has";
  EXPECT_EQ(
      said({"compat", "--from", file + "#nic@4", "--to", file + "#nic@1", "--profile", "p"}, "configuration"),
      nullptr);
}

TEST_F(OneAnswerOfCommandsInAFolder, FromAnImplementationToItself) {
  const std::string file = catalogue(
      {entry("1", R"("profiles": {"p": {}}, "observed": {"p": {"a": 1}}, "takes": {"p": {"a": 2}})"),
       entry("2", R"("profiles": {"p": {}})")});
  EXPECT_EQ(run_here({"compat", "--from", file + "#nic@1", "--to", file + "#nic@1", "--profile", "p"}).status,
            1);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"matrix", file, "--profile", "p"}, {"matrix", file}}) {
    const Json self = said(words, "self");
    ASSERT_EQ(self.size(), 1u) << "nothing asks for the way from 2 to itself";
    EXPECT_EQ(self[0]["source"], "nic@1");
    EXPECT_EQ(self[0]["destination"], "nic@1");
    EXPECT_EQ(self[0]["fresh"], "reject");
    EXPECT_THAT(run_here(words).out, testing::HasSubstr("nic@1 -> nic@1"));
  }
  EXPECT_THAT(said({"check", file}, "findings").dump(), testing::HasSubstr("nic@1 -> nic@1"));
}

TEST_F(OneAnswerOfCommandsInAFolder, OnAnInstanceThatArrived) {
  const std::string file = catalogue(
      {entry("1", R"("profiles": {"p": {}}, "observed": {"p": {"mask": 1}})"),
       entry("2",
             R"("profiles": {"p": {}}, "observed": {"p": {"mask": 1}}, "restored": {"p": {"mask": 3}})")});
  const auto scenario = [&](const std::string& place, bool arrived) {
    return write("fleet.json",
                 fmt::format(R"({{"format": "portolan.scenario/1", "description": "back and forth",
      "catalogue": "nics.json",
      "fleet": {{"hosts": [{{"name": "a", "implementation": "nic", "version": "1"}},
                           {{"name": "b", "implementation": "nic", "version": "2"}}],
                 "vms": [{{"name": "vm", "place": "{}", "arrived": {}}}]}},
      "actions": {{"without": ["power_cycle", "upgrade", "downgrade", "drain", "undrain"]}},
      "properties": [{{"name": "comes-back", "meaning": "the VM can go to a",
                       "eventually": "place[vm] == a && session[vm] == Idle"}}]}})",
                             place, arrived));
  };
  const std::vector<std::string> compat{"compat", "--from", file + "#nic@2", "--to", file + "#nic@1"};
  EXPECT_EQ(run_here(compat).status, 0);
  EXPECT_EQ(verdict(scenario("b", false), "some-migration-commits"), "holds");
  auto second = compat;
  second.emplace_back("--arrived");
  EXPECT_EQ(run_here(second).status, 1);
  EXPECT_EQ(verdict(scenario("b", true), "some-migration-commits"), "violated");
  // After a migration in the scenario, the instance has arrived.
  EXPECT_EQ(verdict(scenario("a", false), "some-migration-commits"), "holds");
  EXPECT_EQ(verdict(scenario("a", false), "comes-back"), "violated");
}

TEST_F(OneAnswerOfCommandsInAFolder, IsWrittenAsQueriesForAnotherSolver) {
  const std::string file = catalogue({entry("1", ""), entry("2", "")});
  const auto ran = run_here({"matrix", file, "--smtlib", (folder_ / "queries").string()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  std::size_t files = 0;
  for (const auto& one : std::filesystem::directory_iterator(folder_ / "queries"))
    files += one.path().extension() == ".smt2";
  EXPECT_GT(files, 0u);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--scheme", "rfc-v3"}, {"--profile", "p"}}) {
    std::vector<std::string> words{"matrix", file, "--smtlib", (folder_ / "queries").string()};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(run_here(words).status, 2);
  }
}

}  // namespace
