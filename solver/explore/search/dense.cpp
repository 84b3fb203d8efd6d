// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/dense.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

#include "solver/explore/search/bitmap.hpp"
#include "solver/explore/search/settle.hpp"

namespace portolan::solver::explore {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t ring_states = 64;  ///< next states on their way from being fetched to being looked up
constexpr std::size_t item_blocks = 16, round_items = 256;

StateAt at_of(std::uint32_t level, Word key) {
  return {level, static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key)};
}
Word key_of(const StateAt& at) { return Word{at.part} << 32 | at.position; }

/// Increasing numbers as differences of seven bits a byte.
class DifferenceList {
 public:
  void push_back(Word number) {
    for (Word rest = number - last_;; rest >>= 7) {
      if (rest < 128) {
        bytes_.push_back(static_cast<std::uint8_t>(rest));
        break;
      }
      bytes_.push_back(static_cast<std::uint8_t>(rest | 128));
    }
    last_ = number;
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t bytes() const { return bytes_.capacity(); }
  void shrink() { bytes_.shrink_to_fit(); }
  /// f(number), in increasing order, until it is false.
  template <class F>
  void each(const F& f) const {
    Word number = 0;
    for (std::size_t at = 0; at < bytes_.size();) {
      Word difference = 0;
      for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t byte = bytes_[at++];
        difference |= Word{byte & 127u} << shift;
        if (byte < 128) break;
      }
      number += difference;
      if (!f(number)) return;
    }
  }

 private:
  std::vector<std::uint8_t> bytes_;
  Word last_ = 0;
  std::uint64_t count_ = 0;
};

class DenseSearch final : public Search {
 public:
  DenseSearch(const CompiledModel& model, Workers& workers, SearchLimits limits)
      : model_(model),
        workers_(workers),
        limits_(std::move(limits)),
        bits_(model.components().bits()),
        visited_(bits_),
        current_(bits_),
        next_(bits_) {
    assert(model.words() == 1 && limits_.states_max == 0);
  }

  SearchEnd run(const Word* start) override;
  bool visited(const Word* state) const override { return visited_.test(*state); }
  void each_state(const std::function<void(const StateAt&, const Word*)>& f) const override {
    for (std::uint32_t level = 0; level < levels_.size(); ++level)
      for (const DifferenceList& list : levels_[level])
        list.each([&](Word state) {
          f(at_of(level, state), &state);
          return true;
        });
  }
  std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) override;
  std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                               SearchEnd& end) override;

 private:
  struct alignas(64) Found {  ///< what one item of a level found
    DifferenceList states;
    std::uint64_t fresh = 0, transitions = 0;
    std::optional<UndefinedEvent> undefined;
    std::vector<std::optional<Word>> watched;
  };

  const CompiledModel& model_;
  Workers& workers_;
  SearchLimits limits_;
  unsigned bits_;
  Bitmap visited_, current_, next_;
  std::vector<std::vector<DifferenceList>> levels_;
  std::uint64_t list_bytes_ = 0;
  std::atomic<bool> late_{false}, stopped_{false};
  class Graph;
  std::vector<std::size_t> open_, plain_;  ///< watches that were not found: those to be asked of every state,
                                           ///< and those that rows speak for

  bool asked_to_end(unsigned worker) {
    if (limits_.deadline && Clock::now() >= *limits_.deadline) late_.store(true, std::memory_order_relaxed);
    if (worker == 0 && limits_.stop && limits_.stop()) stopped_.store(true, std::memory_order_relaxed);
    return late_.load(std::memory_order_relaxed) || stopped_.load(std::memory_order_relaxed);
  }
  std::uint64_t bytes() const { return 3 * visited_.bytes() + list_bytes_ + model_.bytes(); }

  template <bool Shared>
  void expand(std::uint32_t level, std::span<const std::uint32_t> blocks, Found& found);
  void watch(Word state, const Seen& seen, const std::vector<std::size_t>& which, Found& found) const;
  void sort_watches();
  void settle(std::uint32_t level, std::span<Found> items);
  bool found() const;
  /// f(worker, list) for the lists of a level.
  template <class F>
  void each_list(std::uint32_t level, const F& f) {
    std::vector<DifferenceList>& lists = levels_[level];
    workers_.each(lists.size(), lists.size() < 2, [&](unsigned worker, std::size_t l) {
      if (!asked_to_end(worker)) f(worker, lists[l]);
    });
  }
};

