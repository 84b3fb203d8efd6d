// SPDX-License-Identifier: Apache-2.0
//
// `check` as a gate: accepted findings, what a new publication would change, and a report that stays a page.

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string bugs = PORTOLAN_SOURCE_DIR "/scenarios/bugs/";

class Check : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder / name).string();
    std::ofstream(path) << text;
    return path;
  }
  Json read(const std::string& path) {
    std::ifstream in(path);
    return Json::parse(in);
  }
  static test::Ended run(std::vector<std::string> words) {
    words.insert(words.begin(), "check");
    return test::run_here(words);
  }
  static Json json(std::vector<std::string> words) {
    words.push_back("--json");
    return Json::parse(run(words).out);
  }
  test::TemporaryFolder folder;
  const std::string baseline = (folder / "accepted.json").string();
};

TEST_F(Check, PredictsAFailedMigrationWithProfileAndBothEnds) {
  const Json said = json({bugs + "virtio-net-uso.json"});
  std::size_t found = 0;
  for (const Json& finding : said["findings"]) {
    if (finding["severity"] != "error") continue;
    ++found;
    EXPECT_EQ(finding["profile"], "8.1");
    EXPECT_EQ(finding["source"], "virtio-net-device@8.2");
    EXPECT_EQ(finding["parameter"], "host_uso");
    EXPECT_EQ(finding["witness"]["host_uso"], true);
    EXPECT_THAT(finding["remedy"].get<std::string>(),
                HasSubstr("profile 8.1 of virtio-net-device@8.2 should pin host_uso=false"));
  }
  EXPECT_EQ(found, 3u);
}

TEST_F(Check, CountsNoFindingThatWasAccepted) {
  const std::string file = bugs + "ich9-hpc.json";
  EXPECT_EQ(run({file, "--fail-on", "warning"}).status, 1);
  EXPECT_EQ(run({file, "--baseline", baseline, "--write-baseline"}).status, 0);
  Json accepted = read(baseline);
  for (Json& entry : accepted["accepted"]) entry["reason"] = "6.2-nopin was never released";
  write("accepted.json", accepted.dump());
  EXPECT_EQ(run({file, "--baseline", baseline, "--fail-on", "warning"}).status, 0);
  const Json said = json({file, "--baseline", baseline});
  EXPECT_EQ(said["baseline"]["accepted"], accepted["accepted"].size());
  for (const Json& finding : said["findings"])
    EXPECT_EQ(finding.contains("accepted"), finding["severity"] != "info");

  accepted["accepted"].back()["expires"] = "2020-01-01";
  accepted["accepted"].push_back({{"fingerprint", "0123456789abcdef"}, {"reason", "of yesterday"}});
  write("accepted.json", accepted.dump());
  const auto later = run({file, "--baseline", baseline, "--fail-on", "warning"});
  EXPECT_EQ(later.status, 1);
  EXPECT_THAT(later.out, HasSubstr("acceptance-expired"));
  EXPECT_THAT(later.out, HasSubstr("acceptance-unused"));

  EXPECT_EQ(run({file, "--baseline", baseline, "--write-baseline", "--fail-on", "warning"}).status, 1)
      << "what has expired is not accepted by writing the file again";
  EXPECT_EQ(read(baseline)["accepted"].front()["reason"], "6.2-nopin was never released");
}

TEST_F(Check, StillFailsForWhatIsNew) {
  const std::string file = write("c.json", read(bugs + "ich9-hpc.json").dump());
  run({file, "--baseline", baseline, "--write-baseline"});
  Json changed = read(bugs + "ich9-hpc.json");
  changed["implementations"][2]["models"]["qemu.org/ICH9-LPC"]["observed"]["6.1"]["irq-pin"] = 3;
  // Indented: every line is another one, which makes no finding a new one.
  write("c.json", changed.dump(4));
  const Json said = json({file, "--baseline", baseline});
  std::set<std::string> aspects;
  for (const Json& finding : said["findings"])
    if (finding["severity"] == "error" && !finding.contains("accepted")) aspects.insert(finding["aspect"]);
  EXPECT_THAT(aspects, testing::ElementsAre("irq-pin"));
}

TEST_F(Check, RefusesABaselineThatItCannotRead) {
  EXPECT_EQ(run({bugs + "ich9-hpc.json", "--baseline", (folder / "none.json").string()}).status, 2);
  EXPECT_EQ(run({bugs + "ich9-hpc.json", "--baseline", write("b.json", "[]")}).status, 2);
  EXPECT_EQ(run({bugs + "ich9-hpc.json", "--write-baseline"}).status, 2);
}

