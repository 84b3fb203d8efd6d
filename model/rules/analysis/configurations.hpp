#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Configurations of a machine: where it starts, all that it can reach, and sentences about them ("never two
// runners"). This is the reference for proofs: it steps `rules::step` through everything, one configuration
// at a time.
//
// A machine starts in its initial state with every state variable at its least value; fixed variables may
// have any value, inputs any value at every step. A configuration that is reached is kept once, with its
// inputs at their least values.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/machine.hpp"

namespace portolan::rules {

/// The names that a sentence may use: the machine's variables, and `state` among the names of its states
/// (`state == Aborted => source_runs`). A variable of the machine's own that is called `state` hides the
/// other.
class ConfigurationScope {
 public:
  explicit ConfigurationScope(const MachineText& text);
  ConfigurationScope(const ConfigurationScope&) = delete;
  ConfigurationScope& operator=(const ConfigurationScope&) = delete;
  Scope scope() const { return {{&states_, 1}, variables_, {}}; }

 private:
  SortView states_;
  std::vector<VariableView> variables_;  ///< those of the machine, then `state`
};

/// A sentence is a boolean expression in the scope above.
Parsed parse_sentence(const MachineText& text, std::string_view sentence);
bool sentence_holds(ExpressionView sentence, const Machine& machine, const Configuration& at);

/// One step of a run: the configuration with the inputs that the event met, the row that answered (-1: none),
/// and what came of it.
struct Move {
  Configuration at;
  std::uint8_t event = 0;
  Step step;
};
struct MachineRun {
  Configuration start;
  std::vector<Move> moves;
  const Configuration& end() const { return moves.empty() ? start : moves.back().step.next; }
};

/// The configuration with its inputs at their least values.
Configuration without_inputs(const Machine& machine, Configuration at);
std::vector<Configuration> initial_configurations(const Machine& machine);
/// Calls f(configuration) for every choice of inputs.
template <class F>
void for_each_input(const Machine& machine, const Configuration& at, F f) {
  const auto& variables = machine.text->variables;
  Configuration chosen = without_inputs(machine, at);
  for (;;) {
    f(static_cast<const Configuration&>(chosen));
    std::size_t v = 0;
    for (; v < variables.size(); ++v) {
      if (variables[v].role != Role::input) continue;
      if (chosen.environment[v] < variables[v].high) {
        ++chosen.environment[v];
        break;
      }
      chosen.environment[v] = variables[v].low;
    }
    if (v == variables.size()) return;
  }
}

/// Everything that a machine can reach, nearest first.
class Reach {
 public:
  explicit Reach(const Machine& machine);
  const std::vector<Configuration>& configurations() const { return found_; }
  bool contains(const Configuration& at) const { return number_.contains(without_inputs(machine_, at)); }
  /// A shortest way to one that is reached.
  MachineRun way_to(const Configuration& at) const;
  /// A shortest run to a configuration (with inputs) in which the sentence is false; empty: it always holds.
  std::optional<MachineRun> counterexample(ExpressionView sentence) const;

 private:
  struct Came {
    std::size_t from;
    Move move;
  };
  Machine machine_;
  std::vector<Configuration> found_;
  std::vector<Came> came_;
  std::map<Configuration, std::size_t> number_;
};

/// A run for a reader: where it starts, then for each step the event with the inputs that decide it, what
/// changed, and the citation of the row.
std::string to_string(const Machine& machine, const MachineRun& trace);
std::string to_string(const Machine& machine, const Configuration& at);

}  // namespace portolan::rules
