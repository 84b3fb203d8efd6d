// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/packed.hpp"

#include <cassert>
#include <cstring>
#include <utility>

#include "solver/explore/search/backward.hpp"
#include "solver/explore/search/packed_graph.hpp"
#include "solver/explore/search/trace_back.hpp"

namespace portolan::solver::explore {

namespace {

/// States one after another.
class Bucket {
 public:
  Word* push(std::size_t words) {
    if (used_ + words > capacity_) widen(words);
    Word* place = data_.get() + used_;
    used_ += words;
    return place;
  }
  void clear() { used_ = 0; }
  const Word* data() const { return data_.get(); }
  std::size_t used() const { return used_; }
  std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<Word[]> data_;
  std::size_t used_ = 0, capacity_ = 0;

  void widen(std::size_t words) {
    const std::size_t wanted = std::max(used_ + words, capacity_ + capacity_ / 2);
    auto wider = std::make_unique_for_overwrite<Word[]>(wanted);
    std::copy_n(data_.get(), used_, wider.get());
    data_ = std::move(wider);
    capacity_ = wanted;
  }
};

template <unsigned W>
class PackedSearch final : public Rounds<PackedSearch<W>> {
  using Base = Rounds<PackedSearch<W>>;
  using States = PackedStates<W>;

 public:
  static constexpr std::size_t parts = States::parts;
  static constexpr std::size_t chunk_items = 4096, round_items = chunk_items * 16, alone_items = 512;
  static constexpr bool takes_while_expanding = false, numbers_are_final = false;

  PackedSearch(const CompiledModel& model, Workers& workers, SearchLimits limits,
               const Independence* independence = nullptr)
      : Base(model, workers, std::move(limits)),
        independence_(independence),
        words_(model.words()),
        visited_(model),
        chunks_(round_items / chunk_items),
        desks_(workers.count()) {}

  bool visited(const Word* state) const override {
    return visited_.find(visited_.part_of(state), state) != absent;
  }
  void each_state(const std::function<void(const StateAt&, const Word*)>& f) const override {
    for (std::uint32_t p = 0; p < parts; ++p) {
      const VisitedPart<W>& part = visited_.part(p);
      for (std::uint32_t position = 0; position < part.size(); ++position)
        f({part.level_of(position), p, position}, part.state(position));
    }
  }
  std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) override {
    return TraceBack<W, States>(model_, limits_, visited_).run(ends);
  }
  std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                               SearchEnd& end) override;

 private:
  friend Base;
  using Base::model_, Base::workers_, Base::limits_, Base::interruption_, Base::cut_level_, Base::cut_index_;
  using Base::watches, Base::keep, Base::states, Base::depth, Base::peak_bytes;
  static constexpr std::uint32_t absent = States::absent;

  /// What some states of a level lead to, by part.
  struct Chunk : Expansion {
    Bucket states;
    std::array<std::uint32_t, parts + 1> begin{};
    std::uint64_t reduced = 0;
    std::size_t coming(std::size_t part) const { return begin[part + 1] - begin[part]; }
  };
  /// What one worker needs to fill a chunk.
  struct Desk {
    std::vector<Word> scratch;
    Bucket found;                     ///< in the order in which they are found
    std::vector<std::uint8_t> parts;  ///< where each belongs
    // Of a state whose actions are looked at together:
    struct Enabled {
      std::uint32_t action;
      std::uint8_t flags;
      std::uint64_t hash;
    };
    std::vector<Enabled> enabled;
    std::vector<Word> next, raw;
    std::vector<std::uint32_t> actions, chosen;
    Independence::Room room;
  };
  struct alignas(64) Taken : PartFindings {};  ///< each in lines of its own

  const Independence* independence_;
  std::size_t words_;
  States visited_;
  std::vector<Chunk> chunks_;
  std::vector<Desk> desks_;
  typename States::Ranges ranges_{};  ///< of the level that is expanded
  Expected expected_;                 ///< of the watches for states in which something that is expected fails
  std::array<Taken, parts> taken_;

  std::size_t state_words() const { return W > 0 ? W : words_; }
  const Word* coming(const Chunk& chunk, std::size_t part) const {
    return chunk.states.data() + chunk.begin[part] * state_words();
  }

