// SPDX-License-Identifier: Apache-2.0
//
// What the explorer says of modules made by hand: numbers, traces, bounds, and what does not fit a table.
#include "solver/explore/explorer.hpp"

#include <gtest/gtest.h>

#include "tests/solver/explore/slow_search.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

const PropertyResult& result_of(const Exploration& got, std::string_view name) {
  const auto at = std::find_if(got.properties.begin(), got.properties.end(),
                               [&](const PropertyResult& p) { return p.name == name; });
  if (at == got.properties.end()) throw std::logic_error("no property " + std::string(name));
  return *at;
}

Exploration explored(const Module& module, unsigned threads = 1) {
  return Explorer(module, {.threads = threads}).run();
}

std::vector<std::string> events(const Module& module, const Trace& trace) {
  std::vector<std::string> result;
  for (const Trace::Step& step : trace.steps) result.push_back(to_string(module, step.event));
  return result;
}

TEST(Explorer, KnowsTheSmallFleetByNumber) {
  // Counted by Spin on the same fleet in Promela.
  const Module module = compiled(fleet_module({2, 2, 3, 1}));
  const Exploration got = explored(module);
  EXPECT_EQ(got.states, 5508u);
  EXPECT_EQ(got.transitions, 28940u);
  EXPECT_EQ(result_of(got, "safe").verdict, PropertyVerdict::holds);
  EXPECT_EQ(result_of(got, well_defined).verdict, PropertyVerdict::holds);
}

TEST(Explorer, FindsEveryFlawOfTheFleetByAShortestTrace) {
  const std::pair<bench::FleetFlaw, std::size_t> flaws[] = {
      {bench::FleetFlaw::downgrade_unguarded, 3},  // upgrade, switch on, downgrade
      {bench::FleetFlaw::started_early, 2},        // begin, start
      {bench::FleetFlaw::committed_early, 5}};     // begin, stop_copy, stop, start, finish
  for (const auto& [flaw, length] : flaws) {
    const Module module = compiled(fleet_module({2, 2, 3, 1}, flaw));
    const Exploration got = explored(module);
    const PropertyResult& safe = result_of(got, "safe");
    ASSERT_EQ(safe.verdict, PropertyVerdict::violated);
    EXPECT_EQ(safe.trace->steps.size(), length);
    expect_trace(module, *safe.trace);
    EXPECT_FALSE(rules::holds(module, module.properties[0].condition, last_of(*safe.trace)));
    EXPECT_TRUE(got.complete) << "a violation does not end the search";
  }
}

TEST(Explorer, EndsAtTheFirstViolationWhenAsked) {
  const Module module = compiled(fleet_module({2, 3, 3, 1}, bench::FleetFlaw::started_early));
  const Exploration whole = explored(module);
  Exploration first;
  for (const unsigned threads : {1u, 2u, 3u}) {
    const Exploration got = Explorer(module, {.threads = threads, .stop_at_violation = true}).run();
    EXPECT_LT(got.states, whole.states / 10);
    EXPECT_FALSE(got.complete);
    EXPECT_EQ(got.bound, "violation");
    EXPECT_EQ(result_of(got, "safe").trace->steps.size(), result_of(whole, "safe").trace->steps.size());
    if (threads == 1)
      first = got;
    else
      expect_equal(got, first);
  }
}

/// A chain of places that is walked in one direction, from any place that a first jump chose.
ModuleSource chain(int length, int fault_at) {
  ModuleSource m("chain");
  std::vector<std::string> places;
  for (int i = 0; i < length; ++i) places.push_back("p" + std::to_string(i));
  m.sort("place", places);
  m.variable("at", "", "place?", "none");
  m.action("jump", "p: place", "at == none", "", "at := p");
  for (int i = 0; i + 1 < length; ++i)
    m.action("walk" + std::to_string(i), "", "at == p" + std::to_string(i), "",
             "at := p" + std::to_string(i + 1), i == fault_at ? rules::Actor::fault : rules::Actor::decision);
  m.property("arrives", Verb::eventually, "at == p" + std::to_string(length - 1));
  return m;
}

