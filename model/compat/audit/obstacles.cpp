// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/obstacles.hpp"

#include <utility>

#include <fmt/format.h>

#include "model/compat/judging/all_known.hpp"

namespace portolan::compat::audit {
namespace {

/// Between two ends of which one does not declare the profile, only what was observed can be held together.
void compare_aspects(const Model& model, const std::string& profile, bool arrived, Obstacles& found) {
  auto all = compare_observations(model.absence(), found.source, found.destination, profile, arrived);
  if (!all) return;
  for (AspectComparison& one : *all) {
    if (one.related == Related::undetermined && found.open.empty())
      found.open = fmt::format("nothing says whether {} -> {} at profile {} relates: {}",
                               found.source.implementation->label, found.destination.implementation->label,
                               profile, to_string(one));
    if (one.weak) found.weak.push_back(one);
    if (one.related == Related::no) found.aspects.push_back(std::move(one));
  }
}

/// What R13 says, parted into what observations say (those are in `aspects`), the profile, and the rest.
void judge_all(const Model& model, const std::string& profile, bool arrived, Obstacles& found) {
  const auto values = values_at(found.source, profile);
  if (!values && !is_only_observed(found.source, profile)) return;
  found.unknown_profile = values && notes_of(found.destination).lacks_profile(profile);
  if (found.unknown_profile) return;  // that says it all
  Verdict verdict = judge_all_known({found.source, values.value_or(fresh(*found.source.model)),
                                     found.destination, profile, &model.absence(), arrived});
  for (Reason& reason : verdict.reasons) {
    const bool of_aspect = reason.rule == "observed" || (reason.rule == "takes" && reason.parameter.empty());
    if (of_aspect || reason.rule == "profile") continue;
    if (reason.certain)
      found.refused.push_back(std::move(reason));
    else if (found.open.empty())
      found.open = fmt::format("at profile {}, {} -> {}: {}", profile, found.source.implementation->label,
                               found.destination.implementation->label, reason.message);
  }
}

Obstacles obstacles(const Model& model, const std::string& profile, bool arrived, const End& source,
                    const End& destination) {
  Obstacles found{source, destination, {}, {}, {}, false, {}};
  compare_aspects(model, profile, arrived, found);
  judge_all(model, profile, arrived, found);
  return found;
}

}  // namespace

Obstacles least_obstacles(const Model& model, const Move& move, const End& source_type, bool arrived) {
  const Entry& destination = model[move.destination];
  Obstacles best = obstacles(model, move.profile, arrived, source_type, destination.like(source_type));
  for (const End& to : destination.types) {
    if (best.none() && best.open.empty()) break;
    Obstacles found = obstacles(model, move.profile, arrived, source_type, to);
    if (found.count() < best.count() ||
        (found.count() == best.count() && !best.open.empty() && found.open.empty()))
      best = std::move(found);
  }
  return best;
}

}  // namespace portolan::compat::audit
