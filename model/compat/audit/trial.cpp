// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/trial.hpp"

#include <algorithm>

#include "model/compat/audit/pins.hpp"
#include "model/compat/judging/all_known.hpp"

namespace portolan::compat::audit {
namespace {

/// The end's implementation with that pin, as far as this one model asks for it.
Implementation pinned(const End& end, const std::string& profile, const Pin& pin) {
  Implementation changed;
  changed.label = end.implementation->label;
  changed.name = end.implementation->name;
  changed.version = end.implementation->version;
  changed.type = end.implementation->type;
  changed.place = end.implementation->place;
  Annotations& notes = changed.annotations[end.model->name];
  notes = notes_of(end);
  notes.profiles.at(profile).values[pin.parameter] = pin.value;
  return changed;
}

}  // namespace

bool is_new_pin(const End& end, const Configuration& values, const Pin& pin) {
  const auto own = values.find(pin.parameter);
  return own != values.end() && own->second != pin.value && can_pin(end, values, pin.parameter, pin.value);
}

Trial::Trial(const Model& model, const Move& move, const MovingEnds& ends, std::size_t changed,
             const Pin& pin) {
  const bool source = changed == move.source;
  const Implementation made = pinned(source ? ends.source : ends.destination, move.profile, pin);
  const End from = source ? End{&made, ends.source.model} : ends.source;
  const End to = changed == move.destination ? End{&made, ends.destination.model} : ends.destination;
  const auto values = values_at(from, move.profile);
  if (!values) return;
  Verdict verdict = judge_all_known({from, *values, to, move.profile, &model.absence(), false});
  for (Reason& reason : verdict.reasons)
    if (reason.certain && reason.rule != "observed") reasons_.push_back(std::move(reason));
}

bool Trial::meets(const std::string& rule, const std::string& about) const {
  return std::ranges::none_of(reasons_, [&](const Reason& one) {
    return one.rule == rule && (one.parameter == about || one.about == about || one.expected == about);
  });
}

bool Trial::adds_to(const std::vector<Reason>& before) const {
  return std::ranges::any_of(reasons_, [&](const Reason& one) {
    return std::ranges::none_of(before, [&](const Reason& other) {
      return one.rule == other.rule && one.parameter == other.parameter && one.about == other.about &&
             (!one.parameter.empty() || one.rule == "interface" || one.expected == other.expected);
    });
  });
}

const Reason* Trial::against(const std::string& parameter) const {
  const auto at = std::ranges::find_if(reasons_, [&](const Reason& one) {
    return one.parameter == parameter && (one.rule.starts_with('C') || one.rule == "takes");
  });
  return at == reasons_.end() ? nullptr : &*at;
}

}  // namespace portolan::compat::audit