TEST(Explorer, SeesThatALongWayLeadsToTheEnd) {
  // All places are one step from the start, in an order that has nothing to do with the way between them.
  for (const unsigned threads : {1u, 2u}) {
    EXPECT_EQ(result_of(explored(compiled(chain(700, -1)), threads), "arrives").verdict,
              PropertyVerdict::holds);
    const Module cut = compiled(chain(700, 600));
    const Exploration got = explored(cut, threads);
    const PropertyResult& arrives = result_of(got, "arrives");
    ASSERT_EQ(arrives.verdict, PropertyVerdict::violated) << "only a fault leads from p600 to p601";
    ASSERT_EQ(arrives.trace->steps.size(), 1u);
    EXPECT_LE(last_of(*arrives.trace)[0], 600);
  }
}

TEST(Explorer, GivesUpABackwardPassForWhichThereIsNoRoom) {
  // A climb, and from each height a way down that goes up and down by turns: thousands of states on one way
  // before anything is known of the first.
  ModuleSource m("zigzag");
  m.variable("height", "", "0..2003");
  m.variable("falling", "", "bool");
  m.variable("up", "", "bool");
  m.action("climb", "", "!falling && height < 2000", "", "height := height + 1");
  m.action("let_go", "", "!falling", "", "falling := true");
  m.action("rise", "", "falling && !up && height > 0", "", "height := height + 1; up := true");
  m.action("fall", "", "falling && up && height > 1", "", "height := height - 2; up := false");
  m.property("lands", Verb::eventually, "falling && height == 0");
  const Module module = compiled(m);
  const Exploration whole = explored(module);
  ASSERT_TRUE(whole.complete);
  ASSERT_EQ(result_of(whole, "lands").verdict, PropertyVerdict::holds);
  int given_up = 0;
  for (std::uint64_t bytes = whole.peak_bytes * 14 / 15; bytes <= whole.peak_bytes;
       bytes += whole.peak_bytes / 100) {
    const Exploration got = Explorer(module, {.bytes_max = bytes}).run();
    EXPECT_LE(got.peak_bytes, bytes * 11 / 10) << bytes;
    const PropertyResult& lands = result_of(got, "lands");
    if (lands.verdict == PropertyVerdict::holds) continue;
    EXPECT_EQ(lands.verdict, PropertyVerdict::undetermined);
    EXPECT_EQ(got.bound, "memory");
    if (!got.complete) continue;
    ++given_up;
    EXPECT_EQ(lands.reason, "the backward pass does not fit into the bound on memory");
    EXPECT_EQ(got.states, whole.states);
    EXPECT_EQ(result_of(got, well_defined).verdict, PropertyVerdict::holds);
  }
  EXPECT_GT(given_up, 0) << "where the states have room, but not the way";
  const Exploration roomy = Explorer(module, {.bytes_max = whole.peak_bytes * 6 / 5}).run();
  EXPECT_EQ(result_of(roomy, "lands").verdict, PropertyVerdict::holds);
  EXPECT_EQ(roomy.bound, "");
}

TEST(ExplorerSlow, BeginsAgainWhereTheImagesOfAValueHaveNoRoom) {
  // All hosts are one component, with room for 4,096 values at first, of 65,536; the last one that fits has
  // 23 images that do not.
  ModuleSource m("loads");
  m.sort("host", {"a", "b", "c", "d"});
  m.variable("load", "host", "0..15");
  m.action("add", "h: host", "load[h] < 15", "", "load[h] := load[h] + 1");
  m.action("take", "h: host", "load[h] > 3", "", "load[h] := load[h] - 2");
  for (const unsigned threads : {1u, 2u}) {
    ExploreOptions options;
    options.threads = threads;
    options.symmetry = true;
    const Module module = compiled(m);
    const Exploration got = Explorer(module, options).run();
    ASSERT_TRUE(got.complete);
    EXPECT_EQ(got.states, 3876u) << "19 over 4: how many of the four have which load";
  }
}

