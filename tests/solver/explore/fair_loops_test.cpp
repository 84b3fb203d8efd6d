// SPDX-License-Identifier: Apache-2.0
//
// *Eventually* with fairness, held to a search that knows nothing but rules::successors: of each state
// without the condition it asks which others it comes to and which come back.
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "bench/module_source.hpp"
#include "model/rules/compile.hpp"
#include "solver/explore/explorer.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

using bench::ModuleSource;
using rules::Cells;
using rules::Module;
using rules::Verb;
using Events = std::map<Cells, std::vector<rules::Successor>>;

Events every_event(const Module& module) {
  Events all;
  for (std::vector<Cells> work{module.initial}; !work.empty();) {
    const Cells now = work.back();
    work.pop_back();
    if (all.contains(now)) continue;
    std::vector<rules::Successor>& here = all[now];
    for (rules::Successor& s : rules::successors(module, now)) {
      if (!s.defined) continue;
      work.push_back(s.next);
      here.push_back(std::move(s));
    }
  }
  return all;
}

using Named = std::set<std::pair<std::size_t, rules::Arguments>>;

/// The named events that are enabled somewhere.
Named named_events(const Events& all, const rules::Property& property) {
  Named result;
  for (const auto& [cells, events] : all)
    for (const auto& s : events)
      if (std::find(property.fair->begin(), property.fair->end(), s.event.action) != property.fair->end())
        result.insert({s.event.action, s.event.arguments});
  return result;
}

bool settled(const Events& all, const std::set<Cells>& among,
             const std::pair<std::size_t, rules::Arguments>& event) {
  for (const Cells& cells : among) {
    bool enabled = false;
    for (const auto& s : all.at(cells)) {
      if (s.event.action != event.first || s.event.arguments != event.second) continue;
      enabled = true;
      if (among.contains(s.next)) return true;
    }
    if (!enabled) return true;
  }
  return false;
}

bool can_be_put_off(const Module& module, const Events& all, const rules::Property& property) {
  std::map<Cells, std::set<Cells>> comes_to;  // without the condition, itself among them
  for (const auto& [from, events] : all) {
    if (rules::holds(module, property.condition, from)) continue;
    std::set<Cells>& reached = comes_to[from];
    for (std::vector<Cells> work{from}; !work.empty();) {
      const Cells now = work.back();
      work.pop_back();
      if (!reached.insert(now).second) continue;
      for (const auto& s : all.at(now))
        if (!rules::holds(module, property.condition, s.next)) work.push_back(s.next);
    }
  }
  const Named named = named_events(all, property);
  for (const auto& [from, reached] : comes_to) {
    std::set<Cells> component;
    for (const Cells& other : reached)
      if (comes_to.at(other).contains(from)) component.insert(other);
    if (std::all_of(named.begin(), named.end(),
                    [&](const auto& event) { return settled(all, component, event); }))
      return true;
  }
  return false;
}

/// The loop comes back, avoids the condition, and neglects none of the named events.
void expect_a_fair_loop(const Module& module, const Events& all, const rules::Property& property,
                        const PropertyResult& found) {
  ASSERT_TRUE(found.trace.has_value());
  ASSERT_TRUE(found.loop.has_value());
  const auto follow = [&](Cells now, const std::vector<Trace::Step>& steps, std::set<Cells>* seen,
                          Named* taken) {
    for (const Trace::Step& step : steps) {
      bool known = false;
      for (const auto& s : all.at(now))
        known = known || (s.event.action == step.event.action && s.event.arguments == step.event.arguments &&
                          s.next == step.after);
      EXPECT_TRUE(known) << rules::to_string(module, step.event);
      now = step.after;
      if (seen) seen->insert(now);
      if (taken) taken->insert({step.event.action, step.event.arguments});
    }
    return now;
  };
  const Cells end = follow(module.initial, found.trace->steps, nullptr, nullptr);
  std::set<Cells> seen{end};
  Named taken;
  EXPECT_EQ(follow(end, *found.loop, &seen, &taken), end);
  for (const Cells& cells : seen) EXPECT_FALSE(rules::holds(module, property.condition, cells));
  for (const auto& event : named_events(all, property)) {
    bool disabled = false;
    for (const Cells& cells : seen)
      disabled = disabled || std::none_of(all.at(cells).begin(), all.at(cells).end(), [&](const auto& s) {
                   return s.event.action == event.first && s.event.arguments == event.second;
                 });
    EXPECT_TRUE(disabled || taken.contains(event)) << module.actions[event.first].name;
  }
}