  // For the rounds.
  void enter_start(const Word* start);
  std::uint64_t begin_level(std::uint32_t level);
  void expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned worker, std::size_t c);
  Chunk& chunk(std::size_t c) { return chunks_[c]; }
  PartFindings& findings(std::size_t part) { return taken_[part]; }
  bool too_large(std::size_t chunks, std::uint64_t successors) const;
  void take(std::size_t part, std::size_t chunks);
  std::size_t coming(std::size_t part) const { return chunks_[0].coming(part); }
  bool admit_coming(std::size_t part, std::size_t index) {
    const Word* state = coming(chunks_[0], part) + index * state_words();
    return admit(part, state, hash_of<W>(state, words_));
  }
  bool known_or_refused(std::size_t part, std::size_t index) const {
    const Word* state = coming(chunks_[0], part) + index * state_words();
    return visited_.find(part, state) != absent ||
           !std::all_of(keep.begin(), keep.end(), [&](const Predicate& k) { return model_.holds(k, state); });
  }
  std::uint64_t bytes() const;
  std::uint64_t frontier(std::uint32_t level, std::uint64_t left) const {
    return left + States::total(visited_.ranges(level + 1));
  }

  void note(const StateAt& source, std::uint32_t action, std::uint8_t flags, const Word* next,
            std::uint64_t hash, Desk& desk, Chunk& chunk) const;
  void expand_by_some(const StateAt& source, Desk& desk, Chunk& chunk) const;
  bool leads_on(const StateAt& source, const Desk& desk) const;
  void sort_by_part(const Desk& desk, Chunk& chunk) const;
  bool admit(std::size_t part, const Word* state, std::uint64_t hash);
  void watch(std::size_t part, const Word* state);
  unsigned mark_conditions(PackedGraph<W>& graph, std::span<const Predicate> conditions);
};

template <unsigned W>
void PackedSearch<W>::enter_start(const Word* start) {
  std::vector<Predicate> expected;
  for (const Watch& watch : watches)
    if (watch.expected()) expected.push_back(watch.predicates.front());
  expected_ = model_.expected(expected);
  for (Taken& taken : taken_) Base::prepare(taken);
  const std::size_t home = visited_.part_of(start);
  for (std::size_t p = 0; p < parts; ++p) visited_.part(p).begin_level(0);
  taken_[home].fresh = admit(home, start, hash_of<W>(start, words_));
  Base::bring_parts_together(0);
}

template <unsigned W>
std::uint64_t PackedSearch<W>::begin_level(std::uint32_t level) {
  ranges_ = visited_.ranges(level);
  const std::uint64_t size = States::total(ranges_);
  if (size > 0)
    for (std::size_t p = 0; p < parts; ++p) visited_.part(p).begin_level(level + 1);
  return size;
}

/// Takes note of one event: its next state on the way to its part, or that it has no meaning.
template <unsigned W>
inline void PackedSearch<W>::note(const StateAt& source, std::uint32_t action, std::uint8_t flags,
                                  const Word* next, std::uint64_t hash, Desk& desk, Chunk& chunk) const {
  if ((flags & Effect::undefined) != 0) [[unlikely]]
    return chunk.note_undefined(source, action);
  ++chunk.transitions;
  const std::size_t n = state_words();
  std::memcpy(desk.found.push(n), next, n * sizeof(Word));
  desk.parts.push_back(static_cast<std::uint8_t>(visited_.part_of(next, hash)));
}

/// Whether a chosen action that no property sees leads to a state that no earlier level has.
template <unsigned W>
bool PackedSearch<W>::leads_on(const StateAt& source, const Desk& desk) const {
  for (std::size_t e = 0; e < desk.enabled.size(); ++e) {
    const typename Desk::Enabled& one = desk.enabled[e];
    if (!std::binary_search(desk.chosen.begin(), desk.chosen.end(), one.action) ||
        independence_->seen(one.action) || (one.flags & Effect::undefined) != 0)
      continue;
    const Word* next = desk.next.data() + e * words_;
    const std::size_t part = visited_.part_of(next, one.hash);
    const std::uint32_t position = visited_.find(part, next);
    if (position == absent || visited_.part(part).level_of(position) > source.level) return true;
  }
  return false;
}

/// By a stubborn set of its actions, where one of these that no property sees leads to a state of the next
/// level.
template <unsigned W>
void PackedSearch<W>::expand_by_some(const StateAt& source, Desk& desk, Chunk& chunk) const {
  const Word* state = visited_.part(source.part).state(source.position);
  desk.enabled.clear();
  desk.next.clear();
  desk.actions.clear();
  model_.template successors<W>(
      state, model_.see(state), desk.scratch.data(),
      [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t hash) {
        desk.enabled.push_back({action, flags, hash});
        desk.next.insert(desk.next.end(), next, next + words_);
        desk.actions.push_back(action);
        return true;
      });
  desk.raw.resize(model_.packing().words());
  model_.components().raw(state, desk.raw.data());
  std::sort(desk.actions.begin(), desk.actions.end());
  independence_->stubborn(model_.packing(), desk.raw.data(), desk.actions, desk.room, desk.chosen);
  const bool some = desk.chosen.size() < desk.actions.size() && leads_on(source, desk);
  chunk.reduced += some;
  for (std::size_t e = 0; e < desk.enabled.size(); ++e) {
    const typename Desk::Enabled& one = desk.enabled[e];
    if (!some || std::binary_search(desk.chosen.begin(), desk.chosen.end(), one.action))
      note(source, one.action, one.flags, desk.next.data() + e * words_, one.hash, desk, chunk);
  }
}

