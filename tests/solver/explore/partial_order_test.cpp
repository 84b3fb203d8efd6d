// SPDX-License-Identifier: Apache-2.0
//
// Partial-order reduction and the bitstate search, held to the exact search (which explorer_random_test.cpp
// holds to the reference): random processes that share a variable or two, and the random modules of every
// shape.

#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/module_source.hpp"
#include "model/rules/compile.hpp"
#include "solver/explore/explorer.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

using bench::ModuleSource;
using rules::Module;
using rules::Verb;

Module module_of(const ModuleSource& source) {
  rules::CompiledModule made = rules::compile(source.text());
  for (const rules::ModuleFault& fault : made.faults)
    ADD_FAILURE() << fault.section << "[" << fault.item << "]: " << fault.fault.finding << "\n"
                  << source.shown();
  return std::move(made.module);
}

/// Processes with a place of their own and now and then a look at a variable that all of them share; one step
/// in some leaves a domain.
ModuleSource random_processes(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  ModuleSource m("processes");
  const std::uint64_t processes = 2 + below(4), shared = 1 + below(2);
  m.sort("item", {"a", "b"});
  m.variable("chosen", "", "item?", "a");
  m.variable("mark", "item", "bool");
  for (std::uint64_t p = 0; p < processes; ++p) m.variable(fmt::format("at{}", p), "", "0..3");
  for (std::uint64_t s = 0; s < shared; ++s) m.variable(fmt::format("shared{}", s), "", "0..2");
  for (std::uint64_t p = 0; p < processes; ++p) {
    for (std::uint64_t a = 0, count = 3 + below(4); a < count; ++a) {
      std::string guard = fmt::format("at{} == {}", p, a < 3 ? a : below(4)),
                  update = fmt::format("at{} := {}", p, below(4));
      if (below(5) == 0)
        guard += fmt::format(" && shared{} {} {}", below(shared), below(2) == 0 ? "==" : "!=", below(3));
      if (below(8) == 0)
        update += fmt::format("; shared{} := {}", below(shared), below(3));
      else if (below(16) == 0)
        update += fmt::format("; shared{0} := shared{0} + 1", below(shared));
      else if (below(16) == 0)
        update += below(2) == 0 ? "; chosen := none" : "; mark[a] := true";
      else if (below(16) == 0)
        guard = below(2) == 0 ? "mark[chosen] && " + guard : guard + " && !mark[chosen]";
      else if (below(16) == 0)
        guard = fmt::format("at{} + {} == 3 && ", (p + 1) % processes, below(3)) + guard;
      m.action(fmt::format("step{}-{}", p, a), "", guard, "", update,
               below(6) == 0 ? rules::Actor::fault : rules::Actor::decision);
    }
  }
  for (const Verb verb : {Verb::always, Verb::sometimes}) {
    std::string condition = fmt::format("at{} == {}", below(processes), below(4));
    if (below(2) == 0) condition += fmt::format(" && shared{} == {}", below(shared), below(3));
    m.property(std::string(rules::name_of(verb)), verb,
               verb == Verb::always ? "!(" + condition + ")" : condition);
  }
  if (below(3) == 0)
    m.property("implied", Verb::always,
               fmt::format("at{} == {} => shared0 <= {}", below(processes), below(4), below(3)));
  return m;
}

void expect_a_run(const Module& module, const PropertyResult& property) {
  ASSERT_TRUE(property.trace.has_value()) << property.name;
  rules::Cells now = module.initial;
  EXPECT_EQ(property.trace->start, now);
  for (std::size_t i = 0; i < property.trace->steps.size(); ++i) {
    const Trace::Step& step = property.trace->steps[i];
    bool taken = false;
    for (const rules::Successor& s : rules::successors(module, now)) {
      if (s.event.action != step.event.action || s.event.arguments != step.event.arguments) continue;
      const bool undefined_end = property.name == well_defined && i + 1 == property.trace->steps.size();
      taken = undefined_end ? !s.defined : s.defined && s.next == step.after;
    }
    ASSERT_TRUE(taken) << property.name << ", step " << i;
    now = step.after;
  }
  if (property.name == well_defined) return;
  const int known = module.property(property.name);
  EXPECT_EQ(rules::holds(module, module.properties[static_cast<std::size_t>(known)].condition, now),
            property.verb == Verb::sometimes)
      << property.name;
}

