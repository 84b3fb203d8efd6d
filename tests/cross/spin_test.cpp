// SPDX-License-Identifier: Apache-2.0
//
// Spin, which knows nothing of us, explores what `promela` writes: its counts and verdicts have to be those
// of the reference search.

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "model/fleet/scenario.hpp"
#include "model/machines/device.hpp"
#include "model/machines/instance.hpp"
#include "model/machines/session.hpp"
#include "model/rules/compile.hpp"
#include "model/rules/exports/names.hpp"
#include "model/rules/exports/promela.hpp"
#include "model/rules/firing.hpp"
#include "solver/explore/explorer.hpp"
#include "tests/support/combined_modules.hpp"
#include "tests/support/peer_fleet.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/spin.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::rules {
namespace {

/// What a search by `successors` alone finds.
struct Counted {
  std::size_t states = 0, events = 0, undefined = 0;
  std::map<std::string, std::size_t> holding;  ///< of each property, the states in which its condition holds
  std::set<std::string> undefined_actions;
};

Counted counted(const Module& module) {
  Counted result;
  std::set<Cells> seen{module.initial};
  std::vector<Cells> work{module.initial};
  while (!work.empty()) {
    const Cells now = work.back();
    work.pop_back();
    for (const Property& property : module.properties)
      result.holding[property.name] += holds(module, property.condition, now);
    for (const Successor& s : successors(module, now)) {
      ++result.events;
      if (!s.defined) {
        ++result.undefined;
        result.undefined_actions.insert("undefined_" + exports::mangled(module.actions[s.event.action].name));
      } else if (seen.insert(s.next).second) {
        work.push_back(s.next);
      }
    }
  }
  result.states = seen.size();
  return result;
}

/// Holds Spin to the reference, over every `always` or over the one property that is named. How many states
/// fail is what is compared, so that a verdict cannot be right by chance.
void expect_the_same(const Module& module, const Counted& reference, std::string_view only = {},
                     const test::SpinOptions& how = {}) {
  const auto text = exports::promela(module, {.property = only});
  ASSERT_TRUE(text) << to_string(text.error());
  std::set<std::string> failing = reference.undefined_actions;
  std::size_t errors = 0;
  for (const Property& property : module.properties) {
    if (only.empty() ? property.verb != Verb::always : property.name != only) continue;
    const std::size_t holding = reference.holding.at(property.name);
    const std::size_t found = property.verb == Verb::always      ? reference.states - holding
                              : property.verb == Verb::sometimes ? holding
                                                                 : 0;
    errors += found;
    if (found > 0)
      failing.insert((property.verb == Verb::always ? "violated_" : "reached_") +
                     exports::mangled(property.name));
  }
  const test::SpinRun run = test::run_spin(*text, how);
  ASSERT_TRUE(run.complete) << run.output << text->substr(0, 20'000);
  EXPECT_EQ(run.states, reference.states);
  EXPECT_EQ(run.transitions, reference.events + errors + 1);
  EXPECT_EQ(run.errors, reference.undefined + errors);
  EXPECT_EQ(std::set<std::string>(run.failed.begin(), run.failed.end()), failing);
  if (testing::Test::HasNonfatalFailure()) ADD_FAILURE() << run.output << text->substr(0, 20'000);
}

Module compiled(const ModuleText& text) {
  CompiledModule result = compile(text);
  for (const ModuleFault& f : result.faults)
    ADD_FAILURE() << f.section << "[" << f.item << "]." << f.member << ": " << f.fault.finding;
  return std::move(result.module);
}

// --- modules of different shape ---

constexpr std::string_view diners[] = {"ann", "bob"};

/// `greedy`: the guard that keeps a diner from a third meal is gone.
Module dinner(bool greedy = false) {
  const SortText sorts[] = {{"diner", diners}};
  const ModuleVariableText variables[] = {{"fork", "", "diner?", "none"},
                                          {"meals", "diner", "0..2", "0"},
                                          {"hungry", "diner", "bool", "true", Role::fixed}};
  const ActionText actions[] = {
      {"take", "d: diner", greedy ? "fork == none && hungry[d]" : "fork == none && hungry[d] && meals[d] < 2",
       "", "fork := d", "", ""},
      {"eat", "d: diner", "fork == d", "", "fork := none; meals[d] := meals[d] + 1", "", ""},
      {"clear", "", "forall(d in diner: meals[d] == 2)", "", "forall(d in diner: meals[d] := 0)", "", ""}};
  const PropertyText properties[] = {
      {"one-fork", Verb::always, "count(d in diner: fork == d) <= 1", "", ""},
      {"ann-first", Verb::always, "meals[ann] >= meals[bob]", "", ""},
      {"full", Verb::sometimes, "forall(d in diner: meals[d] == 2)", "", ""},
      {"all-eat", Verb::eventually, "forall(d in diner: meals[d] == 2)", "", ""}};
  return compiled({"dinner", sorts, variables, {}, actions, properties});
}

/// Every event of the session, with either answer, for two VMs of which one has a spool.
Module sessions() {
  constexpr static std::string_view answers[] = {"no", "yes"}, vms[] = {"red", "blue"};
  const SortText sorts[] = {{"answer", answers}, {"vm", vms}};
  const MachineUseText uses[] = {{"session", "vm", &machines::session}};
  std::deque<std::string> texts;
  std::vector<ActionText> actions;
  for (std::string_view event : machines::session_events) {
    const std::string& name = texts.emplace_back("do_" + std::string(event));
    actions.push_back({name, "v: vm, a: answer", "",
                       texts.emplace_back("session[v]." + std::string(event) + "(yes: a == yes)"), "", "",
                       ""});
  }
  const PropertyText properties[] = {
      {"one-runner", Verb::always,
       "forall(v in vm: !(session.source_runs[v] && session.destination_runs[v]))", "R8", ""},
      {"never-lost", Verb::always, "forall(v in vm: session[v] != Lost)", "", ""},
      {"both-run", Verb::sometimes, "forall(v in vm: session.destination_runs[v])", "", ""}};
  Module module = compiled({"sessions", sorts, {}, uses, actions, properties});
  module.initial[module.cell(module.variable("session.spooled"), 1)] = 1;
  return module;
}

/// Instances of two VMs, and the two devices of the one VM that migrates, stepped together.
Module devices() {
  constexpr static std::string_view vms[] = {"red", "blue"};
  const SortText sorts[] = {{"vm", vms}};
  const ModuleVariableText variables[] = {{"moving", "", "vm?", "none"}, {"register", "", "0..3", "0"}};
  const MachineUseText uses[] = {{"instance", "vm", &machines::instance},
                                 {"source", "", &machines::device},
                                 {"destination", "", &machines::device}};
  const ActionText actions[] = {
      {"create", "v: vm", "", "instance[v].create", "", "", ""},
      {"open", "v: vm", "", "instance[v].open(valid: true)", "", "", ""},
      {"run", "v: vm", "moving == none", "instance[v].run", "", "", ""},
      {"stop", "v: vm", "moving == none", "instance[v].stop", "", "", ""},
      {"close", "v: vm", "", "instance[v].close", "", "", ""},
      {"write", "v: vm", "register in {0, 2}", "instance[v].write(runtime_writable: v == red)", "", "", ""},
      {"destroy", "v: vm", "", "instance[v].destroy", "", "", ""},
      {"begin", "v: vm", "moving == none && instance.running[v]",
       "instance[v].begin_migration; source.PRE_COPY; destination.reset", "moving := v; register := 1", "",
       ""},
      {"quiet", "", "moving != none", "source.PRE_COPY_P2P; destination.RUNNING_P2P", "register := 2", "",
       ""},
      {"halt", "", "moving != none && register == 2", "source.STOP_COPY; destination.STOP", "register := 3",
       "", ""},
      {"load", "", "register == 3", "destination.RESUMING", "", "", ""},
      {"end", "", "moving != none && destination == RESUMING",
       "instance[moving].end_migration; source.reset; destination.reset", "moving := none; register := 0", "",
       ""},
      {"fail", "", "moving != none", "destination.ERROR", "", "", "", Actor::fault},
      {"reset", "", "destination == ERROR || source != RUNNING",
       "instance[moving].end_migration; source.reset; destination.reset", "moving := none; register := 0", "",
       ""}};
  const PropertyText properties[] = {
      {"streams-have-a-session", Verb::always, "source == STOP_COPY => source.data_fd && moving != none", "",
       ""},
      {"loads", Verb::sometimes, "destination == RESUMING && source == STOP_COPY", "", ""},
      {"no-error", Verb::always, "destination != ERROR", "", ""}};
  Module module = compiled({"devices", sorts, variables, uses, actions, properties});
  for (const char* flag : {"source.p2p", "source.pre_copy", "destination.p2p"})
    module.initial[module.cell(module.variable(flag))] = 1;
  return module;
}

/// Packages over a network of tables: where a route leads is fixed for each pair, or nowhere.
Module routes() {
  constexpr static std::string_view places[] = {"dock", "yard", "shop"}, lanes[] = {"road", "rail"},
                                    parcels[] = {"box", "bag"};
  const SortText sorts[] = {{"place", places}, {"lane", lanes}, {"parcel", parcels}};
  const ModuleVariableText variables[] = {{"leads", "place, lane", "place?", "none", Role::fixed},
                                          {"cost", "place, lane", "0..4", "1", Role::fixed},
                                          {"at", "parcel", "place?", "dock"},
                                          {"seen", "parcel, place", "bool", "false"},
                                          {"spent", "", "0..9", "0"},
                                          {"owner", "place", "parcel?", "none"}};
  const ActionText actions[] = {
      {"send", "p: parcel, l: lane",
       "at[p] != none && leads[at[p], l] != none && spent + cost[at[p], l] <= 9", "",
       "at[p] := leads[at[p], l]; seen[p, leads[at[p], l]] := true; spent := spent + cost[at[p], l]", "", ""},
      {"lose", "p: parcel", "at[p] == shop", "", "at[p] := none; owner[shop] := p", "", "", Actor::fault},
      {"find", "p: parcel", "at[p] == none && owner[shop] == p", "",
       "at[p] := dock; spent := 0; owner[shop] := none", "", ""},
      {"trade", "", "exists(p in parcel: owner[at[p]] == none)", "", "at[box] := at[bag]; at[bag] := at[box]",
       "", ""}};
  const PropertyText properties[] = {
      {"cheap", Verb::always, "spent < 9 || at[box] != at[bag]", "", ""},
      {"seen-all", Verb::sometimes, "forall(q in place: seen[box, q])", "", ""}};
  Module module = compiled({"routes", sorts, variables, {}, actions, properties});
  const std::int64_t leads[] = {1, 2, 2, -1, 0, 0}, cost[] = {1, 3, 2, 4, 2, 1};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j) {
      module.initial[module.cell(module.variable("leads"), i, j)] = leads[i * 2 + j];
      module.initial[module.cell(module.variable("cost"), i, j)] = cost[i * 2 + j];
    }
  return module;
}

/// A counter of three digits whose bulk updates read what they write; digits below zero and above a byte.
Module counter() {
  constexpr static std::string_view digits[] = {"ones", "tens", "more"};
  const SortText sorts[] = {{"digit", digits}};
  const ModuleVariableText variables[] = {{"value", "digit", "-1..1", "0 - 1"},
                                          {"sum", "", "-300..300", "0"},
                                          {"Index", "", "digit", "ones"},
                                          {"next", "digit", "digit", "tens"}};
  const ActionText actions[] = {
      {"up", "d: digit", "value[d] < 1", "", "value[d] := value[d] + 1; Index := d", "", ""},
      {"turn", "", "", "",
       "value[ones] := value[tens]; value[tens] := value[more]; value[more] := value[ones]", "", ""},
      {"level", "", "value[Index] > 0", "",
       "forall(d in digit: value[d] := if value[d] > value[Index] then value[Index] else value[d])", "", ""},
      {"chase", "", "", "", "next[next[next[Index]]] := Index; next[Index] := next[next[Index]]", "", ""},
      {"spread", "", "value[Index] == 1", "", "forall(d in digit: value[Index] := 0 - 1)", "", ""},
      {"add", "", "", "", "sum := value[ones] + 10 * value[tens] + 100 * (value[more] - 1) + 100", "", ""}};
  const PropertyText properties[] = {
      {"small", Verb::always, "value[ones] * value[tens] * value[more] < 1", "", ""},
      {"counted", Verb::sometimes, "count(d in digit: value[d] == 0) == 2 && sum in {0 - 300 .. 0 - 90, 17}",
       "", ""}};
  Module module = compiled({"counter", sorts, variables, {}, actions, properties});
  module.initial[module.cell(module.variable("value"), 1)] = 1;
  return module;
}

// --- the tests ---

TEST(Spin, CountsTheDinersAsWeDo) {
  const Module module = dinner();
  const Counted reference = counted(module);
  EXPECT_EQ(reference.states, 21u);
  expect_the_same(module, reference);
  expect_the_same(module, reference, "full");
}

TEST(Spin, NamesTheBrokenPropertyAndTheEventWithoutMeaning) {
  const Module module = dinner(true);
  const Counted reference = counted(module);
  EXPECT_GT(reference.undefined, 0u);
  EXPECT_LT(reference.holding.at("ann-first"), reference.states);
  expect_the_same(module, reference);
}

TEST(Spin, StopsAtTheFirstErrorWhenAsked) {
  const test::SpinRun run = test::run_spin(exports::promela(dinner(), {.property = "ann-first"}).value(),
                                           {.first_error_only = true});
  EXPECT_TRUE(run.complete) << run.output;
  EXPECT_EQ(run.errors, 1u);
  EXPECT_THAT(run.failed, testing::ElementsAre("violated_ann_first"));
}

TEST(Spin, SearchesAsDeepAsTheModelIs) {
  const ModuleVariableText variables[] = {{"n", "", "0..5000", "0"}};
  const ActionText actions[] = {{"next", "", "n < 5000", "", "n := n + 1", "", ""}};
  const Module module = compiled({"deep", {}, variables, {}, actions, {}});
  expect_the_same(module, counted(module), {}, {.depth_max = 100});
}

TEST(SlowSpin, CountsSixShapesOfModulesAsWeDo) {
  const std::pair<const char*, Module> modules[] = {{"peer fleet", test::peer_fleet(2, 2, 3, 1)},
                                                    {"sessions", sessions()},
                                                    {"devices", devices()},
                                                    {"routes", routes()},
                                                    {"counter", counter()}};
  for (const auto& [name, module] : modules) {
    SCOPED_TRACE(name);
    const Counted reference = counted(module);
    EXPECT_GT(reference.states, 100u) << "too few to tell anything";
    expect_the_same(module, reference);
    for (const Property& property : module.properties)
      if (property.verb == Verb::sometimes) expect_the_same(module, reference, property.name);
    RecordProperty(std::string(name) + " states", std::to_string(reference.states));
  }
}

TEST(SlowSpin, CountsThePeersFleetAsThePeersDo) {
  const Counted reference = counted(test::peer_fleet(2, 2, 3, 1));
  EXPECT_EQ(reference.states, 5508u);
  EXPECT_EQ(reference.events, 28940u);
}

/// States, events and what is violated, as the explorer says it.
void expect_of_the_explorer(const Module& module, const Counted& reference) {
  const solver::explore::Exploration found = solver::explore::Explorer(module).run();
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.states, reference.states);
  EXPECT_EQ(found.transitions,
            reference.events - reference.undefined);  // an event without a meaning leads nowhere
  for (const solver::explore::PropertyResult& property : found.properties) {
    if (property.verb == Verb::eventually) continue;  // not Spin's
    const bool violated = property.name == solver::explore::well_defined ? reference.undefined > 0
                          : property.verb == Verb::always
                              ? reference.holding.at(property.name) < reference.states
                              : reference.holding.at(property.name) == 0;
    EXPECT_EQ(property.verdict == solver::explore::PropertyVerdict::violated, violated) << property.name;
  }
}

/// Twenty at a time, because Spin's verifier has to be compiled for each model: the reference, the explorer
/// and Spin agree on all of them together.
TEST(SlowSpin, CountsManyRandomModulesAsWeDo) {
  const std::uint64_t modules = test::thorough(100), at_once = 20;
  std::size_t states = 0, undefined = 0, broken = 0;
  for (std::uint64_t first = 1; first <= modules; first += at_once) {
    std::vector<std::unique_ptr<test::RandomModule>> random;
    std::vector<const Module*> parts;
    for (std::uint64_t seed = first; seed < first + at_once; ++seed) {
      random.push_back(test::random_module(seed));
      parts.push_back(&random.back()->module);
    }
    SCOPED_TRACE("seeds " + std::to_string(first) + " to " + std::to_string(first + at_once - 1));
    const test::CombinedModules combined(parts);
    const Counted reference = counted(combined.module);
    expect_of_the_explorer(combined.module, reference);
    expect_the_same(combined.module, reference, first % 40 == 1 ? "" : "seen");
    if (HasFailure()) {
      // Which of them it is.
      for (const auto& one : random) {
        SCOPED_TRACE(one->described());
        expect_the_same(one->module, counted(one->module));
      }
      return;
    }
    states += reference.states;
    undefined += reference.undefined;
    for (const Property& property : combined.module.properties)
      if (property.verb == Verb::always) broken += reference.states - reference.holding.at(property.name);
  }
  EXPECT_GT(states, 2500u) << "the generator has to give something to compare";
  EXPECT_GT(undefined, 250u);
  EXPECT_GT(broken, 250u);
  RecordProperty("states", std::to_string(states));
}

TEST(Spin, CountsModulesThatWereCombinedAsEachOfThem) {
  const auto a = test::random_module(3), b = test::random_module(5);
  const Module* parts[] = {&a->module, &b->module};
  const Counted first = counted(a->module), second = counted(b->module),
                both = counted(test::CombinedModules(parts).module);
  EXPECT_EQ(both.states, first.states + second.states + 1);
  EXPECT_EQ(both.events, first.events + second.events + 2);
  EXPECT_EQ(both.undefined, first.undefined + second.undefined);
  EXPECT_EQ(both.states - both.holding.at("m2-steady"), second.states - second.holding.at("steady"));
}

/// What stands under `expect`, the reference, the explorer and Spin, for every model among the scenarios.
TEST(SlowSpin, AgreesOnTheModelsOfTheScenarios) {
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/scenarios/models")) {
    SCOPED_TRACE(entry.path());
    const auto loaded = fleet::load_scenario(entry.path());
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    const Module& module = loaded->module;
    const Counted reference = counted(module);
    const fleet::Expectation& expect = loaded->scenario.expect;
    EXPECT_EQ(expect.states, reference.states);
    for (const Property& property : module.properties) {
      ASSERT_TRUE(expect.verdicts.contains(property.name))
          << property.name << ": a model says what to expect of each property";
      const std::size_t holding = reference.holding.at(property.name);
      if (property.verb == Verb::eventually) continue;
      const bool holds = property.verb == Verb::always ? holding == reference.states : holding > 0;
      EXPECT_EQ(expect.verdicts.at(property.name), holds ? "holds" : "violated") << property.name;
    }
    expect_of_the_explorer(module, reference);
    expect_the_same(module, reference);
    for (const Property& property : module.properties)
      if (property.verb == Verb::sometimes) expect_the_same(module, reference, property.name);
    ++models;
  }
  EXPECT_GE(models, 10u);
}

}  // namespace
}  // namespace portolan::rules
