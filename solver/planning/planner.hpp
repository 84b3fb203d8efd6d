#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The planner (rules.md §fleet, §plan): the shortest order of actions that reaches the scenario's goal and
// keeps every *always* property on the way, without power-off where there is a way without; then the
// verification of its steps under the scenario's budget of faults; and where there is no way, what stands in
// it: every single limit, rule or incompatibility without which there would be one. Deterministic for any
// number of threads.

#include <string>
#include <vector>

#include "model/fleet/plan.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::planning {

/// unsafe: there is a way, but followed under faults it breaks a property.
enum class PlanVerdict { found, impossible, undetermined, unsafe };
constexpr std::string_view plan_verdict_names[] = {"found", "impossible", "undetermined", "unsafe"};
constexpr std::string_view name_of(PlanVerdict verdict) {
  return plan_verdict_names[static_cast<std::size_t>(verdict)];
}

/// Something without which there would be a plan.
struct Obstacle {
  std::string what;                  ///< one sentence
  std::vector<std::string> details;  ///< the conditions that failed, each with what is accepted
  std::string remedy;
};

struct PlanAnswer {
  PlanVerdict verdict = PlanVerdict::undetermined;
  fleet::Plan plan;                           ///< when found; scenario and digest are the caller's to fill in
  std::vector<rules::Event> events;           ///< of the plan, flattened
  std::vector<Obstacle> obstacles;            ///< when impossible
  std::string reason;                         ///< when not found: one sentence
  std::uint64_t states = 0, transitions = 0;  ///< searched for the plan
  double seconds = 0;
};

/// The scenario must have a goal. Only bounds, threads, progress and stop of the options are used.
PlanAnswer make_plan(const fleet::LoadedScenario& scenario, const explore::ExploreOptions& options);

/// What the scenario asks to be able to go back to (`eventually`), and the steps that take it away.
struct WaysBack {
  std::optional<std::size_t> point_of_no_return;  ///< the first such step
  std::vector<std::string>
      notes;          ///< a sentence for each way back that a step takes away, or that `not_found_out`
  bool known = true;  ///< false when a search hit a bound
};
inline constexpr std::string_view not_found_out = "was not found out within the bounds";
/// The steps must be such that each can be taken after those before it.
WaysBack ways_back(const fleet::LoadedScenario& scenario, const std::vector<fleet::PlanStep>& steps,
                   const explore::ExploreOptions& options);

/// Explores every behaviour of the plan's steps, of sessions and of faults. `found` when every *always* and
/// *eventually* property holds, the goal is reached, and the search was complete.
struct PlanCheck {
  PlanVerdict verdict = PlanVerdict::undetermined;
  explore::Exploration exploration;
};
PlanCheck verify_plan(const fleet::LoadedScenario& scenario, const std::vector<fleet::PlanStep>& steps,
                      const explore::ExploreOptions& options);

}  // namespace portolan::solver::planning
