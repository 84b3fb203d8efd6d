// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/obstacles.hpp"

#include <utility>

#include <fmt/format.h>

namespace portolan::compat::audit {
namespace {

void compare_aspects(const Model& model, const std::string& profile, Obstacles& found) {
  auto all = compare_observations(model.absence(), found.source, found.destination, profile);
  if (!all) return;
  for (AspectComparison& one : *all) {
    if (one.related == Related::undetermined && found.open.empty())
      found.open = fmt::format(
          "{} is absent at an end of {} -> {} at profile {}, and its off value is another in every "
          "implementation",
          one.aspect, found.source.implementation->label, found.destination.implementation->label, profile);
    if (one.related == Related::no) found.aspects.push_back(std::move(one));
  }
}

/// C2 and C3 without their messages: most pairs have nothing to tell.
void check_values(const std::string& profile, Obstacles& found) {
  const auto values = values_at(found.source, profile);
  if (!values || !values_at(found.destination, profile)) return;
  for (const auto& [name, value] : *values) {
    const Parameter& own = found.source.model->parameters.at(name);
    if (own.off && value == *own.off) continue;  // R4
    const Parameter* there = found.destination.model->find(name);
    const Acceptance acceptance = there == nullptr ? Acceptance::refused : there->accepts(value);
    found.refused |= acceptance == Acceptance::refused;
    if (acceptance == Acceptance::undetermined && found.open.empty())
      found.open = fmt::format(
          "{} publishes no allowed_values for {}, so nothing says whether it accepts {} at profile {}",
          found.destination.implementation->label, name, assignment(name, value), profile);
  }
}

Obstacles obstacles(const Model& model, const std::string& profile, const End& source,
                    const End& destination) {
  Obstacles found{source, destination, {}, false, {}};
  compare_aspects(model, profile, found);
  check_values(profile, found);
  return found;
}

}  // namespace

Obstacles least_obstacles(const Model& model, const Move& move, const End& source_type) {
  const Entry& destination = model[move.destination];
  Obstacles best = obstacles(model, move.profile, source_type, destination.like(source_type));
  for (const End& to : destination.types) {
    if (best.none() && best.open.empty()) break;
    Obstacles found = obstacles(model, move.profile, source_type, to);
    if (found.count() < best.count() ||
        (found.count() == best.count() && !best.open.empty() && found.open.empty()))
      best = std::move(found);
  }
  return best;
}

}  // namespace portolan::compat::audit
