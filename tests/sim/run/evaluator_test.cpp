// SPDX-License-Identifier: Apache-2.0
#include "sim/run/evaluator.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/sim/scenarios.hpp"

namespace portolan::sim::run {
namespace {

// Random walks; in each state every action with every choice of arguments is asked of both.
void compare_on_a_walk(const rules::Module& module, int states) {
  const Evaluator evaluator(module);
  time::Stream stream({1, 0, 1}, time::Purpose::operator_what);
  rules::Cells now = module.initial;
  std::vector<Write> writes;
  for (int k = 0; k < states; ++k) {
    std::set<std::size_t> possible;
    const auto successors = rules::successors(module, now);
    for (std::size_t g = 0; g < evaluator.groups().size(); ++g) {
      const ActionGroup& group = evaluator.groups()[g];
      rules::for_each_choice(
          module, module.actions[group.first], [&](std::span<const std::int64_t> arguments) {
            bool defined = true;
            const int variant = evaluator.enabled(g, arguments, now, defined);
            ASSERT_TRUE(defined);
            const auto expected =
                std::find_if(successors.begin(), successors.end(), [&](const rules::Successor& s) {
                  return s.event.action >= group.first && s.event.action < group.last &&
                         std::equal(arguments.begin(), arguments.end(), s.event.arguments.begin(),
                                    s.event.arguments.end());
                });
            ASSERT_EQ(variant >= 0, expected != successors.end()) << group.name;
            if (variant < 0) return;
            possible.insert(g);
            ASSERT_EQ(static_cast<std::size_t>(variant), expected->event.action);
            ASSERT_EQ(evaluator.writes(static_cast<std::size_t>(variant), arguments, now, writes),
                      rules::Firing::fired);
            rules::Cells next = now;
            for (const Write& write : writes) next[write.cell] = write.value;
            ASSERT_EQ(next, expected->next);
          });
      rules::Arguments arguments;
      const bool chosen = evaluator.choose(g, now, stream, arguments);
      ASSERT_EQ(chosen, possible.contains(g)) << group.name;
      bool defined = true;
      ASSERT_TRUE(!chosen || evaluator.enabled(g, arguments, now, defined) >= 0) << group.name;
    }
    if (successors.empty()) return;
    now = successors[stream.below(successors.size())].next;
  }
}

TEST(Evaluator, SaysWhatTheReferenceSaysOfAFleet) {
  compare_on_a_walk(test::load_text(test::one_vm(3, "faults: {budget: 2}"))->module, 150);
}

TEST(Evaluator, SaysWhatTheReferenceSaysOfAModelOfItsOwn) {
  compare_on_a_walk(
      test::load_text(
          R"yaml(
format: portolan.scenario/1
description: every kind of expression
model:
  sorts: {cell: 4, mark: [gold, red]}
  variables:
    on: {index: cell, domain: "mark?", initial: none}
    near: {index: "cell, cell", domain: bool, initial: {cell1: {cell2: true}, cell2: {cell3: true}}, fixed: true}
    steps: {domain: 0..9, initial: 0}
  actions:
    - {name: put, parameters: "c: cell, m: mark", guard: "on[c] == none && !exists(d in cell: near[c, )yaml"
          R"yaml(d] && on[d] == m)", update: "on[c] := m; steps := if steps < 9 then steps + 1 else 0", source: test}
    - {name: swap, parameters: "c: cell, d: cell", guard: "c != d && (near[c, d] || near[d, )yaml"
          R"yaml(c]) => steps in {1, 3..5}", update: "on[c] := on[d]; on[d] := on[c]", source: test}
    - {name: clear, guard: "count(c in cell: on[c] != none) >= 3 && forall(c in cell: on[c] == none || )yaml"
          R"yaml(on[c] in {gold, red})", update: "forall(c in cell: on[c] := none)", source: test}
)yaml")
          ->module,
      300);
}

TEST(Evaluator, CanChooseEveryEnabledEvent) {
  const auto loaded = test::load_text(test::one_vm(4, ""));
  const Evaluator evaluator(loaded->module);
  time::Stream stream({1, 0, 1}, time::Purpose::operator_what);
  const auto group = static_cast<std::size_t>(evaluator.group("migrate_begin"));
  std::set<rules::Arguments> enabled, chosen;
  for (const auto& one : rules::successors(loaded->module, loaded->module.initial))
    if (loaded->module.actions[one.event.action].name == "migrate_begin") enabled.insert(one.event.arguments);
  for (int k = 0; k < 200; ++k) {
    rules::Arguments arguments;
    ASSERT_TRUE(evaluator.choose(group, loaded->module.initial, stream, arguments));
    chosen.insert(arguments);
  }
  EXPECT_EQ(enabled.size(), 3u);
  EXPECT_EQ(chosen, enabled);
}

// The first part of a guard protects the second, whose parameter comes earlier.
TEST(Evaluator, AsksAProtectedPartOnlyWhereItIsProtected) {
  const auto loaded = test::load_text(R"yaml(
format: portolan.scenario/1
description: an index that may be none
model:
  sorts: {a: 2, b: 2}
  variables:
    linked: {index: "a, b", domain: bool, initial: {a1: {b2: true}}, fixed: true}
    at: {index: a, domain: "b?", initial: {a1: b2}}
    open: {index: b, domain: bool, initial: true}
  actions:
    - {name: go, parameters: "x: a, y: b", guard: "linked[x, y] && open[at[x]]", )yaml"
                                      R"yaml(update: "open[y] := false", source: test}
)yaml");
  const Evaluator evaluator(loaded->module);
  time::Stream stream({1, 0, 1}, time::Purpose::operator_what);
  for (int k = 0; k < 20; ++k) {
    rules::Arguments arguments;
    ASSERT_TRUE(evaluator.choose(0, loaded->module.initial, stream, arguments));
    EXPECT_EQ(arguments, (rules::Arguments{0, 1}));
  }
}

}  // namespace
}  // namespace portolan::sim::run
