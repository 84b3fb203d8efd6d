// SPDX-License-Identifier: Apache-2.0
//
// The explorer against the reference: a search that knows nothing but rules::successors and a set.
#include "solver/explore/explorer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "bench/fleet_model.hpp"
#include "model/rules/compile.hpp"
#include "tests/support/random_modules.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

using bench::fleet_module;
using bench::ModuleSource;
using rules::Cells;
using rules::Module;
using rules::Verb;

Module compiled(const ModuleSource& source) {
  rules::CompiledModule made = rules::compile(source.text());
  for (const rules::ModuleFault& fault : made.faults)
    ADD_FAILURE() << fault.section << "[" << fault.item << "]." << fault.member << ":" << fault.fault.column
                  << ": " << fault.fault.finding << "\n"
                  << source.shown();
  return std::move(made.module);
}

rules::Expression condition_of(const Module& module, const std::string& text) {
  rules::Parsed parsed = rules::parse_condition(module, text);
  EXPECT_TRUE(parsed.faults.empty()) << text;
  return {std::move(parsed.nodes), std::move(parsed.strings), text, {}};
}

using Admits = std::function<bool(const rules::Action&)>;

/// Everything that can be said of a module, slowly.
struct Reference {
  struct State {
    std::uint64_t depth = 0;
    std::vector<rules::Successor> successors;
  };
  std::map<Cells, State> states;
  std::uint64_t transitions = 0, depth = 0;
  std::optional<std::uint64_t> undefined;  ///< depth of the first state with an undefined event

  explicit Reference(const Module& module, const Admits& admits = {},
                     const std::function<bool(const Cells&)>& enters = {}) {
    std::vector<Cells> level;
    if (!enters || enters(module.initial)) level.push_back(module.initial);
    for (const Cells& start : level) states[start];
    for (std::uint64_t d = 0; !level.empty(); ++d) {
      depth = d;
      std::vector<Cells> next;
      for (const Cells& now : level) {
        State& state = states[now];
        for (rules::Successor& s : rules::successors(module, now)) {
          if (admits && !admits(module.actions[s.event.action])) continue;
          if (!s.defined) {
            if (!undefined) undefined = d;
          } else {
            ++transitions;
            if ((!enters || enters(s.next)) && states.try_emplace(s.next, State{d + 1, {}}).second)
              next.push_back(s.next);
          }
          state.successors.push_back(std::move(s));
        }
      }
      level = std::move(next);
    }
  }

  std::optional<std::uint64_t> nearest(const std::function<bool(const Cells&)>& wanted) const {
    std::optional<std::uint64_t> best;
    for (const auto& [cells, state] : states)
      if ((!best || state.depth < *best) && wanted(cells)) best = state.depth;
    return best;
  }
  /// The states from which one with the condition can be reached without a fault.
  std::set<Cells> hopeful(const Module& module, const std::function<bool(const Cells&)>& condition) const {
    std::set<Cells> result;
    for (const auto& [cells, state] : states)
      if (condition(cells)) result.insert(cells);
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [cells, state] : states) {
        if (result.contains(cells)) continue;
        for (const rules::Successor& s : state.successors)
          if (s.defined && !module.actions[s.event.action].fault && result.contains(s.next)) {
            changed = result.insert(cells).second;
            break;
          }
      }
    }
    return result;
  }
};

/// Every step is an enabled event of the reference; the last may be an undefined one.
void expect_trace(const Module& module, const Trace& trace, bool last_undefined = false) {
  EXPECT_EQ(trace.start, module.initial);
  Cells now = trace.start;
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const bool undefined = last_undefined && i + 1 == trace.steps.size();
    bool enabled = false;
    for (const rules::Successor& s : rules::successors(module, now))
      enabled = enabled || (s.event == trace.steps[i].event && s.defined == !undefined &&
                            (undefined ? trace.steps[i].after == now : s.next == trace.steps[i].after));
    EXPECT_TRUE(enabled) << "step " << i << ": " << to_string(module, trace.steps[i].event);
    now = trace.steps[i].after;
  }
}

Cells last_of(const Trace& trace) { return trace.steps.empty() ? trace.start : trace.steps.back().after; }

void expect_equal(const Exploration& a, const Exploration& b) {
  EXPECT_EQ(a.states, b.states);
  EXPECT_EQ(a.transitions, b.transitions);
  EXPECT_EQ(a.depth, b.depth);
  EXPECT_EQ(a.complete, b.complete);
  EXPECT_EQ(a.bound, b.bound);
  ASSERT_EQ(a.properties.size(), b.properties.size());
  for (std::size_t p = 0; p < a.properties.size(); ++p) {
    SCOPED_TRACE(a.properties[p].name);
    EXPECT_EQ(a.properties[p].verdict, b.properties[p].verdict);
    EXPECT_EQ(a.properties[p].reason, b.properties[p].reason);
    ASSERT_EQ(a.properties[p].trace.has_value(), b.properties[p].trace.has_value());
    if (!a.properties[p].trace) continue;
    const auto &s = a.properties[p].trace->steps, &t = b.properties[p].trace->steps;
    ASSERT_EQ(s.size(), t.size());
    for (std::size_t i = 0; i < s.size(); ++i) {
      EXPECT_EQ(s[i].event, t[i].event);
      EXPECT_EQ(s[i].after, t[i].after);
    }
  }
}

