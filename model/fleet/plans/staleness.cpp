// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/plans/staleness.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/support/sha256.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

namespace {

std::vector<Fact> pinned_inputs(const LoadedScenario& loaded) {
  constexpr std::size_t shown_max = 200;
  std::vector<Fact> inputs;
  for (const auto& [name, value] : loaded.inputs)
    inputs.push_back({name, value.size() > shown_max ? "sha256 " + sha256(value) : value});
  return inputs;
}

std::string digest_of(const std::vector<Fact>& inputs) {
  Sha256 all;
  for (const Fact& input : inputs) all.add(input.name + "=" + input.value + "\n");
  return all.hexadecimal();
}

/// What the scenario says otherwise than when the plan was made: `rollout.hosts_down_max: 1 -> 2`.
std::vector<std::string> changed_inputs(const std::vector<Fact>& now, const std::vector<Fact>& then) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const Fact& one : then) both[one.name].first = one.value;
  for (const Fact& one : now) both[one.name].second = one.value;
  std::vector<std::string> changed;
  for (const auto& [name, values] : both) {
    const auto& [before, after] = values;
    if (before == after) continue;
    if (before.empty())
      changed.push_back(name + " was added" + (after.starts_with("sha256 ") ? "" : ": " + after));
    else if (after.empty())
      changed.push_back(name + " is gone" + (before.starts_with("sha256 ") ? "" : "; it was " + before));
    else if (before.starts_with("sha256 ") || after.starts_with("sha256 "))
      changed.push_back(name + " changed");
    else
      changed.push_back(name + ": " + before + " -> " + after);
  }
  return changed;
}

/// Facts that the plan assumes and the scenario no longer gives, each with the step that needs it.
std::vector<std::string> changed_facts(const LoadedScenario& loaded, const Plan& plan) {
  std::vector<std::string> changed;
  const std::vector<PlanStep>& steps = plan.steps;
  // What a step assumes and no earlier step guarantees is a fact of the scenario's beginning.
  std::map<std::string, std::string> now;
  for (std::size_t v = 0; v < loaded.module.variables.size(); ++v)
    for (std::int32_t c = 0; c < loaded.module.widths[v]; ++c) {
      const std::string name = rules::cell_name(loaded.module, v, static_cast<std::size_t>(c));
      now[name] = rules::shown(loaded.module, loaded.module.variables[v],
                               loaded.module.initial[static_cast<std::size_t>(loaded.module.offsets[v] + c)]);
    }
  for (std::size_t s = 0; s < steps.size(); ++s) {
    for (const Fact& fact : steps[s].assumes) {
      const auto found = now.find(fact.name);
      if (found == now.end())
        changed.push_back(fmt::format("step {} assumes {} = {}, which does not exist any more", s + 1,
                                      fact.name, fact.value));
      else if (found->second != fact.value)
        changed.push_back(fmt::format("step {} assumes {} = {}, and it is {}", s + 1, fact.name, fact.value,
                                      found->second));
    }
    for (const Fact& fact : steps[s].guarantees) now[fact.name] = fact.value;
  }
  return changed;
}

std::map<std::string, std::string> by_name(const std::vector<Fact>& facts) {
  std::map<std::string, std::string> named;
  for (const Fact& fact : facts) named[fact.name] = fact.value;
  return named;
}

/// What the plan says of one step otherwise than follows from its actions.
void step_edits(std::size_t s, const PlanStep& said, const PlanStep& is, std::vector<std::string>& found) {
  const auto text = [](const std::optional<NamedEvent>& event) {
    return event ? to_string(*event) : std::string("none");
  };
  const auto numbers = [](const std::vector<std::size_t>& steps) {
    std::string all;
    for (const std::size_t step : steps) all += (all.empty() ? "" : ", ") + std::to_string(step + 1);
    return all.empty() ? std::string("none") : all;
  };
  const auto differ = [&](std::string_view member, const std::string& says, const std::string& gives) {
    if (says != gives)
      found.push_back(fmt::format("step {} says {} {}, its actions give {}", s + 1, member, says, gives));
  };
  const auto facts = [&](std::string_view member, const std::vector<Fact>& says,
                         const std::vector<Fact>& gives) {
    const auto told = by_name(says), true_ones = by_name(gives);
    for (const auto& [name, value] : told) {
      const auto at = true_ones.find(name);
      if (at == true_ones.end())
        found.push_back(fmt::format("step {} says {} {}={}, its actions do not", s + 1, member, name, value));
      else if (at->second != value)
        found.push_back(fmt::format("step {} says {} {}={}, its actions give {}", s + 1, member, name, value,
                                    at->second));
    }
    for (const auto& [name, value] : true_ones)
      if (!told.contains(name))
        found.push_back(fmt::format("step {} leaves out: {} {}={}", s + 1, member, name, value));
  };
  if (said.event != is.event || said.walk != is.walk)
    found.push_back(
        fmt::format("step {} is made of other actions than those of {}", s + 1, to_string(is.event)));
  differ("does", in_quotes(said.does, 200), in_quotes(is.does, 200));
  differ("rule", in_quotes(said.rule, 200), in_quotes(is.rule, 200));
  facts("assumes", said.assumes, is.assumes);
  facts("guarantees", said.guarantees, is.guarantees);
  differ("undo", text(said.undo), text(is.undo));
  differ("after", numbers(said.after), numbers(is.after));
}

