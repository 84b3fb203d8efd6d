// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/reasons_table.hpp"

#include <fmt/format.h>

namespace portolan::compat {

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
    const bool can_be_off =
        !other_type && own != nullptr && own->off && reason.value && *reason.value != *own->off;
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
    fits = reason.parameter.empty() ? Remedy::takes_aspect : Remedy::takes_parameter;
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
