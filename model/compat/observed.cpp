// SPDX-License-Identifier: Apache-2.0
#include "model/compat/observed.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace portolan::compat {
Absence::Absence(const Catalogue& catalogue, const std::string& model) {
  add(catalogue.implementations, model);
  add(catalogue.beside, model);
}

void Absence::add(const std::vector<Implementation>& implementations, const std::string& model) {
  for (const Implementation& one : implementations) {
    const DeviceModel* described = one.model(model);
    if (described == nullptr) continue;
    const Annotations& notes = one.annotations_of(model);
    for (const Observations* all : {&notes.observed, &notes.takes, &notes.restored})
      for (const auto& [profile, seen] : *all)
        for (const auto& [aspect, value] : seen) aspects_.insert(aspect);
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

std::optional<Configuration> values_at(const End& end, const std::string& profile) {
  const Annotations& notes = notes_of(end);
  const auto found = notes.profiles.find(profile);
  if (found == notes.profiles.end()) return std::nullopt;
  Configuration values = fresh(*end.model);
  for (const auto& [name, value] : found->second.values) values[name] = value;
  return values;
}

namespace {

using Seen = std::map<std::string, Observation>;

/// What an end showed at the profile; null where nothing was looked at.
const Seen* seen_at(const Observations& observations, const std::string& profile) {
  const auto found = observations.find(profile);
  return found == observations.end() ? nullptr : &found->second;
}

/// The source's parameter of that name; where the destination says it, that may be its own name of what it
/// takes in by a second one.
const Parameter* carrier_at(const End& source, const End& destination, const std::string& name) {
  if (const Parameter* own = source.model->find(name)) return own;
  for (const auto& [alias, of] : notes_of(destination).aliases)
    if (const Parameter* own = of == name ? source.model->find(alias) : nullptr) return own;
  return nullptr;
}

/// Whether a value that travels with a parameter arrives: C2 and C3 hold for it, and the destination takes it
/// in.
Related carried(const End& source, const End& destination, const std::string& profile,
                const std::string& name) {
  const auto values = values_at(source, profile);
  const Parameter* own = carrier_at(source, destination, name);
  if (!values || own == nullptr) return Related::undetermined;
  const Value& value = values->at(own->name);
  if (own->off == value) return Related::yes;  // R4: not listed
  const Parameter* there = known_as(destination, parameter_list(*source.model, *values), own->name);
  if (there == nullptr || there->type != own->type) return Related::no;
  const auto& takes = notes_of(destination).notes_of(there->name).takes;
  const Acceptance acceptance = there->accepts(value);
  if (acceptance == Acceptance::refused || (takes && !takes->contains(value))) return Related::no;
  return acceptance == Acceptance::accepted ? Related::yes : Related::undetermined;
}

/// The destination's entry counts, else the source's, else `exact`: it is the destination that checks.
RelationRule rule_of(AspectComparison& one, const Annotations& from, const Annotations& to) {
  const Aspect &here = from.aspect(one.aspect), &there = to.aspect(one.aspect);
  const Aspect& counts = there.compare ? there : here;
  one.relation = counts.compare.value_or(Relation::exact);
  if (here.compare && *here.compare != one.relation) one.source_relation = here.compare;
  one.of = there.of != AspectOf::device ? there.of : here.of;
  one.carried_by = !there.carried_by.empty() ? there.carried_by : here.carried_by;
  return {one.relation, &counts};
}

void put_seen(AspectComparison& one, const Annotations& from, const Seen& here, const Annotations& to,
              const Seen* there, const Seen* taken) {
  const auto source = here.find(one.aspect);
  if (source != here.end()) one.source = source->second;
  one.source_reported = source != here.end() || from.reports(one.aspect);
  if (taken != nullptr && taken->contains(one.aspect)) {
    one.destination = taken->at(one.aspect);
    one.taken = true;
    return;
  }
  const bool entry = there != nullptr && there->contains(one.aspect);
  if (entry) one.destination = there->at(one.aspect);
  // Where an end says only what it takes in, nothing is known of what it shows.
  one.destination_reported = entry || (there != nullptr && to.reports(one.aspect));
}

}  // namespace

std::optional<std::map<std::string, Observation>> shown_by_source(const Annotations& notes,
                                                                  const std::string& profile, bool arrived) {
  const Seen* fresh = seen_at(notes.observed, profile);
  const Seen* restored = arrived ? seen_at(notes.restored, profile) : nullptr;
  if (fresh == nullptr && restored == nullptr) return std::nullopt;
  Seen seen = restored != nullptr ? *restored : *fresh;
  if (restored != nullptr && fresh != nullptr) seen.insert(fresh->begin(), fresh->end());
  return seen;
}

std::optional<std::vector<AspectComparison>> compare_observations(const Absence& absence, const End& source,
                                                                  const End& destination,
                                                                  const std::string& profile, bool arrived) {
  const Annotations &from = notes_of(source), &to = notes_of(destination);
  const auto here = shown_by_source(from, profile, arrived);
  const Seen *there = seen_at(to.observed, profile), *taken = seen_at(to.takes, profile);
  if (!here || (there == nullptr && taken == nullptr)) return std::nullopt;
  std::set<std::string> aspects;
  for (const Seen* side : {&*here, there, taken})
    if (side != nullptr)
      for (const auto& [aspect, value] : *side) aspects.insert(aspect);
  // What neither has an entry for is absent at one of them where that one reports all that there is.
  if (there != nullptr)
    for (const std::string& aspect : absence.aspects())
      if (from.reports(aspect) != to.reports(aspect)) aspects.insert(aspect);
  std::vector<AspectComparison> compared;
  for (const std::string& aspect : aspects) {
    AspectComparison one;
    one.aspect = aspect;
    const RelationRule rule = rule_of(one, from, to);
    put_seen(one, from, *here, to, there, taken);
    one.absent = absence.of(aspect, destination.model);
    one.related = !one.carried_by.empty() ? carried(source, destination, profile, one.carried_by)
                  : !one.source_reported || !one.destination_reported
                      ? Related::undetermined
                      : relate(rule, one.source, one.destination, one.absent);
    if (one.carried_by.empty() && one.related == Related::no)
      one.missing = missing_bits(rule, one.source, one.destination);
    one.weak = one.related == Related::yes && one.carried_by.empty() &&
               passes_different_values(rule, one.source, one.destination);
    compared.push_back(std::move(one));
  }
  return compared;
}

std::string to_string(const AspectComparison& comparison) {
  const auto end = [&](const Observation& own, const Observation& other, bool reported,
                       std::string_view where) {
    if (!reported) return fmt::format("not reported at the {}", where);
    if (own) return fmt::format("{} at the {}", to_string(*own), where);
    std::vector<std::string> meanings;
    for (const Value& value : comparison.absent) meanings.push_back(to_string(value));
    if (meanings.empty() && other) meanings.push_back(to_json(absent_like(*other)));
    if (meanings.empty()) return fmt::format("absent at the {}", where);
    return fmt::format("absent at the {} (which counts as {})", where, fmt::join(meanings, " or "));
  };
  std::string text =
      fmt::format("{} is {} and {}; ", comparison.aspect,
                  end(comparison.source, comparison.destination, comparison.source_reported, "source"),
                  end(comparison.destination, comparison.source, comparison.destination_reported,
                      comparison.taken ? "destination, which takes that in" : "destination"));
  if (!comparison.carried_by.empty())
    return text + fmt::format("it is carried by {}, which {} there", comparison.carried_by,
                              comparison.related == Related::no ? "is not taken" : "may not be taken");
  text += fmt::format("compare says {}", name_of(comparison.relation));
  if (comparison.source_relation)
    text += fmt::format(" (the destination's word counts; the source says {})",
                        name_of(*comparison.source_relation));
  if (!comparison.missing.empty())
    text += fmt::format("; missing at the destination: bit {}", fmt::join(comparison.missing, ", bit "));
  return text;
}

}  // namespace portolan::compat
