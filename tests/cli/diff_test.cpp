// SPDX-License-Identifier: Apache-2.0
//
// `diff` between entries of several types: types that changed their name are the same, and a direction is
// judged over all types that may take an instance.

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

using Types = std::vector<std::pair<std::string, std::string>>;  ///< a name, and what it accepts

class DiffOfTypes : public testing::Test {
 protected:
  std::string write(const std::string& version, const Types& types) {
    std::string text = fmt::format(
        "format: portolan.catalogue/1\nimplementations:\n  - name: d\n    version: \"{}\"\n    types:\n",
        version);
    for (const auto& [name, range] : types)
      text += fmt::format(
          "      - {}migration_info: {{models: {{a.example/x: {{params: {{q: {{type: int, init_value: {}, "
          "allowed_values: [\"{}\"]}}}}}}}}}}\n",
          name.empty() ? "" : "name: " + name + "\n        ", range.front(), range);
    const std::string path = (folder_ / (version + ".yaml")).string();
    std::ofstream(path) << text;
    return path;
  }
  test::Ended between(const Types& olds, const Types& news) {
    return test::run_here({"diff", write("1", olds), write("2", news), "--json"});
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(DiffOfTypes, MatchesTypesThatChangedTheirNameByWhatTheyAccept) {
  const auto said = between({{"small", "1-4"}, {"large", "5-8"}}, {{"s", "1-4"}, {"l", "5-8"}});
  EXPECT_EQ(said.status, 0) << said.out << said.err;
  const Json json = Json::parse(said.out);
  ASSERT_EQ(json["changes"].size(), 2u);
  EXPECT_EQ(json["changes"][0]["change"], "type small is type s now");
  EXPECT_EQ(json["changes"][1]["change"], "type large is type l now");
  ASSERT_EQ(json["directions"].size(), 4u);
  for (const Json& one : json["directions"]) EXPECT_EQ(one["relation"], "all") << one;
}

TEST_F(DiffOfTypes, JudgesTypesTogetherWhereNoneHasTheName) {
  const Json holds = Json::parse(between({{"", "1-8"}}, {{"small", "1-4"}, {"large", "5-8"}}).out);
  ASSERT_EQ(holds["directions"].size(), 3u) << "one type forward, two back";
  EXPECT_EQ(holds["directions"][0]["relation"], "all");
  EXPECT_EQ(holds["directions"][0]["destinations"], Json({"d@2/small", "d@2/large"}));
  EXPECT_TRUE(holds["directions"][0]["destination"].is_null());
  EXPECT_EQ(holds["directions"][1]["destination"], "d@1");

  const auto ended = between({{"", "1-8"}}, {{"small", "1-4"}, {"large", "5-6"}});
  EXPECT_EQ(ended.status, 1);
  const Json broken = Json::parse(ended.out);
  EXPECT_EQ(broken["directions"][0]["relation"], "some");
  EXPECT_EQ(broken["directions"][0]["witness"]["q"], 7);
  for (const Json& one : broken["changes"])
    EXPECT_THAT(one["change"].get<std::string>(), testing::Not(HasSubstr("type  ")))
        << "a type without a name";
}

TEST_F(DiffOfTypes, SaysThatATypeIsGoneWhereNothingIsLikeIt) {
  const Json json = Json::parse(between({{"a", "1-4"}, {"b", "1-8"}}, {{"b", "1-8"}}).out);
  ASSERT_EQ(json["changes"].size(), 1u);
  EXPECT_EQ(json["changes"][0]["change"], "type a is gone");
  ASSERT_EQ(json["directions"].size(), 3u);
  EXPECT_EQ(json["directions"][0]["relation"], "all") << "b takes the instances of a";
}

TEST(DiffOfSwitches, GuessesNoOffValueForOneThatIsOn) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& parameters) {
    const std::string path = (folder / name).string();
    std::ofstream(path) << R"({"models": {"a.example/x": {"params": {)" << parameters << "}}}}";
    return path;
  };
  const auto said =
      test::run_here({"diff", write("old.json", ""),
                      write("new.json", R"("ptp": {"type": "bool", "init_value": true})"), "--json"});
  const Json json = Json::parse(said.out);
  ASSERT_EQ(json["directions"][0]["mends"].size(), 1u) << said.out;
  const std::string change = json["directions"][0]["mends"][0]["change"];
  EXPECT_THAT(change, HasSubstr("give ptp an off_value"));
  EXPECT_THAT(change, testing::Not(HasSubstr("true")));
}

}  // namespace
