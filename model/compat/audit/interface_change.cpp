// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/interface_change.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/audit/pins.hpp"
#include "model/compat/audit/trial.hpp"
#include "model/compat/evaluation.hpp"
#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/behaviour.hpp"
#include "model/compat/judging/reasons_table.hpp"

namespace portolan::compat::audit {
namespace {

/// Empty: the end does not have the aspect.
using Shows = std::optional<Evaluated>;

std::string to_text(const Evaluated& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const Integer* number = std::get_if<Integer>(&value)) return number->str();
  return std::get<std::string>(value);
}

bool differ(const Shows& a, const Shows& b) {
  if (!a && !b) return false;
  return (a ? *a : absent_aspect(*b)) != (b ? *b : absent_aspect(*a));
}

/// What an instance of the entry shows at its own profile.
Shows shown_at(const Entry& entry, const std::string& profile, const std::string& aspect) {
  const End& end = entry.types.front();
  const auto& interface = notes_of(end).interface;
  const auto at = interface.find(aspect);
  const auto values = values_at(end, profile);
  if (at == interface.end() || !values) return std::nullopt;
  return evaluate(at->second, end.model->parameters, *values);
}

bool describes(const Entry& entry, const std::string& profile) {
  return entry.declares(profile) && entry.notes().describes_interface();
}

std::size_t guilty_of(const Model& model, const Move& move, const std::string& aspect) {
  const auto first = std::ranges::find_if(model.entries(),
                                          [&](const Entry& entry) { return describes(entry, move.profile); });
  const auto differs = [&](std::size_t k) {
    return describes(model[k], move.profile) &&
           differ(shown_at(model[k], move.profile, aspect), shown_at(*first, move.profile, aspect));
  };
  const bool source = differs(move.source), destination = differs(move.destination);
  return source != destination ? (source ? move.source : move.destination)
                               : std::max(move.source, move.destination);
}

class InterfaceChange {
 public:
  InterfaceChange(const Model& model, const Move& move, const Obstacles& obstacles, const std::string& aspect)
      : model_(model),
        move_(move),
        obstacles_(obstacles),
        aspect_(aspect),
        guilty_(guilty_of(model, move, aspect)),
        values_(*values_at(obstacles.source, move.profile)),
        list_(as_known(parameter_list(*obstacles.source.model, values_), obstacles.destination)) {}

  Advice advice() const {
    const auto own = notes_of(end()).interface.find(aspect_);
    Advice advice;
    advice.place =
        own != notes_of(end()).interface.end() ? own->second.place : model_[guilty_].place_of(move_.profile);
    RemedyWords words;
    words.source = model_[guilty_].label;
    words.destination = model_[guilty_ == move_.source ? move_.destination : move_.source].label;
    words.profile = move_.profile;
    if (const auto pin = helping_pin()) {
      advice.parameter = pin->parameter;
      words.parameter = pin->parameter;
      const std::string value = to_string(pin->value);
      words.value = value;
      advice.text =
          filled(Remedy::interface_pin, words) + fmt::format("; {} is {} there", aspect_, own->second.source);
      return advice;
    }
    const Shows wanted = shown_by_the_other();
    const std::string shown = wanted ? fmt::format("{}={}", aspect_, to_text(*wanted)) : "no " + aspect_;
    words.values = shown;
    advice.text = filled(Remedy::interface_publishing, words);
    return advice;
  }

 private:
  const End& end() const { return guilty_ == move_.source ? obstacles_.source : obstacles_.destination; }

  /// The source shows what its values give, the destination what it makes of the list.
  Shows shown_by_the_other() const {
    const DeviceModel made = destination_at_profile(
        {obstacles_.source, values_, obstacles_.destination, move_.profile, &model_.absence(), false});
    const End there{obstacles_.destination.implementation, &made};
    for (const ChangedAspect& one :
         different_aspects(obstacles_.source, values_, there, prepared(list_, made)))
      if (one.name == aspect_) return guilty_ == move_.source ? one.after : one.before;
    return std::nullopt;
  }

  /// Whether a pin has a say: at the destination only of what is not listed and has no off value (R7).
  bool has_a_say(const std::string& name) const {
    const Parameter* own = end().model->find(name);
    return own != nullptr && (guilty_ == move_.source || (!list_.contains(name) && !own->off));
  }

  /// Where another condition speaks against the parameter, and its off value would meet that, one parameter
  /// is not told to have two values.
  bool agrees(const Trial& trial, const std::string& name) const {
    return trial.against(name) == nullptr || !end().model->parameters.at(name).off;
  }

  std::optional<Pin> helping_pin() const {
    constexpr std::size_t tried_max = 64;
    const auto own = notes_of(end()).interface.find(aspect_);
    const auto values = values_at(end(), move_.profile);
    if (own == notes_of(end()).interface.end() || !values) return std::nullopt;
    for (const std::string& name : parameters_of(own->second, end().model->parameters)) {
      if (!has_a_say(name)) continue;
      std::size_t tried = 0;
      for (const Value& value : values_to_try(end().model->parameters.at(name).accepted_values())) {
        Pin pin{name, value};
        if (!is_new_pin(end(), *values, pin)) continue;
        if (tried++ == tried_max) break;
        const Trial trial(model_, move_, {obstacles_.source, obstacles_.destination}, guilty_, pin);
        if (trial.meets("interface", aspect_) && !trial.adds_to(obstacles_.refused) && agrees(trial, name))
          return pin;
      }
    }
    return std::nullopt;
  }

  const Model& model_;
  const Move& move_;
  const Obstacles& obstacles_;
  const std::string& aspect_;
  const std::size_t guilty_;
  const Configuration values_;
  const std::map<std::string, Value> list_;
};

}  // namespace

Advice on_interface(const Model& model, const Move& move, const Obstacles& obstacles,
                    const std::string& aspect) {
  return InterfaceChange(model, move, obstacles, aspect).advice();
}

}  // namespace portolan::compat::audit
