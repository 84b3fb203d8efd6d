// SPDX-License-Identifier: Apache-2.0
#include "model/rules/analysis/configurations.hpp"

#include <gtest/gtest.h>

namespace portolan::rules::configurations_test {
namespace {

// A lamp that counts to three, if it has power; `strong` pushes count twice.
constexpr std::string_view states[] = {"Off", "On", "Burnt"}, events[] = {"push", "pull"};
constexpr MachineVariable variables[] = {
    {"strong", Role::input}, {"power", Role::fixed}, {"pushes", Role::state, 0, 3}};
constexpr RowText rows[] = {{"Off", "push", "On", "power && pushes < 2",
                             "pushes := pushes + (if strong then 2 else 1)", "the first page"},
                            {"Off", "push", "Burnt", "power && pushes >= 2", "", "the second page"},
                            {"On", "pull", "Off", "", "", "the third page"}};
constexpr MachineText lamp_text{"lamp", states, events, variables, rows, "Off"};
constexpr const Machine& lamp = built_in<lamp_text>;

bool holds(std::string_view sentence, const Configuration& at) {
  const Parsed parsed = parse_sentence(lamp_text, sentence);
  EXPECT_TRUE(parsed.faults.empty()) << sentence;
  return sentence_holds({parsed.nodes, parsed.strings}, lamp, at);
}
std::optional<MachineRun> counterexample(std::string_view sentence) {
  const Parsed parsed = parse_sentence(lamp_text, sentence);
  EXPECT_TRUE(parsed.faults.empty()) << sentence;
  return Reach(lamp).counterexample({parsed.nodes, parsed.strings});
}

TEST(Configurations, StartAtTheLeastValuesWithEveryChoiceOfWhatIsFixed) {
  EXPECT_EQ(initial_configurations(lamp), (std::vector<Configuration>{{0, {0, 0, 0}}, {0, {0, 1, 0}}}));
}

TEST(Configurations, AreReachedNearestFirstAndKeptWithoutInputs) {
  const Reach reach(lamp);
  const std::vector<Configuration> all{{0, {0, 0, 0}}, {0, {0, 1, 0}}, {1, {0, 1, 1}}, {1, {0, 1, 2}},
                                       {0, {0, 1, 1}}, {0, {0, 1, 2}}, {1, {0, 1, 3}}, {2, {0, 1, 2}},
                                       {0, {0, 1, 3}}, {2, {0, 1, 3}}};
  EXPECT_EQ(reach.configurations(), all);
  EXPECT_TRUE(reach.contains({2, {1, 1, 3}}));
  EXPECT_FALSE(reach.contains({2, {0, 0, 3}}));
}

TEST(Configurations, AreWhatSentencesSpeakOf) {
  const Configuration at{1, {1, 0, 2}};
  for (const char* yes : {"state == On", "state in {On, Burnt}", "strong && !power", "pushes + 1 == 3",
                          "exists(s in state: s == state)", "count(s in state: s != state) == 2"})
    EXPECT_TRUE(holds(yes, at)) << yes;
  for (const char* no : {"state == Off", "power", "pushes == 3"}) EXPECT_FALSE(holds(no, at)) << no;
  EXPECT_EQ(parse_sentence(lamp_text, "state == Broken").faults.front().finding, "unknown name 'Broken'");
  EXPECT_EQ(parse_sentence(lamp_text, "pushes").faults.front().code, FaultCode::type_error);
}

TEST(Configurations, AreShownToBreakASentenceByAShortestRun) {
  EXPECT_FALSE(counterexample("state == Burnt => pushes >= 2"));
  const auto burnt = counterexample("state != Burnt");
  ASSERT_TRUE(burnt);
  EXPECT_EQ(to_string(lamp, *burnt),
            "Off: power=true, pushes=0\n"
            "1. push (strong=true): -> On, pushes=2  [the first page]\n"
            "2. pull: -> Off  [the third page]\n"
            "3. push (strong=false): -> Burnt  [the second page]\n");
  const auto at_once = counterexample("!strong || power");
  ASSERT_TRUE(at_once) << "an input may have any value from the start";
  EXPECT_TRUE(at_once->moves.empty());
  EXPECT_EQ(to_string(lamp, at_once->end()), "Off: strong=true, power=false, pushes=0");
}

}  // namespace
}  // namespace portolan::rules::configurations_test
