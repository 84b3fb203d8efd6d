// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/all_known.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/compat/judging/behaviour.hpp"
#include "model/compat/judging/blocks.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

/// What is wrong at one profile.
struct AtProfile {
  std::string name;
  std::vector<Reason> reasons;

  bool rejects() const {
    return std::ranges::any_of(reasons, [](const Reason& one) { return one.certain; });
  }
};

Reason reason_of(std::string rule, std::string message, std::string expected, Place place,
                 bool certain = true) {
  Reason reason;
  reason.rule = std::move(rule);
  reason.message = reason.rule + ": " + message;
  reason.expected = std::move(expected);
  reason.place = std::move(place);
  reason.certain = certain;
  return reason;
}

std::string shown(const std::optional<Evaluated>& value) {
  if (!value) return "absent";
  if (const bool* truth = std::get_if<bool>(&*value)) return *truth ? "true" : "false";
  if (const Integer* number = std::get_if<Integer>(&*value)) return number->str();
  return std::get<std::string>(*value);
}

class AllKnown {
 public:
  explicit AllKnown(const SchemeQuestion& asked)
      : asked_(asked), names_(profiles_of(asked)), there_(asked.destination) {}

  Verdict run() {
    if (asked_.destination.model != nullptr) pin_at_profile();
    verdict_ = check(Scheme::rfc_v3_strict, asked_.source, asked_.configuration, there_);
    for (Reason& reason : verdict_.reasons) name_the_pin(reason);
    if (asked_.destination.model == nullptr || asked_.destination.model->name != asked_.source.model->name)
      return std::move(verdict_);
    if (is_only_observed(asked_.source, asked_.profile)) return only_observed();
    known_ = as_known(verdict_.list, there_);
    given_ = prepared(known_, *there_.model);
    state();
    interface();
    taken_values();
    if (names_.empty())
      blocks(asked_.configuration, {}, verdict_.reasons);
    else
      at_profiles();
    conclude();
    return std::move(verdict_);
  }

 private:
  const std::string& label() const { return asked_.destination.implementation->label; }

  void pin_at_profile() {
    if (asked_.profile.empty()) return;
    pinned_ = destination_at_profile(asked_);
    there_.model = &pinned_;
  }

  /// C4 and C5 of what is pinned and has no off value: the pin is what fails, and no off value is there.
  void name_the_pin(Reason& reason) const {
    if (there_.model != &pinned_ || (reason.rule != "C4" && reason.rule != "C5")) return;
    const Parameter* own = asked_.destination.model->find(reason.parameter);
    if (own == nullptr || own->off) return;
    const auto& profiles = notes_of(asked_.destination).profiles;
    const auto profile = profiles.find(asked_.profile);
    if (profile == profiles.end()) return;
    const auto value = profile->second.values.find(own->name);
    if (value == profile->second.values.end()) return;
    const std::string pin = assignment(own->name, value->second);
    const Parameter* ours = asked_.source.model->find(own->name);
    const std::string why =
        ours == nullptr ? fmt::format("{} does not know {}", asked_.source.implementation->label, own->name)
                        : fmt::format("{} is at the off value {} of {} and so not listed", own->name,
                                      to_string(*ours->off), asked_.source.implementation->label);
    reason.message =
        reason.rule == "C4"
            ? fmt::format(
                  "C4: {}, and {}, which has no off_value for it, does not accept {}, which its "
                  "profile {} pins, only {}",
                  why, label(), pin, asked_.profile, to_string(own->accepted_values()))
            : fmt::format("C5: {}, but profile {} of {} pins {}: the value would change on the way (R10)",
                          why, asked_.profile, label(), pin);
  }

  void add(Reason reason) { verdict_.reasons.push_back(std::move(reason)); }

  void state() {
    const Place& place = asked_.destination.implementation->place;
    for (const std::string& sentence : refused_sections(asked_.source, asked_.configuration, there_, given_))
      add(reason_of("loads", sentence, "what it loads", place));
    for (LostSection& one : lost_sections(asked_.source, asked_.configuration, there_)) {
      Reason reason =
          reason_of("lost", one.sentence, one.never_sent ? "that it is sent" : "that it is applied",
                    std::move(one.place));
      reason.never_sent = one.never_sent;
      add(std::move(reason));
    }
  }

  void interface() {
    for (const ChangedAspect& one : different_aspects(asked_.source, asked_.configuration, there_, given_)) {
      const auto& own = notes_of(there_).interface;
      const auto at = own.find(one.name);
      Reason reason = reason_of("interface",
                                fmt::format("the guest sees {} change from {} to {} in {}", one.name,
                                            shown(one.before), shown(one.after), label()),
                                fmt::format("{} as at the source", one.name),
                                at != own.end() ? at->second.place : there_.implementation->place);
      reason.about = one.name;
      add(std::move(reason));
    }
  }

  void taken_values() {
    for (const auto& [name, value] : known_) {
      const ValueSet* takes = takes_in_less(there_, name, value);
      if (takes == nullptr) continue;
      Reason reason = reason_of("takes",
                                fmt::format("{} may be had in {}, which takes in only {}",
                                            assignment(name, value), label(), to_string(*takes)),
                                to_string(*takes), notes_of(there_).notes_of(name).place);
      reason.parameter = name;
      reason.value = value;
      add(std::move(reason));
    }
  }

  /// Nobody says which values the instance has: what it shows can still speak against it.
  Verdict only_observed() {
    verdict_ = {};
    AtProfile at{asked_.profile, {}};
    std::optional<Absence> own;
    observations(at, absence_of(asked_, own));
    blocks({}, asked_.profile, at.reasons);
    at.reasons.push_back(reason_of("profile",
                                   fmt::format("{} was observed at the profile {}, and does not say which "
                                               "values it means there",
                                               asked_.source.implementation->label, asked_.profile),
                                   "the profile " + asked_.profile, notes_of(asked_.source).place, false));
    verdict_.reasons = std::move(at.reasons);
    conclude();
    return std::move(verdict_);
  }