TEST(Explorer, TellsWhatNoStateTested) {
  ModuleSource m("vacuity");
  m.sort("vm", {"a", "b"});
  m.sort("nobody", {});
  m.variable("on", "vm", "bool");
  m.variable("off", "vm", "bool");
  m.variable("lost", "", "nobody?");
  m.action("start", "v: vm", "v == b", "", "on[v] := true");
  m.action("lose", "n: nobody", "", "", "lost := n");
  m.property("never-tested", Verb::always, "on[a] => off[a]");
  m.property("nowhere-tested", Verb::always, "forall(v in vm: off[v] => on[v])");
  m.property("tested", Verb::always, "on[b] => !off[b]");
  m.property("tested-somewhere", Verb::always, "forall(v in vm: forall(w in vm: on[v] && v != w => !on[w]))");
  m.property("tested-and-wrong", Verb::always, "on[b] => off[b]");
  m.property("of-nobody", Verb::always, "forall(n in nobody: lost == n => false)");
  m.property("plain", Verb::always, "!off[a]");
  m.property("never-asked", Verb::eventually, "on[a] => off[a]");
  m.property("nowhere-asked", Verb::eventually, "forall(v in vm: off[v] => on[v])");
  m.property("asked", Verb::eventually, "on[b] => !off[b]");
  m.property("asked-at-first", Verb::eventually, "!on[b] => off[b]");
  const Exploration got = explored(compiled(m));
  EXPECT_EQ(got.states, 2u);
  const std::pair<std::string_view, PropertyVerdict> expected[] = {
      {"never-tested", PropertyVerdict::vacuous},
      {"nowhere-tested", PropertyVerdict::vacuous},
      {"tested", PropertyVerdict::holds},
      {"tested-somewhere", PropertyVerdict::holds},
      {"tested-and-wrong", PropertyVerdict::violated},
      {"of-nobody", PropertyVerdict::vacuous},
      {"plain", PropertyVerdict::holds},
      {"never-asked", PropertyVerdict::vacuous},
      {"nowhere-asked", PropertyVerdict::vacuous},
      {"asked", PropertyVerdict::holds},
      {"asked-at-first", PropertyVerdict::holds}};
  for (const auto& [name, verdict] : expected) EXPECT_EQ(result_of(got, name).verdict, verdict) << name;
}

TEST(Explorer, DoesNotFollowAnUndefinedEvent) {
  ModuleSource m("undefined");
  m.variable("x", "", "0..3");
  m.action("step", "", "", "", "x := x + 1");
  const Module module = compiled(m);
  const Exploration got = explored(module);
  EXPECT_EQ(got.states, 4u);
  EXPECT_EQ(got.transitions, 3u);
  const PropertyResult& defined = result_of(got, well_defined);
  ASSERT_EQ(defined.verdict, PropertyVerdict::violated);
  ASSERT_EQ(defined.trace->steps.size(), 4u);
  EXPECT_EQ(defined.trace->steps[3].after, defined.trace->steps[2].after);
}

TEST(Explorer, ReadsAndWritesMoreThanATableHolds) {
  // 24 VMs in 15 places: a guard over 96 bits, an update that reads them all, and one that writes two words'
  // worth.
  ModuleSource m("crowd");
  std::vector<std::string> vms, places;
  for (int i = 0; i < 24; ++i) vms.push_back("v" + std::to_string(i));
  for (int i = 0; i < 15; ++i) places.push_back("p" + std::to_string(i));
  m.sort("vm", vms);
  m.sort("place", places);
  m.variable("place_of", "vm", "place?", "p0");
  m.variable("most", "", "0..24");
  m.variable("chosen", "", "vm", "v0");
  m.action("move", "v: vm", "v in {v0, v1} && place_of[v] != none && count(w in vm: place_of[w] == p1) < 2",
           "", "place_of[v] := if place_of[v] == p0 then p1 else p0");
  m.action("measure", "", "", "", "most := count(w in vm: place_of[w] == p0)");
  m.action("all_out", "", "most == 23", "", "forall(w in vm: place_of[w] := none)");
  m.action("choose", "v: vm", "v in {v0, v5} && place_of[chosen] != none", "", "chosen := v");
  m.property("limit", Verb::always, "count(w in vm: place_of[w] == p1) <= 1");
  m.property("home", Verb::eventually, "forall(w in vm: place_of[w] == none)");
  const Module module = compiled(m);
  const Reference reference(module);
  ASSERT_GT(reference.states.size(), 20u);
  Tally tally;
  for (const unsigned threads : {1u, 2u}) compare(module, {}, reference, explored(module, threads), tally);
}

/// A sort for parameters that mean nothing: gates are for many actions of one cluster.
void add_many(ModuleSource& m) {
  std::vector<std::string> elements;
  for (int i = 0; i < 20; ++i) elements.push_back("n" + std::to_string(i));
  m.sort("many", elements);
}

