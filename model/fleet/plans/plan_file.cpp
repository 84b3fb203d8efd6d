// SPDX-License-Identifier: Apache-2.0
//
// The format `portolan.plan/1`: reading and writing (docs/formats/plan.md).
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/files/kinds.hpp"
#include "model/fleet/plans/plan.hpp"
#include "model/fleet/scenario_reading.hpp"
#include "model/support/sha256.hpp"

namespace portolan::fleet {

using Json = nlohmann::ordered_json;
using files::Kind;
using files::Node;

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
                      {"format", "scenario", "digest", "content_digest", "inputs", "goal", "steps",
                       "point_of_no_return", "notes", "verified"});
    if (!top.good()) return fail(std::move(faults_));
    reader_.expect_format(document_.root, files::plan_format);
    for (const char* key : {"scenario", "digest", "content_digest"}) top.required(key);
    plan.scenario = top.text("scenario");
    plan.digest = top.text("digest");
    plan.content_digest = top.text("content_digest");
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
    if (const Node* step = one.required("step"))
      if (const auto number = one.number("step"); number && *number != steps.size() + 1)
        reader_.report(FaultCode::out_of_range, *step, one.path("step"), fmt::format("got {}", *number),
                       fmt::format("{}, its place in the list", steps.size() + 1));
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

Json json_of(const Plan& plan) {
  Json json{{"format", files::plan_format.name},
            {"scenario", plan.scenario},
            {"digest", plan.digest},
            {"content_digest", plan.content_digest},
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
  return json;
}

}  // namespace

std::string write_plan(const Plan& plan) {
  return json_of(plan).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string content_digest_of(const Plan& plan) {
  Json json = json_of(plan);
  json.erase("scenario");
  json.erase("content_digest");
  // Members in name order: who writes the file anew in another order changes nothing.
  const auto sorted = nlohmann::json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  return sha256(sorted.dump());
}

Result<Plan> read_plan(const std::filesystem::path& file) {
  auto text = files::read_text(file);
  if (!text) return fail(std::move(text.error()));
  return parse_plan(*text, file.string());
}

Result<Plan> parse_plan(std::string_view text, const std::string& name) {
  auto document = files::parse_document(text, name, files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  if (auto other = files::of_another_kind(*document, files::plan_format)) return fail(std::move(*other));
  return PlanReader(*document).read();
}

}  // namespace portolan::fleet