bool DenseSearch::found() const {
  if (undefined_ends && undefined) return true;
  return std::any_of(watches.begin(), watches.end(), [](const Watch& w) { return w.ends && w.found; });
}

void DenseSearch::watch(Word state, const Seen& seen, const std::vector<std::size_t>& which,
                        Found& found) const {
  for (const std::size_t w : which) {
    if (found.watched[w]) continue;
    bool some = false;
    for (const Predicate& predicate : watches[w].predicates)
      some = some || model_.holds(predicate, seen, &state);
    if (some == watches[w].when) found.watched[w] = state;
  }
}

void DenseSearch::sort_watches() {
  open_.clear();
  plain_.clear();
  for (std::size_t w = 0; w < watches.size(); ++w) {
    if (watches[w].found) continue;
    const bool plain = !watches[w].when && watches[w].predicates.size() == 1 &&
                       model_.spoken_for(watches[w].predicates.front());
    (plain ? plain_ : open_).push_back(w);
  }
}

template <bool Shared>
void DenseSearch::expand(std::uint32_t level, std::span<const std::uint32_t> blocks, Found& found) {
  Word ring[ring_states];
  std::size_t pushed = 0, taken = 0;
  std::uint64_t fresh = 0, fired = 0;
  const auto take = [&] {
    const Word key = ring[taken++ % ring_states];
    if (!visited_.set<Shared>(key)) return;
    next_.set<Shared>(key);
    next_.note<Shared>(key);
    ++fresh;
  };
  Word scratch = 0;
  for (const std::uint32_t block : blocks) {
    Word* words = current_.block(block);
    for (std::size_t w = 0; w < Bitmap::block_words; ++w) {
      for (Word left = words[w]; left != 0; left &= left - 1) {
        const Word state =
            Word{block} << Bitmap::block_bits | Word{w} << 6 | static_cast<Word>(std::countr_zero(left));
        found.states.push_back(state);
        const Seen seen = model_.see(&state);
        const bool suspect = model_.successors<1>(
            &state, seen, &scratch,
            [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t) {
              if ((flags & Outcome::undefined) != 0) [[unlikely]] {
                const StateAt source = at_of(level, state);
                if (!found.undefined)
                  found.undefined = {source, action};
                else if (found.undefined->source == source)
                  found.undefined->action = std::min(found.undefined->action, action);
                return true;
              }
              ++fired;
              if (pushed - taken == ring_states) take();
              ring[pushed++ % ring_states] = *next;
              visited_.prefetch(*next);
              return true;
            });
        if (suspect) [[unlikely]]
          watch(state, seen, plain_, found);
        if (!open_.empty()) watch(state, seen, open_, found);
      }
      words[w] = 0;
    }
  }
  while (taken != pushed) take();
  found.fresh += fresh;
  found.transitions += fired;
}

/// Brings together what the items of a round found.
void DenseSearch::settle(std::uint32_t level, std::span<Found> items) {
  std::vector<std::size_t> fresh;
  for (Found& item : items) {
    states += item.fresh;
    transitions += item.transitions;
    if (item.fresh != 0) depth = level + 1;
    if (!undefined) undefined = item.undefined;
    for (std::size_t w = 0; w < watches.size(); ++w) {
      if (!item.watched[w] || watches[w].found) continue;
      watches[w].found = at_of(level, *item.watched[w]);
      if (watches[w].traced) fresh.push_back(w);
    }
    item.states.shrink();
    list_bytes_ += item.states.bytes();
    levels_[level].push_back(std::move(item.states));
  }
  sort_watches();
  if (!limits_.deadline || fresh.empty()) return;
  std::vector<StateAt> ends;
  for (const std::size_t w : fresh) ends.push_back(*watches[w].found);
  auto traced = traces(ends);
  for (std::size_t i = 0; i < fresh.size(); ++i) watches[fresh[i]].trace = std::move(traced[i]);
}

