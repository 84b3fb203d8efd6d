// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/fair_loops.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>

#include "solver/explore/search/visited.hpp"

namespace portolan::solver::explore {

namespace {

constexpr std::uint32_t nowhere = ~std::uint32_t{0};

struct Ended {
  SearchEnd end;
};

/// The states without the condition, and what leads from one to another.
class Avoiding {
 public:
  Avoiding(const CompiledModel& model, const Search& search, const Predicate& condition,
           const std::vector<std::uint8_t>& fair, const FairLoopLimits& limits)
      : model_(model),
        limits_(limits),
        words_(model.words()),
        scratch_(words_),
        number_(fair.size(), nowhere) {
    for (std::size_t a = 0; a < fair.size(); ++a)
      if (fair[a] != 0) number_[a] = fair_++;
    search.each_state([&](const StateAt& at, const Word* state) {
      if (model_.holds(condition, state)) return;
      at_.push_back(at);
      words_of_.insert(words_of_.end(), state, state + words_);
      look(1);
    });
    index();
    connect();
  }

  std::optional<FairLoop> first() {
    components();
    // What settles each of the named actions, by component; of a single state without a set of its own, as
    // most are.
    std::map<std::uint32_t, std::vector<std::uint8_t>> settled;
    std::optional<std::uint32_t> best;
    const auto better = [&](std::uint32_t s) { return !best || at_[s] < at_[*best]; };
    std::vector<std::uint8_t> own(fair_);
    for (std::uint32_t s = 0; s < count(); ++s) {
      if (!single(s)) settled.try_emplace(component_[s], fair_, std::uint8_t{0});
      std::vector<std::uint8_t>& into = single(s) ? own : settled[component_[s]];
      if (single(s)) std::fill(own.begin(), own.end(), std::uint8_t{0});
      settle(s, into);
      if (single(s) && all(own) && better(s)) best = s;
    }
    for (std::uint32_t s = 0; s < count(); ++s)
      if (!single(s) && all(settled[component_[s]]) && better(s)) best = s;
    if (!best) return std::nullopt;
    return FairLoop{at_[*best], around(*best)};
  }

 private:
  const CompiledModel& model_;
  const FairLoopLimits& limits_;
  std::size_t words_;
  std::vector<Word> scratch_;
  std::vector<std::uint32_t> number_;  ///< of each ground action among the named ones
  std::uint32_t fair_ = 0;
  std::vector<StateAt> at_;
  std::vector<Word> words_of_;
  std::vector<std::uint32_t> places_;  ///< an open-addressing table of positions
  std::vector<std::uint64_t> begins_;  ///< of each state's edges
  std::vector<std::uint32_t> edges_, component_, sizes_;
  static constexpr std::uint64_t events_a_look = 1u << 14;
  std::uint64_t looked_ = 0;

  std::uint32_t count() const { return static_cast<std::uint32_t>(at_.size()); }
  const Word* state(std::uint32_t s) const { return words_of_.data() + s * words_; }
  bool single(std::uint32_t s) const { return sizes_[component_[s]] == 1; }
  static bool all(const std::vector<std::uint8_t>& set) {
    return std::all_of(set.begin(), set.end(), [](std::uint8_t one) { return one != 0; });
  }

  /// After some more events were looked at.
  void look(std::uint64_t more) {
    looked_ += more;
    if (looked_ < events_a_look) return;
    looked_ = 0;
    if (limits_.asked_to_end && limits_.asked_to_end()) throw Ended{SearchEnd::time};
    const std::uint64_t bytes =
        at_.capacity() * sizeof(StateAt) + words_of_.capacity() * sizeof(Word) + begins_.capacity() * 8 +
        (places_.capacity() + edges_.capacity() + component_.capacity() + sizes_.capacity()) * 4;
    if (limits_.bytes_max != 0 && bytes > limits_.bytes_max) throw Ended{SearchEnd::memory};
    if (at_.size() >= nowhere / 4) throw Ended{SearchEnd::memory};
  }

