// SPDX-License-Identifier: Apache-2.0
//
// The explorer against the slow search (slow_search.hpp), on random modules.
#include "tests/solver/explore/slow_search.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

/// Adds `a => b` for pairs of conditions that the module has.
Lefts with_implications(Module& module) {
  Lefts lefts;
  const std::vector<rules::Property> own = module.properties;
  for (std::size_t a = 0; a < own.size(); ++a) {
    for (const auto& [b, verb] : {std::pair((a + 1) % own.size(), Verb::always), std::pair(a, Verb::always),
                                  std::pair((a + 1) % own.size(), Verb::eventually)}) {
      rules::Property made{"implication" + std::to_string(a) + std::to_string(b), verb, {}, "", ""};
      if (verb == Verb::eventually) made.name += "-eventually";
      rules::Expression& e = made.condition;
      const std::int32_t left = rules::splice(e, own[a].condition.view()),
                         right = rules::splice(e, own[b].condition.view());
      e.nodes.push_back({rules::Op::implication, {}, -1, left, right, -1, 1, 0});
      e.source = own[a].condition.source + " => " + own[b].condition.source;
      lefts.emplace(made.name, own[a].condition);
      module.properties.push_back(std::move(made));
    }
  }
  return lefts;
}

/// One random module, looked at in every way that the explorer has.
class Compared {
 public:
  Compared(Module& module, std::uint64_t seed, Tally& tally)
      : module_(module),
        seed_(seed),
        tally_(tally),
        lefts_(with_implications(module)),
        admits_(admitted(seed)),
        reference_(widened(module, seed, tally), admits_) {
    ++tally_.modules;
    if (reference_.states.size() > 20) ++tally_.large;
  }

  void run() {
    Exploration one;
    for (const unsigned threads : {1u, 2u, 4u}) {
      SCOPED_TRACE(std::to_string(threads) + " threads");
      Explorer explorer(module_, options(threads));
      const Exploration got = explorer.run();
      if (threads != 1) {
        expect_equal(got, one);
        continue;
      }
      one = got;
      compare(module_, lefts_, reference_, got, tally_);
      expect_visited(explorer);
      dense();
      reduced(got);
      shortest(explorer);
    }
  }

 private:
  Module& module_;
  std::uint64_t seed_;
  Tally& tally_;
  Lefts lefts_;
  Admits admits_;
  Reference reference_;

  static Admits admitted(std::uint64_t seed) {
    if (seed % 4 != 0) return {};
    return [](const rules::Action& action) { return !action.fault; };
  }
  // With domains that are far wider than what is used of them a state takes several words, and no table holds
  // what an action reads.
  static const Module& widened(Module& module, std::uint64_t seed, Tally& tally) {
    if (seed % 3 != 0) return module;
    ++tally.wide;
    for (rules::Variable& v : module.variables)
      if (v.type.kind == rules::TypeKind::integer) v.high += 1'000'000'000'000;
    return module;
  }
  ExploreOptions options(unsigned threads) const {
    ExploreOptions made;
    made.threads = threads;
    made.admits = admits_;
    return made;
  }

  void expect_visited(Explorer& explorer) const {
    for (const auto& [cells, state] : reference_.states) {
      EXPECT_TRUE(explorer.visited(cells));
      Cells other = cells;
      for (std::int64_t& cell : other) {
        ++cell;
        EXPECT_EQ(explorer.visited(other), reference_.states.contains(other));
        --cell;
      }
    }
  }

  /// The same with one bit a state, for any number of threads.
  void dense() {
    Exploration first;
    for (const unsigned threads : {1u, 3u}) {
      SCOPED_TRACE("dense, " + std::to_string(threads) + " threads");
      ExploreOptions how = options(threads);
      how.dense_from = 1;
      Explorer explorer(module_, how);
      const Exploration again = explorer.run();
      if (threads != 1) {
        expect_equal(again, first);
        continue;
      }
      compare(module_, lefts_, reference_, again, tally_);
      first = again;
      for (const auto& [cells, state] : reference_.states) EXPECT_TRUE(explorer.visited(cells));
    }
  }

  /// And with interchangeable elements: the same verdicts, traces of the same length that are runs, one state
  /// for each class.
  void reduced(const Exploration& got) {
    Exploration first;
    for (const unsigned threads : {1u, 3u}) {
      SCOPED_TRACE("with symmetry, " + std::to_string(threads) + " threads");
      ExploreOptions how = options(threads);
      how.dense_from = threads == 1 ? seed_ % 2 : 0;
      how.symmetry = true;
      Explorer explorer(module_, how);
      const Exploration again = explorer.run();
      if (threads == 1) {
        first = again;
        compare_reduced(module_, reference_, got, again, explorer, tally_);
      } else if (seed_ % 2 == 0) {
        expect_equal(again, first);
      }
    }
  }

