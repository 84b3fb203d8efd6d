// SPDX-License-Identifier: Apache-2.0
//
// What `tla` writes, read by a reader of TLA+ that knows nothing of the writer
// (tests/support/tla_reader.hpp): the same states, the same number of events, the same verdicts and the same
// undefined events as the reference. TLC itself does not run here.
#include "model/rules/exports/tla.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "model/fleet/scenario.hpp"
#include "model/rules/compile.hpp"
#include "model/rules/exports/names.hpp"
#include "model/rules/exports/promela.hpp"
#include "model/rules/firing.hpp"
#include "tests/support/peer_fleet.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"
#include "tests/support/tla_reader.hpp"

namespace portolan::rules::exports::tla_test {
namespace {

using testing::HasSubstr;

struct Sums {
  std::size_t states = 0, events = 0, undefined = 0, broken = 0;
};

/// The whole state space of both, and what they say of each property in all of it.
Sums expect_the_same(const Module& module, std::size_t states_max = 1'000'000) {
  Sums ours, theirs;
  std::map<std::string, std::size_t> our_holding, their_holding;
  std::set<Cells> seen{module.initial};
  for (std::vector<Cells> work{module.initial}; !work.empty();) {
    const Cells now = work.back();
    work.pop_back();
    for (const Property& property : module.properties)
      our_holding[mangled(property.name)] += holds(module, property.condition, now);
    for (const Successor& s : successors(module, now)) {
      ++(s.defined ? ours.events : ours.undefined);
      if (s.defined && seen.insert(s.next).second) work.push_back(s.next);
    }
  }
  ours.states = seen.size();
  const auto text = tla(module);
  if (!text) {
    ADD_FAILURE() << to_string(text.error());
    return ours;
  }
  try {
    const test::tla::Module read(*text);
    std::set<test::tla::State> reached{read.initial()};
    for (std::vector<test::tla::State> work{read.initial()}; !work.empty() && reached.size() <= states_max;) {
      const test::tla::State now = work.back();
      work.pop_back();
      EXPECT_TRUE(read.holds("TypeOK", now));
      for (const Property& property : module.properties)
        their_holding[mangled(property.name)] += read.holds(mangled(property.name), now);
      const std::size_t undefined = read.ways("SomeUndefined", now);
      EXPECT_EQ(read.holds("WellDefined", now), undefined == 0);
      theirs.undefined += undefined;
      for (test::tla::State& next : read.successors(now)) {
        ++theirs.events;
        if (reached.insert(next).second) work.push_back(std::move(next));
      }
    }
    theirs.states = reached.size();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\n" << *text;
    return ours;
  }
  EXPECT_EQ(theirs.states, ours.states) << *text;
  EXPECT_EQ(theirs.events, ours.events) << *text;
  EXPECT_EQ(theirs.undefined, ours.undefined) << *text;
  EXPECT_EQ(their_holding, our_holding) << *text;
  return ours;
}

constexpr std::string_view diners[] = {"ann", "bob"}, dishes[] = {"soup", "cake"};
constexpr SortText sorts[] = {{"diner", diners}, {"dish", dishes}};
constexpr ModuleVariableText variables[] = {
    {"fork", "", "diner?", "none", Role::state, "who holds it"},
    {"meals", "diner", "0..2", "0"},
    {"ate", "diner, dish", "bool", "false"},
    {"price", "dish", "0..300", "1", Role::fixed, "what it counts for"},
    {"hungry", "diner", "bool", "true", Role::fixed},
    {"Next", "", "dish", "soup"}};
constexpr ActionText actions[] = {
    {"take", "d: diner", "fork == none && hungry[d] && meals[d] < 2", "", "fork := d", "house rule 1",
     "takes the fork"},
    {"eat", "", "fork != none", "",
     "meals[fork] := meals[fork] + price[Next]; ate[fork, Next] := true; fork := none", "house rule 2",
     "eats *) and puts it back"},
    {"swap", "", "!(Next == cake => ate[ann, cake])", "",
     "meals[ann] := meals[bob]; meals[bob] := meals[ann]", "", "", Actor::fault},
    {"serve", "d: dish", "", "", "Next := d", "", ""},
    {"clear", "", "forall(d in diner: meals[d] == 2)", "",
     "forall(d in diner: meals[d] := 0); forall(d in diner: ate[d, soup] := ate[d, cake])", "house rule 3",
     "clears the table"}};
constexpr PropertyText properties[] = {
    {"one-fork", Verb::always, "count(d in diner: fork == d) <= 1 || meals[ann] in {0, 1 .. 2}",
     "house rule 1", ""},
    {"fair", Verb::always, "meals[ann] - meals[bob] < 2", "", "nobody is two meals ahead"},
    {"full", Verb::sometimes, "exists(d in diner: meals[d] == 2)", "", ""},
    {"all-eat", Verb::eventually, "forall(d in diner: meals[d] == 2)", "house rule 2", ""}};
constexpr ModuleText dinner{"dinner", sorts, variables, {}, actions, properties};
#ifndef __clang__  // as in model/fleet/actions.cpp
static_assert(compile(dinner).faults.empty());
#endif

TEST(Tla, IsWhatTheGoldenFileShows) {
  const std::string file = PORTOLAN_SOURCE_DIR "/tests/model/rules/exports/golden/dinner.tla";
  const std::string text = tla(compile(dinner).module).value();
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(file) << text;
  std::stringstream expected;
  expected << std::ifstream(file).rdbuf();
  EXPECT_EQ(text, expected.str())
      << "if the new output is right: UPDATE_GOLDEN=1 build/dev/test_model --gtest_filter='Tla*'";
}

TEST(Tla, HasTheStatesAndVerdictsOfTheReference) {
  const Sums sums = expect_the_same(compile(dinner).module);
  EXPECT_GT(sums.states, 30u);
  EXPECT_GT(sums.undefined, 0u) << "a meal too many has no meaning";
}

TEST(SlowTla, HasThemForMachinesAndTheModelsOfTheScenarios) {
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/scenarios/models")) {
    SCOPED_TRACE(entry.path());
    const auto loaded = fleet::load_scenario(entry.path());
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    if (loaded->scenario.expect.states.value_or(0) > 1'500)
      continue;  // the reader is slow; the large ones are written all the same
    expect_the_same(loaded->module);
    ++models;
  }
  EXPECT_GT(models, 0u);
}

TEST(SlowTla, HasThemForRandomModules) {
  Sums all;
  for (std::uint64_t seed = 1; seed <= test::thorough(30); ++seed) {
    const auto random = test::random_module(seed, {.states_max = 300});
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    const Sums sums = expect_the_same(random->module);
    if (testing::Test::HasFailure()) return;
    all.states += sums.states;
    all.undefined += sums.undefined;
  }
  EXPECT_GT(all.states, 500u) << "the generator has to give something to compare";
  EXPECT_GT(all.undefined, 50u);
}

TEST(Tla, OfAWholeFleetIsReadAndTakesTheSameFirstSteps) {
  const auto loaded = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/fleet/forgotten-field.yaml");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const auto text = tla(loaded->module);
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_THAT(*text, HasSubstr("migrate_begin(v, h, s"));
  const test::tla::Module read(*text);
  std::set<test::tla::State> reached{read.initial()};
  std::set<Cells> seen{loaded->module.initial};
  std::vector<test::tla::State> level{read.initial()};
  std::vector<Cells> ours{loaded->module.initial};
  for (int depth = 0; depth < 6; ++depth) {
    std::vector<test::tla::State> next_level;
    std::vector<Cells> next_ours;
    for (const auto& now : level)
      for (auto& next : read.successors(now))
        if (reached.insert(next).second) next_level.push_back(next);
    for (const Cells& now : ours)
      for (const Successor& s : successors(loaded->module, now))
        if (s.defined && seen.insert(s.next).second) next_ours.push_back(s.next);
    ASSERT_EQ(next_level.size(), next_ours.size()) << "depth " << depth;
    level = std::move(next_level);
    ours = std::move(next_ours);
  }
}

TEST(Tla, RefusesNumbersThatMayLeave64Bits) {
  const ModuleVariableText wide[] = {{"n", "", "0..900000000000000", "0"}};
  const ActionText act[] = {{"grow", "", "n * n * n < 5", "", "n := n + 1", "", ""}};
  const auto text = tla(compile({"wide", {}, wide, {}, act, {}}).module);
  ASSERT_FALSE(text);
  EXPECT_THAT(to_string(text.error()), HasSubstr("actions.grow: a number may leave 64 bits"));
}

TEST(Tla, ReaderRefusesWhatIsNoTla) {
  const std::string good =
      "---- MODULE m ----\nEXTENDS Integers, FiniteSets\nVARIABLES\n  x\nInit ==\n  /\\ x = 1\nNext ==\n  "
      "\\/ x' = x + 1\n====\n";
  EXPECT_NO_THROW(test::tla::Module{good});
  for (const auto& [from, to] : {std::pair{"x + 1", "x = 1 = 2"},
                                 {"x + 1", "y"},
                                 {"x + 1", "(1"},
                                 {"x = 1", "x = 1 /\\ x = 2 \\/ x = 3"},
                                 {"Next ==", "Init =="},
                                 {"x + 1", "{x \\in {1} : TRUE}"}}) {
    std::string wrong = good;
    wrong.replace(wrong.find(from), std::string(from).size(), to);
    EXPECT_ANY_THROW(test::tla::Module{wrong}) << wrong;
  }
}

}  // namespace
}  // namespace portolan::rules::exports::tla_test
