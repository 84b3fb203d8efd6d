// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/dense.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "solver/explore/search/backward.hpp"
#include "solver/explore/search/bitmap.hpp"
#include "solver/explore/search/trace_back.hpp"

namespace portolan::solver::explore {

namespace {

constexpr std::size_t ring_states = 64;  ///< next states on their way from being fetched to being looked up

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

/// The states of a dense search by level, each level in the order of numbers, in as many lists as the chunks
/// in which it was expanded.
class LevelLists {
 public:
  void begin_level() { levels_.emplace_back(); }
  void add(std::uint32_t level, DifferenceList list) {
    list.shrink();
    bytes_ += list.bytes();
    levels_[level].push_back(std::move(list));
  }
  std::uint32_t levels() const { return static_cast<std::uint32_t>(levels_.size()); }
  const std::vector<DifferenceList>& lists(std::uint32_t level) const { return levels_[level]; }
  std::uint64_t bytes() const { return bytes_; }
  /// Of all levels.
  std::uint64_t count() const {
    std::uint64_t result = 0;
    for (const auto& lists : levels_)
      for (const DifferenceList& list : lists) result += list.count();
    return result;
  }

  // For trace_back.hpp.
  static std::vector<Word> state_words(const StateAt& at) { return {key_of(at)}; }
  template <class GoesOn, class F>
  void each_of_level(std::uint32_t level, const GoesOn& goes_on, const F& f) const {
    for (const DifferenceList& list : levels_[level]) {
      if (!goes_on()) return;
      list.each([&](Word state) { return f(&state); });
    }
  }

 private:
  std::vector<std::vector<DifferenceList>> levels_;
  std::uint64_t bytes_ = 0;
};

class DenseSearch final : public Rounds<DenseSearch> {
 public:
  // Items are blocks of the bitmaps.
  static constexpr std::size_t chunk_items = 16, round_items = chunk_items * 256,
                               alone_items = chunk_items + 1;
  static constexpr bool takes_while_expanding = true, numbers_are_final = true;

  DenseSearch(const CompiledModel& model, Workers& workers, SearchLimits limits)
      : Rounds(model, workers, std::move(limits)),
        bits_(model.components().bits()),
        visited_(bits_),
        current_(bits_),
        next_(bits_),
        found_(round_items / chunk_items) {
    assert(model.words() == 1 && limits_.states_max == 0 && !limits_.pause);
  }

  bool visited(const Word* state) const override { return visited_.test(*state); }
  void each_state(const std::function<void(const StateAt&, const Word*)>& f) const override {
    for (std::uint32_t level = 0; level < expanded_.levels(); ++level)
      for (const DifferenceList& list : expanded_.lists(level))
        list.each([&](Word state) {
          f(at_of(level, state), &state);
          return true;
        });
  }
  std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) override {
    return TraceBack<1, LevelLists>(model_, limits_, expanded_).run(ends);
  }
  std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                               SearchEnd& end) override;

 private:
  friend Rounds<DenseSearch>;
  struct alignas(64) Found : Expansion {  ///< what the blocks of one chunk have and lead to
    DifferenceList states;
    std::uint64_t fresh = 0;
    std::vector<std::optional<Word>> watched;
  };
  class Graph;

  unsigned bits_;
  Bitmap visited_, current_, next_;
  LevelLists expanded_;
  std::vector<std::uint32_t> blocks_;  ///< of the level that is expanded
  std::vector<Found> found_;           ///< by chunk
  // Watches that were not found: those to be asked of every state, and those that rows cover.
  std::vector<std::size_t> open_, covered_;

  // For the rounds.
  void enter_start(const Word* start);
  std::uint64_t begin_level(std::uint32_t level);
  void expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned worker, std::size_t c);
  Found& chunk(std::size_t c) { return found_[c]; }
  void bring_together(std::uint32_t level, std::size_t chunks);
  std::uint64_t bytes() const { return 3 * visited_.bytes() + expanded_.bytes() + model_.bytes(); }
  std::uint64_t frontier(std::uint32_t, std::uint64_t) const { return states - expanded_.count(); }

  template <bool Shared>
  void expand_blocks(std::uint32_t level, std::span<const std::uint32_t> blocks, Found& found);
  void watch(Word state, const Seen& seen, const std::vector<std::size_t>& which, Found& found) const;
  void sort_watches();
  unsigned mark_conditions(Graph& graph, std::span<const Predicate> conditions);
  std::vector<std::optional<StateAt>> first_without(Graph& graph, std::size_t conditions) const;
};

void DenseSearch::watch(Word state, const Seen& seen, const std::vector<std::size_t>& which,
                        Found& found) const {
  for (const std::size_t w : which)
    if (!found.watched[w] && meets(watches[w], seen, &state)) found.watched[w] = state;
}

void DenseSearch::sort_watches() {
  open_.clear();
  covered_.clear();
  for (std::size_t w = 0; w < watches.size(); ++w) {
    if (watches[w].found) continue;
    const bool covered = !watches[w].when && watches[w].predicates.size() == 1 &&
                         model_.covered_by_rows(watches[w].predicates.front());
    (covered ? covered_ : open_).push_back(w);
  }
}

void DenseSearch::enter_start(const Word* start) {
  assert(keep.empty());
  visited_.set<false>(*start);
  next_.set<false>(*start);
  next_.note<false>(*start);
  states = 1;
  sort_watches();
}

