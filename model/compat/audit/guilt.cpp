// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/guilt.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/audit/relations.hpp"
#include "model/compat/audit/showing.hpp"

namespace portolan::compat::audit {

Guilt guilt_of(const Model& model, const Move& move, const std::string& aspect) {
  Guilt guilt;
  guilt.first = *model.first_observed(move.profile);
  const bool source_differs = differs_from(model, move.profile, aspect, move.source, guilt.first);
  const bool destination_differs = differs_from(model, move.profile, aspect, move.destination, guilt.first);
  // Whoever contradicts what it declares itself is the cause, whatever the order of the file.
  const bool source_lies = !contradiction(model[move.source], move.profile, aspect).empty();
  const bool destination_lies = !contradiction(model[move.destination], move.profile, aspect).empty();
  guilt.guilty = source_lies != destination_lies         ? (source_lies ? move.source : move.destination)
                 : source_differs != destination_differs ? (source_differs ? move.source : move.destination)
                                                         : std::max(move.source, move.destination);
  guilt.other = guilt.guilty == move.source ? move.destination : move.source;
  const bool other_differs = guilt.other == move.source ? source_differs : destination_differs;
  guilt.wanted = model[other_differs ? guilt.first : guilt.other].observation(move.profile, aspect);
  return guilt;
}

std::string fix_that_breaks(const Model& model, const Move& move, const std::string& aspect,
                            const Guilt& guilt) {
  const auto [guilty, other, first, wanted] = guilt;
  if (guilty == first || other == first || other < guilty) return {};
  if (relates_both_ways(model, move.profile, aspect, guilty, first) ||
      !relates_both_ways(model, move.profile, aspect, other, first))
    return {};
  return fmt::format(
      "{} shows {} as {} does and {} does not: what mends the way to {} breaks the way from the release that "
      "was wrong, whose instances need a power cycle first",
      model[other].label, aspect, model[first].label, model[guilty].label, model[first].label);
}

}  // namespace portolan::compat::audit
