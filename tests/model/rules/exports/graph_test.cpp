// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/graph.hpp"

#include "model/rules/compile.hpp"

#include <gmock/gmock.h>

namespace portolan::rules::exports::graph_test {
namespace {

using testing::HasSubstr;

constexpr ModuleVariableText lamps[] = {{"on", "", "bool", "false"}, {"presses", "", "0..2", "0"}};
constexpr ActionText presses[] = {{"press", "", "", "", "on := !on; presses := presses + 1", "", ""},
                                  {"break_it", "", "", "", "on := false", "", "", Actor::fault}};
constexpr PropertyText rules_of_lamp[] = {{"dark", Verb::always, "!on", "", ""}};

Module lamp() { return compile({"lamp", {}, lamps, {}, presses, rules_of_lamp}).module; }

TEST(StateGraph, ShowsEveryStateEveryEventAndWhatIsViolated) {
  EXPECT_EQ(
      state_graph(lamp()).value(),
      "digraph \"lamp\" {\n"
      "  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9];\n"
      "  s0 [label=\"0\", penwidth=3];\n"
      "  s1 [label=\"1\\non = true\\npresses = 1\\nviolates dark\", style=filled, fillcolor=\"#f4a6a6\"];\n"
      "  s2 [label=\"2\\npresses = 2\"];\n"
      "  s3 [label=\"3\\npresses = 1\"];\n"
      "  s4 [label=\"4\\non = true\\npresses = 2\\nviolates dark\", style=filled, fillcolor=\"#f4a6a6\"];\n"
      "  undefined [label=\"no meaning\", shape=octagon, style=filled, fillcolor=\"#f4a6a6\"];\n"
      "  s0 -> s1 [label=\"press()\"];\n"
      "  s0 -> s0 [label=\"break_it()\", style=dashed];\n"
      "  s1 -> s2 [label=\"press()\"];\n"
      "  s1 -> s3 [label=\"break_it()\", style=dashed];\n"
      "  s2 -> undefined [label=\"press()\"];\n"
      "  s2 -> s2 [label=\"break_it()\", style=dashed];\n"
      "  s3 -> s4 [label=\"press()\"];\n"
      "  s3 -> s3 [label=\"break_it()\", style=dashed];\n"
      "  s4 -> undefined [label=\"press()\"];\n"
      "  s4 -> s2 [label=\"break_it()\", style=dashed];\n"
      "}\n");
}

TEST(StateGraph, RefusesWhatNobodyCouldRead) {
  EXPECT_TRUE(state_graph(lamp(), 5));
  const auto refused = state_graph(lamp(), 4);
  ASSERT_FALSE(refused);
  EXPECT_THAT(to_string(refused.error()), HasSubstr("--export dot: there are more than 4 states"));
}

}  // namespace
}  // namespace portolan::rules::exports::graph_test