/// What a plan that may be followed was verified for, and is not: what its scenario asks, each with a yes.
/// The numbers behind it take a search, which `plan verify` makes.
void verification_edits(const LoadedScenario& loaded, const PlanVerification& said,
                        std::vector<std::string>& found) {
  if (!said.complete) found.push_back("it was not verified to the end");
  if (said.fault_budget != loaded.scenario.fault_budget)
    found.push_back(fmt::format("it says verified under {} faults, the scenario has {}", said.fault_budget,
                                loaded.scenario.fault_budget));
  std::vector<std::pair<std::string_view, std::string_view>> asked;
  for (const rules::Property& property : loaded.module.properties)
    if (asked_of_a_plan(property)) asked.emplace_back(property.name, rules::name_of(property.verb));
  asked.emplace_back(always_well_defined, rules::name_of(rules::Verb::always));
  for (const auto& [name, verb] : asked)
    if (std::none_of(said.verdicts.begin(), said.verdicts.end(),
                     [&](const PlanVerdict& one) { return one.property == name && one.verb == verb; }))
      found.push_back(fmt::format("it was not verified for {} {}", verb, in_quotes(name, 200)));
  for (const PlanVerdict& one : said.verdicts) {
    if (std::find(asked.begin(), asked.end(),
                  std::pair<std::string_view, std::string_view>(one.property, one.verb)) == asked.end())
      found.push_back(fmt::format("it says verified for {} {}, which the scenario does not ask",
                                  shortened(one.verb), in_quotes(one.property, 200)));
    if (one.verdict != "holds" && one.verdict != "vacuous")
      found.push_back(fmt::format("it says {} is {}", in_quotes(one.property, 200), in_quotes(one.verdict)));
  }
}

/// What the plan's file says otherwise than follows from its own actions: whoever follows the steps by hand
/// reads that, too.
std::vector<std::string> edits(const LoadedScenario& loaded, const Plan& plan,
                               const std::vector<Fact>& inputs, const std::vector<rules::Event>& events) {
  std::vector<std::string> found;
  if (by_name(plan.inputs) != by_name(inputs)) found.push_back("its inputs are not those of its digest");
  if (plan.goal != loaded.goal->source)
    found.push_back(fmt::format("it says goal {}, the scenario says {}", in_quotes(plan.goal, 200),
                                in_quotes(loaded.goal->source, 200)));
  const std::vector<PlanStep> made = steps_of(loaded, events);
  if (made.size() != plan.steps.size()) {
    found.push_back(fmt::format("it says {} steps, its actions make {}", plan.steps.size(), made.size()));
    return found;
  }
  for (std::size_t s = 0; s < made.size(); ++s) step_edits(s, plan.steps[s], made[s], found);
  verification_edits(loaded, plan.verified, found);
  return found;
}

}  // namespace

Staleness edited(std::vector<std::string> differences) {
  Staleness stale{"the plan was edited: " + differences.front(), {}, false};
  stale.details.assign(std::make_move_iterator(differences.begin() + 1),
                       std::make_move_iterator(differences.end()));
  return stale;
}

Result<LoadedScenario> load_with_goal(const std::string& file) {
  auto loaded = load_scenario(file);
  if (loaded && !loaded->goal)
    return fail(Fault{FaultCode::missing,
                      {file, {}, "goal"},
                      "the scenario has no goal",
                      "a condition over the end state, such as forall(h in host: driver[h] == `acme@2`)",
                      "write goal: …"});
  return loaded;
}

void pin(Plan& plan, const LoadedScenario& loaded) {
  plan.inputs = pinned_inputs(loaded);
  plan.digest = digest_of(plan.inputs);
  plan.content_digest = content_digest_of(plan);
}

std::string scenario_of(const Plan& plan, const std::string& plan_file) {
  return (std::filesystem::path(plan_file).parent_path() / plan.scenario).string();
}

std::optional<Staleness> staleness(const LoadedScenario& loaded, const Plan& plan,
                                   const std::string& plan_file) {
  const auto events = events_of(loaded, plan.steps, {plan_file, {}, {}});
  bool at_goal = false;
  if (events) {
    rules::Cells now = loaded.module.initial, next;
    for (const rules::Event& event : *events) {
      rules::fire(loaded.module, loaded.module.actions[event.action], event.arguments, now, next);
      now = next;
    }
    at_goal = rules::holds(loaded.module, *loaded.goal, now);
  }
  const std::vector<Fact> inputs = pinned_inputs(loaded);
  if (digest_of(inputs) == plan.digest) {
    if (!events) return edited({"a step cannot be taken", to_string(events.error().front())});
    if (!at_goal) return edited({"its steps do not reach the goal"});
    if (auto differences = edits(loaded, plan, inputs, *events); !differences.empty())
      return edited(std::move(differences));
    // Ways back, notes and numbers take searches to follow; that they were changed takes none.
    if (plan.content_digest == content_digest_of(plan)) return std::nullopt;
    Staleness stale = edited(
        {"its content_digest is of another content: point_of_no_return, notes or verified were changed"});
    stale.by_digest_alone = true;
    return stale;
  }
  Staleness stale{"the scenario or its catalogue changed since the plan was made",
                  changed_inputs(inputs, plan.inputs), false};
  for (std::string& fact : changed_facts(loaded, plan)) stale.details.push_back(std::move(fact));
  if (!events)
    stale.details.push_back(to_string(events.error().front()));
  else if (!at_goal)
    stale.details.push_back("its steps can still be taken, but no longer reach the goal");
  else if (stale.details.empty())
    stale.details.push_back(
        "its steps can still be taken and reach the goal, but were verified for the scenario as it was");
  return stale;
}

}  // namespace portolan::fleet
