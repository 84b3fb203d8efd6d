// SPDX-License-Identifier: Apache-2.0
#include "solver/planning/planner.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/judging/schemes.hpp"
#include "model/fleet/vocabulary.hpp"
#include "model/support/text.hpp"

namespace portolan::solver::planning {

using fleet::LoadedScenario;
static_assert(fleet::always_well_defined == explore::well_defined);

namespace action = fleet::vocabulary::action;
namespace sort = fleet::vocabulary::sort;
namespace variable = fleet::vocabulary::variable;

namespace {

/// Sessions ended and hosts in service again: a plan leaves nothing half done.
rules::Expression goal_at_rest(const LoadedScenario& scenario) {
  std::string text = scenario.goal->source;
  if (scenario.is_fleet())
    text =
        fmt::format("({}) && forall(v in vm: session[v] == Idle) && forall(h in host: !draining[h])", text);
  rules::Parsed parsed = rules::parse_condition(scenario.module, text);
  return {std::move(parsed.nodes), std::move(parsed.strings), std::move(text), {}};
}

std::vector<rules::Expression> kept(const rules::Module& module) {
  std::vector<rules::Expression> keep;
  for (const rules::Property& property : module.properties)
    if (property.verb == rules::Verb::always) keep.push_back(property.condition);
  return keep;
}

explore::Way search(const rules::Module& module, const rules::Expression& goal,
                    const std::vector<rules::Expression>& keep, const explore::ExploreOptions& options,
                    bool power_off) {
  explore::ExploreOptions own = options;
  own.admits = [power_off](const rules::Action& action) {
    return !action.fault && (power_off || action.name != action::power_cycle);
  };
  return explore::Explorer(module, own).shortest(goal, keep);
}

/// One way to loosen a fleet, and what it means when that is what was missing.
struct Relaxation {
  std::string what, remedy;
  void (*loosen)(fleet::Scenario&);
};
const Relaxation relaxations[] = {
    {"the scenario leaves out actions that are needed", "allow them under actions.without",
     [](fleet::Scenario& s) { s.without.clear(); }},
    {"there is no room: the capacity of the hosts is too small",
     "free or add instances of the type, or add a host",
     [](fleet::Scenario& s) {
       for (auto& host : s.hosts) {
         host.capacity = 1'000'000;
         host.capacity_by_type.clear();
       }
     }},
    {"too few hosts may be drained at once", "raise rollout.hosts_down_max",
     [](fleet::Scenario& s) { s.hosts_down_max.reset(); }},
    {"too few migrations may run at once", "raise rollout.migrations_max",
     [](fleet::Scenario& s) { s.migrations_max.reset(); }},
    {"VMs of one group may not share a host", "relax anti_affinity, or add a host",
     [](fleet::Scenario& s) {
       for (auto& vm : s.vms) vm.apart = fleet::Apart::no;
     }},
    {"a host is short of a resource", "raise its amounts, or add a host",
     [](fleet::Scenario& s) {
       for (auto& vm : s.vms) vm.needs.clear();
     }},
    {"VMs may be on some of the hosts only", "allow more hosts",
     [](fleet::Scenario& s) {
       for (auto& vm : s.vms) vm.allowed.clear();
     }},
    {"VMs cannot migrate", "let them be powered off, or take away why they cannot (cannot_migrate)",
     [](fleet::Scenario& s) {
       for (auto& vm : s.vms) vm.cannot_migrate.clear();
     }},
    {"too many VMs of a group have to keep running", "lower running_min, or add VMs to the group",
     [](fleet::Scenario& s) {
       for (auto& vm : s.vms) vm.running_min = 0;
     }},
    {"too few hosts of a zone may be drained at once", "raise rollout.hosts_down_in_zone_max",
     [](fleet::Scenario& s) { s.hosts_down_in_zone_max.reset(); }},
    {"too few migrations may leave or reach a host at once",
     "raise rollout.migrations_out_max or rollout.migrations_in_max",
     [](fleet::Scenario& s) { s.migrations_out_max.reset(), s.migrations_in_max.reset(); }},
};

class Diagnosis {
 public:
  Diagnosis(const LoadedScenario& scenario, const explore::ExploreOptions& options)
      : scenario_(scenario), options_(options) {}

