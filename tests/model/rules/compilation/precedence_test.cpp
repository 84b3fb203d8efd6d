// SPDX-License-Identifier: Apache-2.0
//
// Rows are tried in their order. The engines read the expanded actions and so cannot see a fault of the
// expansion; here the expansion is held to `step`, which tries the rows themselves.
#include "model/rules/compilation/precedence.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "model/machines/run_time.hpp"
#include "model/rules/compile.hpp"
#include "model/rules/firing.hpp"

namespace portolan::rules::precedence_test {
namespace {

constexpr std::string_view states[] = {"A", "B", "C"}, events[] = {"e", "f"};
constexpr MachineVariable variables[] = {
    {"go", Role::input}, {"seen", Role::state}, {"level", Role::state, 0, 2}};

/// A machine of those rows, with one copy, and an action for each event and each value of the input.
class Model {
 public:
  explicit Model(std::vector<RowText> rows) : rows_(std::move(rows)) {
    text_ = {"m", states, events, variables, rows_, "A"};
    compiled_ = rules::compile(text_);
    EXPECT_TRUE(compiled_.faults.empty());
    machine = {&text_, compiled_.rows, compiled_.initial};
    uses_ = {{"m", "", &machine}};
    for (const std::string_view event : events)
      for (const std::string_view go : {"false", "true"}) {
        const auto keep = [this](std::string text) -> std::string_view {
          return kept_.emplace_back(std::move(text));
        };
        actions_.push_back({keep(std::string(event) + "-" + std::string(go)), "", "",
                            keep("m." + std::string(event) + "(go: " + std::string(go) + ")"), "", "test",
                            ""});
      }
    CompiledModule made = rules::compile(ModuleText{"ordered", {}, {}, uses_, actions_, {}});
    EXPECT_TRUE(made.faults.empty());
    module = std::move(made.module);
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Machine machine;
  Module module;

  Configuration configuration(const Cells& cells) const {
    const MachineUse& use = module.machines[0];
    const auto cell = [&](std::int16_t variable) { return cells[module.cell(variable)]; };
    Configuration at{static_cast<std::uint8_t>(cell(use.state)), {}};
    for (std::size_t v = 0; v < use.variables.size(); ++v)
      if (use.variables[v] >= 0) at.environment[v] = cell(use.variables[v]);
    return at;
  }

 private:
  std::vector<RowText> rows_;
  MachineText text_;
  CompiledRows compiled_;
  std::deque<std::string> kept_;
  std::vector<MachineUseText> uses_;
  std::vector<ActionText> actions_;
};

/// What the actions make of a state: by event and input, the configurations that follow.
std::vector<std::vector<Configuration>> by_the_actions(const Model& model, const Cells& now,
                                                       std::vector<Cells>& next) {
  std::vector<std::vector<Configuration>> all(4);
  for (const Successor& s : successors(model.module, now)) {
    EXPECT_TRUE(s.defined);
    all[model.module.actions[s.event.action].text].push_back(model.configuration(s.next));
    next.push_back(s.next);
  }
  return all;
}
std::vector<std::vector<Configuration>> by_the_rows(const Model& model, const Cells& now) {
  std::vector<std::vector<Configuration>> all(4);
  for (std::size_t a = 0; a < 4; ++a) {
    Configuration at = model.configuration(now);
    at.environment[0] = static_cast<std::int64_t>(a % 2);
    Step taken = step(model.machine, at, static_cast<std::uint8_t>(a / 2));
    taken.next.environment[0] = 0;  // inputs are no part of a state
    if (taken.row >= 0) all[a].push_back(taken.next);
  }
  return all;
}

/// Visits every state; returns how many there are.
std::size_t expect_same(const Model& model) {
  std::set<Cells> seen{model.module.initial};
  std::vector<Cells> work{model.module.initial};
  while (!work.empty()) {
    const Cells now = work.back();
    work.pop_back();
    std::vector<Cells> next;
    EXPECT_EQ(by_the_actions(model, now, next), by_the_rows(model, now));
    for (Cells& cells : next)
      if (seen.insert(cells).second) work.push_back(std::move(cells));
  }
  return seen.size();
}

TEST(RowsOfAMachine, AreTriedInTheirOrder) {
  const Model model({{"A", "e", "B", "", "", "first"}, {"A", "e", "C", "", "", "second"}});
  EXPECT_EQ(expect_same(model), 2u) << "C is never reached";
  EXPECT_EQ(model.module.actions.size(), 2u) << "the second row has no variant at all";
}

TEST(RowsOfAMachine, AnswerWhereTheGuardOfTheEarlierRefuses) {
  const Model model({{"A", "e", "B", "go", "", "first"}, {"A", "e", "C", "", "", "second"}});
  EXPECT_EQ(expect_same(model), 3u);
  EXPECT_EQ(model.module.actions[1].guards.size(), 2u) << "where it is, and that the first refuses";
}

TEST(RowsOfAMachine, NeedNothingSaidWhereTheyAreGuardedApart) {
  const Model model({{"A", "e", "B", "go", "", "first"}, {"A", "e", "C", "!go", "", "second"}});
  EXPECT_EQ(expect_same(model), 3u);
  for (const Action& action : model.module.actions) EXPECT_LE(action.guards.size(), 2u);
}

TEST(RowsOfAMachine, AreWhatTheirActionsAreInRandomMachines) {
  constexpr std::string_view guards[] = {"",          "go", "!go", "seen", "level == 1", "level < 2 && !seen",
                                         "go || seen"};
  constexpr std::string_view updates[] = {"", "", "seen := !seen",
                                          "level := if level < 2 then level + 1 else 0"};
  std::mt19937_64 random(20261201);
  const auto one_of = [&random](const auto& all) { return all[random() % std::size(all)]; };
  std::size_t overlapping = 0;
  for (int i = 0; i < 200; ++i) {
    std::vector<RowText> rows;
    for (std::size_t r = 0; r < 2 + random() % 8; ++r)
      rows.push_back(
          {one_of(states), one_of(events), one_of(states), one_of(guards), one_of(updates), "test"});
    const Model model(rows);
    overlapping += rows_are_guarded_apart(model.machine) ? 0 : 1;
    expect_same(model);
    if (testing::Test::HasFailure()) FAIL() << "machine " << i;
  }
  EXPECT_GT(overlapping, 100u);
}

TEST(RowsOfTheBuiltInMachines, NeverStandInEachOthersWay) {
  for (const Machine* machine : machines::built_in_machines())
    for (std::size_t later = 0; later < machine->rows.size(); ++later)
      for (std::size_t earlier = 0; earlier < later; ++earlier)
        EXPECT_FALSE(compilation::stands_before(*machine, earlier, later)) << machine->text->name << later;
}

}  // namespace
}  // namespace portolan::rules::precedence_test
