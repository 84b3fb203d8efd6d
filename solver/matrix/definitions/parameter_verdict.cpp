// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/definitions/parameter_verdict.hpp"

#include <functional>

namespace portolan::solver::matrix {

using compat::Acceptance;
using compat::Decision;
using compat::Parameter;
using compat::Scheme;
using compat::Value;
using compat::ValueSet;

namespace {

/// Whether a value that is not listed, because it is the source's off value, may stay unlisted there.
bool unlisted_is_fine(Scheme scheme, const Parameter& source, const Parameter* destination) {
  if (scheme == Scheme::rfc_v3 || destination == nullptr) return true;
  // R6/C4 and C5; off values of two types are never equal.
  return tolerates_absence(scheme, *destination) && *destination->off == *source.off;
}

}  // namespace

bool tolerates_absence(Scheme scheme, const Parameter& destination) {
  return scheme == Scheme::rfc_v3 ||
         (destination.off && destination.accepts(*destination.off) == Acceptance::accepted);
}

ParameterSplit split(Scheme scheme, const Parameter& source, const Parameter* destination) {
  const ValueSet values = source.accepted_values();
  ParameterSplit parts{ValueSet(source.type), ValueSet(source.type), ValueSet(source.type)};
  ValueSet off(source.type);
  if (source.off && values.contains(*source.off)) off.add(*source.off);
  const ValueSet listed = values.minus(off);  // R4
  if (destination == nullptr || destination->type != source.type) {
    parts.rejected = listed;  // C2
  } else {
    const ValueSet certain = destination->accepted_values();
    parts.accepted = listed.intersection(certain);
    (destination->allowed ? parts.rejected : parts.undetermined) = listed.minus(certain);  // C3; R2
  }
  if (!off.empty())
    (unlisted_is_fine(scheme, source, destination) ? parts.accepted : parts.rejected).add(*source.off);
  return parts;
}

Decision decide(Scheme scheme, const Parameter& source, const Value& value, const Parameter* destination) {
  if (source.off && value == *source.off)
    return unlisted_is_fine(scheme, source, destination) ? Decision::accept : Decision::reject;
  if (destination == nullptr || destination->type != source.type) return Decision::reject;  // C2
  switch (destination->accepts(value)) {
    case Acceptance::accepted: return Decision::accept;
    case Acceptance::refused: return Decision::reject;  // C3
    case Acceptance::undetermined: return Decision::undetermined;
  }
  return Decision::undetermined;
}

std::size_t ParameterVerdicts::Hash::operator()(const Parameter* parameter) const {
  const std::hash<Value> of_value;
  std::size_t hash = of_value(parameter->init);
  const auto mix = [&hash](std::size_t more) { hash = (hash ^ more) * 0x9E3779B97F4A7C15u + (hash >> 29); };
  mix(static_cast<std::size_t>(parameter->type));
  mix(parameter->off ? of_value(*parameter->off) : 1);
  mix(parameter->allowed.has_value());
  if (parameter->allowed) {
    mix(static_cast<std::size_t>(parameter->allowed->has_false()) * 2 +
        static_cast<std::size_t>(parameter->allowed->has_true()));
    for (const compat::Range& range : parameter->allowed->ranges()) mix(range.min), mix(range.max);
    for (const std::string& text : parameter->allowed->strings()) mix(std::hash<std::string>()(text));
  }
  return hash;
}

bool ParameterVerdicts::Same::operator()(const Parameter* a, const Parameter* b) const {
  return a == b || (a->type == b->type && a->init == b->init && a->off == b->off && a->allowed == b->allowed);
}

DefinitionId ParameterVerdicts::intern(const Parameter& parameter) {
  const auto [entry, added] = ids_.try_emplace(&parameter, static_cast<DefinitionId>(definitions_.size()));
  if (added) definitions_.push_back({&parameter, parameter.accepted_values()});
  return entry->second;
}

const ParameterVerdict& ParameterVerdicts::verdict(DefinitionId source, DefinitionId destination) {
  const auto [entry, added] = verdicts_.try_emplace(std::uint64_t{source} << 32 | destination);
  ParameterVerdict& verdict = entry->second;
  if (!added) return verdict;
  const Parameter* there = destination == absent ? nullptr : definitions_[destination].parameter;
  if (source == absent) {
    verdict.accepted = there == nullptr || tolerates_absence(scheme_, *there);
    verdict.rejected = !verdict.accepted;
    verdict.rejects_init = verdict.rejected;
    verdict.fresh = verdict.accepted ? Decision::accept : Decision::reject;
    return verdict;
  }
  const Parameter& here = *definitions_[source].parameter;
  const ParameterSplit parts = split(scheme_, here, there);
  if (decider_) {
    if (auto decided = decider_(here, there)) {
      verdict = *std::move(decided);
      if (verdict.rejected && !parts.rejected.empty()) verdict.least_rejected = parts.rejected.least();
      return verdict;
    }
  }
  verdict.accepted = !parts.accepted.empty();
  verdict.rejected = !parts.rejected.empty();
  verdict.undetermined = !parts.undetermined.empty();
  verdict.fresh = decide(scheme_, here, here.init, there);
  verdict.rejects_init = parts.rejected.contains(here.init);
  if (verdict.rejected) verdict.least_rejected = parts.rejected.least();
  return verdict;
}

}  // namespace portolan::solver::matrix
