// SPDX-License-Identifier: Apache-2.0
#include "model/rules/module.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/machines/session.hpp"
#include "model/rules/compile.hpp"
#include "model/rules/firing.hpp"

namespace portolan::rules::module_test {
namespace {

// Two philosophers of one fork: small enough to know every state by heart.
constexpr std::string_view diners[] = {"ann", "bob"};
constexpr SortText sorts[] = {{"diner", diners}};
constexpr ModuleVariableText variables[] = {{"fork", "", "diner?", "none"},
                                            {"meals", "diner", "0..2", "0"},
                                            {"hungry", "diner", "bool", "true", Role::fixed}};
constexpr ActionText actions[] = {
    {"take", "d: diner", "fork == none && hungry[d] && meals[d] < 2", "", "fork := d", "house rule 1",
     "takes the fork"},
    {"eat", "d: diner", "fork == d", "", "fork := none; meals[d] := meals[d] + 1", "house rule 2",
     "eats and puts it back"},
    {"clear", "", "forall(d in diner: meals[d] == 2)", "", "forall(d in diner: meals[d] := 0)",
     "house rule 3", "clears the table"}};
constexpr PropertyText properties[] = {
    {"one-fork", Verb::always, "count(d in diner: fork == d) <= 1", "house rule 1", ""},
    {"all-eat", Verb::eventually, "forall(d in diner: meals[d] == 2)", "house rule 2", ""}};
constexpr ModuleText dinner{"dinner", sorts, variables, {}, actions, properties};
#ifndef __clang__  // as in model/fleet/actions.cpp
static_assert(compile(dinner).faults.empty(), "a module is checked when it is compiled");
#endif

std::set<Cells> reachable(const Module& module) {
  std::set<Cells> seen{module.initial};
  std::vector<Cells> work{module.initial};
  while (!work.empty()) {
    const Cells now = work.back();
    work.pop_back();
    for (const Successor& s : successors(module, now)) {
      EXPECT_TRUE(s.defined) << to_string(module, s.event);
      if (s.defined && seen.insert(s.next).second) work.push_back(s.next);
    }
  }
  return seen;
}

TEST(Modules, FireActionsOverTheOldValues) {
  const Module module = compile(dinner).module;
  EXPECT_EQ(module.initial, (Cells{-1, 0, 0, 1, 1}));
  const auto first = successors(module, module.initial);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(to_string(module, first[1].event), "take(bob)");
  EXPECT_EQ(first[1].next, (Cells{1, 0, 0, 1, 1}));
  const std::string bob[] = {"bob"};
  const auto eaten = find_event(module, "eat", bob, first[1].next);
  ASSERT_TRUE(eaten);
  EXPECT_EQ(eaten->next, (Cells{-1, 0, 1, 1, 1}));
  EXPECT_FALSE(find_event(module, "eat", bob, module.initial)) << "not enabled";
}

TEST(Modules, HaveTheStatesThatCountingByHandGives) {
  // meals 3 x 3 with a free fork, and a taken fork wherever its holder has eaten less than twice: 9 + 2 * 6
  EXPECT_EQ(reachable(compile(dinner).module).size(), 21u);
}

TEST(Modules, TellUndefinedFromDisabled) {
  constexpr ActionText wrong[] = {
      {"leave", "", "", "", "meals[ann] := meals[ann] + 3", "x", ""},
      {"twice", "", "", "", "meals[ann] := 1; meals[ann] := 2", "x", ""},
      {"nobody", "", "", "", "meals[fork] := 1", "x", ""},
      {"guarded", "", "fork != none && meals[fork] == 1", "", "fork := none", "x", ""}};
  const Module module = compile({"dinner", sorts, variables, {}, wrong, {}}).module;
  Cells next;
  for (std::size_t a = 0; a < 3; ++a)
    EXPECT_EQ(fire(module, module.actions[a], {}, module.initial, next), Firing::undefined) << wrong[a].name;
  EXPECT_EQ(fire(module, module.actions[3], {}, module.initial, next), Firing::disabled);
}

TEST(Modules, ReadTablesOfTwoIndicesRowByRow) {
  constexpr static std::string_view rows[] = {"a", "b", "c"}, columns[] = {"x", "y"};
  constexpr SortText both[] = {{"row", rows}, {"column", columns}};
  constexpr ModuleVariableText table[] = {{"cost", "row, column", "0..9", "0", Role::state, ""}};
  constexpr ActionText none[] = {
      {"set", "r: row, c: column", "cost[r, c] == 5", "", "cost[r, c] := 6", "x", ""}};
  const Module module = compile({"table", both, table, {}, none, {}}).module;
  Cells cells = module.initial;
  cells[module.cell(0, 2, 1)] = 5;
  const auto found = successors(module, cells);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(to_string(module, found[0].event), "set(c, y)");
  EXPECT_EQ(found[0].next, (Cells{0, 0, 0, 0, 0, 6}));
}

TEST(Modules, ReportEveryFault) {
  constexpr ModuleVariableText odd[] = {{"fork", "dinner", "diner?", "none"},
                                        {"x", "", "0..", ""},
                                        {"y", "", "0..3", "7"},
                                        {"y", "", "bool", "fork == none"}};
  constexpr ActionText wrong[] = {{"a", "d: dinner", "fork = d", "", "y := 1", "", ""},
                                  {"b", "", "", "", "fork", "", ""},
                                  {"b", "", "", "", "", "", ""},
                                  {"c", "d: diner", "y + ", "", "z := 1; y := true", "", ""}};
  constexpr PropertyText asked[] = {{"p", Verb::always, "y", "", ""}, {"p", Verb::always, "true", "", ""}};
  const CompiledModule compiled = compile({"wrong", sorts, odd, {}, wrong, asked});
  std::vector<std::string> found;
  for (const ModuleFault& f : compiled.faults)
    found.push_back(std::string(f.section) + "[" + std::to_string(f.item) + "]." + std::string(f.member) +
                    ":" + std::to_string(f.fault.column));
  EXPECT_EQ(found, (std::vector<std::string>{
                       "variables[0].index:1", "variables[1].domain:1", "variables[3].name:1",
                       "variables[2].initial:1", "variables[3].initial:1", "actions[0].parameters:1",
                       "actions[0].guard:6", "actions[1].update:1", "actions[2].name:1",
                       "actions[2].update:1", "actions[3].guard:5", "actions[3].update:1",
                       "actions[3].update:14", "properties[0].condition:1", "properties[1].name:1"}));
}

TEST(Modules, StepTheirMachinesByTheMachinesOwnRows) {
  // A module that does nothing but step one session has the session's own configurations, for each answer.
  constexpr static std::string_view answers[] = {"no", "yes"}, two[] = {"s", "t"};
  constexpr SortText both[] = {{"answer", answers}, {"vm", two}};
  constexpr MachineUseText uses[] = {{"session", "vm", &machines::session}};
  std::vector<std::string> steps, names;
  for (std::string_view event : machines::session_events) {
    names.push_back("do_" + std::string(event));
    steps.push_back("session[s]." + std::string(event) + "(yes: a == yes)");
  }
  std::vector<ActionText> all;
  for (std::size_t e = 0; e < steps.size(); ++e)
    all.push_back({names[e], "a: answer", "", steps[e], "", "x", ""});
  const CompiledModule compiled = compile({"one-session", both, {}, uses, all, {}});
  ASSERT_TRUE(compiled.faults.empty()) << compiled.faults.front().fault.finding;
  const Module& module = compiled.module;

  const auto configuration = [&](const Cells& cells, std::int64_t copy) {
    Configuration c{static_cast<std::uint8_t>(cells[module.cell(module.machines[0].state, copy)]), {}};
    for (std::size_t k = 0; k < machines::session_text.variables.size(); ++k)
      if (module.machines[0].variables[k] >= 0)
        c.environment[k] = cells[module.cell(module.machines[0].variables[k], copy)];
    return c;
  };
  int taken = 0, refused = 0;
  for (const Cells& cells : reachable(module)) {
    EXPECT_EQ(configuration(cells, 1), (Configuration{machines::session.initial, {}}))
        << "the other copy stays";
    const auto found = successors(module, cells);
    for (std::int64_t yes : {0, 1})
      for (std::uint8_t event = 0; event < std::size(machines::session_events); ++event) {
        Configuration at = configuration(cells, 0);
        at.environment[0] = yes;
        const Step want = step(machines::session, at, event);
        std::vector<const Successor*> got;
        for (const Successor& s : found)
          if (s.event.arguments[0] == yes && module.actions[s.event.action].name == names[event])
            got.push_back(&s);
        ASSERT_EQ(got.size(), want.row < 0 ? 0u : 1u) << names[event];
        if (want.row < 0) {
          ++refused;
          continue;
        }
        ++taken;
        Configuration after = want.next;
        after.environment[0] = 0;
        EXPECT_EQ(configuration(got[0]->next, 0), after) << names[event];
        EXPECT_EQ(module.actions[got[0]->event.action].steps[0].row, want.row);
        EXPECT_EQ(module.actions[got[0]->event.action].sources.back(),
                  machines::session_rows[want.row].source);
      }
  }
  EXPECT_GT(taken, 20);
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace portolan::rules::module_test
