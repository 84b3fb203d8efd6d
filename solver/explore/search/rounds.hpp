#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The rounds of a breadth-first search, the same over every store of states: level by level, each level in
// rounds, each round in chunks that workers expand and whose findings are then brought together in their
// order, so that what is found is the same for any number of workers. What ends a search is decided here:
// bounds, deadline, `stop`, a watch that ends it, numbers without room.
//
// A store derives from `Rounds<Store>` and has the parts that differ:
//
//   static constexpr chunk_items, round_items   items (states, blocks of states) of a chunk and of a round
//   static constexpr alone_items                below this the other workers are not woken
//   void enter_start(state)                     begins with the initial state
//   std::uint64_t begin_level(level)            how many items it has
//   void expand(level, begin, end, worker, c)   some items, into the chunk number c
//   Expansion& chunk(c)
//   std::uint64_t bytes(), frontier(level, left)
//
// and one of two ways to take in what follows. `takes_while_expanding`: at once; then
//
//   void bring_together(level, chunks)
//
// or else part by part after the chunks, so that a round can be made smaller before it passes a bound:
//
//   static constexpr parts
//   PartFindings& findings(part)
//   bool too_large(chunks, successors)          whether these successors may not fit into the bound on memory
//   void take(part, chunks)                     what belongs to a part
//   std::size_t coming(part)                    of chunk 0
//   bool admit_coming(part, index)              true when that state is new and was entered
//   bool known_or_refused(part, index)
//
// No call of these is virtual, and none is made for a single state but by the store itself.

#include <algorithm>
#include <array>
#include <atomic>

#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// Whether a search was asked to end; all workers may ask.
class Interruption {
 public:
  /// These must outlive it.
  explicit Interruption(const SearchLimits& limits) : limits_(limits) {}

  /// The owner's `stop` is called by worker 0 alone.
  bool asked(unsigned worker) const {
    if (limits_.deadline && std::chrono::steady_clock::now() >= *limits_.deadline)
      late_.store(true, std::memory_order_relaxed);
    if (worker == 0 && limits_.stop && limits_.stop()) stopped_.store(true, std::memory_order_relaxed);
    return late_.load(std::memory_order_relaxed) || stopped_.load(std::memory_order_relaxed);
  }
  /// `complete` where nothing was asked so far.
  SearchEnd end() const {
    return stopped_ ? SearchEnd::stopped : late_ ? SearchEnd::time : SearchEnd::complete;
  }

 private:
  const SearchLimits& limits_;
  mutable std::atomic<bool> late_{false}, stopped_{false};
};

/// What the states of a chunk lead to, as far as stores have it in common.
struct Expansion {
  std::uint64_t transitions = 0;
  std::optional<UndefinedEvent> undefined;

  /// Of the first state with one the first.
  void note_undefined(const StateAt& source, std::uint32_t action) {
    if (!undefined)
      undefined = {source, action};
    else if (undefined->source == source)
      undefined->action = std::min(undefined->action, action);
  }
};

/// What one part of a store found in a round.
struct PartFindings {
  std::uint64_t fresh = 0;                          ///< states that are new
  std::vector<std::optional<std::uint64_t>> found;  ///< for each watch, a position in the part
  std::vector<std::uint8_t> refused;                ///< as Search::refused
};

template <class Store, class Base = Search>
class Rounds : public Base {
 public:
  SearchEnd run(const Word* start) final;

 protected:
  using Base::watches, Base::keep, Base::refused, Base::undefined, Base::states, Base::transitions,
      Base::depth;

  Rounds(const CompiledModel& model, Workers& workers, SearchLimits limits)
      : model_(model), workers_(workers), limits_(std::move(limits)), interruption_(limits_) {}

  const CompiledModel& model_;
  Workers& workers_;
  SearchLimits limits_;
  Interruption interruption_;
  // Everything before this item was expanded.
  std::uint32_t cut_level_ = 0;
  std::uint64_t cut_index_ = 0;

