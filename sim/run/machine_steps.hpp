#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Where an event moves machines, the machines themselves are stepped: the Boost.MSM machine that was
// generated from the table for a built-in one, `rules::step` for a scenario's own. What they answer is what
// the state becomes, and it must be what the module's assignments say, row by row: two readers of one table
// that differ are an error of ours, never an answer (rules.md §rules).

#include <stdexcept>

#include "sim/run/evaluator.hpp"

namespace portolan::sim::run {

/// The generated machine and the module do not say the same.
class Disagreement : public std::logic_error {
  using std::logic_error::logic_error;
};

class MachineSteps {
 public:
  using Stepper = rules::Step (*)(const rules::Machine&, const rules::Configuration&, std::uint8_t);
  /// `built_in` steps built-in machines: `machines::step`, or something else where a test wants to see a
  /// disagreement.
  MachineSteps(const Evaluator& evaluator, Stepper built_in);

  /// What the machines say that the cells will be; empty for an action without rows. `cells` are those before
  /// the event.
  void step(std::size_t variant, std::span<const std::int64_t> arguments, const rules::Cells& cells,
            std::vector<Write>& into) const;

 private:
  const Evaluator* evaluator_;
  std::vector<Stepper> steppers_;  ///< by machine of the module
};

}  // namespace portolan::sim::run