  void index() {
    std::size_t size = 64;
    while (size < at_.size() * 2) size *= 2;
    places_.assign(size, nowhere);
    for (std::uint32_t s = 0; s < count(); ++s) {
      std::size_t place = hash_of<0>(state(s), words_) & (size - 1);
      while (places_[place] != nowhere) place = (place + 1) & (size - 1);
      places_[place] = s;
    }
  }
  std::uint32_t find(const Word* wanted) const {
    for (std::size_t place = hash_of<0>(wanted, words_) & (places_.size() - 1);;
         place = (place + 1) & (places_.size() - 1)) {
      const std::uint32_t s = places_[place];
      if (s == nowhere || std::equal(wanted, wanted + words_, state(s))) return s;
    }
  }
  /// f(action, position of the next state or `nowhere`) for every event with a meaning.
  template <class F>
  void events(std::uint32_t s, const F& f) {
    std::uint64_t seen = 1;
    model_.successors<0>(state(s), model_.see(state(s)), scratch_.data(),
                         [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t) {
                           ++seen;
                           if ((flags & Effect::undefined) == 0) f(action, find(next));
                           return true;
                         });
    look(seen);
  }
  void connect() {
    begins_.push_back(0);
    for (std::uint32_t s = 0; s < count(); ++s) {
      const std::size_t begin = edges_.size();
      events(s, [&](std::uint32_t, std::uint32_t to) {
        if (to != nowhere) edges_.push_back(to);
      });
      std::sort(edges_.begin() + static_cast<std::ptrdiff_t>(begin), edges_.end());
      edges_.erase(std::unique(edges_.begin() + static_cast<std::ptrdiff_t>(begin), edges_.end()),
                   edges_.end());
      begins_.push_back(edges_.size());
    }
  }
  /// R. Tarjan, Depth-first search and linear graph algorithms (1972), without recursion.
  void components() {
    component_.assign(count(), nowhere);
    std::vector<std::uint32_t> order(count(), nowhere), low(count()), path, stack;
    std::vector<std::uint64_t> at(count());
    std::uint32_t next = 0;
    for (std::uint32_t root = 0; root < count(); ++root) {
      if (order[root] != nowhere) continue;
      path.push_back(root);
      while (!path.empty()) {
        const std::uint32_t s = path.back();
        if (order[s] == nowhere) {
          order[s] = low[s] = next++;
          at[s] = begins_[s];
          stack.push_back(s);
        }
        bool deeper = false;
        for (; at[s] < begins_[s + 1]; ++at[s]) {
          const std::uint32_t to = edges_[at[s]];
          if (order[to] == nowhere) {
            path.push_back(to);
            deeper = true;
            break;
          }
          if (component_[to] == nowhere) low[s] = std::min(low[s], low[to]);
        }
        if (deeper) continue;
        path.pop_back();
        if (low[s] == order[s]) {
          const auto number = static_cast<std::uint32_t>(sizes_.size());
          sizes_.push_back(0);
          for (std::uint32_t member = nowhere; member != s;) {
            member = stack.back();
            stack.pop_back();
            component_[member] = number;
            ++sizes_[number];
          }
        }
        look(1);
      }
    }
  }
  /// Marks the named actions that are disabled in a state, or taken inside its component.
  void settle(std::uint32_t s, std::vector<std::uint8_t>& into) {
    std::vector<std::uint8_t> enabled(fair_);
    events(s, [&](std::uint32_t action, std::uint32_t to) {
      if (number_[action] == nowhere) return;
      enabled[number_[action]] = 1;
      if (to != nowhere && component_[to] == component_[s]) into[number_[action]] = 1;
    });
    for (std::uint32_t f = 0; f < fair_; ++f)
      if (enabled[f] == 0) into[f] = 1;
  }