struct Gain {
  std::size_t modules = 0, smaller = 0, violated = 0, undefined = 0;
  std::uint64_t states = 0, kept = 0;
};

void hold_reduction(const Module& module, Gain& gain) {
  const Exploration whole = Explorer(module).run();
  Exploration one;
  for (const unsigned threads : {1u, 3u}) {
    const Exploration some = Explorer(module, {.threads = threads, .partial_order = true}).run();
    ASSERT_TRUE(some.complete);
    EXPECT_LE(some.states, whole.states);
    for (std::size_t p = 0; p < whole.properties.size(); ++p) {
      const PropertyResult &all = whole.properties[p], &few = some.properties[p];
      ASSERT_EQ(name_of(few.verdict), name_of(all.verdict)) << all.name;
      ASSERT_EQ(few.trace.has_value(), all.trace.has_value());
      if (few.trace) expect_a_run(module, few);
    }
    if (threads == 1) one = some;
    EXPECT_EQ(some.states, one.states);
    EXPECT_EQ(some.transitions, one.transitions);
    EXPECT_EQ(some.reduced, one.reduced);
  }
  ++gain.modules;
  gain.smaller += one.states < whole.states;
  gain.states += whole.states;
  gain.kept += one.states;
  for (const PropertyResult& property : whole.properties) {
    if (property.verdict == PropertyVerdict::violated)
      ++(property.name == well_defined ? gain.undefined : gain.violated);
  }
}

void hold_processes(std::uint64_t first, std::uint64_t count) {
  Gain gain;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    const ModuleSource source = random_processes(seed);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, source.shown()));
    hold_reduction(module_of(source), gain);
  }
  EXPECT_GT(gain.smaller, count / 8);
  EXPECT_GT(gain.violated, count / 8);
  EXPECT_GT(gain.undefined, count / 40);
  std::printf("%zu modules, %zu of them smaller; %llu of %llu states\n", gain.modules, gain.smaller,
              static_cast<unsigned long long>(gain.kept), static_cast<unsigned long long>(gain.states));
}

