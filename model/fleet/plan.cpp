// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/plan.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/fleet/scenario_reading.hpp"
#include "model/rules/footprint.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

using Json = nlohmann::ordered_json;
using files::Kind;
using files::Node;

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

// --- the file
// --------------------------------------------------------------------------------------------------------

namespace {

Json json_of(const NamedEvent& event) {
  return Json{{"action", event.action}, {"arguments", event.arguments}};
}
Json json_of(const std::vector<Fact>& facts) {
  Json object = Json::object();
  for (const Fact& fact : facts) object[fact.name] = fact.value;
  return object;
}

class PlanReader {
 public:
  explicit PlanReader(const files::Document& document)
      : document_(document), reader_(document.file, faults_) {}

  Result<Plan> read() {
    Plan plan;
    const Members top(reader_, document_.root, "",
                      {"format", "scenario", "digest", "inputs", "goal", "steps", "point_of_no_return",
                       "notes", "verified"});
    if (!top.good()) return fail(std::move(faults_));
    if (const Node* format = top.required("format");
        format != nullptr && (format->kind != Kind::string || format->text != "portolan.plan/1"))
      reader_.report(FaultCode::unknown_name, *format, "format", "got " + files::shown(*format),
                     "\"portolan.plan/1\"");
    for (const char* key : {"scenario", "digest"}) top.required(key);
    plan.scenario = top.text("scenario");
    plan.digest = top.text("digest");
    plan.inputs = facts(top, "inputs");
    plan.goal = top.text("goal");
    for (const Placed& note : top.list("notes")) plan.notes.push_back(note.text);
    if (const Node* all = top.required("steps"); all != nullptr && reader_.expect(*all, Kind::array, "steps"))
      for (std::size_t i = 0; i < all->items.size(); ++i)
        step(all->items[i], files::item_path("steps", i), plan.steps);
    if (const Node* point = top.find("point_of_no_return"); point != nullptr && point->kind != Kind::null) {
      const auto number = top.number("point_of_no_return");
      if (number && (*number == 0 || *number > plan.steps.size()))
        reader_.report(FaultCode::out_of_range, *point, "point_of_no_return", fmt::format("got {}", *number),
                       fmt::format("a step, 1 to {}", plan.steps.size()));
      else if (number)
        plan.point_of_no_return = *number - 1;
    }
    if (const Node* node = top.required("verified")) verified(*node, plan.verified);
    if (!faults_.empty()) {
      compat::sort_by_place(faults_);
      return fail(std::move(faults_));
    }
    return plan;
  }

 private:
  const files::Document& document_;
  Faults faults_;
  files::Reader reader_;

  NamedEvent event(const Members& one) {
    NamedEvent result;
    if (one.required("action") != nullptr) result.action = one.text("action");
    for (const Placed& argument : one.list("arguments")) result.arguments.push_back(argument.text);
    return result;
  }
  std::vector<Fact> facts(const Members& one, std::string_view key) {
    std::vector<Fact> result;
    const Node* node = one.find(key);
    if (node == nullptr || !reader_.expect(*node, Kind::object, one.path(), key)) return result;
    for (const files::Member& member : node->members)
      if (const auto value = compat::read_string(reader_, member.value, {one.path(key), member.key}))
        result.push_back({member.key, *value});
    return result;
  }

  void step(const Node& node, const std::string& path, std::vector<PlanStep>& steps) {
    const Members one(
        reader_, node, path,
        {"step", "action", "arguments", "does", "rule", "assumes", "guarantees", "undo", "after", "walk"});
    if (!one.good()) return;
    PlanStep made;
    made.event = event(one);
    made.does = one.text("does");
    made.rule = one.text("rule");
    made.assumes = facts(one, "assumes");
    made.guarantees = facts(one, "guarantees");
    if (const Node* undo = one.find("undo"); undo != nullptr && undo->kind != Kind::null)
      made.undo = event(Members(reader_, *undo, one.path("undo"), {"action", "arguments"}));
    if (const Node* after = one.find("after");
        after != nullptr && reader_.expect(*after, Kind::array, path, "after"))
      for (std::size_t i = 0; i < after->items.size(); ++i)
        if (const auto number = compat::read_u64(reader_, after->items[i], {path, "after", i})) {
          if (*number == 0 || *number > steps.size())
            reader_.report(FaultCode::out_of_range, after->items[i], files::item_path(one.path("after"), i),
                           fmt::format("got {}", *number), "an earlier step");
          else
            made.after.push_back(*number - 1);
        }
    if (const Node* walk = one.find("walk");
        walk != nullptr && reader_.expect(*walk, Kind::array, path, "walk"))
      for (std::size_t i = 0; i < walk->items.size(); ++i)
        made.walk.push_back(event(Members(reader_, walk->items[i], files::item_path(one.path("walk"), i),
                                          {"action", "arguments"})));
    steps.push_back(std::move(made));
  }

  void verified(const Node& node, PlanVerification& into) {
    const Members one(reader_, node, "verified",
                      {"states", "transitions", "fault_budget", "complete", "properties"});
    into.states = one.number("states").value_or(0);
    into.transitions = one.number("transitions").value_or(0);
    into.fault_budget = one.number("fault_budget").value_or(0);
    into.complete = one.boolean("complete", false);
    const Node* all = one.find("properties");
    if (all == nullptr || !reader_.expect(*all, Kind::array, "verified", "properties")) return;
    for (std::size_t i = 0; i < all->items.size(); ++i) {
      const Members property(reader_, all->items[i], files::item_path("verified.properties", i),
                             {"name", "verb", "verdict"});
      into.verdicts.push_back({property.text("name"), property.text("verb"), property.text("verdict")});
    }
  }
};

}  // namespace

