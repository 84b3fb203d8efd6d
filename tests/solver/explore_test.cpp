// SPDX-License-Identifier: Apache-2.0
//
// The explorer against the reference: a search that knows nothing but rules::successors and a set.
#include "solver/explore.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "bench/fleet_model.hpp"
#include "tests/solver/random_module.hpp"

namespace portolan::solver {
namespace {

using bench::fleet_module;
using bench::ModuleSource;
using rules::Cells;
using rules::Module;
using rules::Verb;

Module compiled(const ModuleSource& source) {
  rules::CompiledModule made = rules::compile(source.text());
  for (const rules::ModuleFault& fault : made.faults)
    ADD_FAILURE() << fault.section << "[" << fault.item << "]." << fault.member << ":" << fault.fault.column << ": " << fault.fault.finding << "\n" << source.shown();
  return std::move(made.module);
}

rules::Expression expression(const Module& module, const std::string& text) {
  std::vector<std::vector<std::string_view>> elements;
  for (const rules::Sort& sort : module.sorts) elements.emplace_back(sort.elements.begin(), sort.elements.end());
  std::vector<rules::SortView> sorts;
  for (std::size_t s = 0; s < elements.size(); ++s) sorts.push_back({module.sorts[s].name, elements[s]});
  std::vector<rules::VariableView> variables;
  for (const rules::Variable& v : module.variables) variables.push_back({v.name, v.type, {v.index_sorts[0], v.index_sorts[1]}});
  const rules::Type boolean{};
  rules::Parsed parsed = rules::parse_expression(text, {sorts, variables, {}}, &boolean);
  EXPECT_TRUE(parsed.faults.empty()) << text;
  rules::Expression result;
  result.nodes = std::move(parsed.nodes);
  result.source = text;
  return result;
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
  bool whole = true;                       ///< false: more states than were asked for

  explicit Reference(const Module& module, std::size_t states_max = ~std::size_t{0}, const Admits& admits = {}, const std::function<bool(const Cells&)>& enters = {}) {
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
          if (!s.defined) { if (!undefined) undefined = d; }
          else {
            ++transitions;
            if ((!enters || enters(s.next)) && states.try_emplace(s.next, State{d + 1, {}}).second) next.push_back(s.next);
          }
          state.successors.push_back(std::move(s));
        }
        if (states.size() > states_max) { whole = false; return; }
      }
      level = std::move(next);
    }
  }

  std::optional<std::uint64_t> nearest(const std::function<bool(const Cells&)>& wanted) const {
    std::optional<std::uint64_t> best;
    for (const auto& [cells, state] : states) if ((!best || state.depth < *best) && wanted(cells)) best = state.depth;
    return best;
  }
  /// The states from which one with the condition can be reached without a fault.
  std::set<Cells> hopeful(const Module& module, const std::function<bool(const Cells&)>& condition) const {
    std::set<Cells> result;
    for (const auto& [cells, state] : states) if (condition(cells)) result.insert(cells);
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [cells, state] : states) {
        if (result.contains(cells)) continue;
        for (const rules::Successor& s : state.successors)
          if (s.defined && !module.actions[s.event.action].fault && result.contains(s.next)) { changed = result.insert(cells).second; break; }
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
      enabled = enabled || (s.event == trace.steps[i].event && s.defined == !undefined && (undefined ? trace.steps[i].after == now : s.next == trace.steps[i].after));
    EXPECT_TRUE(enabled) << "step " << i << ": " << to_string(module, trace.steps[i].event);
    now = trace.steps[i].after;
  }
}

Cells end_of(const Trace& trace) { return trace.steps.empty() ? trace.start : trace.steps.back().after; }

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
  int modules = 0, wide = 0, undefined = 0, large = 0, ways = 0, no_ways = 0;
  std::map<std::pair<Verb, PropertyVerdict>, int> verdicts;
};

