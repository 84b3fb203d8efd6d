// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/judgement.hpp"

#include <algorithm>
#include <cassert>
#include <set>

#include "model/compat/judging/behaviour.hpp"

namespace portolan::compat {
namespace {

Acceptance acceptance_of(Decision decision) {
  return decision == Decision::accept   ? Acceptance::accepted
         : decision == Decision::reject ? Acceptance::refused
                                        : Acceptance::undetermined;
}

Acceptance both(Acceptance a, Acceptance b) {
  if (a == Acceptance::refused || b == Acceptance::refused) return Acceptance::refused;
  return a == Acceptance::undetermined || b == Acceptance::undetermined ? Acceptance::undetermined
                                                                        : Acceptance::accepted;
}

std::vector<std::string> texts_of(const Annotations& annotations, const std::vector<std::size_t>& failed) {
  std::vector<std::string> texts;
  for (const std::size_t index : failed) texts.push_back(annotations.constraints[index].source);
  return texts;
}

/// The same values at another end, what only that one knows at its off value; empty where that is no
/// configuration of it, or something that it lacks is not off.
std::optional<Configuration> same_at(const End& from, const Configuration& configuration, const End& to) {
  for (const std::string& name : lacked_by(*from.model, *to.model))
    if (from.model->parameters.at(name).off != std::optional(configuration.at(name))) return std::nullopt;
  Configuration same;
  for (const auto& [name, parameter] : to.model->parameters) {
    const auto own = configuration.find(name);
    if (own == configuration.end() && !parameter.off) return std::nullopt;
    const Value& value = own == configuration.end() ? *parameter.off : own->second;
    if (parameter.accepts(value) != Acceptance::accepted)
      return std::nullopt;  // also a value of another type
    same.emplace(name, value);
  }
  return failed_constraints(notes_of(to), same).empty() ? std::optional(same) : std::nullopt;
}

std::vector<std::string> different_state(const End& a, const Configuration& at_a, const End& b,
                                         const Configuration& at_b) {
  if (!notes_of(a).describes_state() || !notes_of(b).describes_state()) return {};
  const auto here = saved_state(a, at_a), there = saved_state(b, at_b);
  std::set<std::string> different;
  for (const auto& one : here)
    if (!there.contains(one)) different.insert(one.first);
  for (const auto& one : there)
    if (!here.contains(one)) different.insert(one.first);
  return {different.begin(), different.end()};
}

std::vector<std::string> different_values(const Configuration& a, const Configuration& b) {
  std::vector<std::string> names;
  for (const auto& [name, value] : a)
    if (b.at(name) != value) names.push_back(name);
  return names;
}

}  // namespace

bool same_parameter_space(const DeviceModel& a, const DeviceModel& b) {
  return a.parameters.size() == b.parameters.size() &&
         std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second.type == y.second.type;
                    });
}

std::vector<std::string> lacked_by(const DeviceModel& end, const DeviceModel& other) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : end.parameters)
    if (!other.parameters.contains(name)) names.push_back(name);
  return names;
}

SetUp set_up(const End& source, const Configuration& configuration, const End& destination) {
  const Verdict verdict = check(Scheme::rfc_v3, source, configuration, destination);
  SetUp result;
  result.outcome = acceptance_of(verdict.decision);
  if (destination.model == nullptr || destination.model->name != source.model->name) return result;
  result.given = prepared(verdict.list, *destination.model);
  for (const auto& [name, parameter] : destination.model->parameters) {
    // R7: an unlisted parameter is written with the destination's off value, and keeps its init value where
    // there is none.
    if (!verdict.list.contains(name) && parameter.off &&
        parameter.accepts(*parameter.off) != Acceptance::accepted)
      result.refused_writes.push_back(name);
  }
  result.failed = failed_constraints(notes_of(destination), result.given);
  if (!result.refused_writes.empty() || !result.failed.empty()) result.outcome = Acceptance::refused;
  return result;
}

