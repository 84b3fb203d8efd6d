// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/search/search.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "solver/explore/search/settle.hpp"

namespace portolan::solver::explore {

namespace {

constexpr std::size_t chunk_states = 4096, round_chunks = 16;
constexpr std::size_t cramped_states = 64;  ///< when there is no room for what so few lead to, memory is full
constexpr unsigned large_component_bits =
    16;                                    ///< tables for the values of smaller ones are in the cache anyway
constexpr std::size_t alone_states = 512;  ///< below this the other workers are not woken

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
class PackedSearch final : public Search {
 public:
  PackedSearch(const CompiledModel& model, Workers& workers, SearchLimits limits,
               const Independence* independence = nullptr)
      : model_(model),
        workers_(workers),
        limits_(std::move(limits)),
        independence_(independence),
        words_(model.words()),
        visited_(words_),
        chunks_(round_chunks),
        desks_(workers.count()) {
    // A part has states that agree in the largest of their components, if that is large: those that are
    // expanded one after another need the same tables.
    const Components& components = model.components();
    for (std::size_t c = 0; c < components.count(); ++c)
      if (components.raw_bits(c) >= large_component_bits &&
          (!large_ || components.raw_bits(c) > components.raw_bits(*large_)))
        large_ = c;
  }

  SearchEnd run(const Word* start) override;
  bool visited(const Word* state) const override {
    return visited_.part(part_of(state)).find(state, hash_of<W>(state, words_)) != absent;
  }
  void each_state(const std::function<void(const StateAt&, const Word*)>& f) const override {
    for (std::uint32_t p = 0; p < parts; ++p) {
      const VisitedPart<W>& part = visited_.part(p);
      for (std::uint32_t position = 0; position < part.size(); ++position)
        f({part.level_of(position), p, position}, part.state(position));
    }
  }
  std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) override;
  std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                               SearchEnd& end) override;

 private:
  static constexpr std::size_t parts = Visited<W>::parts;
  static constexpr std::uint32_t absent = VisitedPart<W>::absent;
  using Range = Levels::Range;
  using Ranges = std::array<Range, parts>;

  /// What some states of a level lead to, by part.
  struct Chunk {
    Bucket states;
    std::array<std::uint32_t, parts + 1> begin{};
    std::uint64_t transitions = 0, reduced = 0;
    std::optional<UndefinedEvent> undefined;
    std::uint64_t coming(std::size_t part) const { return begin[part + 1] - begin[part]; }
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
  struct alignas(64) Taken {  ///< what one part did in a round
    std::uint64_t fresh = 0;
    std::vector<std::uint32_t> found;  ///< for each watch, or absent
    std::vector<std::uint8_t> refused;
  };

  const CompiledModel& model_;
  Workers& workers_;
  SearchLimits limits_;
  const Independence* independence_;
  std::size_t words_;
  std::optional<std::size_t>
      large_;  ///< the component that decides to which part a state belongs; none: all of them do
  Visited<W> visited_;
  std::vector<Chunk> chunks_;
  std::vector<Desk> desks_;
  Expected expected_;  ///< of the watches for states in which something that is expected fails
  std::array<Taken, parts> taken_;
  mutable std::atomic<bool> late_{false}, stopped_{false};
  class Graph;
  // Everything before this state was expanded.
  std::uint32_t cut_level_ = 0;
  std::uint64_t cut_index_ = 0;

  /// `hash`: of all values.
  std::size_t part_of(const Word* state, std::uint64_t hash) const {
    return Visited<W>::part_of(large_ ? model_.components().local(*large_, state).hash : hash);
  }
  std::size_t part_of(const Word* state) const {
    return part_of(state, large_ ? 0 : model_.components().hash(state));
  }
  Ranges ranges(std::uint32_t level) const {
    Ranges result;
    for (std::size_t p = 0; p < parts; ++p) result[p] = visited_.part(p).level(level);
    return result;
  }
  static std::uint64_t total(const Ranges& ranges) {
    std::uint64_t result = 0;
    for (const Range& range : ranges) result += range.end - range.begin;
    return result;
  }
  /// f(part, position) for the states number begin..end of the level.
  template <class F>
  static void walk(const Ranges& ranges, std::uint64_t begin, std::uint64_t end, const F& f) {
    std::uint64_t at = 0;
    for (std::size_t p = 0; p < parts && at < end; ++p) {
      const std::uint64_t size = ranges[p].end - ranges[p].begin;
      if (at + size > begin) {
        const auto first = static_cast<std::uint32_t>(ranges[p].begin + (begin > at ? begin - at : 0));
        const auto last = static_cast<std::uint32_t>(ranges[p].begin + std::min(size, end - at));
        for (std::uint32_t position = first; position < last; ++position)
          f(static_cast<std::uint32_t>(p), position);
      }
      at += size;
    }
  }

