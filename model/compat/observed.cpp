// SPDX-License-Identifier: Apache-2.0
#include "model/compat/observed.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace portolan::compat {
namespace {

bool is_on(const Value& value) {
  const auto number = number_of(value);
  return number ? *number != 0 : !std::get<std::string>(value).empty();
}

}  // namespace

std::optional<std::uint64_t> number_of(const Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return *number;
  return std::nullopt;
}

bool equal(const Value& a, const Value& b) {
  const auto x = number_of(a), y = number_of(b);
  return x && y ? *x == *y : a == b;
}

Value absent_like(const Value& other) {
  switch (type_of(other)) {
    case ValueType::boolean: return false;
    case ValueType::integer: return std::uint64_t{0};
    case ValueType::string: break;
  }
  return std::string();
}

Absence::Absence(const Catalogue& catalogue, const std::string& model) {
  for (const Implementation& one : catalogue.implementations) {
    const DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    for (const auto& [name, parameter] : described->parameters) {
      if (!parameter.off) continue;
      auto& values = offs_[name];
      if (std::find(values.begin(), values.end(), *parameter.off) == values.end())
        values.push_back(*parameter.off);
    }
  }
}

std::vector<Value> Absence::of(const std::string& aspect, const DeviceModel* destination) const {
  if (destination != nullptr) {
    const auto own = destination->parameters.find(aspect);
    if (own != destination->parameters.end() && own->second.off) return {*own->second.off};
  }
  const auto at = offs_.find(aspect);
  return at == offs_.end() ? std::vector<Value>{} : at->second;
}

Related relate(Relation relation, const Observation& source, const Observation& destination,
               const std::vector<Value>& absent) {
  if (!source && !destination) return Related::yes;
  const auto holds = [&](const Value& from, const Value& to) {
    return relation == Relation::exact ? equal(from, to) : !is_on(from) || is_on(to);
  };
  if (source && destination) return holds(*source, *destination) ? Related::yes : Related::no;
  std::vector<Value> meanings = absent;
  if (meanings.empty()) meanings.push_back(absent_like(source ? *source : *destination));
  std::size_t held = 0;
  for (const Value& meaning : meanings)
    held += holds(source ? *source : meaning, destination ? *destination : meaning) ? 1 : 0;
  return held == meanings.size() ? Related::yes : held == 0 ? Related::no : Related::undetermined;
}

std::optional<Configuration> values_at(const End& end, const std::string& profile) {
  const Annotations& notes = notes_of(end);
  const auto found = notes.profiles.find(profile);
  if (found == notes.profiles.end()) return std::nullopt;
  Configuration values = fresh(*end.model);
  for (const auto& [name, value] : found->second.values) values[name] = value;
  return values;
}

std::optional<std::vector<AspectComparison>> compare_observations(const Absence& absence, const End& source,
                                                                  const End& destination,
                                                                  const std::string& profile) {
  const Annotations &from = notes_of(source), &to = notes_of(destination);
  const auto here = from.observed.find(profile), there = to.observed.find(profile);
  if (here == from.observed.end() || there == to.observed.end()) return std::nullopt;
  std::set<std::string> aspects;
  for (const auto* side : {&here->second, &there->second})
    for (const auto& [aspect, value] : *side) aspects.insert(aspect);
  std::vector<AspectComparison> compared;
  for (const std::string& aspect : aspects) {
    AspectComparison one;
    one.aspect = aspect;
    for (const Annotations* notes : {&to, &from})  // the source's entry counts, else the destination's
      if (const auto at = notes->compare.find(aspect); at != notes->compare.end()) one.relation = at->second;
    if (const auto at = here->second.find(aspect); at != here->second.end()) one.source = at->second;
    if (const auto at = there->second.find(aspect); at != there->second.end()) one.destination = at->second;
    one.absent = absence.of(aspect, destination.model);
    one.related = relate(one.relation, one.source, one.destination, one.absent);
    compared.push_back(std::move(one));
  }
  return compared;
}

std::string to_string(const AspectComparison& comparison) {
  const auto end = [&](const Observation& own, const Observation& other, std::string_view where) {
    if (own) return fmt::format("{} at the {}", to_string(*own), where);
    std::vector<std::string> meanings;
    for (const Value& value : comparison.absent) meanings.push_back(to_string(value));
    if (meanings.empty() && other) meanings.push_back(to_json(absent_like(*other)));
    return fmt::format("absent at the {} (which counts as {})", where, fmt::join(meanings, " or "));
  };
  return fmt::format("{} is {} and {}; compare says {}", comparison.aspect,
                     end(comparison.source, comparison.destination, "source"),
                     end(comparison.destination, comparison.source, "destination"),
                     name_of(comparison.relation));
}

}  // namespace portolan::compat
