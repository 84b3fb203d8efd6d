// SPDX-License-Identifier: Apache-2.0
//
// Canonical JSON of migration information and of catalogues: the same value always gives the same bytes.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "model/compat/catalogue.hpp"
#include "model/compat/migration_info.hpp"
#include "model/files/formats.hpp"

namespace portolan::compat {
namespace {

using Json = nlohmann::ordered_json;  // members in the order in which the format's description gives them

Json json_of(const Value& value) {
  return std::visit([](const auto& one) { return Json(one); }, value);
}

Json json_of(const ValueSet& set) {
  Json out = Json::array();
  if (set.has_false()) out.push_back(false);
  if (set.has_true()) out.push_back(true);
  for (const Range& range : set.ranges()) {
    if (range.min == range.max)
      out.push_back(range.min);
    else
      out.push_back(std::to_string(range.min) + '-' + std::to_string(range.max));
  }
  for (const std::string& text : set.strings()) out.push_back(text);
  return out;
}

Json json_of(const Shown& shown) {
  if (const Value* value = shown.value()) return json_of(*value);
  Json list = Json::array();
  for (const Value& one : *shown.list()) list.push_back(json_of(one));
  return list;
}

Json json_of(const Observations& observations) {
  Json out = Json::object();
  for (const auto& [profile, aspects] : observations) {
    Json one = Json::object();
    for (const auto& [aspect, value] : aspects) one[aspect] = value ? json_of(*value) : Json(nullptr);
    out[profile] = std::move(one);
  }
  return out;
}

Json json_of(const Aspect& aspect) {
  Json out = Json::object();
  if (aspect.compare) out["compare"] = name_of(*aspect.compare);
  if (aspect.of != AspectOf::device) out["of"] = name_of(aspect.of);
  if (!aspect.carried_by.empty()) out["carried-by"] = aspect.carried_by;
  if (aspect.compare == Relation::pairs || !aspect.accepts.empty()) {
    out["accepts"] = Json::object();
    for (const auto& [source, destinations] : aspect.accepts) {
      Json list = Json::array();
      for (const Value& one : destinations) list.push_back(json_of(one));
      out["accepts"][source] = std::move(list);
    }
  }
  for (const auto& [bit, name] : aspect.bits) out["bits"][std::to_string(bit)] = name;
  if (aspect.reported_all) out["reported"] = *aspect.reported_all ? "all" : "some";
  return out;
}

Json json_of(const MigrationInfo& info) {
  Json models = Json::object();
  for (const auto& [model_name, model] : info.models) {
    Json params = Json::object();
    for (const auto& [name, parameter] : model.parameters) {
      Json one = {{"type", name_of(parameter.type)}, {"init_value", json_of(parameter.init)}};
      if (parameter.allowed) one["allowed_values"] = json_of(*parameter.allowed);
      if (parameter.off) one["off_value"] = json_of(*parameter.off);
      if (!parameter.description.empty()) one["description"] = parameter.description;
      params[name] = std::move(one);
    }
    models[model_name] = {{"params", std::move(params)}};
  }
  return {{"models", std::move(models)}};
}

Json json_of(const Annotations& annotations) {
  Json out = Json::object();
  if (annotations.describes_profiles()) out["profiles"] = Json::object();
  for (const auto& [name, profile] : annotations.profiles) {
    Json values = Json::object();
    for (const auto& [parameter, value] : profile.values) values[parameter] = json_of(value);
    for (const UnknownPin& pin : profile.unknown) values[pin.name] = json_of(pin.value);
    out["profiles"][name] = std::move(values);
  }
  for (const auto& [name, notes] : annotations.notes) {
    Json one = {{"writable", name_of(notes.writable)}, {"affects", name_of(notes.affects)}};
    if (!notes.fix_for.empty()) one["fix-for"] = notes.fix_for;
    if (notes.takes) one["takes"] = json_of(*notes.takes);
    out["params"][name] = std::move(one);
  }
  for (const auto& [name, of] : annotations.aliases) out["params"][name] = {{"alias-of", of}};
  for (const auto& constraint : annotations.constraints) out["constraints"].push_back(constraint.source);
  if (annotations.describes_state()) out["state"] = Json::array();
  for (const SavedSection& section : annotations.state) {
    Json one = {{"section", section.section}, {"layout", section.layout}};
    if (section.when) one["when"] = section.when->source;
    if (section.ignorable) one["ignorable"] = true;
    out["state"].push_back(std::move(one));
  }
  if (annotations.describes_loads()) out["loads"] = Json::array();
  for (const LoadedSection& section : annotations.loads) {
    Json one = {{"section", section.section}, {"layouts", section.layouts}};
    if (section.required) one["required"] = section.required->source;
    if (section.ignorable) one["ignorable"] = true;
    if (section.missing) one["missing"] = name_of(*section.missing);
    if (!section.applied) one["applied"] = false;
    out["loads"].push_back(std::move(one));
  }
  if (annotations.describes_interface()) out["interface"] = Json::object();
  for (const auto& [aspect, expression] : annotations.interface) out["interface"][aspect] = expression.source;
  for (const auto& [key, all] :
       {std::pair("observed", &annotations.observed), std::pair("takes", &annotations.takes),
        std::pair("restored", &annotations.restored)})
    if (!all->empty()) out[key] = json_of(*all);
  if (!annotations.reported_all) out["reported"] = "some";
  for (const auto& [name, aspect] : annotations.aspects) out["aspects"][name] = json_of(aspect);
  for (const Block& block : annotations.blocks)
    out["blocks"].push_back({{"when", block.when.source}, {"text", block.text}});
  return out;
}

/// Text that did not come from a file of ours may hold invalid UTF-8; JSON must not.
std::string written(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

/// Whether a type can join the entry of the type before it: the same implementation, and no other word on a
/// shared model.
bool joins(const Json& entry, const Implementation& before, const Implementation& next, const Json& models) {
  if (next.type.empty() || before.type.empty() || before.name != next.name ||
      before.version != next.version || before.kind != next.kind)
    return false;
  for (const auto& type : entry["types"])
    if (type["name"] == next.type) return false;
  for (const auto& [name, annotations] : models.items()) {
    const bool there = entry.contains("models") && entry["models"].contains(name);
    if (there ? entry["models"][name] != annotations : before.model(name) != nullptr) return false;
  }
  if (entry.contains("models"))
    for (const auto& [name, annotations] : entry["models"].items())
      if (next.model(name) && !models.contains(name)) return false;
  return true;
}

}  // namespace

std::string write_migration_info(const MigrationInfo& info) { return written(json_of(info)); }

std::string write_catalogue(const Catalogue& catalogue) {
  Json entries = Json::array();
  const Implementation* before = nullptr;
  for (const Implementation& one : catalogue.implementations) {
    Json models = Json::object();
    for (const auto& [name, annotations] : one.annotations) models[name] = json_of(annotations);
    if (!before || !joins(entries.back(), *before, one, models)) {
      Json entry = {{"name", one.name}};
      if (!one.version.empty()) entry["version"] = one.version;
      if (one.kind != ImplementationKind::unknown) entry["kind"] = name_of(one.kind);
      if (one.type.empty())
        entry["migration_info"] = json_of(one.info);
      else
        entry["types"] = Json::array();
      entries.push_back(std::move(entry));
    }
    Json& entry = entries.back();
    if (!one.type.empty()) {
      Json type = {{"name", one.type}};
      if (one.available_instances) type["available_instances"] = *one.available_instances;
      type["migration_info"] = json_of(one.info);
      entry["types"].push_back(std::move(type));
    }
    for (auto& [name, annotations] : models.items()) entry["models"][name] = annotations;
    before = &one;
  }
  Json whole = {{"format", files::catalogue_format.name}};
  const bool aliases = std::ranges::any_of(catalogue.implementations, [](const Implementation& one) {
    return std::ranges::any_of(one.annotations,
                               [](const auto& of) { return of.second.profiles_are_aliases; });
  });
  if (aliases) whole["profile-names"] = "aliases";
  whole["implementations"] = std::move(entries);
  return written(whole);
}

}  // namespace portolan::compat
