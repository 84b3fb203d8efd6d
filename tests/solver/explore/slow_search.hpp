#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Everything that can be said of a module, found slowly: a search that knows nothing but rules::successors
// and a set. What the explorer says is held to it, for small modules.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "bench/fleet_model.hpp"
#include "model/rules/compile.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::explore {

using bench::fleet_module;
using bench::ModuleSource;
using rules::Cells;
using rules::Module;
using rules::Verb;

inline Module compiled(const ModuleSource& source) {
  rules::CompiledModule made = rules::compile(source.text());
  for (const rules::ModuleFault& fault : made.faults)
    ADD_FAILURE() << fault.section << "[" << fault.item << "]." << fault.member << ":" << fault.fault.column
                  << ": " << fault.fault.finding << "\n"
                  << source.shown();
  return std::move(made.module);
}

inline rules::Expression condition_of(const Module& module, const std::string& text) {
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
inline void expect_trace(const Module& module, const Trace& trace, bool last_undefined = false) {
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

inline Cells last_of(const Trace& trace) {
  return trace.steps.empty() ? trace.start : trace.steps.back().after;
}

inline void expect_equal(const Exploration& a, const Exploration& b) {
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

/// Of *always* and *eventually*: violated, or else vacuous where no state has the left side.
inline void expect_refuted_or_tested(const Module& module, const Lefts& lefts, const Reference& reference,
                                     bool refuted, const PropertyResult& result) {
  if (refuted) {
    EXPECT_EQ(result.verdict, PropertyVerdict::violated);
  } else if (const auto left = lefts.find(result.name); left != lefts.end()) {
    const bool tested =
        reference.nearest([&](const Cells& cells) { return rules::holds(module, left->second, cells); })
            .has_value();
    EXPECT_EQ(result.verdict, tested ? PropertyVerdict::holds : PropertyVerdict::vacuous);
  } else {
    EXPECT_TRUE(result.verdict == PropertyVerdict::holds || result.verdict == PropertyVerdict::vacuous);
  }
}

inline void compare(const Module& module, const Lefts& lefts, const Reference& reference,
                    const Exploration& got, Tally& tally) {
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
        expect_refuted_or_tested(module, lefts, reference, length.has_value(), result);
        break;
      }
      case Verb::sometimes:
        length = reference.nearest(condition);
        EXPECT_EQ(result.verdict, length ? PropertyVerdict::holds : PropertyVerdict::violated);
        break;
      case Verb::eventually: {
        const std::set<Cells> hopeful = reference.hopeful(module, condition);
        length = reference.nearest([&](const Cells& cells) { return !hopeful.contains(cells); });
        expect_refuted_or_tested(module, lefts, reference, length.has_value(), result);
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
inline std::size_t classes(const Module& module, const Reference& reference,
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

inline void compare_reduced(const Module& module, const Reference& reference, const Exploration& whole,
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

}  // namespace portolan::solver::explore