  std::vector<Obstacle> obstacles() {
    std::vector<Obstacle> found;
    for (const Relaxation& relaxation : relaxations) {
      fleet::Scenario loosened = scenario_.scenario;
      relaxation.loosen(loosened);
      const auto built = fleet::build_fleet(loosened, scenario_.catalogue, fleet::fleet_text);
      if (!built || (built->module.initial == scenario_.module.initial &&
                     built->module.actions.size() == scenario_.module.actions.size()))
        continue;
      if (const auto way = attempt(built->module)) {
        Obstacle obstacle{relaxation.what, {}, relaxation.remedy};
        for (const std::string& action : missing_actions(built->module, *way))
          obstacle.details.push_back(action + " is left out by actions.without");
        found.push_back(std::move(obstacle));
      }
    }
    if (auto incompatible = incompatibility(scenario_.module)) found.push_back(std::move(*incompatible));
    if (!found.empty()) return found;
    // Nothing alone is enough; perhaps everything together is.
    fleet::Scenario loosened = scenario_.scenario;
    for (const Relaxation& relaxation : relaxations) relaxation.loosen(loosened);
    if (const auto built = fleet::build_fleet(loosened, scenario_.catalogue, fleet::fleet_text)) {
      if (attempt(built->module))
        found.push_back(
            {"no single limit stands in the way, but several together do: actions left out, capacity, hosts "
             "and migrations at once, anti-affinity, resources, allowed hosts, VMs that stay or keep running",
             {},
             "loosen two of them"});
      else if (auto incompatible = incompatibility(built->module)) {
        incompatible->what += "; and limits of the scenario stand in the way as well";
        found.push_back(std::move(*incompatible));
      }
    }
    return found;
  }

  bool hit_a_bound() const { return bound_; }

 private:
  const LoadedScenario& scenario_;
  const explore::ExploreOptions& options_;
  bool bound_ = false;

  std::optional<explore::Trace> attempt(const rules::Module& module, bool values_may_change = false) {
    std::vector<rules::Expression> keep;
    for (const rules::Property& property : module.properties)
      if (property.verb == rules::Verb::always &&
          !(values_may_change &&
            (property.name == "guest-sees-no-change" || property.name == "equal-at-commit" ||
             property.name == "host-has-what-runs")))
        keep.push_back(property.condition);
    explore::Way way = search(module, goal_at_rest(scenario_), keep, options_, false);
    bound_ |= !way.trace && !way.complete;
    return std::move(way.trace);
  }

  std::vector<std::string> missing_actions(const rules::Module& module, const explore::Trace& way) const {
    std::vector<std::string> missing;
    for (const explore::Trace::Step& step : way.steps) {
      const std::string& name = module.actions[step.event.action].name;
      const bool known = std::any_of(scenario_.module.actions.begin(), scenario_.module.actions.end(),
                                     [&](const rules::Action& a) { return a.name == name; });
      if (!known && std::find(missing.begin(), missing.end(), name) == missing.end()) missing.push_back(name);
    }
    return missing;
  }

