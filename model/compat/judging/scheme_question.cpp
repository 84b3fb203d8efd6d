// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/scheme_question.hpp"

namespace portolan::compat {

std::vector<std::string> profiles_of(const SchemeQuestion& asked) {
  std::vector<std::string> names;
  for (const auto& [name, profile] : notes_of(asked.source).profiles) {
    if (!asked.profile.empty() && name != asked.profile) continue;
    if (values_at(asked.source, name) == std::optional(asked.configuration)) names.push_back(name);
  }
  return names;
}

bool is_only_observed(const End& source, const std::string& profile) {
  const Annotations& notes = notes_of(source);
  return !notes.profiles.contains(profile) && notes.observed.contains(profile);
}

const Absence& absence_of(const SchemeQuestion& asked, std::optional<Absence>& own) {
  if (asked.absence != nullptr) return *asked.absence;
  Catalogue both;
  both.implementations = {*asked.source.implementation, *asked.destination.implementation};
  return own.emplace(both, asked.source.model->name);
}

}  // namespace portolan::compat