  bool meets(const Watch& watch, const Seen& seen, const Word* state) const {
    bool some = false;
    for (const Predicate& predicate : watch.predicates) some = some || model_.holds(predicate, seen, state);
    return some == watch.when;
  }
  /// A bit for each of the conditions that hold.
  unsigned conditions_in(std::span<const Predicate> conditions, const Word* state) const {
    const Seen seen = model_.see(state);
    unsigned bits = 0;
    for (std::size_t c = 0; c < conditions.size(); ++c)
      bits |= (model_.holds(conditions[c], seen, state) ? 1u : 0u) << c;
    return bits;
  }
  void prepare(PartFindings& findings) const {
    findings.found.assign(watches.size(), {});
    findings.refused.assign(keep.size(), 0);
  }
  /// Where there is a deadline, the ways to what was just found are looked for while there is time.
  void trace_at_once(const std::vector<std::size_t>& found);
  void bring_parts_together(std::uint32_t level);

 private:
  /// When a search without room for what so few items lead to ends.
  static constexpr std::uint64_t cramped_items = 64;
  std::chrono::steady_clock::time_point told_;

  Store& store() { return static_cast<Store&>(*this); }
  SearchEnd round(std::uint32_t level, std::uint64_t done, std::uint64_t& count, std::uint64_t& round_max);
  SearchEnd expand_chunks(std::uint32_t level, std::uint64_t done, std::uint64_t count, std::size_t chunks);
  SearchEnd after_round(std::uint32_t level, std::uint64_t left);
  bool take_singly();
  void collect(std::size_t chunks);
  bool found() const {
    if (this->undefined_ends && undefined) return true;
    return std::any_of(watches.begin(), watches.end(), [](const Watch& w) { return w.ends && w.found; });
  }
};

template <class Store, class Base>
SearchEnd Rounds<Store, Base>::run(const Word* start) {
  refused.assign(keep.size(), 0);
  store().enter_start(start);
  this->peak_bytes = store().bytes();
  if (found()) return SearchEnd::found;
  told_ = std::chrono::steady_clock::now();
  std::uint64_t round_max = Store::round_items;
  for (std::uint32_t level = 0;; ++level) {
    const std::uint64_t size = store().begin_level(level);
    if (size == 0) return SearchEnd::complete;
    cut_level_ = level;
    for (std::uint64_t done = 0; done < size;) {
      cut_index_ = done;
      std::uint64_t count = std::min(size - done, round_max);
      if (const SearchEnd end = round(level, done, count, round_max); end != SearchEnd::complete) return end;
      cut_index_ = done += count;
      if (const SearchEnd end = after_round(level, size - done); end != SearchEnd::complete) return end;
    }
  }
}

/// Expands `count` items from number `done` on and takes in what follows. A round that could pass a bound is
/// made smaller, for states down to one source, and rounds stay as small from there on.
template <class Store, class Base>
SearchEnd Rounds<Store, Base>::round(std::uint32_t level, std::uint64_t done, std::uint64_t& count,
                                     std::uint64_t& round_max) {
  for (;;) {
    const std::size_t chunks = (count + Store::chunk_items - 1) / Store::chunk_items;
    if (const SearchEnd end = expand_chunks(level, done, count, chunks); end != SearchEnd::complete)
      return end;
    if constexpr (Store::takes_while_expanding) {
      store().bring_together(level, chunks);
    } else {
      std::uint64_t successors = 0;
      for (std::size_t c = 0; c < chunks; ++c) successors += store().chunk(c).transitions;
      const std::uint64_t left = limits_.states_max - std::min(states, limits_.states_max);
      const bool many = limits_.states_max != 0 && successors > left;
      const bool large = store().too_large(chunks, successors);
      if (large && count <= cramped_items) return SearchEnd::memory;
      if ((many || large) && count > 1) {
        round_max = count =
            many ? std::clamp<std::uint64_t>(count * left / successors, 1, count / 2) : count / 2;
        continue;
      }
      bool within = true;
      if (many)
        within = take_singly();
      else
        workers_.each(Store::parts, count < Store::alone_items,
                      [&](unsigned, std::size_t part) { store().take(part, chunks); });
      bring_parts_together(level + 1);
      if (!within) return SearchEnd::states;
    }
    collect(chunks);
    return SearchEnd::complete;
  }
}