template <unsigned W>
void PackedSearch<W>::expand(std::uint32_t level, std::uint64_t begin, std::uint64_t end, unsigned worker,
                             std::size_t c) {
  Desk& desk = desks_[worker];
  Chunk& chunk = chunks_[c];
  desk.found.clear();
  desk.parts.clear();
  desk.scratch.resize(words_);
  chunk.transitions = chunk.reduced = 0;
  chunk.undefined.reset();
  States::walk(ranges_, begin, end, [&](std::uint32_t p, std::uint32_t position) {
    if constexpr (W == 0) {
      if (independence_ != nullptr) {  // where there are thousands of actions, one state takes long
        if (!interruption_.asked(worker)) expand_by_some({level, p, position}, desk, chunk);
        return;
      }
    }
    const Word* state = visited_.part(p).state(position);
    model_.template successors<W>(
        state, model_.see(state), desk.scratch.data(),
        [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t hash) {
          note({level, p, position}, action, flags, next, hash, desk, chunk);
          return true;
        });
  });
  sort_by_part(desk, chunk);
}

template <unsigned W>
void PackedSearch<W>::sort_by_part(const Desk& desk, Chunk& chunk) const {
  chunk.begin.fill(0);
  for (const std::uint8_t part : desk.parts) ++chunk.begin[part + 1];
  for (std::size_t p = 0; p < parts; ++p) chunk.begin[p + 1] += chunk.begin[p];
  const std::size_t n = state_words();
  chunk.states.clear();
  Word* const into = chunk.states.push(desk.parts.size() * n);
  std::array<std::uint32_t, parts> next;
  std::copy_n(chunk.begin.begin(), parts, next.begin());
  for (std::size_t i = 0; i < desk.parts.size(); ++i)
    std::memcpy(into + next[desk.parts[i]]++ * n, desk.found.data() + i * n, n * sizeof(Word));
}

template <unsigned W>
void PackedSearch<W>::watch(std::size_t part, const Word* state) {
  if (watches.empty()) return;
  std::vector<std::optional<std::uint64_t>>& found = taken_[part].found;
  const Seen seen = model_.see(state);
  const bool as_expected = model_.holds(expected_, seen, state);
  for (std::size_t w = 0; w < watches.size(); ++w) {
    if (watches[w].found || found[w] || (as_expected && watches[w].expected())) continue;
    if (Base::meets(watches[w], seen, state)) found[w] = visited_.part(part).size() - 1;
  }
}

/// True when the state is new and was entered.
template <unsigned W>
bool PackedSearch<W>::admit(std::size_t part, const Word* state, std::uint64_t hash) {
  VisitedPart<W>& into = visited_.part(part);
  if (!keep.empty()) {
    if (into.find(state, hash) != absent) return false;
    for (std::size_t k = 0; k < keep.size(); ++k) {
      if (model_.holds(keep[k], state)) continue;
      taken_[part].refused[k] = 1;
      return false;
    }
  }
  if (!into.insert(state, hash)) return false;
  watch(part, state);
  return true;
}

template <unsigned W>
void PackedSearch<W>::take(std::size_t part, std::size_t chunks) {
  const std::size_t n = state_words();
  VisitedPart<W>& into = visited_.part(part);
  std::uint64_t fresh = 0;
  for (std::size_t c = 0; c < chunks; ++c) {
    const Word* const first = coming(chunks_[c], part);
    const std::size_t count = chunks_[c].coming(part);
    // Two groups ahead the table is fetched, one group ahead the states that it names.
    constexpr std::size_t group = 16;
    std::uint64_t hashes[3][group];
    for (std::size_t g = 0; g * group < count + 2 * group; ++g) {
      for (std::size_t i = 0; i < group && g * group + i < count; ++i) {
        const std::uint64_t hash = hashes[g % 3][i] = hash_of<W>(first + (g * group + i) * n, n);
        into.prefetch_place(hash);
      }
      if (g >= 1)
        for (std::size_t i = 0; i < group && (g - 1) * group + i < count; ++i)
          into.prefetch_state(hashes[(g - 1) % 3][i]);
      if (g >= 2)
        for (std::size_t i = 0; i < group && (g - 2) * group + i < count; ++i)
          fresh += admit(part, first + ((g - 2) * group + i) * n, hashes[(g - 2) % 3][i]);
    }
  }
  taken_[part].fresh = fresh;
}

