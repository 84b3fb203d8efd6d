// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/truth.hpp"

#include <cassert>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/compat/judging/behaviour.hpp"
#include "model/compat/judging/blocks.hpp"
#include "model/support/named.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

constexpr auto outcome_names =
    enumerator_names<MigrationOutcome>({{MigrationOutcome::works, "works"},
                                        {MigrationOutcome::fails, "fails"},
                                        {MigrationOutcome::undetermined, "undetermined"}});

/// A failure outweighs what is not known; of two of a kind the first one is told.
void worsen(Truth& truth, MigrationOutcome outcome, std::string why) {
  if (truth.outcome == MigrationOutcome::fails ||
      (truth.outcome == MigrationOutcome::undetermined && outcome == MigrationOutcome::undetermined))
    return;
  truth.outcome = outcome;
  truth.why = std::move(why);
}

/// R7: what stands in the way of preparing a destination from a list by its own names.
Truth set_up(const std::map<std::string, Value>& list, const End& destination) {
  Truth truth;
  const std::string& there = destination.implementation->label;
  for (const auto& [name, value] : list) {
    const auto known = destination.model->parameters.find(name);
    if (known == destination.model->parameters.end())
      worsen(truth, MigrationOutcome::fails, fmt::format("set-up fails: {} does not know {}", there, name));
    else if (type_of(value) != known->second.type)
      worsen(truth, MigrationOutcome::fails,
             fmt::format("set-up fails: {} has another type in {}", name, there));
  }
  truth.given = prepared(list, *destination.model);
  for (const auto& [name, value] : truth.given) {
    const Parameter& parameter = destination.model->parameters.at(name);
    const bool written = list.contains(name) || parameter.off.has_value();
    if (!written) continue;  // it keeps its init value
    const Acceptance acceptance = parameter.accepts(value);
    if (acceptance == Acceptance::refused)
      worsen(truth, MigrationOutcome::fails,
             fmt::format("set-up fails: {} refuses {}", there, assignment(name, value)));
    if (acceptance == Acceptance::undetermined)
      worsen(truth, MigrationOutcome::undetermined,
             fmt::format("nobody says whether {} takes {}", there, assignment(name, value)));
  }
  if (truth.outcome == MigrationOutcome::fails) return truth;
  const Annotations& notes = notes_of(destination);
  for (const std::size_t index : failed_constraints(notes, truth.given))
    worsen(truth, MigrationOutcome::fails,
           fmt::format("set-up fails: the constraint {} of {} does not hold for what it is given",
                       notes.constraints[index].source, there));
  return truth;
}

std::string text_of(const std::optional<Evaluated>& value) {
  if (!value) return "absent";
  if (const bool* truth = std::get_if<bool>(&*value)) return *truth ? "true" : "false";
  if (const Integer* number = std::get_if<Integer>(&*value)) return number->str();
  return std::get<std::string>(*value);
}

/// State and interface, once both ends are made.
void carried(Truth& truth, const SchemeQuestion& asked) {
  for (const std::string& sentence :
       refused_sections(asked.source, asked.configuration, asked.destination, truth.given))
    worsen(truth, MigrationOutcome::fails, "the state does not load: " + sentence);
  for (const LostSection& one : lost_sections(asked.source, asked.configuration, asked.destination))
    worsen(truth, MigrationOutcome::fails, "state is lost: " + one.sentence);
  for (const ChangedAspect& one :
       different_aspects(asked.source, asked.configuration, asked.destination, truth.given))
    worsen(truth, MigrationOutcome::fails,
           fmt::format("the guest sees {} change from {} to {}", one.name, text_of(one.before),
                       text_of(one.after)));
}

/// What the destination takes in of what is listed, by its own names.
void taken_in(Truth& truth, const std::map<std::string, Value>& list, const End& destination) {
  for (const auto& [name, value] : list)
    if (const ValueSet* takes = takes_in_less(destination, name, value))
      worsen(truth, MigrationOutcome::fails,
             fmt::format("{} takes in only {} of {}, not {}", destination.implementation->label,
                         to_string(*takes), name, to_string(value)));
}

/// What is known of an instance at a profile: whether its source saves it, and the destination takes in what
/// it shows.
Truth at_profile(const SchemeQuestion& asked, const std::string& profile, const Absence& absence) {
  Truth at;
  for (const Refused& one : refusals_to_save(asked.source, asked.configuration, profile, asked.arrived))
    worsen(
        at, one.certain ? MigrationOutcome::fails : MigrationOutcome::undetermined,
        fmt::format("{}{} refuses to save this instance ({}): {}", one.certain ? "" : "nobody says whether ",
                    asked.source.implementation->label, one.block->when.source, one.block->text));
  if (profile.empty() || asked.source.model->name != asked.destination.model->name) return at;
  const auto compared =
      compare_observations(absence, asked.source, asked.destination, profile, asked.arrived);
  if (!compared) return at;
  for (const AspectComparison& one : *compared)
    if (one.taken && one.related != Related::yes)
      worsen(at, one.related == Related::no ? MigrationOutcome::fails : MigrationOutcome::undetermined,
             fmt::format("at profile {}, {}", profile, to_string(one)));
  return at;
}

