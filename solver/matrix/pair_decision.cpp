// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/pair_decision.hpp"

#include <fmt/format.h>

#include "solver/matrix/definitions/configuration_kinds.hpp"

namespace portolan::solver::matrix {
namespace {

std::string no_configuration(const MemberPair& pair, const Procedures& procedures) {
  const std::string& label = pair.source.end.implementation->label;
  for (std::size_t column = 0; column < pair.group.columns.size(); ++column) {
    const DefinitionId id = pair.source.definitions[column];
    if (id == absent || !procedures.parameters.accepted_values(id).empty()) continue;
    return fmt::format("{} has no configuration: allowed_values of {} is empty", label,
                       pair.group.columns[column]);
  }
  return fmt::format("{} has no configuration: no accepted values satisfy its constraints", label);
}

std::string undetermined_values(const MemberPair& pair, Procedures& procedures) {
  std::string names;
  for (std::size_t column = 0; column < pair.group.columns.size(); ++column) {
    if (!pair.verdict(procedures.parameters, column).undetermined) continue;
    names += (names.empty() ? "" : ", ") + std::string(pair.group.columns[column]);
  }
  return fmt::format(
      "R2: {} publishes no allowed_values for {}, so it is not known whether it takes every value of {}",
      pair.destination.end.implementation->label, names, pair.source.end.implementation->label);
}

PairDecision decided(RelationKind relation, const MemberPair& pair, Procedures& procedures) {
  return {relation,
          relation == RelationKind::undetermined ? undetermined_values(pair, procedures) : std::string{}};
}

}  // namespace

std::vector<bool> uncoupled_columns(const Group& group, const std::vector<Coupling>& couplings) {
  std::vector<bool> uncoupled(group.columns.size(), true);
  for (const Coupling& coupling : couplings)
    for (const std::string& name : coupling.parameters) uncoupled[group.column_of(name)] = false;
  return uncoupled;
}

PairDecision by_couplings(const MemberPair& pair, Procedures& procedures) {
  if (pair.source.empty) return {RelationKind::undetermined, no_configuration(pair, procedures)};
  const std::vector<Coupling> couplings =
      couplings_of(procedures.options.scheme, pair.source.end, pair.destination.end);
  const std::vector<bool> uncoupled = uncoupled_columns(pair.group, couplings);
  ConfigurationKinds kinds;
  for (std::size_t column = 0; column < uncoupled.size(); ++column) {
    if (!uncoupled[column]) continue;
    const ParameterVerdict& verdict = pair.verdict(procedures.parameters, column);
    kinds.join(verdict.accepted, verdict.rejected, verdict.undetermined);
  }
  for (const Coupling& coupling : couplings) {
    const CouplingAnswer& answer = procedures.couplings.answer(pair, coupling);
    if (!answer.known) return {RelationKind::undetermined, answer.reason, false};
    if (!answer.exists) return {RelationKind::undetermined, no_configuration(pair, procedures)};
    kinds.join(answer.accepted, answer.rejected, answer.undetermined);
  }
  return decided(kinds.relation(), pair, procedures);
}

PairDecision by_whole_pair(const MemberPair& pair, Procedures& procedures) {
  const CouplingAnswer& answer = procedures.couplings.whole_pair_by_z3(pair);
  if (!answer.known) return {RelationKind::undetermined, answer.reason, false};
  if (!answer.exists) return {RelationKind::undetermined, no_configuration(pair, procedures)};
  ConfigurationKinds kinds;
  kinds.join(answer.accepted, answer.rejected, answer.undetermined);
  return decided(kinds.relation(), pair, procedures);
}

}  // namespace portolan::solver::matrix