/// How often each thing came up, so that a comparison that compares nothing shows.
struct Tally {
  int modules = 0, large = 0, wide = 0, undefined = 0, ways = 0, no_ways = 0, reduced = 0;
  std::map<std::pair<Verb, PropertyVerdict>, int> verdicts;
};

/// The condition of a property, and of an implication its left side: `a => b` put together by
/// `with_implications`.
using Lefts = std::map<std::string, rules::Expression>;

void compare(const Module& module, const Lefts& lefts, const Reference& reference, const Exploration& got,
             Tally& tally) {
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(got.bound, "");
  EXPECT_EQ(got.states, reference.states.size());
  EXPECT_EQ(got.transitions, reference.transitions);
  EXPECT_EQ(got.depth, reference.depth);
  ASSERT_EQ(got.properties.size(), module.properties.size() + 1);
  for (std::size_t p = 0; p < module.properties.size(); ++p) {
    const rules::Property& property = module.properties[p];
    const PropertyResult& result = got.properties[p];
    SCOPED_TRACE(property.name + ": " + property.condition.source);
    ++tally.verdicts[{property.verb, result.verdict}];
    const auto condition = [&](const Cells& cells) {
      return rules::holds(module, property.condition, cells);
    };
    std::optional<std::uint64_t> length;  // of the trace
    switch (property.verb) {
      case Verb::always: {
        length = reference.nearest([&](const Cells& cells) { return !condition(cells); });
        if (const auto left = lefts.find(property.name); left != lefts.end()) {
          const bool tested =
              reference.nearest([&](const Cells& cells) { return rules::holds(module, left->second, cells); })
                  .has_value();
          EXPECT_EQ(result.verdict, length   ? PropertyVerdict::violated
                                    : tested ? PropertyVerdict::holds
                                             : PropertyVerdict::vacuous);
        } else if (length) {
          EXPECT_EQ(result.verdict, PropertyVerdict::violated);
        } else {
          EXPECT_TRUE(result.verdict == PropertyVerdict::holds || result.verdict == PropertyVerdict::vacuous);
        }
        break;
      }
      case Verb::sometimes:
        length = reference.nearest(condition);
        EXPECT_EQ(result.verdict, length ? PropertyVerdict::holds : PropertyVerdict::violated);
        break;
      case Verb::eventually: {
        const std::set<Cells> hopeful = reference.hopeful(module, condition);
        length = reference.nearest([&](const Cells& cells) { return !hopeful.contains(cells); });
        EXPECT_EQ(result.verdict, length ? PropertyVerdict::violated : PropertyVerdict::holds);
        if (!result.trace) break;
        EXPECT_FALSE(hopeful.contains(last_of(*result.trace)));
        const auto& steps = result.trace->steps;
        if (!steps.empty()) {
          EXPECT_TRUE(hopeful.contains(steps.size() > 1 ? steps[steps.size() - 2].after : module.initial))
              << "the last step is the point of no return";
        }
        break;
      }
    }
    ASSERT_EQ(result.trace.has_value(), length.has_value());
    if (!length) continue;
    EXPECT_EQ(result.trace->steps.size(), *length);
    expect_trace(module, *result.trace);
    if (property.verb != Verb::eventually) {
      EXPECT_EQ(condition(last_of(*result.trace)), property.verb == Verb::sometimes);
    }
  }
  const PropertyResult& defined = got.properties.back();
  EXPECT_EQ(defined.name, well_defined);
  EXPECT_EQ(defined.verdict, reference.undefined ? PropertyVerdict::violated : PropertyVerdict::holds);
  ASSERT_EQ(defined.trace.has_value(), reference.undefined.has_value());
  if (!defined.trace) return;
  ++tally.undefined;
  EXPECT_EQ(defined.trace->steps.size(), *reference.undefined + 1);
  expect_trace(module, *defined.trace, true);
}