TEST(ExplorerSlow, LooksAtGuardsAsIfInTheirOrder) {
  // What one part of a state says, what another says that may have no value, and what two say together, one
  // after the other in every order.
  std::vector<std::string> conjuncts = {"x", "ripe[chosen]", "mark[other]", "chosen != other", "!z"};
  std::sort(conjuncts.begin(), conjuncts.end());
  int undefined = 0, sound = 0;
  do {
    for (const std::size_t guarded : {0u, 1u}) {  // once with a guard that says that there is a value
      ModuleSource m("ordered");
      m.sort("item", {"a", "b"});
      add_many(m);
      m.variable("ripe", "item", "bool", "true");
      m.variable("mark", "item", "bool");
      m.variable("chosen", "", "item?");
      m.variable("other", "", "item?");
      m.variable("x", "", "bool");
      m.variable("z", "", "bool");
      m.action("turn", "", "!x", "", "x := true");
      m.action("choose", "i: item", "", "", "chosen := i");
      m.action("prefer", "i: item", "x", "", "other := i");
      m.action("tick", "i: item", "", "", "mark[i] := !mark[i]");
      m.action("back", "", "z", "", "z := false");
      std::string guard = guarded == 1 ? "chosen != none && other != none" : "";
      for (const std::string& conjunct : conjuncts) guard += (guard.empty() ? "" : " && ") + conjunct;
      m.action("use", "n: many", guard, "", "z := true");
      const Module module = compiled(m);
      SCOPED_TRACE(guard);
      const Reference reference(module);
      (reference.undefined ? undefined : sound) += 1;
      Tally tally;
      compare(module, {}, reference, explored(module), tally);
      compare(module, {}, reference, Explorer(module, {.dense_from = 1}).run(), tally);
    }
  } while (std::next_permutation(conjuncts.begin(), conjuncts.end()));
  EXPECT_GT(undefined, 60);
  EXPECT_GE(sound, 120);
}

TEST(Explorer, GoesOnWhereAGateHasNoRoomForMoreAnswers) {
  ModuleSource m("two counters");
  add_many(m);
  m.variable("a", "", "0..250");
  m.variable("b", "", "0..250");
  m.variable("c", "", "0..1");
  m.action("one", "n: many", "a < 250 && c == 0 && a + b < 300", "", "a := a + 1");
  m.action("other", "", "b < 250 && a + b < 300", "", "b := b + 1");
  m.action("end", "", "a + b == 300", "", "c := 1");
  m.property("bound", Verb::always, "a + b <= 300");
  const Exploration got = explored(compiled(m));
  // All pairs but those above the line, twice on the line itself.
  constexpr std::uint64_t pairs = 251 * 251 - 200 * 201 / 2, line = 201;
  EXPECT_EQ(got.states, pairs + line);
  EXPECT_EQ(result_of(got, "bound").verdict, PropertyVerdict::holds);
}

TEST(Explorer, FoldsWhatNeverChanges) {
  ModuleSource m("constant");
  m.sort("vm", {"a", "b"});
  m.variable("stays", "vm", "0..9", "7");
  m.variable("moves", "vm", "0..9", "0");
  m.action("rise", "v: vm", "moves[v] < stays[v] && stays[v] == 7", "", "moves[v] := moves[v] + 1");
  m.action("never", "v: vm", "stays[v] == 8", "", "stays[v] := 9");
  const Module module = compiled(m);
  Explorer explorer(module);
  EXPECT_EQ(explorer.run().states, 64u);
  EXPECT_TRUE(explorer.visited({7, 7, 3, 4}));
  EXPECT_FALSE(explorer.visited({7, 8, 3, 4}));
  EXPECT_FALSE(explorer.visited({7, 7, 3, 8}));
  EXPECT_FALSE(explorer.visited({7, 7, 3}));
}