SearchEnd DenseSearch::run(const Word* start) {
  refused.assign(keep.size(), 0);
  assert(keep.empty());
  visited_.set<false>(*start);
  current_.set<false>(*start);
  current_.note<false>(*start);
  states = 1;
  sort_watches();
  peak_bytes = bytes();
  auto told = Clock::now();
  for (std::uint32_t level = 0;; ++level) {
    const std::vector<std::uint32_t> blocks = current_.noted();
    if (blocks.empty()) return SearchEnd::complete;
    current_.forget_notes();
    levels_.emplace_back();
    for (std::size_t done = 0; done < blocks.size();) {
      const std::size_t count = std::min(blocks.size() - done, item_blocks * round_items),
                        items = (count + item_blocks - 1) / item_blocks;
      std::vector<Found> round(items);
      for (Found& item : round) item.watched.resize(watches.size());
      workers_.each(items, items < 2, [&](unsigned worker, std::size_t i) {
        if (asked_to_end(worker)) return;
        const std::span<const std::uint32_t> some =
            std::span(blocks).subspan(done + i * item_blocks, std::min(item_blocks, count - i * item_blocks));
        if (workers_.count() > 1)
          expand<true>(level, some, round[i]);
        else
          expand<false>(level, some, round[i]);
      });
      if (stopped_) return SearchEnd::stopped;
      if (late_) return SearchEnd::time;
      if (model_.grew() || model_.overflowed()) return SearchEnd::grew;
      settle(level, round);
      done += count;
      const std::uint64_t held = bytes();
      peak_bytes = std::max(peak_bytes, held);
      if (found()) return SearchEnd::found;
      if (limits_.bytes_max != 0 && held > limits_.bytes_max) return SearchEnd::memory;
      if (limits_.progress && Clock::now() - told > std::chrono::milliseconds(200)) {
        told = Clock::now();
        std::uint64_t expanded = 0;
        for (const auto& lists : levels_)
          for (const DifferenceList& list : lists) expanded += list.count();
        limits_.progress(states, transitions, depth, states - expanded, held);
      }
    }
    current_.swap(next_);
  }
}

std::vector<std::optional<PackedTrace>> DenseSearch::traces(std::span<const StateAt> ends) {
  std::vector<PackedTrace> result(ends.size());
  std::uint32_t level = 0;
  for (const StateAt& end : ends) level = std::max(level, end.level);
  std::multimap<Word, std::size_t>
      wanted;  // what the states of the level above have to lead to, and for which trace
  for (;; --level) {
    for (std::size_t e = 0; e < ends.size(); ++e)
      if (ends[e].level == level) wanted.emplace(key_of(ends[e]), e);
    if (level == 0) break;
    std::multimap<Word, std::size_t> sources;
    for (const DifferenceList& list : levels_[level - 1]) {
      if (wanted.empty()) break;
      if (limits_.deadline && Clock::now() >= *limits_.deadline + limits_.grace)
        return std::vector<std::optional<PackedTrace>>(ends.size());
      list.each([&](Word state) {
        std::map<Word, std::uint32_t> hits;  // of several actions the first
        Word scratch = 0;
        model_.successors<1>(&state, model_.see(&state), &scratch,
                             [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t) {
                               if ((flags & Outcome::undefined) != 0 || wanted.find(*next) == wanted.end())
                                 return true;
                               const auto [at, fresh] = hits.try_emplace(*next, action);
                               if (!fresh) at->second = std::min(at->second, action);
                               return true;
                             });
        for (const auto& [next, action] : hits) {
          const auto [first, last] = wanted.equal_range(next);
          for (auto w = first; w != last; ++w) {
            result[w->second].actions.push_back(action);
            result[w->second].states.push_back(next);
            sources.emplace(state, w->second);
          }
          wanted.erase(first, last);
        }
        return !wanted.empty();
      });
    }
    wanted = std::move(sources);
  }
  for (PackedTrace& trace : result) {
    std::reverse(trace.actions.begin(), trace.actions.end());
    std::reverse(trace.states.begin(), trace.states.end());
  }
  return {std::make_move_iterator(result.begin()), std::make_move_iterator(result.end())};
}

