// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/reasons_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"

namespace portolan::compat {
namespace {

/// Whether a constraint of the destination speaks of a parameter that the source has.
bool source_decides(const std::string& constraint, const End& source, const End& destination) {
  return std::ranges::any_of(constraints_of(destination), [&](const rules::Expression& one) {
    return one.source == constraint &&
           std::ranges::any_of(parameters_of(one, destination.model->parameters),
                               [&](const std::string& name) { return source.model->find(name) != nullptr; });
  });
}

/// Whether what one of the two ends shows of the aspect hangs on a parameter of the source.
bool hangs_on_parameters(const std::string& aspect, const End& source, const End& destination) {
  return std::ranges::any_of(std::initializer_list<const End*>{&source, &destination}, [&](const End* end) {
    const auto& interface = notes_of(*end).interface;
    const auto at = interface.find(aspect);
    return at != interface.end() &&
           std::ranges::any_of(parameters_of(at->second, end->model->parameters),
                               [&](const std::string& name) { return source.model->find(name) != nullptr; });
  });
}

/// Of what the destination takes in, whether the source can have any.
bool can_be_taken(const Parameter* own, const End& destination, const std::string& name) {
  const Parameter* there = known_as(destination, {}, name);
  if (own == nullptr || there == nullptr) return false;
  const auto& takes = notes_of(destination).notes_of(there->name).takes;
  return !takes || !own->accepted_values().intersection(*takes).empty();
}

}  // namespace

std::string filled(Remedy remedy, const RemedyWords& words) {
  const std::string_view text = row_of(remedy).text;
  return fmt::format(fmt::runtime(text), fmt::arg("source", words.source),
                     fmt::arg("destination", words.destination), fmt::arg("parameter", words.parameter),
                     fmt::arg("value", words.value), fmt::arg("profile", words.profile),
                     fmt::arg("values", words.values), fmt::arg("condition", words.condition),
                     fmt::arg("expected", words.expected));
}

std::string remedy_of(const Reason& reason, const End& source, const End& destination) {
  Remedy fits = usual_remedy(reason.rule, Audience::migrating);
  std::string value = reason.value ? to_string(*reason.value) : std::string();
  std::string expected = reason.expected;
  const Parameter* own = source.model->find(reason.parameter);
  const Parameter* there =
      destination.model != nullptr ? known_as(destination, {}, reason.parameter) : nullptr;
  if (reason.rule == "C2") {
    const bool other_type = own != nullptr && there != nullptr && own->type != there->type;
    const bool can_be_off = !other_type && own != nullptr && own->off && reason.value &&
                            *reason.value != *own->off && own->accepts(*own->off) == Acceptance::accepted;
    // Off helps nothing there: of two types no off values are equal (C5).
    fits = other_type ? Remedy::c2_other_type : can_be_off ? Remedy::c2_switch_off : Remedy::c2_stays_on;
    if (can_be_off) value = to_string(*own->off);
  } else if (reason.rule == "C3") {
    const auto shared = own != nullptr && there != nullptr
                            ? own->accepted_values().intersection(there->accepted_values())
                            : ValueSet();
    fits = shared.empty() ? Remedy::c3_nothing_shared : Remedy::c3_shared;
    expected = to_string(shared);
  } else if (reason.rule == "takes") {
    fits = reason.parameter.empty()                           ? Remedy::takes_aspect
           : can_be_taken(own, destination, reason.parameter) ? Remedy::takes_parameter
                                                              : Remedy::takes_nothing;
  } else if (reason.rule == "C6" && !source_decides(reason.expected, source, destination)) {
    fits = Remedy::c6_elsewhere;
  } else if (reason.rule == "interface" && !hangs_on_parameters(reason.about, source, destination)) {
    fits = Remedy::interface_elsewhere;
  } else if (reason.rule == "lost" && reason.never_sent) {
    fits = Remedy::lost_unsent;
  } else if (!reason.certain && reason.rule == "observed") {
    fits = Remedy::observed_unknown;
  } else if (!reason.certain && reason.rule == "profile") {
    fits = Remedy::profile_unknown;
  }
  RemedyWords words;
  words.source = source.implementation->label;
  words.destination = destination.implementation->label;
  words.parameter = reason.parameter;
  words.value = value;
  words.expects(expected);
  return filled(fits, words);
}

}  // namespace portolan::compat