TEST(Explorer, KeepsExactlyTheStatesOfItsBoundForAnyNumberOfThreads) {
  const Module module = compiled(fleet_module({3, 2, 3, 1}));
  const std::uint64_t all = explored(module).states;
  ASSERT_GT(all, 20'000u);
  for (const std::uint64_t bound :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{10'001}, all - 1, all, all + 1}) {
    Exploration one;
    for (const unsigned threads : {1u, 3u}) {
      const Exploration got = Explorer(module, {.threads = threads, .states_max = bound}).run();
      EXPECT_EQ(got.states, std::min(bound, all));
      EXPECT_EQ(got.complete, bound >= all);
      EXPECT_EQ(got.bound, bound >= all ? "" : "states");
      EXPECT_EQ(result_of(got, "safe").verdict,
                bound >= all ? PropertyVerdict::holds : PropertyVerdict::undetermined);
      EXPECT_EQ(result_of(got, well_defined).verdict,
                bound >= all ? PropertyVerdict::holds : PropertyVerdict::undetermined);
      if (threads == 1)
        one = got;
      else
        expect_equal(got, one);
    }
  }
}

TEST(Explorer, KeepsWhatItFoundBeforeABound) {
  ModuleSource source = fleet_module({2, 3, 3, 1}, bench::FleetFlaw::started_early);
  source.property("some-start", Verb::sometimes, "exists(v in vm: d[v] == live)");
  source.property("some-odd", Verb::sometimes,
                  "exists(v in vm: version[h1] == 2 && version[h2] == 2 && src[v] == h2 && forall(w in vm: "
                  "src[w] == h2 && on[w, w1]))");
  source.property("returns", Verb::eventually, "forall(v in vm: s[v] == run)");
  const Module module = compiled(source);
  const Exploration got = Explorer(module, {.states_max = 2000}).run();
  EXPECT_EQ(result_of(got, "safe").verdict, PropertyVerdict::violated);
  EXPECT_EQ(result_of(got, "safe").trace->steps.size(), 2u);
  EXPECT_EQ(result_of(got, "some-start").verdict, PropertyVerdict::holds);
  EXPECT_EQ(result_of(got, "some-odd").verdict, PropertyVerdict::undetermined);
  EXPECT_EQ(result_of(got, "returns").verdict, PropertyVerdict::undetermined);
  for (const char* name : {"some-odd", "returns"})
    EXPECT_NE(result_of(got, name).reason.find("bound on states"), std::string::npos);
}

TEST(Explorer, SaysThatAGoalIsLostEvenBeforeItHasSeenEverything) {
  // A trap near the start whose every way is known, beside a counter that goes on for long.
  ModuleSource m("trap");
  m.variable("n", "", "0..100000");
  m.variable("trapped", "", "bool");
  m.action("count", "", "!trapped && n < 100000", "", "n := n + 1");
  m.action("fall", "", "n == 0", "", "trapped := true");
  m.property("far", Verb::eventually, "n == 100000");
  const Module module = compiled(m);
  const Exploration got = Explorer(module, {.states_max = 500}).run();
  EXPECT_FALSE(got.complete);
  ASSERT_EQ(result_of(got, "far").verdict, PropertyVerdict::violated);
  EXPECT_EQ(events(module, *result_of(got, "far").trace), std::vector<std::string>{"fall()"});
}

TEST(Explorer, EndsWhenItIsStopped) {
  const Module module = compiled(fleet_module({2, 3, 3, 1}));
  int asked = 0, told = 0;
  Explorer explorer(
      module, {.progress = [&](const ExploreProgress&) { ++told; }, .stop = [&] { return ++asked > 20; }});
  const Exploration got = explorer.run();
  EXPECT_EQ(got.bound, "stopped");
  EXPECT_FALSE(got.complete);
  EXPECT_GT(got.states, 1u);
  EXPECT_EQ(result_of(got, "safe").verdict, PropertyVerdict::undetermined);
  const Way way = explorer.shortest(condition_of(module, "version[h1] == 2 && version[h2] == 2"));
  EXPECT_FALSE(way.trace);
  EXPECT_FALSE(way.complete);
  EXPECT_EQ(way.bound, "stopped");
}

TEST(Explorer, SaysWhyThereIsNoWay) {
  const Module module = compiled(fleet_module({2, 2, 3, 1}));
  Explorer explorer(module);
  const rules::Expression up = condition_of(module, "version[h1] == 2"),
                          down = condition_of(module, "version[h1] < 2"),
                          never = condition_of(module, "version[h1] == 1");
  EXPECT_EQ(explorer.shortest(up).trace->steps.size(), 2u);
  const std::vector<rules::Expression> keep{condition_of(module, "true"), down};
  const Way way = explorer.shortest(up, keep);
  EXPECT_FALSE(way.trace);
  EXPECT_TRUE(way.complete);
  EXPECT_EQ(way.refused, (std::vector<bool>{false, true}));
  const Way none = explorer.shortest(up, std::span(&never, 1));
  EXPECT_EQ(none.states, 0u);
  EXPECT_EQ(none.reason, "the initial state does not satisfy version[h1] == 1");
  const Way here = explorer.shortest(down);
  ASSERT_TRUE(here.trace);
  EXPECT_TRUE(here.trace->steps.empty()) << "the goal holds at the start";
  const Way bounded = Explorer(module, {.states_max = 10})
                          .shortest(condition_of(module, "version[h1] == 2 && d[v1] == live"));
  EXPECT_EQ(bounded.bound, "states");
  EXPECT_FALSE(bounded.complete);
}

TEST(ExplorerSlow, KnowsTheLargeFleetByNumber) {
  const Module module = compiled(fleet_module({2, 4, 3, 1}));
  for (const std::uint64_t dense_from : {ExploreOptions{}.dense_from, std::uint64_t{0}}) {
    std::uint64_t told = 0;
    Explorer explorer(module,
                      {.threads = 2, .dense_from = dense_from, .progress = [&](const ExploreProgress& p) {
                         EXPECT_GE(p.states, told);
                         told = p.states;
                       }});
    const Exploration got = explorer.run();
    EXPECT_EQ(got.states, 4'593'924u);
    EXPECT_EQ(got.transitions, 37'065'868u);
    EXPECT_EQ(result_of(got, "safe").verdict, PropertyVerdict::holds);
    EXPECT_LE(got.peak_bytes, (dense_from != 0 ? 4 : 40) * got.states);
    EXPECT_GT(told, 0u) << "progress was told";
  }
}

TEST(ExplorerSlow, KnowsTheClassesOfTheFleetByNumber) {
  // Counted by the peers that reduce by hosts and VMs (2, 4, 3, 1), and by this file's own classes (2, 2, 3,
  // 1).
  const Module small = compiled(fleet_module({2, 2, 3, 1}));
  const Exploration reduced = Explorer(small, {.symmetry = true}).run();
  EXPECT_EQ(reduced.states, classes(small, Reference(small), reduced.interchangeable));
  EXPECT_EQ(reduced.interchangeable, (std::vector<std::string>{"host: h1 = h2", "vm: v1 = v2"}));
  EXPECT_EQ(result_of(reduced, "safe").verdict, PropertyVerdict::holds);
  const Module large = compiled(fleet_module({2, 4, 3, 1}));
  for (const unsigned threads : {1u, 2u})
    EXPECT_EQ(Explorer(large, {.threads = threads, .symmetry = true}).run().states, 116'502u);
}

TEST(Explorer, FindsEveryFlawOfTheFleetThroughItsClasses) {
  for (const bench::FleetFlaw flaw : {bench::FleetFlaw::downgrade_unguarded, bench::FleetFlaw::started_early,
                                      bench::FleetFlaw::committed_early}) {
    const Module module = compiled(fleet_module({3, 2, 3, 1}, flaw));
    const Exploration whole = explored(module), reduced = Explorer(module, {.symmetry = true}).run();
    EXPECT_LT(reduced.states, whole.states);
    const PropertyResult& safe = result_of(reduced, "safe");
    ASSERT_EQ(safe.verdict, PropertyVerdict::violated);
    EXPECT_EQ(safe.trace->steps.size(), result_of(whole, "safe").trace->steps.size());
    expect_trace(module, *safe.trace);
    EXPECT_FALSE(rules::holds(module, module.properties[0].condition, last_of(*safe.trace)));
  }
}

TEST(Explorer, KeepsApartWhatAPropertyNames) {
  ModuleSource source = fleet_module({2, 2, 3, 1});
  source.property("first-stays", Verb::always, "src[v1] == h1");
  const Module module = compiled(source);
  const Exploration got = Explorer(module, {.symmetry = true}).run();
  EXPECT_TRUE(got.interchangeable.empty());
  EXPECT_EQ(got.states, 5508u);
}

TEST(Explorer, TakesAnyNumberOfAlikeElements) {
  // 66! and more is 0 in 64 bits. Those that are values of a variable are written out, as far as they are
  // few.
  for (const int count : {5, 6, 20, 21, 65, 66, 70, 300}) {
    ModuleSource source("many");
    std::vector<std::string> hosts;
    for (int h = 1; h <= count; ++h) hosts.push_back("h" + std::to_string(h));
    source.sort("host", hosts);
    source.variable("at", "", "host");
    source.action("move", "h: host", "", "", "at := h");
    const Exploration got = Explorer(compiled(source), {.symmetry = true}).run();
    EXPECT_TRUE(got.complete);
    EXPECT_EQ(got.interchangeable, (std::vector<std::string>{"host: h1 = h2 = h3 = h4 = h5"}));
    EXPECT_EQ(got.states, static_cast<std::uint64_t>(count) - 4) << "the first five are one";
  }
}

/// What has `count` elements takes that many times longer to prepare than to say: ground actions, the
/// condition of a property, or which elements are alike.
ModuleSource huge(const std::string& where, int count) {
  ModuleSource source("huge");
  std::vector<std::string> all;
  for (int e = 1; e <= count; ++e) all.push_back("e" + std::to_string(e));
  source.sort("element", all);
  source.variable("on", "element", "bool");
  source.variable("last", "", "element");
  const bool many = where == "actions";
  source.action("touch", many ? "a: element, b: element, c: element" : "a: element",
                many ? "!on[a] || on[b] || a == c" : "", "", "on[a] := true; last := a");
  if (where == "property")
    source.property(
        "all", Verb::always,
        "forall(a in element: forall(b in element: forall(c in element: on[a] => on[b] || !on[c])))");
  return source;
}

TEST(Explorer, HearsEveryBoundWhileItPrepares) {
  using std::chrono::steady_clock;
  for (const char* where : {"actions", "property", "symmetry"}) {
    SCOPED_TRACE(where);
    const Module module = compiled(huge(where, 4096));
    const auto seconds = [begin = steady_clock::now()] {
      return std::chrono::duration<double>(steady_clock::now() - begin).count();
    };
    const Exploration late = Explorer(module, {.seconds_max = 0.2, .symmetry = true}).run();
    EXPECT_EQ(late.bound, "time");
    EXPECT_EQ(late.properties.back().verdict, PropertyVerdict::undetermined);
    int asked = 0;
    const Exploration stopped =
        Explorer(module, {.symmetry = true, .stop = [&] { return ++asked > 3; }}).run();
    EXPECT_EQ(stopped.bound, "stopped");
    EXPECT_LT(seconds(), 10) << "with room for a slow machine";
  }
}

TEST(Explorer, SharesADeadlineWithOthers) {
  const Module module = compiled(fleet_module({2, 4, 3, 1}));
  const auto passed = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const Exploration late = Explorer(module, {.seconds_max = 60, .deadline = passed}).run();
  EXPECT_EQ(late.bound, "time");
  EXPECT_LT(late.seconds, 5);
}

TEST(ExplorerSlow, KeepsToItsMemoryAndTime) {
  ModuleSource source = fleet_module({2, 4, 3, 1});
  source.property("goes-home", Verb::eventually, "forall(v in vm: src[v] == h1 && d[v] == absent)");
  const Module module = compiled(source);
  for (const std::uint64_t bytes : {std::uint64_t{16'000'000}, std::uint64_t{48'000'000}}) {
    const Exploration got = Explorer(module, {.threads = 2, .bytes_max = bytes, .dense_from = 0}).run();
    EXPECT_EQ(got.bound, "memory");
    EXPECT_LE(got.peak_bytes, bytes * 11 / 10);
    EXPECT_GE(got.peak_bytes, bytes * 8 / 10) << "it uses what it may use";
    EXPECT_EQ(result_of(got, "safe").verdict, PropertyVerdict::undetermined);
  }
  for (const double seconds : {0.2, 1.0}) {
    const auto begin = std::chrono::steady_clock::now();
    const Exploration got = Explorer(module, {.threads = 2,
                                              .seconds_max = seconds,
                                              .dense_from = seconds > 0.5 ? 0 : ExploreOptions{}.dense_from})
                                .run();
    const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_LE(taken, seconds * 1.1 + 0.3) << "with some room for a busy machine";
    if (got.complete) continue;
    EXPECT_EQ(got.bound, "time");
    EXPECT_GE(taken, seconds);
    EXPECT_EQ(result_of(got, "goes-home").verdict, PropertyVerdict::undetermined);
  }
}

}  // namespace
}  // namespace portolan::solver::explore