  /// Were every destination to accept every instance of its model, would there be a way? Then the migrations
  /// on it that are not accepted are to blame.
  std::optional<Obstacle> incompatibility(rules::Module module) {
    const rules::Module real_tables = module;
    // Where some setting of a type is really given, the others of that type stay what they are: only what is
    // refused altogether is let in.
    const auto given = [&](std::size_t s, std::size_t t) {
      for (std::size_t other = 0; other < scenario_.settings.size(); ++other)
        if (scenario_.settings[other].implementation == scenario_.settings[t].implementation &&
            real_tables.initial[real_tables.cell(variable::accepts.position(), static_cast<std::int64_t>(s),
                                                 static_cast<std::int64_t>(other))] != 0)
          return true;
      return false;
    };
    const auto all = [&](fleet::vocabulary::Variable table) {
      const auto v = static_cast<std::size_t>(table.position());
      for (std::int32_t i = 0; i < module.widths[v]; ++i) {
        const auto s = static_cast<std::size_t>(i / module.strides[v]),
                   t = static_cast<std::size_t>(i % module.strides[v]);
        if (scenario_.settings[s].model == scenario_.settings[t].model &&
            (table.position() != variable::accepts.position() || !given(s, t)))
          module.initial[static_cast<std::size_t>(module.offsets[v] + i)] = 1;
      }
    };
    for (const auto& table : {variable::accepts, variable::loads, variable::same_values}) all(table);
    const auto way = attempt(module, true);
    if (!way) return std::nullopt;
    Obstacle obstacle{"an instance that has to move is not accepted where it has to go",
                      {},
                      "run portolan compat on the pair: it lists the changes that would mend it"};
    const rules::Module& real = scenario_.module;
    for (const explore::Trace::Step& step : way->steps) {
      const rules::Action& action = module.actions[step.event.action];
      if (action.name != action::migrate_begin) continue;
      const auto vm = step.event.arguments[0], to = step.event.arguments[2];
      const auto from = step.after[module.cell(variable::setting.position(), vm)];
      const fleet::SettingInfo &source = scenario_.settings[static_cast<std::size_t>(from)],
                               &destination = scenario_.settings[static_cast<std::size_t>(to)];
      if (real.initial[real.cell(variable::accepts.position(), from, to)] != 0 &&
          real.initial[real.cell(variable::loads.position(), from, to)] != 0)
        continue;
      const compat::End here{source.implementation, source.implementation->model(source.model)},
          there{destination.implementation, destination.implementation->model(destination.model)};
      const compat::Absence absence(*scenario_.catalogue, source.model);
      const compat::Verdict verdict =
          compat::judge(compat::named(scenario_.scenario.scheme),
                        {here, source.configuration, there, {}, &absence, source.arrived});
      const std::string pair = fmt::format(
          "{} from {} to {}",
          module.sorts[static_cast<std::size_t>(sort::vm.position())].elements[static_cast<std::size_t>(vm)],
          module.sorts[static_cast<std::size_t>(sort::setting.position())]
              .elements[static_cast<std::size_t>(from)],
          destination.implementation->label);
      for (const compat::Reason& reason : verdict.reasons)
        obstacle.details.push_back(fmt::format("{}: {}", pair, reason.message));
      if (verdict.reasons.empty())
        obstacle.details.push_back(
            fmt::format("{}: the saved state does not load there, or another setting is given", pair));
    }
    if (obstacle.details.empty())
      obstacle.details.push_back(
          "a change of guest-visible values would be needed (R10: only a power cycle makes them)");
    return obstacle;
  }
};

/// Whether a condition can be had again from a state, without faults.
bool can_return(const rules::Module& module, const rules::Cells& from, const rules::Expression& rollback,
                const explore::ExploreOptions& options, bool& known) {
  rules::Module there = module;
  there.initial = from;
  const explore::Way way = search(there, rollback, kept(module), options, false);
  known = known && (way.trace || way.complete);
  return way.trace.has_value();
}

}  // namespace

WaysBack ways_back(const LoadedScenario& scenario, const std::vector<fleet::PlanStep>& steps,
                   const explore::ExploreOptions& options) {
  WaysBack back;
  const auto events = fleet::events_of(scenario, steps, {});
  assert(events && "the steps can be taken one after the other");
  std::vector<rules::Cells> after;
  rules::Cells now = scenario.module.initial, next;
  std::size_t e = 0;
  for (const fleet::PlanStep& step : steps) {
    for (std::size_t i = 0; i < 1 + step.walk.size(); ++i, ++e) {
      rules::fire(scenario.module, scenario.module.actions[(*events)[e].action], (*events)[e].arguments, now,
                  next);
      now = next;
    }
    after.push_back(now);
  }
  for (const rules::Property& property : scenario.module.properties) {
    if (property.verb != rules::Verb::eventually || property.fair || property.name == "sessions-end" ||
        property.name == "goal-stays-reachable")
      continue;
    // Once lost, a way back stays lost: it is there after every step before `low`, and gone from `high` on.
    bool known = true;
    std::size_t low = 0, high = after.size();
    while (low < high && known) {
      const std::size_t middle = low + (high - low) / 2;
      if (can_return(scenario.module, after[middle], property.condition, options, known))
        low = middle + 1;
      else
        high = middle;
    }
    if (!known) {
      back.known = false;
      back.notes.push_back(
          fmt::format("whether {} can be had again after every step {}", property.name, not_found_out));
    } else if (low < after.size()) {
      back.notes.push_back(
          fmt::format("step {} is the point of no return for {}: {}", low + 1, property.name,
                      property.meaning.empty() ? property.condition.source : property.meaning));
      back.point_of_no_return = std::min(low, back.point_of_no_return.value_or(low));
    }
  }
  return back;
}

PlanCheck verify_plan(const LoadedScenario& scenario, const std::vector<fleet::PlanStep>& steps,
                      const explore::ExploreOptions& options) {
  rules::Module module = fleet::following(scenario, steps);
  std::erase_if(module.properties,
                [](const rules::Property& property) { return !fleet::asked_of_a_plan(property); });
  explore::ExploreOptions own = options;
  own.admits = {};
  PlanCheck check;
  check.exploration = explore::Explorer(module, own).run();
  check.verdict = check.exploration.complete ? PlanVerdict::found : PlanVerdict::undetermined;
  for (const explore::PropertyResult& property : check.exploration.properties) {
    if (property.verdict == explore::PropertyVerdict::violated)
      check.verdict = PlanVerdict::unsafe;
    else if (property.verdict == explore::PropertyVerdict::undetermined &&
             check.verdict == PlanVerdict::found)
      check.verdict = PlanVerdict::undetermined;
  }
  return check;
}

namespace {

/// The planner at work on one scenario: a way, told as steps one after the other, then verified.
class Planning {
 public:
  Planning(const LoadedScenario& scenario, const explore::ExploreOptions& options)
      : scenario_(scenario), options_(options), goal_(goal_at_rest(scenario)), keep_(kept(scenario.module)) {}