/// The classes of states by every swap of two elements that the search takes for interchangeable, found by
/// swapping them.
std::size_t classes(const Module& module, const Reference& reference,
                    const std::vector<std::string>& interchangeable) {
  std::map<Cells, std::size_t> number;
  std::vector<std::size_t> parent;
  for (const auto& [cells, state] : reference.states) {
    parent.push_back(parent.size());
    number.emplace(cells, parent.size() - 1);
  }
  // The class of a state that is not reachable (the initial one need not be symmetric) is that of its
  // reachable members, so all images are followed.
  std::function<std::size_t(std::size_t)> root = [&](std::size_t n) {
    return parent[n] == n ? n : parent[n] = root(parent[n]);
  };
  std::vector<std::function<Cells(const Cells&)>> swaps;
  for (const std::string& line : interchangeable) {
    const std::size_t colon = line.find(':');
    const auto sort = static_cast<std::size_t>(module.sort(line.substr(0, colon)));
    std::vector<std::int64_t> elements;
    std::istringstream rest(line.substr(colon + 1));
    for (std::string word; rest >> word;)
      if (word != "=")
        elements.push_back(
            std::find(module.sorts[sort].elements.begin(), module.sorts[sort].elements.end(), word) -
            module.sorts[sort].elements.begin());
    for (std::size_t e = 1; e < elements.size(); ++e)
      swaps.push_back([&module, sort, a = elements[0], b = elements[e]](const Cells& cells) {
        const auto swapped = [&](std::int64_t x) { return x == a ? b : x == b ? a : x; };
        Cells result(cells.size());
        for (std::size_t v = 0; v < module.variables.size(); ++v) {
          const rules::Variable& variable = module.variables[v];
          for (std::int32_t i = 0; i < module.widths[v]; ++i) {
            std::int64_t first = i / module.strides[v], second = i % module.strides[v];
            if (variable.index_sorts[0] == static_cast<int>(sort)) first = swapped(first);
            if (variable.index_sorts[1] == static_cast<int>(sort)) second = swapped(second);
            const std::int64_t value = cells[static_cast<std::size_t>(module.offsets[v] + i)];
            const bool of_sort = variable.type.kind == rules::TypeKind::element &&
                                 variable.type.sort == static_cast<int>(sort);
            result[static_cast<std::size_t>(module.offsets[v] + first * module.strides[v] + second)] =
                of_sort ? swapped(value) : value;
          }
        }
        return result;
      });
  }
  for (const auto& [cells, state] : reference.states) {
    std::set<Cells> seen{cells};
    std::vector<Cells> work{cells};
    while (!work.empty()) {
      const Cells at = work.back();
      work.pop_back();
      for (const auto& swap : swaps)
        if (const Cells other = swap(at); seen.insert(other).second) work.push_back(other);
    }
    for (const Cells& other : seen)
      if (const auto at = number.find(other); at != number.end())
        parent[root(at->second)] = root(number.at(cells));
  }
  std::size_t result = 0;
  for (std::size_t n = 0; n < parent.size(); ++n) result += root(n) == n;
  return result;
}

void compare_reduced(const Module& module, const Reference& reference, const Exploration& whole,
                     const Exploration& reduced, const Explorer& explorer, Tally& tally) {
  EXPECT_TRUE(reduced.complete);
  EXPECT_EQ(reduced.states, classes(module, reference, reduced.interchangeable));
  EXPECT_LE(reduced.transitions, whole.transitions);
  if (reduced.states < whole.states) ++tally.reduced;
  for (const auto& [cells, state] : reference.states) EXPECT_TRUE(explorer.visited(cells));
  ASSERT_EQ(reduced.properties.size(), whole.properties.size());
  for (std::size_t p = 0; p < whole.properties.size(); ++p) {
    SCOPED_TRACE(whole.properties[p].name);
    const PropertyResult &a = whole.properties[p], &b = reduced.properties[p];
    EXPECT_EQ(a.verdict, b.verdict);
    ASSERT_EQ(a.trace.has_value(), b.trace.has_value());
    if (!a.trace) continue;
    EXPECT_EQ(a.trace->steps.size(), b.trace->steps.size());
    expect_trace(module, *b.trace, p + 1 == whole.properties.size());
    if (p + 1 == whole.properties.size() || a.verb == Verb::eventually) continue;
    EXPECT_EQ(rules::holds(module, module.properties[p].condition, last_of(*b.trace)),
              a.verb == Verb::sometimes);
  }
}