template <class Store, class Base>
SearchEnd Rounds<Store, Base>::expand_chunks(std::uint32_t level, std::uint64_t done, std::uint64_t count,
                                             std::size_t chunks) {
  workers_.each(chunks, count < Store::alone_items, [&](unsigned worker, std::size_t c) {
    if (interruption_.asked(worker)) return;
    const std::uint64_t begin = done + c * Store::chunk_items;
    store().expand(level, begin, std::min(done + count, begin + Store::chunk_items), worker, c);
  });
  if (const SearchEnd end = interruption_.end(); end != SearchEnd::complete) return end;
  if constexpr (Store::numbers_are_final) {
    if (model_.grew() || model_.overflowed()) return SearchEnd::grew;
  } else if (model_.overflowed()) {
    return SearchEnd::narrow;
  }
  return SearchEnd::complete;
}

/// What may end a search between two rounds, and what is told of it.
template <class Store, class Base>
SearchEnd Rounds<Store, Base>::after_round(std::uint32_t level, std::uint64_t left) {
  const std::uint64_t held = store().bytes();
  this->peak_bytes = std::max(this->peak_bytes, held);
  if (found()) return SearchEnd::found;
  if (Store::takes_while_expanding && limits_.bytes_max != 0 && held > limits_.bytes_max)
    return SearchEnd::memory;
  if (limits_.pause && limits_.pause(states)) return SearchEnd::paused;
  if (!limits_.progress) return SearchEnd::complete;
  if (const auto now = std::chrono::steady_clock::now(); now - told_ > std::chrono::milliseconds(200)) {
    told_ = now;
    limits_.progress(states, transitions, depth, store().frontier(level, left), held);
  }
  return SearchEnd::complete;
}

/// Takes in what one source leads to, state by state up to the bound on states; false when that was hit.
template <class Store, class Base>
bool Rounds<Store, Base>::take_singly() {
  bool within = true;
  std::uint64_t entered = states;
  for (std::size_t part = 0; part < Store::parts && within; ++part)
    for (std::size_t i = 0, count = store().coming(part); i < count && within; ++i) {
      if (entered < limits_.states_max) {
        const bool fresh = store().admit_coming(part, i);
        store().findings(part).fresh += fresh;
        entered += fresh;
      } else {
        within = store().known_or_refused(part, i);
      }
    }
  return within;
}

/// Brings together what the parts found in a round.
template <class Store, class Base>
void Rounds<Store, Base>::bring_parts_together(std::uint32_t level) {
  std::vector<std::size_t> found;
  for (std::uint32_t p = 0; p < Store::parts; ++p) {
    PartFindings& of_part = store().findings(p);
    states += of_part.fresh;
    if (of_part.fresh != 0) depth = level;
    of_part.fresh = 0;
    for (std::size_t w = 0; w < watches.size(); ++w) {
      if (!of_part.found[w]) continue;
      if (!watches[w].found) {
        watches[w].found = {level, p, static_cast<std::uint32_t>(*of_part.found[w])};
        if (watches[w].traced) found.push_back(w);
      }
      of_part.found[w].reset();
    }
    for (std::size_t k = 0; k < keep.size(); ++k)
      refused[k] = static_cast<std::uint8_t>(refused[k] | of_part.refused[k]);
  }
  trace_at_once(found);
}

template <class Store, class Base>
void Rounds<Store, Base>::trace_at_once(const std::vector<std::size_t>& found) {
  if (!limits_.deadline || found.empty()) return;
  std::vector<StateAt> ends;
  for (const std::size_t w : found) ends.push_back(*watches[w].found);
  auto traced = this->traces(ends);
  for (std::size_t i = 0; i < found.size(); ++i) watches[found[i]].trace = std::move(traced[i]);
}

template <class Store, class Base>
void Rounds<Store, Base>::collect(std::size_t chunks) {
  for (std::size_t c = 0; c < chunks; ++c) {
    const auto& chunk = store().chunk(c);
    transitions += chunk.transitions;
    if constexpr (requires { chunk.reduced; }) this->reduced += chunk.reduced;
    if (!undefined) undefined = chunk.undefined;
  }
}

}  // namespace portolan::solver::explore
