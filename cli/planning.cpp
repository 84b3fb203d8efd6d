// SPDX-License-Identifier: Apache-2.0
#include "cli/planning.hpp"

#include "db/digest.hpp"

namespace portolan::cli {

namespace {

/// Facts that the plan assumes and the scenario no longer gives, each with the step that needs it.
std::vector<std::string> changed_facts(const fleet::LoadedScenario& loaded, const fleet::Plan& plan) {
  std::vector<std::string> changed;
  const std::vector<fleet::PlanStep>& steps = plan.steps;
  // What a step assumes and no earlier step guarantees is a fact of the scenario's beginning.
  std::map<std::string, std::string> now;
  for (std::size_t v = 0; v < loaded.module.variables.size(); ++v)
    for (std::int32_t c = 0; c < loaded.module.widths[v]; ++c) {
      const std::string name = rules::cell_name(loaded.module, v, static_cast<std::size_t>(c));
      now[name] = rules::shown(loaded.module, loaded.module.variables[v], loaded.module.initial[static_cast<std::size_t>(loaded.module.offsets[v] + c)]);
    }
  for (std::size_t s = 0; s < steps.size(); ++s) {
    for (const fleet::Fact& fact : steps[s].assumes) {
      const auto found = now.find(fact.name);
      if (found == now.end()) changed.push_back(fmt::format("step {} assumes {} = {}, which does not exist any more", s + 1, fact.name, fact.value));
      else if (found->second != fact.value) changed.push_back(fmt::format("step {} assumes {} = {}, and it is {}", s + 1, fact.name, fact.value, found->second));
    }
    for (const fleet::Fact& fact : steps[s].guarantees) now[fact.name] = fact.value;
  }
  return changed;
}

}  // namespace

Result<fleet::LoadedScenario> load_with_goal(const std::string& file) {
  auto loaded = fleet::load_scenario(file);
  if (loaded && !loaded->goal)
    return fail(Fault{FaultCode::missing, {file, {}, "goal"}, "the scenario has no goal", "a condition over the end state, such as forall(h in host: driver[h] == `acme@2`)", "write goal: …"});
  return loaded;
}

std::string scenario_of(const fleet::Plan& plan, const std::string& plan_file) {
  return (std::filesystem::path(plan_file).parent_path() / plan.scenario).string();
}

std::optional<Staleness> staleness(const fleet::LoadedScenario& loaded, const fleet::Plan& plan, const std::string& plan_file) {
  const auto events = fleet::events_of(loaded, plan.steps, {plan_file, {}, {}});
  bool at_goal = false;
  if (events) {
    rules::Cells now = loaded.module.initial, next;
    for (const rules::Event& event : *events) {
      rules::fire(loaded.module, loaded.module.actions[event.action], event.arguments, now, next);
      now = next;
    }
    at_goal = rules::holds(loaded.module, *loaded.goal, now);
  }
  if (db::sha256(loaded.digest_text) == plan.digest) {
    if (!events) return Staleness{to_string(events.error().front()), {}};
    if (!at_goal) return Staleness{"its steps do not reach the goal: the plan was changed", {}};
    return std::nullopt;
  }
  Staleness stale{"the scenario or its catalogue changed since the plan was made", changed_facts(loaded, plan)};
  if (!events) stale.details.push_back(to_string(events.error().front()));
  else if (!at_goal) stale.details.push_back("its steps can still be taken, but no longer reach the goal");
  else if (stale.details.empty()) stale.details.push_back("its steps can still be taken and reach the goal: make the plan again to have it verified");
  return stale;
}

Exit refuse_stale(const Staleness& stale, const std::string& scenario, const std::string& plan_file, Output& output) {
  if (output.json()) {
    Json json = versioned();
    json["verdict"] = "stale";
    json["reason"] = stale.reason;
    json["changed"] = stale.details;
    output.write(pretty(json));
  } else {
    output.print("{}: {}\n", output.bad("stale"), stale.reason);
    for (const std::string& one : stale.details) output.print("  {}\n", one);
    output.print("  make it again: portolan plan {} -o {}\n", scenario, plan_file);
  }
  return Exit::unmet;
}

}  // namespace portolan::cli