  /// A way to a goal, under one condition or two.
  void shortest(Explorer& explorer) {
    const rules::Expression& goal = module_.properties[0].condition;
    std::vector<rules::Expression> keep;
    for (std::size_t k = 1; k <= seed_ % 3; ++k) keep.push_back(module_.properties[k].condition);
    const auto enters = [&](const Cells& cells) {
      return std::all_of(keep.begin(), keep.end(),
                         [&](const auto& k) { return rules::holds(module_, k, cells); });
    };
    const Reference kept(module_, admits_, enters);
    const auto length = kept.nearest([&](const Cells& cells) { return rules::holds(module_, goal, cells); });
    const Way way = explorer.shortest(goal, keep);
    ASSERT_EQ(way.trace.has_value(), length.has_value());
    if (!length) {
      ++tally_.no_ways;
      EXPECT_TRUE(way.complete);
      EXPECT_FALSE(way.reason.empty());
      EXPECT_EQ(way.states, kept.states.size());
      EXPECT_EQ(way.transitions, kept.transitions);
      return;
    }
    ++tally_.ways;
    EXPECT_EQ(way.trace->steps.size(), *length);
    expect_trace(module_, *way.trace);
    EXPECT_TRUE(rules::holds(module_, goal, last_of(*way.trace)));
    EXPECT_TRUE(enters(way.trace->start));
    for (const Trace::Step& step : way.trace->steps) EXPECT_TRUE(enters(step.after));
  }
};

void compare_random(std::uint64_t first, int count, const test::ModuleShape& shape, Tally& tally) {
  for (std::uint64_t seed = first; tally.modules < count; ++seed) {
    const auto random = test::random_module(seed, shape);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    Compared(random->module, seed, tally).run();
    if (testing::Test::HasFailure()) return;  // one module is enough to look at
  }
  const int some = tally.modules / 30;
  EXPECT_GT(tally.large, some);
  EXPECT_GT(tally.wide, some);
  EXPECT_GT(tally.undefined, some);
  EXPECT_GT(tally.ways, some);
  EXPECT_GT(tally.no_ways, some);
  const auto times = [&](Verb verb, PropertyVerdict verdict) { return tally.verdicts[{verb, verdict}]; };
  for (const Verb verb : {Verb::always, Verb::sometimes, Verb::eventually})
    for (const PropertyVerdict verdict : {PropertyVerdict::holds, PropertyVerdict::violated})
      EXPECT_GT(times(verb, verdict), some) << name_of(verb) << " " << name_of(verdict);
  EXPECT_GT(times(Verb::always, PropertyVerdict::vacuous), some);
}

/// Modules in which no element is named: hosts and VMs of a kind, as far as their initial state goes.
void compare_symmetric(std::uint64_t first, int count, double states_max) {
  Tally tally;
  for (std::uint64_t seed = first; tally.modules < count; ++seed, ++tally.modules) {
    const auto random = test::random_module(seed, {.states_max = states_max, .symmetric = true});
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    const Reference reference(random->module);
    const Exploration whole = Explorer(random->module).run();
    Exploration one;
    for (const unsigned threads : {1u, 3u})
      for (const std::uint64_t dense_from : {0u, 1u}) {
        Explorer explorer(random->module, {.threads = threads, .symmetry = true, .dense_from = dense_from});
        const Exploration got = explorer.run();
        compare_reduced(random->module, reference, whole, got, explorer, tally);
        if (dense_from != 0) continue;
        if (threads == 1)
          one = got;
        else
          expect_equal(got, one);
      }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(tally.reduced, count / 3);
}

TEST(Explorer, AgreesWithTheReferenceOnRandomModules) {
  Tally tally;
  compare_random(1, 30, {.states_max = 200}, tally);
}

TEST(Explorer, TakesOneStateOfEachClass) { compare_symmetric(1, 15, 200); }
TEST(ExplorerSlow, TakesOneStateOfEachClassOfManyModules) {
  compare_symmetric(100'000, static_cast<int>(test::thorough(30)), 1500);
}

TEST(ExplorerSlow, AgreesWithTheReferenceOnManyRandomModules) {
  Tally tally;
  compare_random(100'000, static_cast<int>(test::thorough(100)), {.states_max = 5000}, tally);
}

}  // namespace
}  // namespace portolan::solver::explore