std::string card(const std::string& version, const std::string& params) {
  return fmt::format(R"({{"name": "card", "version": "{}", )"
                     R"("migration_info": {{"models": {{"a.com/card": {{"params": {{{}}}}}}}}}}})",
                     version, params);
}
std::string catalogue(const std::string& implementations) {
  return R"({"format": "portolan.catalogue/1", "implementations": [)" + implementations + "]}";
}

TEST_F(Check, SaysWhichVerdictsANewPublicationChanges) {
  const std::string queues = R"("queues": {"type": "int", "init_value": 4, "allowed_values": ["1-8"]})";
  const std::string now = write("now.json", catalogue(card("1", queues) + "," + card("2", queues)));
  const std::string narrower =
      write("narrower.json",
            catalogue(card("2", R"("queues": {"type": "int", "init_value": 2, "allowed_values": ["1-2"]})")));
  const auto said = run({now, "--against", narrower});
  EXPECT_EQ(said.status, 1) << said.out;
  EXPECT_THAT(said.out, HasSubstr("it takes the place of card@2"));
  EXPECT_THAT(said.out, HasSubstr("card@1 -> card@2: reject, some over all configurations; before: accept, "
                                  "all over all configurations"));
  const Json drift = json({now, "--against", narrower})["against"];
  ASSERT_EQ(drift["verdicts"].size(), 2u) << "2 to 1 is as it was";
  EXPECT_EQ(drift["verdicts"][1]["source"], "card@2 (as it runs now)");
  EXPECT_EQ(drift["verdicts"][0]["worse"], true);
  EXPECT_EQ(drift["verdicts"][0]["witness"]["queues"], 4)
      << "the new one refuses the init value of the old one";

  const std::string later = write("later.json", catalogue(card("3", queues)));
  const auto added = run({now, "--against", later});
  EXPECT_EQ(added.status, 0);
  EXPECT_THAT(added.out, HasSubstr("it adds card@3"));
  EXPECT_THAT(added.out, HasSubstr("no verdict changes"));
  const auto same = run({now, "--against", now});
  EXPECT_EQ(same.status, 0);
  EXPECT_TRUE(json({now, "--against", now})["against"]["verdicts"].empty());
}

TEST_F(Check, NamesTheFindingsThatAPublicationBringsAndTakes) {
  const Json whole = read(bugs + "virtio-net-uso.json");
  const auto only = [&](std::vector<std::size_t> which) {
    Json some = whole;
    some["implementations"] = Json::array();
    for (const std::size_t k : which) some["implementations"].push_back(whole["implementations"][k]);
    return some;
  };
  const std::string now = write("now.json", only({0}).dump());
  const Json brought = json({now, "--against", write("bad.json", only({1}).dump())})["against"];
  EXPECT_EQ(brought["worse"], true);
  EXPECT_FALSE(brought["found"].empty());
  Json mended = only({1});
  mended["implementations"][0]["models"]["qemu.org/virtio-net-device"] =
      whole["implementations"][2]["models"]["qemu.org/virtio-net-device"];
  const Json taken = json(
      {write("both.json", only({0, 1}).dump()), "--against", write("mended.json", mended.dump())})["against"];
  EXPECT_EQ(taken["worse"], false);
  EXPECT_FALSE(taken["gone"].empty());
}

using CheckSlow = Check;
TEST_F(CheckSlow, TellsTenThousandFindingsOnAPage) {
  Json many = {{"format", "portolan.catalogue/1"}, {"implementations", Json::array()}};
  for (int k = 0; k < 101; ++k) {
    many["implementations"].push_back(
        {{"name", "card"},
         {"version", std::to_string(k)},
         {"migration_info", {{"models", {{"a.com/card", {{"params", Json::object()}}}}}}},
         {"models",
          {{"a.com/card", {{"profiles", {{"p", Json::object()}}}, {"observed", {{"p", {{"size", k}}}}}}}}}});
  }
  const std::string file = write("many.json", many.dump());
  const auto said = run({file});
  EXPECT_EQ(said.status, 1);
  EXPECT_LT(std::count(said.out.begin(), said.out.end(), '\n'), 60);
  EXPECT_THAT(said.out, HasSubstr("10,100 errors"));
  EXPECT_THAT(said.out, HasSubstr("and 10,097 alike"));
  std::size_t errors = 0;
  const Json whole = json({file});
  for (const Json& finding : whole["findings"]) errors += finding["severity"] == "error" ? 1 : 0;
  EXPECT_EQ(errors, 10'100u) << "JSON has every one";
}

}  // namespace