/// The states and their events without faults, for the backward pass; a node is a state.
class DenseSearch::Graph {
 public:
  Graph(const DenseSearch& search, bool cut_off, unsigned every)
      : search_(search), cut_off_(cut_off), every_(every), ranks_(search.visited_), marks_(ranks_.total()) {}
  std::uint64_t bytes() const { return ranks_.bytes() + marks_.capacity(); }
  std::uint8_t& mark(Word state) { return marks_[ranks_.of(state)]; }
  template <class F>
  void each_next(Word state, const F& f) {
    Word scratch = 0;
    search_.model_.successors<1>(
        &state, search_.model_.see(&state), &scratch,
        [&](std::uint32_t, std::uint8_t flags, const Word* next, std::uint64_t) {
          if ((flags & (Outcome::fault | Outcome::undefined)) != 0) return true;
          // What was not expanded counts as if everything could be reached from it. (A search that was not
          // cut off left both empty.)
          if (cut_off_ && (search_.current_.test(*next) || search_.next_.test(*next)))
            mark(*next) = static_cast<std::uint8_t>(every_);
          return f(*next);
        });
  }

 private:
  const DenseSearch& search_;
  bool cut_off_;
  unsigned every_;
  Ranks ranks_;
  std::vector<std::uint8_t> marks_;
};

std::vector<std::optional<StateAt>> DenseSearch::hopeless(std::span<const Predicate> conditions,
                                                          SearchEnd& end) {
  end = SearchEnd::complete;
  assert(conditions.size() <= conditions_max);
  std::vector<std::optional<StateAt>> first(conditions.size());
  std::uint64_t expanded = 0;
  for (const auto& lists : levels_)
    for (const DifferenceList& list : lists) expanded += list.count();
  const std::uint64_t held = bytes() + Ranks::bytes_for(visited_.blocks()) + states;
  if (limits_.bytes_max != 0 && held > limits_.bytes_max) {
    end = SearchEnd::memory;
    return first;
  }
  const unsigned every = (1u << conditions.size()) - 1;
  Graph graph(*this, expanded < states, every);
  std::atomic<unsigned> all{expanded < states ? every : 0};  // conditions that some state satisfies
  const auto last = static_cast<std::uint32_t>(levels_.size());
  for (std::uint32_t level = 0; level < last; ++level)
    each_list(level, [&](unsigned, const DifferenceList& list) {
      unsigned somewhere = 0;
      list.each([&](Word state) {
        const Seen seen = model_.see(&state);
        unsigned bits = 0;
        for (std::size_t c = 0; c < conditions.size(); ++c)
          bits |= (model_.holds(conditions[c], seen, &state) ? 1u : 0u) << c;
        graph.mark(state) = static_cast<std::uint8_t>(bits);
        somewhere |= bits;
        return true;
      });
      all.fetch_or(somewhere, std::memory_order_relaxed);
    });
  end = settle_all(
      graph, all, {held, limits_.bytes_max, peak_bytes}, [&] { return asked_to_end(0); },
      [&](const auto& settle) {
        bool done = true;
        for (std::uint32_t level = last; level-- > 0 && done;)
          for (const DifferenceList& list : levels_[level])
            list.each([&](Word state) { return done = done && settle(state); });
      });
  if (end == SearchEnd::time && stopped_) end = SearchEnd::stopped;
  if (end != SearchEnd::complete) return first;
  for (std::uint32_t level = 0; level < last; ++level)
    for (const DifferenceList& list : levels_[level])
      list.each([&](Word state) {
        const unsigned bits = graph.mark(state);
        for (std::size_t c = 0; c < conditions.size(); ++c)
          if ((bits >> c & 1) == 0 && !first[c]) first[c] = at_of(level, state);
        return std::any_of(first.begin(), first.end(), [](const auto& f) { return !f; });
      });
  return first;
}

}  // namespace

std::uint64_t dense_bytes(unsigned bits) {
  return 3 * (bits > Bitmap::block_bits ? std::uint64_t{1} << (bits - 3) : Bitmap::block_words * 8);
}

std::unique_ptr<Search> make_dense_search(const CompiledModel& model, Workers& workers, SearchLimits limits) {
  return std::make_unique<DenseSearch>(model, workers, std::move(limits));
}

}  // namespace portolan::solver::explore