void hold_fairness(std::uint64_t first, std::uint64_t count) {
  std::size_t held = 0, broken = 0, loops = 0;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    const auto random = test::random_module(seed, {.states_max = 200});
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    Module& module = random->module;
    std::mt19937_64 choose(seed);
    for (rules::Property& property : module.properties) {
      property.verb = Verb::eventually;
      property.fair.emplace();
      for (std::size_t a = 0; a < module.actions.size(); ++a)
        if (choose() % 4 != 0) property.fair->push_back(a);
    }
    const Events all = every_event(module);
    for (const unsigned threads : {1u, 2u}) {
      const Exploration got =
          Explorer(module, {.threads = threads, .symmetry = true, .dense_from = seed % 2}).run();
      ASSERT_TRUE(got.complete);
      for (std::size_t p = 0; p < module.properties.size(); ++p) {
        const rules::Property& property = module.properties[p];
        const bool violated = can_be_put_off(module, all, property);
        const PropertyVerdict verdict = got.properties[p].verdict;
        // `a => b` is vacuous where no state has a, and then it is not violated.
        const bool vacuous = verdict == PropertyVerdict::vacuous &&
                             property.condition.nodes.back().op == rules::Op::implication;
        ASSERT_EQ(name_of(vacuous ? PropertyVerdict::holds : verdict),
                  name_of(violated ? PropertyVerdict::violated : PropertyVerdict::holds))
            << property.name;
        ++(violated ? broken : held);
        if (!violated) continue;
        loops += !got.properties[p].loop->empty();
        expect_a_fair_loop(module, all, property, got.properties[p]);
      }
    }
  }
  EXPECT_GT(held, count / 2);
  EXPECT_GT(broken, count / 2);
  EXPECT_GT(loops, count / 20);
}

TEST(FairLoops, AreThoseOfTheReference) { hold_fairness(1, 12); }
TEST(FairLoopsSlow, AreThoseOfTheReferenceOnManyModules) { hold_fairness(1000, test::thorough(20)); }

Module waiting(const std::string& name, std::vector<std::size_t> fair) {
  ModuleSource m(name);
  m.variable("rounds", "", "0..2");
  m.variable("served", "", "bool");
  m.action("turn", "", "!served", "", "rounds := if rounds == 2 then 0 else rounds + 1");
  m.action("serve", "", "!served", "", "served := true");
  m.property("is-served", Verb::eventually, "served");
  Module module = rules::compile(m.text()).module;
  module.properties[0].fair = std::move(fair);
  return module;
}

TEST(FairLoops, PromiseWhatIsNotNeglected) {
  const auto verdict = [](std::vector<std::size_t> fair) {
    return Explorer(waiting("waiting", std::move(fair))).run().properties[0];
  };
  EXPECT_EQ(verdict({1}).verdict, PropertyVerdict::holds) << "serving stays enabled";
  const PropertyResult turning = verdict({0});
  EXPECT_EQ(turning.verdict, PropertyVerdict::violated);
  EXPECT_EQ(turning.trace->steps.size(), 0u);
  EXPECT_EQ(turning.loop->size(), 3u) << "once round";
  const PropertyResult resting = verdict({});
  EXPECT_EQ(resting.verdict, PropertyVerdict::violated);
  EXPECT_TRUE(resting.loop->empty()) << "nothing has to happen";
}

TEST(FairLoops, TakeWhatIsNamedManyTimesOver) {
  // 512 events of one named action, none of which may be neglected: the loop takes all of them, and each of
  // its states is looked at once.
  ModuleSource m("many");
  m.sort("a", {"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"});
  m.variable("x", "", "a", "a1");
  m.action("go", "p: a, q: a, r: a", "", "", "x := p");
  m.property("never", Verb::eventually, "x != x");
  Module module = rules::compile(m.text()).module;
  module.properties[0].fair = std::vector<std::size_t>{0};
  const Exploration got = Explorer(module).run();
  ASSERT_EQ(got.properties[0].verdict, PropertyVerdict::violated);
  ASSERT_TRUE(got.properties[0].loop);
  std::set<rules::Arguments> taken;
  for (const Trace::Step& step : *got.properties[0].loop) taken.insert(step.event.arguments);
  EXPECT_EQ(taken.size(), 512u);
}

TEST(FairLoops, AreUndeterminedWhereTheyDoNotFitOrTheSearchIsCutOff) {
  const Module module = waiting("waiting", {1});
  const PropertyResult cut = Explorer(module, {.states_max = 2}).run().properties[0];
  EXPECT_EQ(cut.verdict, PropertyVerdict::undetermined);
  EXPECT_FALSE(cut.reason.empty());
}

}  // namespace
}  // namespace portolan::solver::explore
