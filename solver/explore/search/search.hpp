#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Breadth-first search over a compiled model, level by level: what one gives and how it is asked. Three
// stores of states implement it (packed.hpp, dense.hpp, bitstate.hpp) over the same rounds (rounds.hpp).
// States have an order that is the same for any number of threads, by level, part and position; "first" below
// means first in that order, among the states of one round.
//
// After the search: traces by walking the levels back (trace_back.hpp), and the backward pass of *eventually*
// (reach.hpp).

#include <chrono>
#include <optional>

#include "solver/explore/model/compiled.hpp"
#include "solver/explore/search/reach.hpp"
#include "solver/explore/search/workers.hpp"

namespace portolan::solver::explore {

/// A state of the search.
struct StateAt {
  std::uint32_t level = 0, part = 0, position = 0;
  friend auto operator<=>(const StateAt&, const StateAt&) = default;
};

/// Actions of a way, each with the packed state after it (the words of all steps in a row).
struct PackedTrace {
  std::vector<std::uint32_t> actions;
  std::vector<Word> states;
};

/// Looks for the first state in which some of the predicates hold (`when`), or none does (`!when`).
struct Watch {
  std::vector<Predicate> predicates;
  bool when = true;
  bool ends = false;    ///< the search ends with the round in which it is found
  bool traced = false;  ///< the way there will be asked for: where there is a deadline it is looked for at
                        ///< once, while there is time
  std::optional<StateAt> found;
  std::optional<PackedTrace> trace;
  /// It looks for a state in which a condition fails.
  bool expected() const { return !when && predicates.size() == 1 && !predicates.front().inverted; }
};

struct UndefinedEvent {
  StateAt source;
  std::uint32_t action = 0;
};

struct SearchLimits {
  std::uint64_t states_max = 0, bytes_max = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::chrono::steady_clock::duration grace{};  ///< what a trace may still take after the deadline
  std::function<bool()> stop;
  /// states, transitions, depth, frontier, bytes
  std::function<void(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t)> progress;
  std::function<bool(std::uint64_t states)> pause = {};  ///< asked at the end of a round
  std::uint64_t bytes_per_state_later =
      0;  ///< what the passes after the search will need (a byte for each slot)
};

/// The last three: the search has to be begun again. narrow: some component has more values than its number
/// has room for. grew: a value was met that was not known before. paused: `SearchLimits::pause` asked for it.
enum class SearchEnd : std::uint8_t { complete, found, states, memory, time, stopped, narrow, grew, paused };

/// What to look for is said before `run`, which is called once.
class Search {
 public:
  virtual ~Search() = default;

  std::vector<Watch> watches;
  std::vector<Predicate> keep;        ///< states in which one of these fails are not entered
  std::vector<std::uint8_t> refused;  ///< for each of `keep`: whether it was the first to fail in some state
  bool undefined_ends = false;
  std::optional<UndefinedEvent> undefined;
  std::uint64_t states = 0, transitions = 0, depth = 0, peak_bytes = 0;
  std::uint64_t reduced = 0;  ///< states of which some actions were put off

  virtual SearchEnd run(const Word* start) = 0;
  virtual bool visited(const Word* state) const = 0;
  /// Every state, in some order that depends on the model alone.
  virtual void each_state(const std::function<void(const StateAt&, const Word*)>& f) const = 0;
  /// Shortest ways to states of the search, all by one walk; none when it would end after the deadline and
  /// its grace.
  virtual std::vector<std::optional<PackedTrace>> traces(std::span<const StateAt> ends) = 0;
  /// For each condition the first state from which no state with it can be reached without a fault, or none.
  /// States that were not expanded count as if they could reach it. `end` says what ended the pass:
  /// `complete`, or the time, memory or stop that came first.
  static constexpr std::size_t conditions_max = Reach::conditions_max;
  virtual std::vector<std::optional<StateAt>> hopeless(std::span<const Predicate> conditions,
                                                       SearchEnd& end) = 0;
};

}  // namespace portolan::solver::explore
