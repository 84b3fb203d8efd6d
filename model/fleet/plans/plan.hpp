#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A plan (rules.md §plan, format `portolan.plan/1`, JSON): ordered and partially parallel steps, what each
// assumes and guarantees, how to undo it, and the verdict that verified it. A step is a decision of the
// operator; a migration is one step, whose walk is the session's own events. docs/formats/plan.md shows one.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/fleet/scenario.hpp"
#include "model/rules/firing.hpp"

namespace portolan::fleet {

/// An action by its name, and its arguments by theirs.
struct NamedEvent {
  std::string action;
  std::vector<std::string> arguments;
  friend bool operator==(const NamedEvent&, const NamedEvent&) = default;
};
std::string to_string(const NamedEvent& event);
NamedEvent named(const rules::Module& module, const rules::Event& event);

struct Fact {
  std::string name, value;  ///< `place[vm1]`, `host2`
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct PlanStep {
  NamedEvent event;              ///< what the operator decides
  std::vector<NamedEvent> walk;  ///< and what follows by itself until the step is done
  std::string does, rule;        ///< in words, and where the rule comes from
  std::vector<Fact> assumes, guarantees;
  std::optional<NamedEvent> undo;  ///< one action that takes it back, where there is one
  std::vector<std::size_t>
      after;  ///< positions of the steps that must be done before it; others may run beside it
};

struct PlanVerdict {
  std::string property, verb, verdict;
  friend bool operator==(const PlanVerdict&, const PlanVerdict&) = default;
};

/// What was explored when the plan was verified: every behaviour of its steps, of the sessions' own events
/// and of the faults.
struct PlanVerification {
  std::uint64_t states = 0, transitions = 0, fault_budget = 0;
  bool complete = false;
  std::vector<PlanVerdict> verdicts;
  friend bool operator==(const PlanVerification&, const PlanVerification&) = default;
};

struct Plan {
  std::string scenario;        ///< path of the scenario's file, relative to the plan's folder
  std::string digest;          ///< SHA-256 of the inputs
  std::string content_digest;  ///< as it was written: `content_digest_of` of the plan that was made
  std::vector<Fact>
      inputs;  ///< LoadedScenario::inputs by name; whoever has a hash may put it for a long text
  std::string goal;
  std::vector<PlanStep> steps;
  std::optional<std::size_t>
      point_of_no_return;          ///< the first step that takes a way back away; a note says which
  std::vector<std::string> notes;  ///< what a reader must know: a forced power-off, say
  PlanVerification verified;
};

/// Canonical JSON. read(write(x)) equals x.
std::string write_plan(const Plan& plan);
/// SHA-256 of all that the plan says but where its scenario's file is, which changes when the plan is moved
/// and is held by `digest` anyway.
std::string content_digest_of(const Plan& plan);
Result<Plan> read_plan(const std::filesystem::path& file);
/// The same of text; `name` is what messages call it.
Result<Plan> parse_plan(std::string_view text, const std::string& name);

/// The events of a trace as steps: a migration from its begin to its end is one. Facts and order come from
/// what the events read and write.
std::vector<PlanStep> steps_of(const LoadedScenario& scenario, const std::vector<rules::Event>& events);
/// The events of the steps in order, each walk whole before the next step; or the first event that is not
/// enabled where it stands.
Result<std::vector<rules::Event>> events_of(const LoadedScenario& scenario,
                                            const std::vector<PlanStep>& steps, const Place& place);

/// The module in which the operator takes the plan's decisions in their order and no others, while sessions
/// and faults do what they can: what is explored to verify the plan.
rules::Module following(const LoadedScenario& scenario, const std::vector<PlanStep>& steps);
/// Whether a plan is verified for a property of its scenario. A way back that a step takes away is no fault
/// of the plan, which names the step; what else the plan's own steps cannot show is asked of the scenario as
/// a whole.
bool asked_of_a_plan(const rules::Property& property);
/// And besides: that no event is undefined, an *always* that every module has.
inline constexpr std::string_view always_well_defined = "well-defined";

}  // namespace portolan::fleet