/// Adds `a => b` for pairs of conditions that the module has.
Lefts with_implications(Module& module) {
  Lefts lefts;
  const std::vector<rules::Property> own = module.properties;
  for (std::size_t a = 0; a < own.size(); ++a) {
    for (const std::size_t b : {(a + 1) % own.size(), a}) {
      rules::Property made{"implication" + std::to_string(a) + std::to_string(b), Verb::always, {}, "", ""};
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

void compare_random(std::uint64_t first, int count, const test::ModuleShape& shape, Tally& tally) {
  for (std::uint64_t seed = first; tally.modules < count; ++seed) {
    const auto random = test::random_module(seed, shape);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + random->described());
    Module& module = random->module;
    const Lefts lefts = with_implications(module);
    // With domains that are far wider than what is used of them a state takes several words, and no table
    // holds what an action reads.
    if (seed % 3 == 0) {
      ++tally.wide;
      for (rules::Variable& v : module.variables)
        if (v.type.kind == rules::TypeKind::integer) v.high += 1'000'000'000'000;
    }
    Admits admits;
    if (seed % 4 == 0) admits = [](const rules::Action& action) { return !action.fault; };
    const Reference reference(module, admits);
    ++tally.modules;
    if (reference.states.size() > 20) ++tally.large;
    Exploration one;
    for (const unsigned threads : {1u, 2u, 4u}) {
      SCOPED_TRACE(std::to_string(threads) + " threads");
      ExploreOptions options;
      options.threads = threads;
      options.admits = admits;
      Explorer explorer(module, options);
      const Exploration got = explorer.run();
      if (threads != 1) {
        expect_equal(got, one);
        continue;
      }
      compare(module, lefts, reference, got, tally);
      one = got;
      for (const auto& [cells, state] : reference.states) {
        EXPECT_TRUE(explorer.visited(cells));
        Cells other = cells;
        for (std::int64_t& cell : other) {
          ++cell;
          EXPECT_EQ(explorer.visited(other), reference.states.contains(other));
          --cell;
        }
      }
      // The same with one bit a state, for any number of threads.
      Exploration dense;
      for (const unsigned workers : {1u, 3u}) {
        SCOPED_TRACE("dense, " + std::to_string(workers) + " threads");
        options.threads = workers;
        options.dense_from = 1;
        Explorer other(module, options);
        const Exploration again = other.run();
        if (workers != 1) {
          expect_equal(again, dense);
          continue;
        }
        compare(module, lefts, reference, again, tally);
        dense = again;
        for (const auto& [cells, state] : reference.states) EXPECT_TRUE(other.visited(cells));
      }
      // And with interchangeable elements: the same verdicts, traces of the same length that are runs, one
      // state for each class.
      Exploration reduced;
      for (const unsigned workers : {1u, 3u}) {
        SCOPED_TRACE("with symmetry, " + std::to_string(workers) + " threads");
        options.threads = workers;
        options.dense_from = workers == 1 ? seed % 2 : 0;
        options.symmetry = true;
        Explorer other(module, options);
        const Exploration again = other.run();
        if (workers == 1) {
          reduced = again;
          compare_reduced(module, reference, got, again, other, tally);
        } else if (options.dense_from == 0 && seed % 2 == 0) {
          expect_equal(again, reduced);
        }
      }
      // A way to a goal, under one condition or two.
      const rules::Expression& goal = module.properties[0].condition;
      std::vector<rules::Expression> keep;
      for (std::size_t k = 1; k <= seed % 3; ++k) keep.push_back(module.properties[k].condition);
      const auto enters = [&](const Cells& cells) {
        return std::all_of(keep.begin(), keep.end(),
                           [&](const auto& k) { return rules::holds(module, k, cells); });
      };
      const Reference kept(module, admits, enters);
      const auto length = kept.nearest([&](const Cells& cells) { return rules::holds(module, goal, cells); });
      const Way way = explorer.shortest(goal, keep);
      ASSERT_EQ(way.trace.has_value(), length.has_value());
      if (!length) {
        ++tally.no_ways;
        EXPECT_TRUE(way.complete);
        EXPECT_FALSE(way.reason.empty());
        EXPECT_EQ(way.states, kept.states.size());
        EXPECT_EQ(way.transitions, kept.transitions);
        continue;
      }
      ++tally.ways;
      EXPECT_EQ(way.trace->steps.size(), *length);
      expect_trace(module, *way.trace);
      EXPECT_TRUE(rules::holds(module, goal, last_of(*way.trace)));
      EXPECT_TRUE(enters(way.trace->start));
      for (const Trace::Step& step : way.trace->steps) EXPECT_TRUE(enters(step.after));
    }
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

TEST(Explorer, BeginsAgainWhereTheImagesOfAValueHaveNoRoom) {
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
  const Exploration got = explored(compiled(m));
  EXPECT_EQ(got.states, 2u);
  const std::pair<std::string_view, PropertyVerdict> expected[] = {
      {"never-tested", PropertyVerdict::vacuous},
      {"nowhere-tested", PropertyVerdict::vacuous},
      {"tested", PropertyVerdict::holds},
      {"tested-somewhere", PropertyVerdict::holds},
      {"tested-and-wrong", PropertyVerdict::violated},
      {"of-nobody", PropertyVerdict::vacuous},
      {"plain", PropertyVerdict::holds}};
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

TEST(Explorer, LooksAtGuardsAsIfInTheirOrder) {
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
