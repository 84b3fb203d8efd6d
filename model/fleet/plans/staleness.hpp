#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Whether a plan still fits its scenario. A plan carries what it was made for: the scenario's inputs and
// their digest. Everything that it says besides (facts, order, undo, goal, what it was verified for) follows
// from its actions and the scenario, and is held to them; what takes a search to follow (ways back, notes,
// numbers) is held by a digest of the whole content. That finds edits; whoever forges the digest too is
// found by `plan verify`. Whoever is about to follow a plan asks here first: `plan verify`, `sim run --plan`,
// `apply`.

#include "model/fleet/plans/plan.hpp"
#include "model/fleet/scenario.hpp"

namespace portolan::fleet {

/// The scenario; one without a goal is a fault.
Result<LoadedScenario> load_with_goal(const std::string& file);

/// Why a plan does not fit its scenario any more, and the facts that changed, a sentence each.
struct Staleness {
  std::string reason;
  std::vector<std::string> details;
  bool by_digest_alone = false;  ///< nothing but the digest of the content says so: a search can say what
};
/// Writes into a plan what it was made for (the scenario's inputs, long ones as SHA-256, and their digest)
/// and the digest of its content: the last thing that is done to it.
void pin(Plan& plan, const LoadedScenario& loaded);
/// A plan that says otherwise than follows from its actions; one sentence for each difference, at least one.
Staleness edited(std::vector<std::string> differences);
/// Empty when the plan was made for exactly this scenario and catalogue, its steps can be taken and reach the
/// goal, and what it says of them is what was written when it was made.
std::optional<Staleness> staleness(const LoadedScenario& loaded, const Plan& plan,
                                   const std::string& plan_file);
/// The file of the plan's scenario: its path is relative to the plan's folder.
std::string scenario_of(const Plan& plan, const std::string& plan_file);

}  // namespace portolan::fleet
