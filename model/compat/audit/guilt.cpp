// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/guilt.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/audit/relations.hpp"
#include "model/compat/audit/showing.hpp"

namespace portolan::compat::audit {

namespace {

/// What the first one shows would be taken in there, and the source shows something else.
bool takes_in_the_first(const Model& model, const Move& move, const std::string& aspect, std::size_t first,
                        bool source_differs) {
  return source_differs &&
         would_relate(model, move, aspect, move.source, model[first].observation(move.profile, aspect));
}

}  // namespace

Guilt guilt_of(const Model& model, const Move& move, const AspectComparison& compared) {
  const std::string& aspect = compared.aspect;
  Guilt guilt;
  guilt.first = *model.first_observed(move.profile);
  const bool source_differs = differs_from(model, move.profile, aspect, move.source, guilt.first);
  const bool destination_differs = differs_from(model, move.profile, aspect, move.destination, guilt.first);
  if (!compared.carried_by.empty() || compared.taken) {
    const bool source =
        compared.carried_by.empty() && takes_in_the_first(model, move, aspect, guilt.first, source_differs);
    guilt.guilty = source ? move.source : move.destination;
    guilt.other = source ? move.destination : move.source;
    guilt.wanted = source ? compared.destination : compared.source;
    return guilt;
  }
  // Whoever contradicts what it declares itself is the cause, whatever the order of the file.
  const bool source_lies = !contradiction(model[move.source], move.profile, aspect).empty();
  const bool destination_lies = !contradiction(model[move.destination], move.profile, aspect).empty();
  guilt.guilty = source_lies != destination_lies         ? (source_lies ? move.source : move.destination)
                 : source_differs != destination_differs ? (source_differs ? move.source : move.destination)
                                                         : std::max(move.source, move.destination);
  guilt.other = guilt.guilty == move.source ? move.destination : move.source;
  const bool other_differs = guilt.other == move.source ? source_differs : destination_differs;
  const bool by_first = other_differs && guilt.first != guilt.guilty;
  guilt.wanted = model[by_first ? guilt.first : guilt.other].observation(move.profile, aspect);
  return guilt;
}

std::string fix_that_breaks(const Model& model, const Move& move, const AspectComparison& compared,
                            const Guilt& guilt) {
  if (compared.of == AspectOf::host || compared.taken || !compared.carried_by.empty()) return {};
  const std::string& aspect = compared.aspect;
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