TEST(PartialOrder, KeepsTheVerdictsOfRandomProcesses) { hold_processes(1, 50); }
TEST(PartialOrderSlow, KeepsTheVerdictsOfManyRandomProcesses) { hold_processes(10'000, test::thorough(250)); }

TEST(PartialOrder, KeepsTheVerdictsOfRandomModules) {
  Gain gain;
  for (std::uint64_t seed = 1; seed <= test::thorough(30) && !testing::Test::HasFailure(); ++seed) {
    const auto random = test::random_module(seed, {.states_max = 300});
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    std::erase_if(random->module.properties,
                  [](const rules::Property& p) { return p.verb == Verb::eventually; });
    hold_reduction(random->module, gain);
  }
}

/// `count` processes that take `length` steps each, all by themselves.
ModuleSource walkers(int count, int length) {
  ModuleSource m("walkers");
  for (int i = 0; i < count; ++i) {
    const std::string at = fmt::format("at{}", i);
    m.variable(at, "", fmt::format("0..{}", length));
    m.action("step" + at, "", fmt::format("{} < {}", at, length), "", at + " := " + at + " + 1");
  }
  return m;
}

TEST(PartialOrder, LooksAtOneOrderOfWhatIsIndependent) {
  ModuleSource m = walkers(6, 4);
  m.property("the first arrives", Verb::sometimes, "at0 == 4");
  const Module module = module_of(m);
  EXPECT_EQ(Explorer(module).run().states, 15'625u);
  const Exploration some = Explorer(module, {.partial_order = true}).run();
  EXPECT_EQ(some.properties[0].verdict, PropertyVerdict::holds);
  EXPECT_EQ(some.states, 25u) << "the others one after another, then the first, whose steps are seen";
  EXPECT_GT(some.reduced, 0u);
}

TEST(PartialOrder, PutsNothingOffForEver) {
  // What goes round by itself would be taken for ever, and what breaks the property never.
  ModuleSource m("round");
  m.variable("hand", "", "0..2");
  m.variable("broken", "", "bool");
  m.action("turn", "", "", "", "hand := if hand == 2 then 0 else hand + 1");
  m.action("break", "", "", "", "broken := true");
  m.property("whole", Verb::always, "!broken");
  const Module module = module_of(m);
  const Exploration some = Explorer(module, {.partial_order = true}).run();
  EXPECT_EQ(some.properties[0].verdict, PropertyVerdict::violated);
}

TEST(PartialOrder, PutsNothingOffForEverBehindWhatIsSeen) {
  // From hand == 1 turning leads back, and what leads on is seen: it does not leave the way to `c` as it was.
  ModuleSource m("seen");
  m.variable("hand", "", "0..2");
  m.variable("b", "", "bool");
  m.variable("c", "", "bool");
  m.action("turn", "", "hand <= 1", "", "hand := 1 - hand");
  m.action("take-b", "", "hand <= 1 && !b", "", "b := true; hand := hand");
  m.action("take-c", "", "!c", "", "c := true");
  m.property("never c alone", Verb::always, "!(c && !b)");
  const Module module = module_of(m);
  EXPECT_EQ(Explorer(module, {.partial_order = true}).run().properties[0].verdict, PropertyVerdict::violated);
}

TEST(PartialOrder, MissesNoEventWithoutAMeaning) {
  // `use` is not enabled and cannot be made so before `close`; but after `drop` it has no meaning, until
  // `close`.
  ModuleSource m("dropped");
  m.sort("item", {"a"});
  m.variable("chosen", "", "item?", "a");
  m.variable("mark", "item", "bool", "true");
  m.variable("closed", "", "bool");
  m.variable("open", "", "bool");
  m.variable("ready", "", "bool");
  m.action("close", "", "!closed", "", "closed := true");
  m.action("drop", "", "chosen != none", "", "chosen := none");
  m.action("unlock", "", "closed", "", "open := true");
  m.action("prepare", "", "open && !ready", "", "ready := true");
  m.action("use", "", "!closed && mark[chosen] && ready", "", "ready := false");
  m.action("unmark", "i: item", "open", "", "mark[i] := false");
  const Module module = module_of(m);
  EXPECT_EQ(Explorer(module).run().properties.back().verdict, PropertyVerdict::violated);
  EXPECT_EQ(Explorer(module, {.partial_order = true}).run().properties.back().verdict,
            PropertyVerdict::violated);
}

TEST(PartialOrder, LeavesEventuallyWhole) {
  ModuleSource m = walkers(3, 3);
  m.property("arrive", Verb::eventually, "at0 == 3 && at1 == 3");
  const Module module = module_of(m);
  const Exploration some = Explorer(module, {.partial_order = true}).run();
  EXPECT_EQ(some.states, 64u);
  EXPECT_EQ(some.reduced, 0u);
  EXPECT_EQ(some.properties[0].verdict, PropertyVerdict::holds);
}

TEST(PartialOrder, GoesWithBoundsOnStates) {
  ModuleSource m = walkers(4, 3);
  m.property("the first arrives", Verb::sometimes, "at0 == 3");
  const Module module = module_of(m);
  for (const std::uint64_t bound : {1u, 2u, 7u, 100u}) {
    const Exploration some = Explorer(module, {.states_max = bound, .partial_order = true}).run();
    EXPECT_LE(some.states, bound);
    EXPECT_EQ(some.complete, some.states < bound) << bound;
  }
}

TEST(Bitstate, WithRoomEnoughSeesWhatTheExactSearchSees) {
  std::size_t violated = 0;
  for (std::uint64_t seed = 1; seed <= test::thorough(60) && !testing::Test::HasFailure(); ++seed) {
    const auto random = test::random_module(seed, {.states_max = 300});
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    const Exploration whole = Explorer(random->module).run();
    for (const unsigned threads : {1u, 3u}) {
      const Exploration some =
          Explorer(random->module, {.threads = threads, .bytes_max = 64 << 20, .bitstate = true}).run();
      EXPECT_EQ(some.states, whole.states);
      EXPECT_EQ(some.transitions, whole.transitions);
      EXPECT_EQ(some.depth, whole.depth);
      EXPECT_FALSE(some.complete);
      EXPECT_EQ(some.bound, "bitstate");
      ASSERT_TRUE(some.coverage.has_value());
      EXPECT_GT(*some.coverage, 0.999999);
      for (std::size_t p = 0; p < whole.properties.size(); ++p) {
        const PropertyResult &all = whole.properties[p], &few = some.properties[p];
        const bool found = all.verb != Verb::eventually && all.trace.has_value();
        EXPECT_EQ(few.verdict, found ? all.verdict : PropertyVerdict::undetermined) << all.name;
        EXPECT_EQ(few.reason.empty(), found);
        ASSERT_EQ(few.trace.has_value(), found);
        if (!found) continue;
        ++violated;
        expect_a_run(random->module, few);
        EXPECT_EQ(few.trace->steps.size(), all.trace->steps.size())
            << "breadth first: shortest, as nothing was left out";
      }
    }
  }
  EXPECT_GT(violated, 50u);
}

TEST(Bitstate, SaysHowMuchItMayHaveLeftOut) {
  const ModuleSource source = walkers(4, 17);  // 104,976 states
  const Module module = module_of(source);
  double before = 1;
  for (const unsigned log : {17u, 15u, 14u}) {
    const Exploration some =
        Explorer(module, {.bitstate = true, .bitstate_bytes = std::uint64_t{1} << log}).run();
    const double share = static_cast<double>(some.states) / 104'976;
    EXPECT_EQ(some.bound, "bitstate");
    ASSERT_TRUE(some.coverage.has_value());
    EXPECT_NEAR(*some.coverage, share, 0.1) << log;
    EXPECT_LT(*some.coverage, before);
    before = *some.coverage;
  }
  EXPECT_LT(before, 0.9);
}

TEST(Bitstate, ShowsARealWayThroughATableThatIsTooSmall) {
  ModuleSource source = walkers(4, 17);
  source.property("never both", Verb::always, "!(at0 == 9 && at1 == 9)");
  const Module module = module_of(source);
  for (const bool symmetry : {false, true}) {
    const Exploration some =
        Explorer(module, {.bitstate = true, .bitstate_bytes = std::uint64_t{1} << 16, .symmetry = symmetry})
            .run();
    EXPECT_EQ(some.properties[0].verdict, PropertyVerdict::violated);
    expect_a_run(module, some.properties[0]);
  }
}

TEST(BitstateSlow, EndsAtItsBounds) {
  const ModuleSource source = walkers(4, 17);
  const Module module = module_of(source);
  for (const std::uint64_t states : {1u, 10u, 5000u}) {
    const Exploration some = Explorer(module, {.states_max = states, .bitstate = true}).run();
    EXPECT_EQ(some.states, states);
    EXPECT_EQ(some.bound, "states");
  }
  const Exploration timed = Explorer(module, {.seconds_max = 1e-9, .bitstate = true}).run();
  EXPECT_EQ(timed.bound, "time");
  const Exploration stopped = Explorer(module, {.bitstate = true, .stop = [] { return true; }}).run();
  EXPECT_EQ(stopped.bound, "stopped");
}

}  // namespace
}  // namespace portolan::solver::explore
