#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What every command that reads a plan asks first: whether it still fits its scenario. `plan verify`, `sim
// run --plan` and `apply` share the answer.

#include "cli/commands/searching.hpp"
#include "model/fleet/plan.hpp"

namespace portolan::cli {

/// The scenario; one without a goal is a fault.
Result<fleet::LoadedScenario> load_with_goal(const std::string& file);

/// Why a plan does not fit its scenario any more, and the facts that changed, a sentence each.
struct Staleness {
  std::string reason;
  std::vector<std::string> details;
};
/// Writes into a plan what it was made for: the scenario's inputs, long ones as SHA-256, and their digest.
void pin(fleet::Plan& plan, const fleet::LoadedScenario& loaded);
/// A plan that says otherwise than follows from its actions; one sentence for each difference, at least one.
Staleness edited(std::vector<std::string> differences);
/// Empty when the plan was made for exactly this scenario and catalogue, its steps can be taken and reach the
/// goal, and what it says of them (facts, order, undo, goal) follows from them.
std::optional<Staleness> staleness(const fleet::LoadedScenario& loaded, const fleet::Plan& plan,
                                   const std::string& plan_file);
/// Prints it; exit status 4.
Exit refuse_stale(const Staleness& stale, const std::string& scenario, const std::string& plan_file,
                  Output& output);

/// The file of the plan's scenario: its path is relative to the plan's folder.
std::string scenario_of(const fleet::Plan& plan, const std::string& plan_file);

}  // namespace portolan::cli
