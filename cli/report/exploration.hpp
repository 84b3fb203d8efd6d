#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an exploration found, as people and programs read it: verdicts, counterexamples in the smallest
// scenario that shows them, JSON, and one trace as a file for another program.

#include "cli/frame/searching.hpp"
#include "cli/report/story.hpp"
#include "solver/explore/minimise.hpp"

namespace portolan::cli {

/// A violated property as it is shown: in the scenario, or in a smaller one that violates it too.
struct ShownProperty {
  const solver::explore::PropertyResult* found = nullptr;
  std::optional<solver::explore::Smaller> smaller;

  const fleet::LoadedScenario& scenario(const fleet::LoadedScenario& whole) const {
    return smaller ? smaller->loaded : whole;
  }
  const solver::explore::PropertyResult& result() const { return smaller ? smaller->found : *found; }
  const rules::Trace& trace() const { return *result().trace; }
};

/// `is violated after 4 steps`, for an *eventually* `cannot be had any more after 4 steps`.
std::string after_steps(const solver::explore::PropertyResult& property);

/// `again`: the command line that shows it again, without the program's name.
void print_exploration(const fleet::LoadedScenario& loaded, const std::string& again,
                       const solver::explore::Exploration& found, const std::vector<ShownProperty>& shown,
                       Output& output);
/// `wrong`: what the scenario expected otherwise; counts where it expects something.
Json exploration_json(const fleet::LoadedScenario& loaded, const solver::explore::Exploration& found,
                      const std::vector<ShownProperty>& shown, const std::vector<std::string>& wrong);
/// The trace in the output's format, ITF or Mermaid.
void print_trace(const ShownProperty& shown, const fleet::LoadedScenario& loaded, Output& output);

}  // namespace portolan::cli