  PlanAnswer run() {
    const explore::Way way = find();
    if (!way.trace) {
      answer_.reason = way.reason;
      if (way.complete) impossible(way);
      return std::move(answer_);
    }
    if (!tell(*way.trace)) return std::move(answer_);
    WaysBack back = ways_back(scenario_, answer_.plan.steps, options_);
    answer_.plan.point_of_no_return = back.point_of_no_return;
    std::move(back.notes.begin(), back.notes.end(), std::back_inserter(answer_.plan.notes));
    verify();
    return std::move(answer_);
  }

 private:
  const LoadedScenario& scenario_;
  const explore::ExploreOptions& options_;
  rules::Expression goal_;
  std::vector<rules::Expression> keep_;
  PlanAnswer answer_;

  bool may_power_off() const {
    const auto& actions = scenario_.module.actions;
    return std::any_of(actions.begin(), actions.end(),
                       [](const rules::Action& a) { return a.name == action::power_cycle; });
  }

  explore::Way searched(bool with_power_off) {
    explore::Way way = search(scenario_.module, goal_, keep_, options_, with_power_off);
    answer_.states += way.states;
    answer_.transitions += way.transitions;
    answer_.seconds += way.seconds;
    return way;
  }

  /// Without power-off where there is a way without.
  explore::Way find() {
    explore::Way way = searched(false);
    if (way.trace || !way.complete || !may_power_off()) return way;
    way = searched(true);
    if (!way.trace) return way;
    std::vector<std::string>& notes = answer_.plan.notes;
    notes.push_back("a VM has to be powered off: without power_cycle there is no way");
    if (!scenario_.is_fleet()) return way;
    for (const Obstacle& obstacle : Diagnosis(scenario_, options_).obstacles()) {
      notes.push_back("what forces it: " + obstacle.what);
      for (const std::string& detail : obstacle.details) notes.push_back("  " + detail);
    }
    return way;
  }