template <unsigned W>
bool PackedSearch<W>::too_large(std::size_t chunks, std::uint64_t successors) const {
  bool large = false;
  if (limits_.bytes_max != 0) {
    std::uint64_t more = 0;
    for (std::size_t p = 0; p < parts; ++p) {
      std::uint64_t coming = 0;
      for (std::size_t c = 0; c < chunks; ++c) coming += chunks_[c].coming(p);
      if (coming != 0) more += visited_.part(p).bytes_for(coming);
    }
    large = bytes() + more > limits_.bytes_max;
  }
  for (std::size_t p = 0; p < parts; ++p)
    large = large || visited_.part(p).size() > VisitedPart<W>::states_max - successors;
  return large;
}

template <unsigned W>
std::uint64_t PackedSearch<W>::bytes() const {
  std::uint64_t result = visited_.bytes() + model_.bytes() + states * limits_.bytes_per_state_later;
  for (const Chunk& chunk : chunks_) result += sizeof(Chunk) + chunk.states.capacity() * sizeof(Word);
  for (const Desk& desk : desks_)
    result += sizeof(Desk) + desk.found.capacity() * sizeof(Word) + desk.parts.capacity();
  return result;
}

/// Marks in every state the conditions that hold, and in every state that was not expanded all. Returns those
/// that hold somewhere.
template <unsigned W>
unsigned PackedSearch<W>::mark_conditions(PackedGraph<W>& graph, std::span<const Predicate> conditions) {
  std::array<unsigned, parts> somewhere{};
  workers_.each(parts, states < alone_items, [&](unsigned worker, std::size_t p) {
    if (interruption_.asked(worker)) return;
    for (std::uint32_t position = 0; position < visited_.part(p).size(); ++position) {
      const unsigned bits = Base::conditions_in(conditions, visited_.part(p).state(position));
      somewhere[p] |= bits;
      graph.mark(PackedGraph<W>::node(p, position)) = static_cast<std::uint8_t>(bits);
    }
  });
  unsigned all = 0;
  for (const unsigned bits : somewhere) all |= bits;
  const unsigned every = every_condition(conditions.size());
  for (std::uint32_t level = cut_level_; level <= static_cast<std::uint32_t>(depth); ++level) {
    const typename States::Ranges ranges = visited_.ranges(level);
    States::walk(ranges, level == cut_level_ ? cut_index_ : 0, States::total(ranges),
                 [&](std::uint32_t p, std::uint32_t position) {
                   graph.mark(PackedGraph<W>::node(p, position)) = static_cast<std::uint8_t>(every);
                   all = every;
                 });
  }
  return all;
}

template <unsigned W>
std::vector<std::optional<StateAt>> PackedSearch<W>::hopeless(std::span<const Predicate> conditions,
                                                              SearchEnd& end) {
  assert(conditions.size() <= Search::conditions_max);
  std::vector<Chunk>().swap(chunks_);  // the search is over, and its room is needed
  std::vector<Desk>().swap(desks_);
  PackedGraph<W> graph(model_, visited_);
  const unsigned all = mark_conditions(graph, conditions);
  const std::uint64_t held = bytes() + graph.bytes();
  end = settle_all(graph, all, {held, limits_.bytes_max, peak_bytes, interruption_}, [&](const auto& settle) {
    for (std::uint32_t level = static_cast<std::uint32_t>(depth) + 1; level-- > 0;)
      for (std::uint32_t p = 0; p < parts; ++p) {
        const Levels::Range range = visited_.part(p).level(level);
        for (std::uint32_t position = range.begin; position < range.end; ++position)
          if (!settle(PackedGraph<W>::node(p, position))) return;
      }
  });
  if (end != SearchEnd::complete) return std::vector<std::optional<StateAt>>(conditions.size());
  return graph.first_without(conditions.size());
}

}  // namespace

std::unique_ptr<Search> make_packed_search(const CompiledModel& model, Workers& workers, SearchLimits limits,
                                           const Independence* independence) {
  if (independence != nullptr)
    return std::make_unique<PackedSearch<0>>(model, workers, std::move(limits), independence);
  switch (model.words()) {
    case 1: return std::make_unique<PackedSearch<1>>(model, workers, std::move(limits));
    case 2: return std::make_unique<PackedSearch<2>>(model, workers, std::move(limits));
    default: return std::make_unique<PackedSearch<0>>(model, workers, std::move(limits));
  }
}

}  // namespace portolan::solver::explore