/// The same of an instance that may have been made from several profiles: nobody says from which.
void at_profiles(Truth& truth, const SchemeQuestion& asked) {
  std::vector<std::string> names = profiles_of(asked);
  if (names.empty()) names.emplace_back();
  std::optional<Absence> own;
  const Absence& absence = absence_of(asked, own);
  std::size_t failing = 0;
  Truth worst;
  for (const std::string& name : names) {
    const Truth at = at_profile(asked, name, absence);
    failing += at.outcome == MigrationOutcome::fails ? 1 : 0;
    worsen(worst, at.outcome, at.why);
  }
  if (worst.outcome == MigrationOutcome::works) return;
  const bool decided = failing == names.size();
  worsen(truth, decided ? MigrationOutcome::fails : MigrationOutcome::undetermined,
         failing > 0 && !decided
             ? fmt::format("{} (one of the profiles with this configuration, {})", worst.why, listed(names))
             : worst.why);
}

/// What is not declared is not known.
void declared(Truth& truth, const End& source, const End& destination) {
  const Annotations &here = notes_of(source), &there = notes_of(destination);
  const auto silent = [&](const End& end, std::string_view member) {
    worsen(truth, MigrationOutcome::undetermined,
           fmt::format("{} declares no {}", end.implementation->label, member));
  };
  if (!here.describes_state())
    silent(source, "state");
  else if (!there.describes_loads())
    silent(destination, "loads");
  else if (!here.describes_interface())
    silent(source, "interface");
  else if (!there.describes_interface())
    silent(destination, "interface");
}

/// Everything but the set-up.
Truth moved(Truth truth, const SchemeQuestion& asked, const std::map<std::string, Value>& known) {
  truth.made = truth.outcome == MigrationOutcome::works;
  if (truth.outcome == MigrationOutcome::fails) return truth;
  carried(truth, asked);
  taken_in(truth, known, asked.destination);
  at_profiles(truth, asked);
  declared(truth, asked.source, asked.destination);
  return truth;
}

}  // namespace

std::string_view name_of(MigrationOutcome outcome) { return outcome_names[outcome]; }

Truth truth(const SchemeQuestion& asked, const std::map<std::string, Value>& list) {
  assert(asked.destination.model != nullptr);
  if (asked.source.model->name != asked.destination.model->name)
    return moved(set_up({}, asked.destination), asked, {});
  const auto known = as_known(list, asked.destination);
  Truth found = set_up(known, asked.destination);
  if (known.size() < list.size())
    worsen(found, MigrationOutcome::undetermined,
           fmt::format("{} is given one parameter under several names, and nobody says which counts",
                       asked.destination.implementation->label));
  return moved(std::move(found), asked, known);
}

Truth truth_at(const SchemeQuestion& asked) {
  const End &source = asked.source, &destination = asked.destination;
  const std::string& profile = asked.profile;
  Truth found;
  const auto from = values_at(source, profile);
  const auto to = values_at(destination, profile);
  if (!from || !to)
    return {MigrationOutcome::fails,
            fmt::format("{} does not know the profile {}",
                        (from ? destination : source).implementation->label, profile),
            false,
            {}};
  found.given = *to;
  for (const auto& [end, values] : {std::pair(&source, &*from), std::pair(&destination, &*to)}) {
    const std::string& label = end->implementation->label;
    for (const auto& [name, value] : *values) {
      const Acceptance acceptance = end->model->parameters.at(name).accepts(value);
      if (acceptance == Acceptance::refused)
        worsen(found, MigrationOutcome::fails,
               fmt::format("{} refuses {} of its profile {}", label, assignment(name, value), profile));
      if (acceptance == Acceptance::undetermined)
        worsen(found, MigrationOutcome::undetermined,
               fmt::format("nobody says whether {} takes {}", label, assignment(name, value)));
    }
    const Annotations& notes = notes_of(*end);
    for (const std::size_t index : failed_constraints(notes, *values))
      worsen(found, MigrationOutcome::fails,
             fmt::format("the constraint {} of {} does not hold at profile {}",
                         notes.constraints[index].source, label, profile));
  }
  SchemeQuestion made = asked;
  made.configuration = *from;
  return moved(std::move(found), made,
               as_known(parameter_list(*source.model, made.configuration), destination));
}

Truth truth_under(NamedScheme scheme, const SchemeQuestion& asked, const Verdict& verdict) {
  if (is_for_profiles(scheme)) return truth_at(asked);
  // rfc-v1 lists everything because it knows no off values; the destination is prepared by R7 all the same.
  return truth(asked, scheme == NamedScheme::subsections
                          ? verdict.list
                          : parameter_list(*asked.source.model, asked.configuration));
}

}  // namespace portolan::compat