  /// `profile`: where the instance's aspects are known from; empty: nowhere.
  void blocks(const Configuration& configuration, const std::string& profile,
              std::vector<Reason>& reasons) const {
    const std::string& here = asked_.source.implementation->label;
    for (const auto& [block, certain] :
         refusals_to_save(asked_.source, configuration, profile, asked_.arrived))
      reasons.push_back(reason_of(
          "blocks",
          certain
              ? fmt::format("{} refuses to save this instance ({}): {}", here, block->when.source,
                            block->text)
              : fmt::format("whether {} refuses to save this instance is not known, for it hangs on {}: {}",
                            here, block->when.source, block->text),
          fmt::format("!({})", block->when.source), block->place, certain));
  }

  void observations(AtProfile& at, const Absence& absence) const {
    const auto compared =
        compare_observations(absence, asked_.source, asked_.destination, at.name, asked_.arrived);
    if (!compared) return;
    const auto& profiles = notes_of(asked_.destination).profiles;
    const auto own = profiles.find(at.name);
    const Place& place = own != profiles.end() ? own->second.place : asked_.destination.implementation->place;
    for (const AspectComparison& one : *compared) {
      if (one.related == Related::yes) continue;
      Reason reason = reason_of(one.taken ? "takes" : "observed",
                                fmt::format("at profile {}, {}", at.name, to_string(one)),
                                std::string(name_of(one.relation)), place, one.related == Related::no);
      reason.about = one.aspect;
      at.reasons.push_back(std::move(reason));
    }
  }

  void known_profile(AtProfile& at) const {
    const Annotations& notes = notes_of(asked_.destination);
    if (!notes.lacks_profile(at.name)) return;
    at.reasons.push_back(reason_of("profile",
                                   fmt::format("{} does not know the profile {}", label(), at.name),
                                   "the profile " + at.name, notes.place));
  }

  void at_profiles() {
    std::optional<Absence> own;
    const Absence& absence = absence_of(asked_, own);
    std::vector<AtProfile> all;
    for (const std::string& name : names_) {
      AtProfile at{name, {}};
      observations(at, absence);
      known_profile(at);
      blocks(asked_.configuration, name, at.reasons);
      all.push_back(std::move(at));
    }
    const auto rejecting = static_cast<std::size_t>(std::ranges::count_if(all, &AtProfile::rejects));
    // Several profiles have this configuration, and they differ: which one the instance was made from
    // decides.
    const bool decided = rejecting == 0 || rejecting == all.size();
    std::set<std::string> told;
    for (AtProfile& at : all)
      for (Reason& reason : at.reasons) {
        reason.certain = reason.certain && decided;
        if (!decided)
          reason.message += fmt::format(" (one of the profiles with this configuration, {})", listed(names_));
        if (told.insert(reason.message).second) add(std::move(reason));
      }
  }

  void conclude() {
    verdict_.decision = verdict_.reasons.empty() ? Decision::accept : Decision::undetermined;
    for (const Reason& one : verdict_.reasons)
      if (one.certain) verdict_.decision = Decision::reject;
  }

  const SchemeQuestion& asked_;
  const std::vector<std::string> names_;
  End there_;  ///< the destination, with `pinned_` where that counts
  DeviceModel pinned_;
  std::map<std::string, Value> known_;  ///< the list by the destination's own names
  Configuration given_;
  Verdict verdict_;
};

}  // namespace

DeviceModel destination_at_profile(const SchemeQuestion& asked) {
  DeviceModel made = *asked.destination.model;
  if (asked.profile.empty() || profiles_of(asked).empty()) return made;
  const auto& profiles = notes_of(asked.destination).profiles;
  const auto own = profiles.find(asked.profile);
  if (own == profiles.end()) return made;
  for (const auto& [name, value] : own->second.values) {
    Parameter& parameter = made.parameters.at(name);
    if (parameter.accepts(value) != Acceptance::accepted) continue;
    parameter.pinned = true;
    parameter.published_off = std::exchange(parameter.off, value);
  }
  return made;
}

Verdict judge_all_known(const SchemeQuestion& asked) { return AllKnown(asked).run(); }

namespace {

bool takes_less(const Annotations& notes) {
  return std::ranges::any_of(notes.notes, [](const auto& one) { return one.second.takes.has_value(); });
}

}  // namespace

bool speaks_by_alias(const End& source, const End& destination) {
  return std::ranges::any_of(notes_of(destination).aliases, [&](const auto& one) {
    return source.model->find(one.first) != nullptr && destination.model->find(one.first) == nullptr;
  });
}

bool says_more_than_constraints(const Annotations& notes) {
  return notes.describes_state() || notes.describes_loads() || notes.describes_interface() ||
         !notes.blocks.empty() || notes.describes_profiles() || !notes.aliases.empty() || takes_less(notes);
}

bool says_more_than_parameters(const End& source, const End& destination) {
  const Annotations &from = notes_of(source), &to = notes_of(destination);
  const bool known_by_name = to.describes_profiles() && !to.profiles_are_aliases;
  return speaks_by_alias(source, destination) || (from.describes_state() && to.describes_loads()) ||
         (from.describes_interface() && to.describes_interface()) || !from.blocks.empty() || takes_less(to) ||
         (!from.profiles.empty() && (known_by_name || !to.observed.empty() || !to.takes.empty()));
}

}  // namespace portolan::compat