  bool asked_to_end(unsigned worker) const {
    if (limits_.deadline && std::chrono::steady_clock::now() >= *limits_.deadline)
      late_.store(true, std::memory_order_relaxed);
    if (worker == 0 && limits_.stop && limits_.stop()) stopped_.store(true, std::memory_order_relaxed);
    return late_.load(std::memory_order_relaxed) || stopped_.load(std::memory_order_relaxed);
  }

  void enter(const StateAt& source, std::uint32_t action, std::uint8_t flags, const Word* next,
             std::uint64_t hash, Desk& desk, Chunk& chunk) const;
  void expand_by_some(const StateAt& source, Desk& desk, Chunk& chunk) const;
  void expand(std::uint32_t level, const Ranges& ranges, std::uint64_t begin, std::uint64_t end, Desk& desk,
              Chunk& chunk) const;
  void take(std::size_t part, std::size_t chunks);
  bool admit(std::size_t part, const Word* state, std::uint64_t hash);
  void watch(std::size_t part, const Word* state);
  void settle(std::uint32_t level);
  std::uint64_t bytes() const;
  bool found() const;
  bool take_singly(std::uint32_t level);
};

/// Takes note of one event: its next state on the way to its part, or that it has no meaning.
template <unsigned W>
void PackedSearch<W>::enter(const StateAt& source, std::uint32_t action, std::uint8_t flags, const Word* next,
                            std::uint64_t hash, Desk& desk, Chunk& chunk) const {
  if ((flags & Outcome::undefined) != 0) [[unlikely]] {
    if (!chunk.undefined)
      chunk.undefined = {source, action};
    else if (chunk.undefined->source == source)
      chunk.undefined->action = std::min(chunk.undefined->action, action);
    return;
  }
  ++chunk.transitions;
  const std::size_t n = W > 0 ? W : words_;
  std::memcpy(desk.found.push(n), next, n * sizeof(Word));
  desk.parts.push_back(static_cast<std::uint8_t>(part_of(next, hash)));
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
  const auto chosen = [&](std::uint32_t action) {
    return std::binary_search(desk.chosen.begin(), desk.chosen.end(), action);
  };
  bool some = desk.chosen.size() < desk.actions.size();
  bool leads_on = false;
  for (std::size_t e = 0; some && !leads_on && e < desk.enabled.size(); ++e) {
    const typename Desk::Enabled& one = desk.enabled[e];
    if (!chosen(one.action) || independence_->seen(one.action) || (one.flags & Outcome::undefined) != 0)
      continue;
    const Word* next = desk.next.data() + e * words_;
    const VisitedPart<W>& part = visited_.part(part_of(next, one.hash));
    const std::uint32_t position = part.find(next, hash_of<W>(next, words_));
    leads_on = position == absent || part.level_of(position) > source.level;
  }
  some = some && leads_on;
  chunk.reduced += some;
  for (std::size_t e = 0; e < desk.enabled.size(); ++e)
    if (!some || chosen(desk.enabled[e].action))
      enter(source, desk.enabled[e].action, desk.enabled[e].flags, desk.next.data() + e * words_,
            desk.enabled[e].hash, desk, chunk);
}

template <unsigned W>
void PackedSearch<W>::expand(std::uint32_t level, const Ranges& ranges, std::uint64_t begin,
                             std::uint64_t end, Desk& desk, Chunk& chunk) const {
  desk.found.clear();
  desk.parts.clear();
  desk.scratch.resize(words_);
  chunk.transitions = chunk.reduced = 0;
  chunk.undefined.reset();
  walk(ranges, begin, end, [&](std::uint32_t p, std::uint32_t position) {
    if constexpr (W == 0) {
      if (independence_ != nullptr) {  // where there are thousands of actions, one state takes long
        if (!asked_to_end(static_cast<unsigned>(&desk - desks_.data())))
          expand_by_some({level, p, position}, desk, chunk);
        return;
      }
    }
    const Word* state = visited_.part(p).state(position);
    model_.template successors<W>(
        state, model_.see(state), desk.scratch.data(),
        [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t hash) {
          enter({level, p, position}, action, flags, next, hash, desk, chunk);
          return true;
        });
  });
  chunk.begin.fill(0);
  for (const std::uint8_t part : desk.parts) ++chunk.begin[part + 1];
  for (std::size_t p = 0; p < parts; ++p) chunk.begin[p + 1] += chunk.begin[p];
  const std::size_t n = W > 0 ? W : words_;
  chunk.states.clear();
  Word* const into = chunk.states.push(desk.parts.size() * n);
  std::array<std::uint32_t, parts> next;
  std::copy_n(chunk.begin.begin(), parts, next.begin());
  for (std::size_t i = 0; i < desk.parts.size(); ++i)
    std::memcpy(into + next[desk.parts[i]]++ * n, desk.found.data() + i * n, n * sizeof(Word));
}

template <unsigned W>
void PackedSearch<W>::watch(std::size_t part, const Word* state) {
  std::vector<std::uint32_t>& found = taken_[part].found;
  if (watches.empty()) return;
  const Seen seen = model_.see(state);
  const bool as_expected = model_.holds(expected_, seen, state);
  for (std::size_t w = 0; w < watches.size(); ++w) {
    if (watches[w].found || found[w] != absent || (as_expected && watches[w].expected())) continue;
    bool some = false;
    for (const Predicate& predicate : watches[w].predicates)
      some = some || model_.holds(predicate, seen, state);
    if (some == watches[w].when) found[w] = visited_.part(part).size() - 1;
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
  const std::size_t n = W > 0 ? W : words_;
  VisitedPart<W>& into = visited_.part(part);
  std::uint64_t fresh = 0;
  for (std::size_t c = 0; c < chunks; ++c) {
    const Word* const coming = chunks_[c].states.data() + chunks_[c].begin[part] * n;
    const std::size_t count = chunks_[c].coming(part);
    // Two groups ahead the table is fetched, one group ahead the states that it names.
    constexpr std::size_t group = 16;
    std::uint64_t hashes[3][group];
    for (std::size_t g = 0; g * group < count + 2 * group; ++g) {
      for (std::size_t i = 0; i < group && g * group + i < count; ++i) {
        const std::uint64_t hash = hashes[g % 3][i] = hash_of<W>(coming + (g * group + i) * n, n);
        into.prefetch_place(hash);
      }
      if (g >= 1)
        for (std::size_t i = 0; i < group && (g - 1) * group + i < count; ++i)
          into.prefetch_state(hashes[(g - 1) % 3][i]);
      if (g >= 2)
        for (std::size_t i = 0; i < group && (g - 2) * group + i < count; ++i)
          fresh += admit(part, coming + ((g - 2) * group + i) * n, hashes[(g - 2) % 3][i]);
    }
  }
  taken_[part].fresh = fresh;
}

/// Brings together what the parts found in a round.
template <unsigned W>
void PackedSearch<W>::settle(std::uint32_t level) {
  std::vector<std::size_t> found;
  for (std::size_t p = 0; p < parts; ++p) {
    Taken& taken = taken_[p];
    states += taken.fresh;
    if (taken.fresh != 0) depth = level;
    for (std::size_t w = 0; w < watches.size(); ++w) {
      if (taken.found[w] == absent) continue;
      if (!watches[w].found) {
        watches[w].found = {level, static_cast<std::uint32_t>(p), taken.found[w]};
        if (watches[w].traced) found.push_back(w);
      }
      taken.found[w] = absent;
    }
    for (std::size_t k = 0; k < keep.size(); ++k)
      refused[k] = static_cast<std::uint8_t>(refused[k] | taken.refused[k]);
    taken.fresh = 0;
  }
  if (!limits_.deadline || found.empty()) return;
  std::vector<StateAt> ends;
  for (const std::size_t w : found) ends.push_back(*watches[w].found);
  auto traced = traces(ends);
  for (std::size_t i = 0; i < found.size(); ++i) watches[found[i]].trace = std::move(traced[i]);
}

template <unsigned W>
bool PackedSearch<W>::found() const {
  if (undefined_ends && undefined) return true;
  return std::any_of(watches.begin(), watches.end(), [](const Watch& w) { return w.ends && w.found; });
}

template <unsigned W>
std::uint64_t PackedSearch<W>::bytes() const {
  std::uint64_t result = visited_.bytes() + model_.bytes() + states * limits_.bytes_per_state_later;
  for (const Chunk& chunk : chunks_) result += sizeof(Chunk) + chunk.states.capacity() * sizeof(Word);
  for (const Desk& desk : desks_)
    result += sizeof(Desk) + desk.found.capacity() * sizeof(Word) + desk.parts.capacity();
  return result;
}

/// Takes in what one source leads to, state by state up to the bound on states; false when that was hit.
template <unsigned W>
bool PackedSearch<W>::take_singly(std::uint32_t level) {
  bool within = true;
  std::uint64_t entered = states;
  for (std::size_t p = 0; p < parts && within; ++p) {
    for (std::uint32_t at = chunks_[0].begin[p]; at < chunks_[0].begin[p + 1] && within; ++at) {
      const Word* state = chunks_[0].states.data() + at * words_;
      const std::uint64_t hash = hash_of<W>(state, words_);
      if (entered < limits_.states_max) {
        const bool fresh = admit(p, state, hash);
        taken_[p].fresh += fresh;
        entered += fresh;
      } else {
        const bool kept =
            std::all_of(keep.begin(), keep.end(), [&](const Predicate& k) { return model_.holds(k, state); });
        within = visited_.part(p).find(state, hash) != absent || !kept;
      }
    }
  }
  settle(level);
  return within;
}

template <unsigned W>
SearchEnd PackedSearch<W>::run(const Word* start) {
  refused.assign(keep.size(), 0);
  std::vector<Predicate> expected;
  for (const Watch& watch : watches)
    if (watch.expected()) expected.push_back(watch.predicates.front());
  expected_ = model_.expected(expected);
  for (Taken& taken : taken_) {
    taken.found.assign(watches.size(), absent);
    taken.refused.assign(keep.size(), 0);
  }
  const std::size_t home = part_of(start);
  for (std::size_t p = 0; p < parts; ++p) visited_.part(p).begin_level(0);
  taken_[home].fresh = admit(home, start, hash_of<W>(start, words_));
  settle(0);
  peak_bytes = bytes();
  if (found()) return SearchEnd::found;

  auto told = std::chrono::steady_clock::now();
  std::uint64_t round_max = chunk_states * round_chunks;
  for (std::uint32_t level = 0;; ++level) {
    const Ranges ranges = this->ranges(level);
    const std::uint64_t size = total(ranges);
    if (size == 0) return SearchEnd::complete;
    for (std::size_t p = 0; p < parts; ++p) visited_.part(p).begin_level(level + 1);
    cut_level_ = level;
    for (std::uint64_t done = 0; done < size;) {
      cut_index_ = done;
      std::uint64_t count = std::min(size - done, round_max);
      // A round that could pass a bound is made smaller, for states down to one source, and rounds stay as
      // small from there on.
      for (;;) {
        const std::size_t chunks = (count + chunk_states - 1) / chunk_states;
        workers_.each(chunks, count < alone_states, [&](unsigned worker, std::size_t c) {
          if (asked_to_end(worker)) return;
          expand(level, ranges, done + c * chunk_states,
                 std::min(done + count, done + (c + 1) * chunk_states), desks_[worker], chunks_[c]);
        });
        if (stopped_) return SearchEnd::stopped;
        if (late_) return SearchEnd::time;
        if (model_.overflowed()) return SearchEnd::narrow;
        std::uint64_t successors = 0;
        for (std::size_t c = 0; c < chunks; ++c) successors += chunks_[c].transitions;
        const std::uint64_t left = limits_.states_max - std::min(states, limits_.states_max);
        const bool many = limits_.states_max != 0 && successors > left;
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
        if (!many && !large) {
          workers_.each(parts, count < alone_states, [&](unsigned, std::size_t part) { take(part, chunks); });
          settle(level + 1);
          for (std::size_t c = 0; c < chunks; ++c) {
            transitions += chunks_[c].transitions;
            reduced += chunks_[c].reduced;
            if (!undefined) undefined = chunks_[c].undefined;
          }
          break;
        }
        if (large && count <= cramped_states) return SearchEnd::memory;
        if (count == 1) {
          if (!take_singly(level + 1)) return SearchEnd::states;
          transitions += chunks_[0].transitions;
          reduced += chunks_[0].reduced;
          if (!undefined) undefined = chunks_[0].undefined;
          break;
        }
        round_max = count =
            many ? std::clamp<std::uint64_t>(count * left / successors, 1, count / 2) : count / 2;
      }
      done += count;
      cut_index_ = done;
      const std::uint64_t held = bytes();
      peak_bytes = std::max(peak_bytes, held);
      if (found()) return SearchEnd::found;
      if (limits_.pause && limits_.pause(states)) return SearchEnd::paused;
      if (limits_.progress) {
        if (const auto now = std::chrono::steady_clock::now(); now - told > std::chrono::milliseconds(200)) {
          told = now;
          std::uint64_t next = 0;
          for (std::size_t p = 0; p < parts; ++p) {
            const Range range = visited_.part(p).level(level + 1);
            next += range.end - range.begin;
          }
          limits_.progress(states, transitions, depth, size - done + next, held);
        }
      }
    }
  }
}

template <unsigned W>
std::vector<std::optional<PackedTrace>> PackedSearch<W>::traces(std::span<const StateAt> ends) {
  std::vector<PackedTrace> result(ends.size());
  struct Wanted {
    std::size_t trace;
    std::vector<Word> state;
  };
  std::uint32_t level = 0;
  for (const StateAt& end : ends) level = std::max(level, end.level);
  std::vector<Wanted> wanted;  // what the states of the level above have to lead to
  std::vector<Word> scratch(words_);
  for (;; --level) {
    for (std::size_t e = 0; e < ends.size(); ++e) {
      if (ends[e].level != level) continue;
      const Word* state = visited_.part(ends[e].part).state(ends[e].position);
      wanted.push_back({e, {state, state + words_}});
    }
    if (level == 0) break;
    std::vector<Wanted> sources;
    const Ranges ranges = this->ranges(level - 1);
    for (std::uint32_t p = 0; p < parts && !wanted.empty(); ++p) {
      if (limits_.deadline && std::chrono::steady_clock::now() >= *limits_.deadline + limits_.grace)
        return std::vector<std::optional<PackedTrace>>(ends.size());
      for (std::uint32_t position = ranges[p].begin; position < ranges[p].end && !wanted.empty();
           ++position) {
        const Word* state = visited_.part(p).state(position);
        if (model_.symmetry() == nullptr &&
            std::none_of(wanted.begin(), wanted.end(),
                         [&](const Wanted& target) { return model_.may_lead(state, target.state.data()); }))
          continue;
        std::vector<std::pair<std::size_t, std::uint32_t>> hits;  // index in wanted, action
        model_.template successors<W>(
            state, model_.see(state), scratch.data(),
            [&](std::uint32_t action, std::uint8_t flags, const Word* next, std::uint64_t) {
              if ((flags & Outcome::undefined) != 0) return true;
              for (std::size_t i = 0; i < wanted.size(); ++i)
                if (std::equal(wanted[i].state.begin(), wanted[i].state.end(), next))
                  hits.emplace_back(i, action);
              return true;
            });
        if (hits.empty()) continue;
        std::sort(hits.begin(), hits.end());
        for (std::size_t h = 0; h < hits.size(); ++h) {
          if (h > 0 && hits[h].first == hits[h - 1].first) continue;  // of several actions the first
          Wanted& target = wanted[hits[h].first];
          PackedTrace& trace = result[target.trace];
          trace.actions.push_back(hits[h].second);
          trace.states.insert(trace.states.end(), target.state.rbegin(),
                              target.state.rend());  // turned round at the end
          sources.push_back({target.trace, {state, state + words_}});
        }
        for (std::size_t h = hits.size(); h-- > 0;)
          if (h == 0 || hits[h].first != hits[h - 1].first)
            wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(hits[h].first));
      }
    }
    wanted = std::move(sources);
  }
  for (PackedTrace& trace : result) {
    std::reverse(trace.actions.begin(), trace.actions.end());
    std::reverse(trace.states.begin(), trace.states.end());
  }
  return {std::make_move_iterator(result.begin()), std::make_move_iterator(result.end())};
}

/// The states and their events without faults, for the backward pass; a node is a part and a position.
template <unsigned W>
class PackedSearch<W>::Graph {
 public:
  explicit Graph(const PackedSearch& search) : search_(search), scratch_(search.words_) {
    for (std::size_t p = 0; p < parts; ++p) marks_[p].resize(search.visited_.part(p).size());
  }
  std::uint64_t bytes() const {
    std::uint64_t result = 0;
    for (const auto& marks : marks_) result += marks.capacity();
    return result;
  }
  static std::uint64_t node(std::size_t part, std::uint32_t position) {
    return std::uint64_t{part} << 32 | position;
  }
  std::uint8_t& mark(std::uint64_t node) { return marks_[node >> 32][static_cast<std::uint32_t>(node)]; }
  template <class F>
  void each_next(std::uint64_t node, const F& f) {
    const Word* now = search_.visited_.part(node >> 32).state(static_cast<std::uint32_t>(node));
    search_.model_.template successors<W>(
        now, search_.model_.see(now), scratch_.data(),
        [&](std::uint32_t, std::uint8_t flags, const Word* next, std::uint64_t hash) {
          if ((flags & (Outcome::fault | Outcome::undefined)) != 0) return true;
          const std::size_t part = search_.part_of(next, hash);
          const std::uint32_t position =
              search_.visited_.part(part).find(next, hash_of<W>(next, search_.words_));
          return position == absent || f(this->node(part, position));
        });
  }

