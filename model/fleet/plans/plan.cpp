// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/plans/plan.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/files/document.hpp"
#include "model/fleet/vocabulary.hpp"
#include "model/rules/footprint.hpp"

namespace portolan::fleet {

namespace words = vocabulary::action;

std::string to_string(const NamedEvent& event) {
  std::string text = event.action + "(";
  for (std::size_t i = 0; i < event.arguments.size(); ++i) text += (i > 0 ? ", " : "") + event.arguments[i];
  return text + ")";
}

NamedEvent named(const rules::Module& module, const rules::Event& event) {
  const rules::Action& action = module.actions[event.action];
  NamedEvent result{action.name, {}};
  for (std::size_t p = 0; p < action.parameters.size(); ++p)
    result.arguments.push_back(module.sorts[static_cast<std::size_t>(action.parameters[p].sort)]
                                   .elements[static_cast<std::size_t>(event.arguments[p])]);
  return result;
}

namespace {

/// The facts and order of steps whose events run in the order given.
class StepBuilder {
 public:
  StepBuilder(const LoadedScenario& scenario, std::vector<PlanStep>& steps)
      : module_(scenario.module), steps_(steps) {}

  /// The events of the steps, flattened; each belongs to the step at its position in `owners`.
  void annotate(const std::vector<rules::Event>& events, const std::vector<std::size_t>& owners) {
    std::vector<std::set<std::size_t>> reads(steps_.size()), writes(steps_.size());
    std::vector<std::set<std::size_t>> assumed(steps_.size());
    rules::Cells now = module_.initial, next;
    std::vector<std::optional<rules::Cells>> before(steps_.size());
    std::vector<rules::Cells> after(steps_.size());
    for (std::size_t e = 0; e < events.size(); ++e) {
      const std::size_t s = owners[e];
      if (!before[s]) before[s] = now;
      const rules::Footprint print = rules::footprint(module_, events[e], now);
      for (std::size_t cell : print.reads) {
        // What the step itself wrote before is no assumption.
        if (!writes[s].contains(cell)) assumed[s].insert(cell);
        reads[s].insert(cell);
      }
      writes[s].insert(print.writes.begin(), print.writes.end());
      rules::fire(module_, module_.actions[events[e].action], events[e].arguments, now, next);
      now = next;
      after[s] = now;
    }
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      for (std::size_t cell : assumed[s]) steps_[s].assumes.push_back(fact(cell, (*before[s])[cell]));
      for (std::size_t cell : writes[s])
        if ((*before[s])[cell] != after[s][cell]) steps_[s].guarantees.push_back(fact(cell, after[s][cell]));
      order(s, reads, writes);
      undo(s, *before[s], after[s]);
    }
  }

 private:
  const rules::Module& module_;
  std::vector<PlanStep>& steps_;

  Fact fact(std::size_t cell, std::int64_t value) const {
    return {rules::cell_name(module_, cell),
            rules::shown(module_, module_.variables[rules::variable_of(module_, cell)], value)};
  }

  /// The earlier steps that touch what this one reads or writes, less those that others of them imply.
  void order(std::size_t s, const std::vector<std::set<std::size_t>>& reads,
             const std::vector<std::set<std::size_t>>& writes) {
    const auto meet = [](const std::set<std::size_t>& a, const std::set<std::size_t>& b) {
      return std::any_of(a.begin(), a.end(), [&](std::size_t cell) { return b.contains(cell); });
    };
    std::set<std::size_t> implied;
    for (std::size_t t = s; t-- > 0;) {
      if (!meet(writes[t], reads[s]) && !meet(writes[t], writes[s]) && !meet(reads[t], writes[s])) continue;
      if (!implied.contains(t)) steps_[s].after.insert(steps_[s].after.begin(), t);
      close(t, implied);
    }
  }
  void close(std::size_t t, std::set<std::size_t>& implied) const {
    for (std::size_t before : steps_[t].after)
      if (implied.insert(before).second) close(before, implied);
  }

  void undo(std::size_t s, const rules::Cells& before, const rules::Cells& after) {
    for (const rules::Successor& successor : rules::successors(module_, after)) {
      if (!successor.defined || successor.next != before || module_.actions[successor.event.action].fault)
        continue;
      steps_[s].undo = named(module_, successor.event);
      return;
    }
  }
};

}  // namespace

std::vector<PlanStep> steps_of(const LoadedScenario& scenario, const std::vector<rules::Event>& events) {
  const rules::Module& module = scenario.module;
  std::vector<PlanStep> steps;
  std::vector<std::vector<rules::Event>> parts;
  std::map<std::int64_t, std::size_t> sessions;  // vm -> the step whose walk it is on
  for (const rules::Event& event : events) {
    const rules::Action& action = module.actions[event.action];
    if (action.actor == rules::Actor::session && !event.arguments.empty() &&
        sessions.contains(event.arguments[0])) {
      const std::size_t s = sessions[event.arguments[0]];
      steps[s].walk.push_back(named(module, event));
      parts[s].push_back(event);
      if (action.name == words::migrate_end || action.name == words::migrate_end_aborted)
        sessions.erase(event.arguments[0]);
      continue;
    }
    if (scenario.is_fleet() && action.name == words::migrate_begin)
      sessions[event.arguments[0]] = steps.size();
    PlanStep step;
    step.event = named(module, event);
    step.does = action.meaning;
    step.rule = action.sources.empty() ? std::string() : action.sources.front();
    if (action.name == words::migrate_begin && scenario.is_fleet())
      step.does = "migrates the VM: checks the list, prepares the replica, moves the state, commits";
    steps.push_back(std::move(step));
    parts.push_back({event});
  }
  std::vector<rules::Event> flat;
  std::vector<std::size_t> owners;
  for (std::size_t s = 0; s < parts.size(); ++s)
    for (const rules::Event& event : parts[s]) {
      flat.push_back(event);
      owners.push_back(s);
    }
  StepBuilder(scenario, steps).annotate(flat, owners);
  return steps;
}

Result<std::vector<rules::Event>> events_of(const LoadedScenario& scenario,
                                            const std::vector<PlanStep>& steps, const Place& place) {
  std::vector<rules::Event> events;
  rules::Cells now = scenario.module.initial;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    std::vector<NamedEvent> all{steps[s].event};
    all.insert(all.end(), steps[s].walk.begin(), steps[s].walk.end());
    for (const NamedEvent& one : all) {
      auto found = rules::find_event(scenario.module, one.action, one.arguments, now);
      if (!found || !found->defined) {
        Place where = place;
        where.path = files::item_path("steps", s);
        return fail({FaultCode::usage,
                     std::move(where),
                     fmt::format("{} cannot be done there", to_string(one)),
                     "an action that is enabled after the steps before it",
                     {}});
      }
      now = std::move(found->next);
      events.push_back(std::move(found->event));
    }
  }
  return events;
}

}  // namespace portolan::fleet