  void impossible(const explore::Way& way) {
    answer_.verdict = PlanVerdict::impossible;
    if (!scenario_.is_fleet()) {
      forbidding_properties(way);
      return;
    }
    Diagnosis diagnosis(scenario_, options_);
    answer_.obstacles = diagnosis.obstacles();
    if (!answer_.obstacles.empty()) return;
    answer_.obstacles.push_back(
        {diagnosis.hit_a_bound() ? "what stands in the way was not found within the bounds given"
                                 : "the goal cannot be reached even without limits and incompatibilities",
         {},
         diagnosis.hit_a_bound() ? "raise --max-states, --memory or --time"
                                 : "read the goal again: it may contradict itself, or name a version "
                                   "that no upgrade leads to"});
  }

  void forbidding_properties(const explore::Way& way) {
    for (std::size_t k = 0; k < way.refused.size(); ++k) {
      if (!way.refused[k]) continue;
      std::size_t seen = 0;
      for (const rules::Property& property : scenario_.module.properties)
        if (property.verb == rules::Verb::always && seen++ == k)
          answer_.obstacles.push_back(
              {fmt::format("the property {} forbids states on the way", in_quotes(property.name)),
               {},
               "see whether it asks for too much"});
    }
  }

  /// The steps of a way; empty where they cannot be taken one after the other.
  Result<std::vector<rules::Event>> steps_of(const explore::Trace& trace) {
    answer_.events.clear();
    for (const explore::Trace::Step& step : trace.steps) answer_.events.push_back(step.event);
    answer_.plan.steps = fleet::steps_of(scenario_, answer_.events);
    return fleet::events_of(scenario_, answer_.plan.steps, {});
  }

  /// Sessions that overlap on the shortest way cannot always be told one after the other; one at a time they
  /// can.
  bool tell(const explore::Trace& trace) {
    answer_.plan.goal = scenario_.goal->source;
    auto events = steps_of(trace);
    if (!events) {
      rules::Module one_by_one = scenario_.module;
      one_by_one.initial[one_by_one.cell(variable::sessions_max.position())] = 1;
      const explore::Way other = search(one_by_one, goal_, keep_, options_, may_power_off());
      if (!other.trace) {
        answer_.reason = "a way was found, but none on which one migration follows the other";
        return false;
      }
      events = steps_of(*other.trace);
    }
    if (!events) {
      answer_.reason = to_string(events.error());
      return false;
    }
    answer_.events = std::move(*events);
    return true;
  }

  void verify() {
    const PlanCheck check = verify_plan(scenario_, answer_.plan.steps, options_);
    fleet::PlanVerification& verified = answer_.plan.verified;
    verified.states = check.exploration.states;
    verified.transitions = check.exploration.transitions;
    verified.complete = check.exploration.complete;
    verified.fault_budget = scenario_.scenario.fault_budget;
    for (const explore::PropertyResult& property : check.exploration.properties)
      verified.verdicts.push_back({property.name, std::string(rules::name_of(property.verb)),
                                   std::string(name_of(property.verdict))});
    answer_.verdict = check.verdict;
    if (check.verdict == PlanVerdict::unsafe)
      answer_.reason =
          "a way was found, but what can happen while it is followed breaks a property: see what is violated "
          "below";
    else if (check.verdict == PlanVerdict::undetermined)
      answer_.reason = "a way was found, but its verification hit a bound";
  }
};

}  // namespace

PlanAnswer make_plan(const LoadedScenario& scenario, const explore::ExploreOptions& options) {
  return Planning(scenario, options).run();
}

}  // namespace portolan::solver::planning