 private:
  const PackedSearch& search_;
  std::array<std::vector<std::uint8_t>, parts> marks_;
  std::vector<Word> scratch_;
};

template <unsigned W>
std::vector<std::optional<StateAt>> PackedSearch<W>::hopeless(std::span<const Predicate> conditions,
                                                              SearchEnd& end) {
  end = SearchEnd::complete;
  assert(conditions.size() <= conditions_max);
  std::vector<Chunk>().swap(chunks_);  // the search is over, and its room is needed
  std::vector<Desk>().swap(desks_);
  std::vector<std::optional<StateAt>> first(conditions.size());
  Graph graph(*this);
  std::array<unsigned, parts> somewhere{};  // by part, the conditions that some state satisfies
  workers_.each(parts, states < alone_states, [&](unsigned worker, std::size_t p) {
    if (asked_to_end(worker)) return;
    for (std::uint32_t position = 0; position < visited_.part(p).size(); ++position) {
      const Word* state = visited_.part(p).state(position);
      const Seen seen = model_.see(state);
      unsigned bits = 0;
      for (std::size_t c = 0; c < conditions.size(); ++c)
        bits |= (model_.holds(conditions[c], seen, state) ? 1u : 0u) << c;
      somewhere[p] |= bits;
      graph.mark(Graph::node(p, position)) = static_cast<std::uint8_t>(bits);
    }
  });
  const auto last = static_cast<std::uint32_t>(depth);
  const unsigned every = (1u << conditions.size()) - 1;
  unsigned all = 0;
  for (const unsigned bits : somewhere) all |= bits;
  for (std::uint32_t level = cut_level_; level <= last; ++level) {
    const Ranges ranges = this->ranges(level);
    walk(ranges, level == cut_level_ ? cut_index_ : 0, total(ranges),
         [&](std::uint32_t p, std::uint32_t position) {
           graph.mark(Graph::node(p, position)) = static_cast<std::uint8_t>(every);
           all = every;
         });
  }
  const std::uint64_t held = bytes() + graph.bytes();
  end = settle_all(
      graph, all, {held, limits_.bytes_max, peak_bytes}, [&] { return asked_to_end(0); },
      [&](const auto& settle) {
        for (std::uint32_t level = last + 1; level-- > 0;)
          for (std::uint32_t p = 0; p < parts; ++p) {
            const Range range = visited_.part(p).level(level);
            for (std::uint32_t position = range.begin; position < range.end; ++position)
              if (!settle(Graph::node(p, position))) return;
          }
      });
  if (end == SearchEnd::time && stopped_) end = SearchEnd::stopped;
  if (end != SearchEnd::complete) return first;
  for (std::uint32_t p = 0; p < parts; ++p) {
    const VisitedPart<W>& part = visited_.part(p);
    unsigned open = every;  // conditions without a state in this part so far
    for (std::uint32_t position = 0; position < part.size() && open != 0; ++position) {
      const unsigned lost = open & ~graph.mark(Graph::node(p, position));
      for (std::size_t c = 0; c < conditions.size(); ++c) {
        if ((lost >> c & 1) == 0) continue;
        const StateAt here{part.level_of(position), p, position};
        if (!first[c] || here < *first[c]) first[c] = here;
      }
      open &= ~lost;
    }
  }
  return first;
}

}  // namespace

std::unique_ptr<Search> Search::make(const CompiledModel& model, Workers& workers, SearchLimits limits,
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