  /// Inside the component from a state to the nearest one with `wanted`, or by an event with `wanted_event`.
  std::uint32_t walk(std::uint32_t from, const std::function<bool(std::uint32_t)>& wanted,
                     const std::function<bool(std::uint32_t, std::uint32_t)>& wanted_event,
                     PackedTrace& onto) {
    struct Came {
      std::uint32_t from, action;
    };
    std::map<std::uint32_t, Came> came{{from, {nowhere, 0}}};
    std::deque<std::uint32_t> open{from};
    const auto take = [&](std::uint32_t last) {
      std::vector<std::uint32_t> way;
      for (std::uint32_t s = last; s != from; s = came.at(s).from) way.push_back(s);
      for (std::size_t i = way.size(); i-- > 0;) append(came.at(way[i]).action, way[i], onto);
    };
    if (wanted(from)) return from;
    while (!open.empty()) {
      const std::uint32_t s = open.front();
      open.pop_front();
      std::optional<std::uint32_t> reached, by, there;
      events(s, [&](std::uint32_t action, std::uint32_t to) {
        if (to == nowhere || component_[to] != component_[s] || by) return;
        if (wanted_event(s, action)) {
          by = action;
          there = to;
          return;
        }
        if (!came.try_emplace(to, Came{s, action}).second) return;
        open.push_back(to);
        if (!reached && wanted(to)) reached = to;
      });
      if (by) {
        take(s);
        append(*by, *there, onto);
        return *there;
      }
      if (reached) {
        take(*reached);
        return *reached;
      }
    }
    assert(false && "a component is strongly connected");
    return from;
  }
  void append(std::uint32_t action, std::uint32_t to, PackedTrace& onto) const {
    onto.actions.push_back(action);
    onto.states.insert(onto.states.end(), state(to), state(to) + words_);
  }
  PackedTrace around(std::uint32_t start) {
    PackedTrace loop;
    const auto disabled = [&](std::uint32_t s, std::uint32_t f) {
      bool none = true;
      events(s, [&](std::uint32_t action, std::uint32_t) { none = none && number_[action] != f; });
      return none;
    };
    // What the loop comes by may do for several: which are disabled in one of its states, or taken.
    std::vector<std::uint8_t> done(fair_), enabled(fair_);
    const auto note = [&](std::uint32_t s) {
      std::fill(enabled.begin(), enabled.end(), std::uint8_t{0});
      events(s, [&](std::uint32_t action, std::uint32_t) {
        if (number_[action] != nowhere) enabled[number_[action]] = 1;
      });
      for (std::uint32_t f = 0; f < fair_; ++f)
        if (enabled[f] == 0) done[f] = 1;
    };
    note(start);
    std::uint32_t s = start;
    std::size_t noted = 0;
    for (std::uint32_t f = 0; f < fair_; ++f) {
      if (done[f] != 0) continue;
      s = walk(
          s, [&](std::uint32_t at) { return disabled(at, f); },
          [&](std::uint32_t, std::uint32_t action) { return number_[action] == f; }, loop);
      for (; noted < loop.actions.size(); ++noted) {
        if (number_[loop.actions[noted]] != nowhere) done[number_[loop.actions[noted]]] = 1;
        note(find(loop.states.data() + noted * words_));
      }
    }
    if (s != start)
      walk(
          s, [&](std::uint32_t at) { return at == start; },
          [](std::uint32_t, std::uint32_t) { return false; }, loop);
    return loop;
  }
};

}  // namespace

std::optional<FairLoop> fair_loop(const CompiledModel& model, const Search& search,
                                  const Predicate& condition, const std::vector<std::uint8_t>& fair,
                                  const FairLoopLimits& limits, SearchEnd& end) {
  end = SearchEnd::complete;
  try {
    return Avoiding(model, search, condition, fair, limits).first();
  } catch (const Ended& ended) {
    end = ended.end;
    return std::nullopt;
  }
}

}  // namespace portolan::solver::explore
