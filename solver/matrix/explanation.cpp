// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/explanation.hpp"

#include <cassert>
#include <cstdint>
#include <utility>

#include "solver/matrix/coupling/coupling.hpp"
#include "solver/matrix/pair_decision.hpp"

namespace portolan::solver::matrix {

using compat::Configuration;

namespace {

/// A part of a pair's configurations that does not depend on the others, so that its least is the same
/// whatever the others are.
struct WitnessPart {
  std::vector<std::string> names;
  PartialConfiguration least;
  std::optional<PartialConfiguration> rejected;  ///< the least that is
};

struct WitnessParts {
  std::vector<WitnessPart> parts;
  bool always_rejected = false;  ///< whatever the source is at
};

std::vector<Coupling> couplings_in(const MemberPair& pair, compat::Scheme scheme) {
  if (!pair.coupled(scheme)) return {};
  return couplings_of(scheme, pair.source.end, pair.destination.end);
}

/// A parameter that no coupling holds; the source knows it.
WitnessPart part_of(const MemberPair& pair, std::size_t column, Procedures& procedures) {
  const DefinitionId id = pair.source.definitions[column];
  const ParameterVerdict& verdict = pair.verdict(procedures.parameters, column);
  const compat::Value& init = procedures.parameters.definition(id).init;
  const compat::ValueSet& values = procedures.parameters.accepted_values(id);
  WitnessPart part{{std::string(pair.group.columns[column])}, {}, std::nullopt};
  part.least =
      values.contains(init) ? PartialConfiguration{0, {init}} : PartialConfiguration{1, {values.least()}};
  if (verdict.rejects_init)
    part.rejected = PartialConfiguration{0, {init}};
  else if (verdict.rejected)
    part.rejected = PartialConfiguration{1, {*verdict.least_rejected}};
  return part;
}

/// Empty where some part's least is not known.
std::optional<WitnessParts> parts_of(const MemberPair& pair, Procedures& procedures) {
  WitnessParts found;
  const std::vector<Coupling> couplings = couplings_in(pair, procedures.options.scheme);
  for (const Coupling& coupling : couplings) {
    const CouplingWitness& witness = procedures.couplings.witness(pair, coupling);
    if (!witness.any) return std::nullopt;
    if (coupling.parameters.empty() && witness.rejected) found.always_rejected = true;
    found.parts.push_back({coupling.parameters, *witness.any, witness.rejected});
  }
  const std::vector<bool> uncoupled = uncoupled_columns(pair.group, couplings);
  for (std::size_t column = 0; column < uncoupled.size(); ++column) {
    if (!uncoupled[column]) continue;
    if (pair.source.definitions[column] != absent)
      found.parts.push_back(part_of(pair, column, procedures));
    else if (pair.verdict(procedures.parameters, column).rejected)
      found.always_rejected = true;  // C4
  }
  return found;
}

/// The best configuration in which one part is rejected and every other part is as small as it can be.
std::optional<Configuration> joined_witness(const MemberPair& pair, Procedures& procedures) {
  const std::optional<WitnessParts> found = parts_of(pair, procedures);
  if (!found) return std::nullopt;
  Configuration smallest;
  for (const WitnessPart& part : found->parts) {
    for (std::size_t i = 0; i < part.names.size(); ++i) smallest.emplace(part.names[i], part.least.values[i]);
  }
  if (found->always_rejected) return smallest;
  std::optional<Configuration> best;
  std::uint32_t best_extra = 0;
  for (const WitnessPart& part : found->parts) {
    if (!part.rejected) continue;
    const std::uint32_t extra = part.rejected->distance - part.least.distance;
    if (best && extra > best_extra) continue;
    Configuration candidate = smallest;
    for (std::size_t i = 0; i < part.names.size(); ++i) candidate[part.names[i]] = part.rejected->values[i];
    // Maps of the same names compare by the values in name order.
    if (!best || extra < best_extra || candidate < *best) {
      best = std::move(candidate);
      best_extra = extra;
    }
  }
  return best;
}

std::optional<Configuration> whole_witness(const MemberPair& pair, Procedures& procedures) {
  const Coupling coupling = whole_pair(procedures.options.scheme, pair.source.end, pair.destination.end);
  const CouplingWitness& found = procedures.couplings.witness(pair, coupling);
  if (!found.rejected) return std::nullopt;
  Configuration configuration;
  for (std::size_t i = 0; i < coupling.parameters.size(); ++i)
    configuration.emplace(coupling.parameters[i], found.rejected->values[i]);
  return configuration;
}

}  // namespace

std::optional<Configuration> witness_of(const MemberPair& pair, Procedures& procedures) {
  const MatrixOptions& options = procedures.options;
  if (options.declared() && pair.says_more()) return procedures.declared.witness(pair);
  std::optional<Configuration> best =
      options.engine == Engine::z3 ? whole_witness(pair, procedures) : joined_witness(pair, procedures);
  if (!best) return std::nullopt;
  // The solver's answer is checked by the evaluator that knows nothing of how it was found.
  const bool real = check(options.scheme, pair.source.end, *best, pair.destination.end).decision ==
                        compat::Decision::reject &&
                    failed_constraints(notes_of(pair.source.end), *best).empty();
  assert(real && "a witness must be rejected by the reference evaluator");
  return real ? best : std::nullopt;
}

std::vector<std::string> culprits_of(const MemberPair& pair, Procedures& procedures) {
  if (procedures.options.declared() && pair.says_more()) return procedures.declared.culprits(pair);
  std::vector<std::string> found;
  for (std::size_t column = 0; column < pair.group.columns.size(); ++column) {
    if (pair.verdict(procedures.parameters, column).rejected) found.emplace_back(pair.group.columns[column]);
  }
  if (!procedures.options.strict() || !pair.destination.constrained) return found;
  for (const Coupling& coupling : couplings_in(pair, procedures.options.scheme)) {
    const CouplingAnswer& answer = procedures.couplings.answer(pair, coupling);
    if (answer.known && !answer.rejected) continue;
    for (const rules::Expression* constraint : coupling.destination_constraints)
      found.push_back(constraint->source);
  }
  return found;
}

std::string reason_of(const MemberPair& pair, Procedures& procedures) {
  if (procedures.options.declared() && pair.says_more()) return procedures.declared.decide(pair).reason;
  if (pair.by_alias()) return why_not_by_alias(pair);
  const Engine engine = procedures.options.engine;
  if (engine == Engine::z3) return by_whole_pair(pair, procedures).reason;
  const PairDecision decided = by_couplings(pair, procedures);
  return engine == Engine::both && !decided.known ? by_whole_pair(pair, procedures).reason : decided.reason;
}

}  // namespace portolan::solver::matrix
