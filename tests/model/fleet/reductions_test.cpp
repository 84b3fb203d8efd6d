// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/reductions.hpp"

#include <gmock/gmock.h>

#include "model/fleet/scenario.hpp"

namespace portolan::fleet {
namespace {

std::vector<std::string> told(const std::string& content) {
  std::vector<std::string> all;
  for (const Reduction& one : reductions(content))
    all.push_back(one.what + " " + std::to_string(one.from) + " " + std::to_string(one.to) +
                  (one.less_room ? " room" : ""));
  return all;
}

TEST(Reductions, TakeOneThingAwayAtATime) {
  EXPECT_THAT(
      told(
          R"({"fleet":{"hosts":[{"name":"a","count":2},{"name":"b"}],"vms":[{"name":"v"}]},"faults":{"budget":2}})"),
      testing::ElementsAre("fault budget 2 1", "hosts a 2 1 room", "hosts b 1 0 room"));
  EXPECT_THAT(
      told(
          R"({"fleet":{"hosts":[{"name":"a"}],"vms":[{"name":"v","count":3},{"name":"w"}]},"faults":{"budget":0}})"),
      testing::ElementsAre("VMs v 3 2", "VMs w 1 0"));
  EXPECT_THAT(told(R"({"model":{"sorts":{"p":3,"q":1,"r":["x","y"]}}})"),
              testing::ElementsAre("sort p 3 2 room"));
  EXPECT_THAT(reductions(R"({"model":{"sorts":{"p":2}}})").front().content, R"({"model":{"sorts":{"p":1}}})");
}

TEST(Reductions, LeaveOutWhatAPropertyDoesNotNeed) {
  const std::string content = R"({"description":"d","goal":"g","properties":[{"name":"a","always":"x"},)"
                              R"({"name":"b","always":"y"}],"expect":{"states":1}})";
  EXPECT_EQ(focused(content, "b"), R"({"description":"d","properties":[{"name":"b","always":"y"}]})");
  EXPECT_EQ(focused(content, "goal-is-reachable"), R"({"description":"d","goal":"g"})");
}

TEST(Reductions, KeepTheStatesOfAScenarioThatIsOnlyFocused) {
  const auto loaded = load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/fleet/upgrade.yaml");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const auto again = read_scenario(focused(loaded->content, "one-runner"), "focused", loaded->catalogue);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->module.initial, loaded->module.initial);
  EXPECT_EQ(again->module.actions.size(), loaded->module.actions.size());
  EXPECT_LT(again->module.properties.size(), loaded->module.properties.size());
}

}  // namespace
}  // namespace portolan::fleet