namespace {

/// The meaning of one property: of a configuration of the source.
using Meaning = Judgement (*)(const Ends& ends, const Configuration& configuration);

Judgement off_equals_absence(const Ends& ends, const Configuration& configuration) {
  const auto& [source, destination, by_way_of] = ends;
  Judgement judgement;
  if (lacked_by(*source.model, *destination.model).empty()) return judgement;
  const auto there = same_at(source, configuration, destination);
  if (!there) return judgement;
  judgement.applies = Acceptance::accepted;
  judgement.wrong = changed_aspects(source, configuration, destination, *there);
  for (std::string& section : different_state(source, configuration, destination, *there))
    judgement.wrong.push_back(std::move(section));
  return judgement;
}

Judgement constraint_hole(const Ends& ends, const Configuration& configuration) {
  Judgement judgement;
  judgement.applies =
      acceptance_of(check(Scheme::rfc_v3, ends.source, configuration, ends.destination).decision);
  judgement.wrong =
      texts_of(notes_of(ends.destination), set_up(ends.source, configuration, ends.destination).failed);
  return judgement;
}

Judgement no_surprise(const Ends& ends, const Configuration& configuration) {
  Judgement judgement = constraint_hole(ends, configuration);
  const SetUp made = set_up(ends.source, configuration, ends.destination);
  judgement.wrong.insert(judgement.wrong.begin(), made.refused_writes.begin(), made.refused_writes.end());
  return judgement;
}

Judgement loads(const Ends& ends, const Configuration& configuration) {
  const SetUp made = set_up(ends.source, configuration, ends.destination);
  Judgement judgement;
  judgement.applies = made.outcome;
  judgement.wrong = refused_section_names(ends.source, configuration, ends.destination, made.given);
  return judgement;
}

Judgement interface_constant(const Ends& ends, const Configuration& configuration) {
  const SetUp made = set_up(ends.source, configuration, ends.destination);
  Judgement judgement;
  judgement.applies = made.outcome;
  judgement.wrong = changed_interface(ends.source, configuration, ends.destination, made.given);
  return judgement;
}

Judgement round_trip(const Ends& ends, const Configuration& configuration) {
  const SetUp there = set_up(ends.source, configuration, ends.destination);
  const SetUp back = set_up(ends.destination, there.given, ends.source);
  Judgement judgement;
  judgement.applies = both(there.outcome, back.outcome);
  judgement.wrong = different_values(configuration, back.given);
  return judgement;
}

Judgement path_independent(const Ends& ends, const Configuration& configuration) {
  const SetUp first = set_up(ends.source, configuration, ends.by_way_of);
  const SetUp second = set_up(ends.by_way_of, first.given, ends.destination);
  const SetUp straight = set_up(ends.source, configuration, ends.destination);
  Judgement judgement;
  judgement.applies = both(both(first.outcome, second.outcome), straight.outcome);
  judgement.wrong = different_values(second.given, straight.given);
  return judgement;
}

Judgement ambiguous_type(const Ends& ends, const Configuration& configuration) {
  Judgement judgement;
  if (!same_at(ends.source, configuration, ends.destination)) return judgement;
  judgement.applies = Acceptance::accepted;
  judgement.wrong = {ends.destination.implementation->type};
  return judgement;
}

Judgement representation_without_parameter(const Ends& ends, const Configuration& configuration) {
  Judgement judgement;
  if (!same_parameter_space(*ends.source.model, *ends.destination.model)) return judgement;
  const auto there = same_at(ends.source, configuration, ends.destination);
  if (!there) return judgement;
  judgement.applies = Acceptance::accepted;
  judgement.wrong = different_state(ends.source, configuration, ends.destination, *there);
  return judgement;
}

Judgement incomplete_state(const Ends& ends, const Configuration& configuration) {
  const auto& [source, destination, by_way_of] = ends;
  const SetUp made = set_up(source, configuration, destination);
  Judgement judgement;
  judgement.applies = refused_sections(source, configuration, destination, made.given).empty()
                          ? made.outcome
                          : Acceptance::refused;
  for (const auto& [name, notes] : notes_of(source).notes) {
    const auto value = configuration.find(name);
    if (!notes.fix_for.empty() && value != configuration.end() &&
        source.model->parameters.at(name).off == std::optional(value->second))
      judgement.wrong.push_back(name);
  }
  for (std::string& section : skipped_sections(source, configuration, destination))
    judgement.wrong.push_back(std::move(section));
  return judgement;
}

/// Null where a property is not judged one configuration at a time.
Meaning meaning_of(Property property) {
  switch (property) {
    case Property::off_equals_absence: return off_equals_absence;
    case Property::no_surprise: return no_surprise;
    case Property::loads: return loads;
    case Property::interface_constant: return interface_constant;
    case Property::round_trip: return round_trip;
    case Property::path_independent: return path_independent;
    case Property::constraint_hole: return constraint_hole;
    case Property::ambiguous_type: return ambiguous_type;
    case Property::representation_without_parameter: return representation_without_parameter;
    case Property::incomplete_state: return incomplete_state;
    default: return nullptr;
  }
}

}  // namespace

bool is_judged(Property property) { return meaning_of(property) != nullptr; }

Judgement judge(Property property, const Ends& ends, const Configuration& configuration) {
  assert(is_judged(property));
  return meaning_of(property)(ends, configuration);
}

Judgement judge_revertible(const End& source, const End& previous, const Configuration& configuration,
                           std::span<const Configuration> all) {
  const Annotations& notes = notes_of(source);
  const auto runtime = [&](const std::string& name) {
    return notes.notes_of(name).writable == Writable::runtime;
  };
  Judgement judgement;
  const Verdict verdict = check(Scheme::rfc_v3, source, configuration, previous);
  judgement.applies = Acceptance::accepted;
  for (const Reason& reason : verdict.reasons) {  // what cannot be changed while the guest runs
    if (!runtime(reason.parameter))
      judgement.applies =
          both(judgement.applies, reason.rule == "R2" ? Acceptance::undetermined : Acceptance::refused);
  }
  std::size_t settings = 0;
  bool some_accepted = false, some_undetermined = false;
  for (const Configuration& other : all) {
    const bool reached = std::all_of(other.begin(), other.end(), [&](const auto& entry) {
      return runtime(entry.first) || configuration.at(entry.first) == entry.second;
    });
    if (!reached) continue;
    ++settings;
    const Verdict then = check(Scheme::rfc_v3, source, other, previous);
    Acceptance worst = Acceptance::accepted;
    for (const Reason& reason : then.reasons)
      if (runtime(reason.parameter))
        worst = both(worst, reason.rule == "R2" ? Acceptance::undetermined : Acceptance::refused);
    some_accepted |= worst == Acceptance::accepted;
    some_undetermined |= worst == Acceptance::undetermined;
  }
  if (settings < 2) judgement.applies = Acceptance::refused;  // no run-time change leads here
  if (some_accepted) return judgement;
  judgement.certain = !some_undetermined;
  for (const Reason& reason : verdict.reasons)
    if (runtime(reason.parameter)) judgement.wrong.push_back(reason.parameter);
  if (judgement.wrong.empty()) judgement.wrong.emplace_back("the run-time settings together");
  return judgement;
}

std::vector<std::string> seen_by_the_guest(const End& end, const Configuration& before,
                                           const Configuration& after) {
  return changed_interface(end, before, end, after);
}

}  // namespace portolan::compat
