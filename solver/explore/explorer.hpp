#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The explorer: explicit-state model checking of a module (rules.md §fleet), exact and breadth-first, so that
// every trace is a shortest one. States, transitions, depth, verdicts and traces are the same for any number
// of threads; what was cut off by time, by memory or by `stop` is outside that promise, a bound on states is
// inside it. A search that was cut off never says `holds`: what it found stays found, the rest is
// `undetermined`.
//
// The meaning is that of the reference (rules::successors, rules::holds), to which the tests hold this
// engine. The module must outlive the explorer. Not thread-safe; `progress` and `stop` are called on the
// calling thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/rules/trace.hpp"

namespace portolan::solver::explore {

struct ExploreProgress {
  std::uint64_t states = 0, transitions = 0, depth = 0;
  std::uint64_t frontier = 0;  ///< states that are known and not yet expanded
  std::uint64_t bytes = 0;     ///< held by the search at this moment
  double seconds = 0;
};

struct ExploreOptions {
  unsigned threads = 1;
  std::uint64_t states_max = 0;  ///< 0: no bound. Exact: no state beyond it is kept.
  std::uint64_t bytes_max = 0;   ///< 0: no bound; within 10 %, above a floor of a few megabytes
  double seconds_max = 0;        ///< 0: no bound; within 10 %
  /// When those seconds end, where several searches share them; by default this search begins them.
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
  bool bitstate = false;  ///< keep a few bits of each state (bitstate.hpp): `run` then finds what it finds,
                          ///< and never says that a property holds everywhere
  std::uint64_t bitstate_bytes = 0;  ///< of its table, rounded down to a power of two; 0: half of
                                     ///< `bytes_max`, or 512 MiB where there is no bound
  bool partial_order = false;  ///< of actions in any order one order (independence.hpp), in `run`, where no
                               ///< *eventually* is asked; without symmetry then
  bool symmetry = false;  ///< states that differ only by which of several interchangeable elements is which
                          ///< are looked at once, in `run`
  std::uint64_t dense_from =
      std::uint64_t{1}
      << 17;  ///< from so many states on a search with one bit a state is considered; 0: never
  bool stop_at_violation =
      false;  ///< end soon after the first violated *always* or undefined event; the rest is undetermined
  std::function<void(const ExploreProgress&)> progress = {};  ///< a few times a second
  std::function<bool()> stop = {};  ///< asked often; true ends the search with what is known
  std::function<bool(const rules::Action&)> admits = {};  ///< actions that may be taken; empty: all
};

/// vacuous: nothing was violated, but nothing was tested either: no reachable state makes the left side of `a
/// => b` true (or, for `forall(x in s: a => b)`, for any x).
enum class PropertyVerdict : std::uint8_t { holds, violated, undetermined, vacuous };
constexpr std::string_view property_verdict_names[] = {"holds", "violated", "undetermined", "vacuous"};
constexpr std::string_view name_of(PropertyVerdict verdict) {
  return property_verdict_names[static_cast<std::size_t>(verdict)];
}

using rules::Trace;

/// The name under which an undefined event is reported: an *always* property of every module.
inline constexpr std::string_view well_defined = "well-defined";

/// `trace`: always, violated: a shortest one to a state without the condition. sometimes, holds: to a state
/// with it. eventually, violated: to a state from which the condition cannot be reached any more, its last
/// step being the point of no return; with fairness, to one on a way on which the condition is put off for
/// ever. well-defined, violated: its last event is the undefined one, with the state before it repeated.
struct PropertyResult {
  std::string name;
  rules::Verb verb = rules::Verb::always;
  PropertyVerdict verdict = PropertyVerdict::undetermined;
  std::optional<Trace> trace;
  std::string
      reason;  ///< for undetermined and vacuous, and for a violation without a trace: why, in one sentence
  std::optional<std::vector<Trace::Step>> loop =
      std::nullopt;  ///< violated *eventually* with fairness: what may go on for ever behind the trace, back
                     ///< to its end; empty: nothing has to happen
};

struct Exploration {
  std::uint64_t states = 0;
  std::uint64_t transitions =
      0;  ///< enabled variants with arguments over all expanded states, also those that lead back
  std::uint64_t depth = 0;  ///< of the deepest state; the initial one has 0
  double seconds = 0;
  std::uint64_t peak_bytes = 0;
  bool complete = false;
  std::string
      bound;  ///< what ended an incomplete search: states, memory, time, stopped, violation, or bitstate
              ///< where states may have been left out; `memory` also where only a backward pass did not fit
  std::uint64_t reduced = 0;  ///< with partial_order: states that were expanded by some of their actions;
                              ///< traces need not be shortest then
  std::optional<double> coverage;  ///< with bitstate: of the states that were met, the share that was not
                                   ///< taken for another, estimated
  std::vector<std::string> interchangeable;  ///< with symmetry: `vm: small-1 = small-2`; states and
                                             ///< transitions are then those of representatives
  std::vector<PropertyResult> properties;    ///< in the module's order, then `well-defined`
};

/// A shortest way to a goal, or why there is none.
struct Way {
  std::optional<Trace> trace;
  bool complete =
      false;          ///< without a trace: every state that can be reached under the conditions was looked at
  std::string bound;  ///< as in Exploration; `goal` when a trace was found
  std::string reason;         ///< without a trace: one sentence
  std::vector<bool> refused;  ///< for each condition to keep: whether some state was refused because of it,
                              ///< it being the first
  std::uint64_t states = 0, transitions = 0;
  double seconds = 0;
};

class Explorer {
 public:
  explicit Explorer(const rules::Module& module, ExploreOptions options = {});
  ~Explorer();
  Explorer(Explorer&&) noexcept;
  Explorer& operator=(Explorer&&) noexcept;

  Exploration run();
  /// Whether the last `run` came to this state.
  bool visited(const rules::Cells& cells) const;
  /// Through states in which every expression of `keep` holds, the first and the last included; an event that
  /// is undefined is never taken. The expressions are boolean ones over the module's variables.
  Way shortest(const rules::Expression& goal, std::span<const rules::Expression> keep = {});

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace portolan::solver::explore
