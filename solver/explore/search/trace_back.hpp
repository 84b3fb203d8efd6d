#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Shortest ways to states of a breadth-first search, all by one walk from the deepest level back: no parent
// is stored, so the level above is gone through for the first state that leads to what is wanted. Of several
// actions that do, the first is taken.

#include <algorithm>

#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// `store.state_words(at)`: the words of a state. `store.each_of_level(level, goes_on, f)`: f(state) for the
/// states of a level, in order, until it is false; `goes_on()` is asked now and then, and ends it as well.
/// None when the walk would end after the deadline and its grace. W: words of a state, 0 where they are known
/// at run time only.
template <unsigned W, class Store>
class TraceBack {
 public:
  TraceBack(const CompiledModel& model, const SearchLimits& limits, const Store& store)
      : model_(model), limits_(limits), store_(store), scratch_(model.words()) {}

  std::vector<std::optional<PackedTrace>> run(std::span<const StateAt> ends) {
    traces_.resize(ends.size());
    std::uint32_t level = 0;
    for (const StateAt& end : ends) level = std::max(level, end.level);
    for (;; --level) {
      for (std::size_t e = 0; e < ends.size(); ++e)
        if (ends[e].level == level) wanted_.push_back({e, store_.state_words(ends[e])});
      if (level == 0) break;
      bool in_time = true;
      const auto goes_on = [&] {
        in_time = !limits_.deadline || std::chrono::steady_clock::now() < *limits_.deadline + limits_.grace;
        return in_time && !wanted_.empty();
      };
      store_.each_of_level(level - 1, goes_on, [&](const Word* state) {
        look_at(state);
        return !wanted_.empty();
      });
      if (!in_time) return std::vector<std::optional<PackedTrace>>(ends.size());
      wanted_ = std::move(sources_);
      sources_.clear();
    }
    for (PackedTrace& trace : traces_) {
      std::reverse(trace.actions.begin(), trace.actions.end());
      std::reverse(trace.states.begin(), trace.states.end());
    }
    return {std::make_move_iterator(traces_.begin()), std::make_move_iterator(traces_.end())};
  }

 private:
  struct Wanted {
    std::size_t trace;
    std::vector<Word> state;
  };

  const CompiledModel& model_;
  const SearchLimits& limits_;
  const Store& store_;
  std::vector<Word> scratch_;
  std::vector<PackedTrace> traces_;
  std::vector<Wanted> wanted_;   ///< what the states of the level above have to lead to
  std::vector<Wanted> sources_;  ///< what was found to lead there
  std::vector<std::pair<std::size_t, std::uint32_t>> hits_;  ///< position in wanted_, action

  void look_at(const Word* state) {
    if (!model_.reduces() && std::none_of(wanted_.begin(), wanted_.end(), [&](const Wanted& target) {
          return model_.may_lead(state, target.state.data());
        }))
      return;
    hits_.clear();
    model_.successors<W>(state, model_.see(state), scratch_.data(),
                         [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t) {
                           if ((flags & Effect::undefined) != 0) return true;
                           for (std::size_t i = 0; i < wanted_.size(); ++i)
                             if (std::equal(wanted_[i].state.begin(), wanted_[i].state.end(), next))
                               hits_.emplace_back(i, action);
                           return true;
                         });
    std::sort(hits_.begin(), hits_.end());
    hits_.erase(std::unique(hits_.begin(), hits_.end(),
                            [](const auto& a, const auto& b) { return a.first == b.first; }),
                hits_.end());
    for (const auto& [target, action] : hits_) {
      PackedTrace& trace = traces_[wanted_[target].trace];
      trace.actions.push_back(action);
      trace.states.insert(trace.states.end(), wanted_[target].state.rbegin(),
                          wanted_[target].state.rend());  // turned round at the end
      sources_.push_back({wanted_[target].trace, {state, state + model_.words()}});
    }
    for (std::size_t h = hits_.size(); h-- > 0;)
      wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(hits_[h].first));
  }
};

}  // namespace portolan::solver::explore