std::string write_plan(const Plan& plan) {
  Json json{{"format", "portolan.plan/1"},
            {"scenario", plan.scenario},
            {"digest", plan.digest},
            {"goal", plan.goal}};
  json["inputs"] = json_of(plan.inputs);
  json["notes"] = plan.notes;
  json["point_of_no_return"] = plan.point_of_no_return ? Json(*plan.point_of_no_return + 1) : Json(nullptr);
  json["steps"] = Json::array();
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const PlanStep& step = plan.steps[s];
    Json one{{"step", s + 1},
             {"action", step.event.action},
             {"arguments", step.event.arguments},
             {"does", step.does},
             {"rule", step.rule}};
    one["after"] = Json::array();
    for (std::size_t before : step.after) one["after"].push_back(before + 1);
    one["assumes"] = json_of(step.assumes);
    one["guarantees"] = json_of(step.guarantees);
    one["undo"] = step.undo ? json_of(*step.undo) : Json(nullptr);
    if (!step.walk.empty()) {
      one["walk"] = Json::array();
      for (const NamedEvent& event : step.walk) one["walk"].push_back(json_of(event));
    }
    json["steps"].push_back(std::move(one));
  }
  Json verdicts = Json::array();
  for (const PlanVerdict& verdict : plan.verified.verdicts)
    verdicts.push_back({{"name", verdict.property}, {"verb", verdict.verb}, {"verdict", verdict.verdict}});
  json["verified"] = {{"states", plan.verified.states},
                      {"transitions", plan.verified.transitions},
                      {"fault_budget", plan.verified.fault_budget},
                      {"complete", plan.verified.complete},
                      {"properties", verdicts}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Plan> read_plan(const std::filesystem::path& file) {
  auto text = files::read_text(file);
  if (!text) return fail(std::move(text.error()));
  auto document = files::parse_document(*text, file.string(), files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  return PlanReader(*document).read();
}

// --- steps
// -----------------------------------------------------------------------------------------------------------

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
      if (action.name == "migrate_end" || action.name == "migrate_end_aborted")
        sessions.erase(event.arguments[0]);
      continue;
    }
    if (scenario.is_fleet() && action.name == "migrate_begin") sessions[event.arguments[0]] = steps.size();
    PlanStep step;
    step.event = named(module, event);
    step.does = action.meaning;
    step.rule = action.sources.empty() ? std::string() : action.sources.front();
    if (action.name == "migrate_begin" && scenario.is_fleet())
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

rules::Module following(const LoadedScenario& scenario, const std::vector<PlanStep>& steps) {
  rules::Module module = scenario.module;
  // How many decisions were taken, as one more variable behind the others.
  const auto variable = static_cast<std::int16_t>(module.variables.size());
  rules::Variable taken;
  taken.name = "plan-step";
  taken.type = {rules::TypeKind::integer, false, -1};
  taken.high = static_cast<std::int64_t>(steps.size());
  taken.meaning = "steps of the plan that were taken";
  module.offsets.push_back(static_cast<std::int32_t>(module.initial.size()));
  module.strides.push_back(1);
  module.widths.push_back(1);
  module.initial.push_back(0);
  module.variables.push_back(std::move(taken));
  const rules::Type integer{rules::TypeKind::integer, false, -1};
  const auto number = [&](std::uint64_t value) {
    return rules::Node{rules::Op::integer, integer, -1, -1, -1, -1, 1, value};
  };
  std::vector<rules::Action> kept;
  for (const rules::Action& action : scenario.module.actions) {
    if (action.actor != rules::Actor::decision) {
      kept.push_back(action);
      continue;
    }
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s].event.action != action.name) continue;
      rules::Action taken_now = action;
      rules::Expression guard;
      const auto both = [&](std::vector<rules::Node> comparison) {
        // The comparison's indices are relative to its beginning.
        const auto base = static_cast<std::int32_t>(guard.nodes.size());
        for (rules::Node node : comparison) {
          if (node.a >= 0) node.a += base;
          if (node.b >= 0) node.b += base;
          guard.nodes.push_back(node);
        }
        const auto root = static_cast<std::int32_t>(guard.nodes.size()) - 1;
        if (base > 0) guard.nodes.push_back({rules::Op::conjunction, {}, -1, base - 1, root, -1, 1, 0});
      };
      both({{rules::Op::variable, integer, variable, -1, -1, -1, 1, 0},
            number(s),
            {rules::Op::equal, {}, -1, 0, 1, -1, 1, 0}});
      for (std::size_t p = 0; p < action.parameters.size(); ++p) {
        const rules::Type type{rules::TypeKind::element, false, action.parameters[p].sort};
        const auto& elements = module.sorts[static_cast<std::size_t>(type.sort)].elements;
        const auto element = static_cast<std::uint64_t>(
            std::find(elements.begin(), elements.end(), steps[s].event.arguments[p]) - elements.begin());
        both({{rules::Op::bound, type, static_cast<std::int16_t>(p), -1, -1, -1, 1, 0},
              {rules::Op::element, type, type.sort, -1, -1, -1, 1, element},
              {rules::Op::equal, {}, -1, 0, 1, -1, 1, 0}});
      }
      taken_now.guards.insert(taken_now.guards.begin(), std::move(guard));
      rules::Assignment count;
      count.variable = variable;
      count.value.nodes.push_back(number(s + 1));
      taken_now.assignments.push_back(std::move(count));
      kept.push_back(std::move(taken_now));
    }
  }
  module.actions = std::move(kept);
  return module;
}

}  // namespace portolan::fleet