void compare(const Module& module, const Module& probes, const Reference& reference, const Exploration& got, Tally& tally) {
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
    const auto condition = [&](const Cells& cells) { return rules::holds(module, property.condition, cells); };
    std::optional<std::uint64_t> length;  // of the trace
    switch (property.verb) {
      case Verb::always: {
        length = reference.nearest([&](const Cells& cells) { return !condition(cells); });
        bool tested = true;
        if (const auto probe = std::find_if(probes.actions.begin(), probes.actions.end(), [&](const auto& a) { return a.name == property.name; }); probe != probes.actions.end()) {
          tested = false;
          for (const auto& [cells, state] : reference.states)
            rules::for_each_choice(probes, *probe, [&](std::span<const std::int64_t> arguments) { tested = tested || rules::holds(probes, probe->guards[0], cells, arguments); });
        }
        EXPECT_EQ(result.verdict, length ? PropertyVerdict::violated : tested ? PropertyVerdict::holds : PropertyVerdict::vacuous);
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
        if (result.trace) { EXPECT_FALSE(hopeful.contains(end_of(*result.trace))); }
        if (result.trace && result.trace->steps.size() > 1) { EXPECT_TRUE(hopeful.contains(result.trace->steps[result.trace->steps.size() - 2].after)) << "the last step is the point of no return"; }
        break;
      }
    }
    ASSERT_EQ(result.trace.has_value(), length.has_value());
    if (!length) continue;
    EXPECT_EQ(result.trace->steps.size(), *length);
    expect_trace(module, *result.trace);
    if (property.verb != Verb::eventually) { EXPECT_EQ(condition(end_of(*result.trace)), property.verb == Verb::sometimes); }
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

void compare_random(std::uint64_t first, int count, std::size_t states_max, Tally& tally) {
  for (std::uint64_t seed = first; tally.modules < count; ++seed) {
    ASSERT_LT(seed, first + static_cast<std::uint64_t>(count) * 10) << "too many of the modules have too many states";
    const RandomModule random(seed);
    const Module module = compiled(random.source), probes = compiled(random.probes);
    if (testing::Test::HasFailure()) return;
    Admits admits;
    if (seed % 4 == 0) admits = [](const rules::Action& action) { return !action.fault; };
    const Reference reference(module, states_max, admits);
    if (!reference.whole) continue;
    SCOPED_TRACE(random.source.shown());
    ++tally.modules;
    if (reference.states.size() > 20) ++tally.large;
    Exploration one;
    for (const unsigned threads : {1u, 2u, 4u}) {
      SCOPED_TRACE(threads);
      ExploreOptions options;
      options.threads = threads;
      options.admits = admits;
      Explorer explorer(module, options);
      const Exploration got = explorer.run();
      if (threads != 1) { expect_equal(got, one); continue; }
      compare(module, probes, reference, got, tally);
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
      // Ways to a goal, under one condition or two.
      const std::vector<std::string>& texts = random.conditions;
      const rules::Expression goal = expression(module, texts[0]);
      std::vector<rules::Expression> keep;
      for (std::size_t k = 1; k < std::min<std::size_t>(texts.size(), 3); ++k) keep.push_back(expression(module, seed % 3 == 0 ? texts[k] : texts[k] + " || " + texts[0]));
      const auto enters = [&](const Cells& cells) { return std::all_of(keep.begin(), keep.end(), [&](const auto& k) { return rules::holds(module, k, cells); }); };
      const Reference kept(module, states_max, admits, enters);
      const auto length = kept.nearest([&](const Cells& cells) { return rules::holds(module, goal, cells); });
      const Way way = explorer.shortest(goal, keep);
      ASSERT_EQ(way.trace.has_value(), length.has_value()) << texts[0];
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
      EXPECT_TRUE(rules::holds(module, goal, end_of(*way.trace)));
      EXPECT_TRUE(enters(way.trace->start));
      for (const Trace::Step& step : way.trace->steps) EXPECT_TRUE(enters(step.after));
    }
    if (testing::Test::HasFailure()) return;  // one module is enough to look at
  }
}

void expect_variety(const Tally& tally) {
  EXPECT_GT(tally.large, tally.modules / 20);
  EXPECT_GT(tally.undefined, tally.modules / 20);
  EXPECT_GT(tally.ways, tally.modules / 20);
  EXPECT_GT(tally.no_ways, tally.modules / 20);
  const auto count = [&](Verb verb, PropertyVerdict verdict) {
    const auto at = tally.verdicts.find({verb, verdict});
    return at == tally.verdicts.end() ? 0 : at->second;
  };
  for (const Verb verb : {Verb::always, Verb::sometimes, Verb::eventually})
    for (const PropertyVerdict verdict : {PropertyVerdict::holds, PropertyVerdict::violated}) EXPECT_GT(count(verb, verdict), tally.modules / 20) << name_of(verb) << " " << name_of(verdict);
  EXPECT_GT(count(Verb::always, PropertyVerdict::vacuous), 0);
}

TEST(Explorer, AgreesWithTheReferenceOnRandomModules) {
  Tally tally;
  compare_random(1, 150, 150, tally);
  if (!HasFailure()) expect_variety(tally);
  if(getenv("TALLY")){printf("%d modules %d large %d undef %d ways %d noways\n",tally.modules,tally.large,tally.undefined,tally.ways,tally.no_ways);for(auto&[k,n]:tally.verdicts)printf("%s %s %d\n",name_of(k.first).data(),name_of(k.second).data(),n);}
}

TEST(ExplorerSlow, AgreesWithTheReferenceOnManyRandomModules) {
  Tally tally;
  compare_random(100'000, 2000, 1000, tally);
  if (!HasFailure()) expect_variety(tally);
}

}  // namespace
}  // namespace portolan::solver