std::uint64_t DenseSearch::begin_level(std::uint32_t) {
  current_.swap(next_);
  blocks_ = current_.noted();
  current_.forget_notes();
  if (!blocks_.empty()) expanded_.begin_level();
  return blocks_.size();
}

void DenseSearch::expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned,
                         std::size_t c) {
  const std::span<const std::uint32_t> blocks = std::span(blocks_).subspan(begin, end - begin);
  Found& found = found_[c];
  found = {};
  found.watched.resize(watches.size());
  if (workers_.count() > 1)
    expand_blocks<true>(level, blocks, found);
  else
    expand_blocks<false>(level, blocks, found);
}

template <bool Shared>
void DenseSearch::expand_blocks(std::uint32_t level, std::span<const std::uint32_t> blocks, Found& found) {
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
              if ((flags & Effect::undefined) != 0) [[unlikely]] {
                found.note_undefined(at_of(level, state), action);
                return true;
              }
              ++fired;
              if (pushed - taken == ring_states) take();
              ring[pushed++ % ring_states] = *next;
              visited_.prefetch(*next);
              return true;
            });
        if (suspect) [[unlikely]]
          watch(state, seen, covered_, found);
        if (!open_.empty()) watch(state, seen, open_, found);
      }
      words[w] = 0;
    }
  }
  while (taken != pushed) take();
  found.fresh += fresh;
  found.transitions += fired;
}

void DenseSearch::bring_together(std::uint32_t level, std::size_t chunks) {
  std::vector<std::size_t> fresh;
  for (std::size_t c = 0; c < chunks; ++c) {
    Found& found = found_[c];
    states += found.fresh;
    if (found.fresh != 0) depth = level + 1;
    for (std::size_t w = 0; w < watches.size(); ++w) {
      if (!found.watched[w] || watches[w].found) continue;
      watches[w].found = at_of(level, *found.watched[w]);
      if (watches[w].traced) fresh.push_back(w);
    }
    expanded_.add(level, std::move(found.states));
  }
  sort_watches();
  trace_at_once(fresh);
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
          if ((flags & (Effect::fault | Effect::undefined)) != 0) return true;
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

/// Marks in every state that was expanded the conditions that hold. Returns those that hold somewhere.
unsigned DenseSearch::mark_conditions(Graph& graph, std::span<const Predicate> conditions) {
  std::atomic<unsigned> all{0};
  for (std::uint32_t level = 0; level < expanded_.levels(); ++level) {
    const std::vector<DifferenceList>& lists = expanded_.lists(level);
    workers_.each(lists.size(), lists.size() < 2, [&](unsigned worker, std::size_t l) {
      if (interruption_.asked(worker)) return;
      unsigned somewhere = 0;
      lists[l].each([&](Word state) {
        const unsigned bits = conditions_in(conditions, &state);
        graph.mark(state) = static_cast<std::uint8_t>(bits);
        somewhere |= bits;
        return true;
      });
      all.fetch_or(somewhere, std::memory_order_relaxed);
    });
  }
  return all;
}

std::vector<std::optional<StateAt>> DenseSearch::first_without(Graph& graph, std::size_t conditions) const {
  std::vector<std::optional<StateAt>> first(conditions);
  for (std::uint32_t level = 0; level < expanded_.levels(); ++level)
    for (const DifferenceList& list : expanded_.lists(level))
      list.each([&](Word state) {
        const unsigned bits = graph.mark(state);
        for (std::size_t c = 0; c < conditions; ++c)
          if ((bits >> c & 1) == 0 && !first[c]) first[c] = at_of(level, state);
        return std::any_of(first.begin(), first.end(), [](const auto& f) { return !f; });
      });
  return first;
}

std::vector<std::optional<StateAt>> DenseSearch::hopeless(std::span<const Predicate> conditions,
                                                          SearchEnd& end) {
  assert(conditions.size() <= conditions_max);
  const std::uint64_t held = bytes() + Ranks::bytes_for(visited_.blocks()) + states;
  if (limits_.bytes_max != 0 && held > limits_.bytes_max) {
    end = SearchEnd::memory;
    return std::vector<std::optional<StateAt>>(conditions.size());
  }
  const bool cut_off = expanded_.count() < states;
  const unsigned every = every_condition(conditions.size());
  Graph graph(*this, cut_off, every);
  const unsigned all = mark_conditions(graph, conditions) | (cut_off ? every : 0);
  end = settle_all(graph, all, {held, limits_.bytes_max, peak_bytes, interruption_}, [&](const auto& settle) {
    bool done = true;
    for (std::uint32_t level = expanded_.levels(); level-- > 0 && done;)
      for (const DifferenceList& list : expanded_.lists(level))
        list.each([&](Word state) { return done = done && settle(state); });
  });
  if (end != SearchEnd::complete) return std::vector<std::optional<StateAt>>(conditions.size());
  return first_without(graph, conditions.size());
}

}  // namespace

std::uint64_t dense_bytes(unsigned bits) {
  return 3 * (bits > Bitmap::block_bits ? std::uint64_t{1} << (bits - 3) : Bitmap::block_words * 8);
}

std::unique_ptr<Search> make_dense_search(const CompiledModel& model, Workers& workers, SearchLimits limits) {
  limits.pause = {};
  return std::make_unique<DenseSearch>(model, workers, std::move(limits));
}

}  // namespace portolan::solver::explore
