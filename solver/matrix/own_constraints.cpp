// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/own_constraints.hpp"

namespace portolan::solver::matrix {

/// Whether the destination takes every value of the coupled columns as it is.
bool OwnConstraints::constraints_decide(const MemberPair& pair) const {
  ParameterVerdicts& parameters = procedures_.parameters;
  for (std::size_t column = 0; column < group_.columns.size(); ++column) {
    if (!shared_.coupled[column]) continue;
    const ParameterVerdict& verdict = pair.verdict(parameters, column);
    if (verdict.rejected || verdict.undetermined) return false;
    const DefinitionId here = pair.source.definitions[column], there = pair.destination.definitions[column];
    if (here == absent && there != absent) return false;
    if (here != absent && there != absent &&
        parameters.definition(here).type != parameters.definition(there).type)
      return false;
  }
  return true;
}

void OwnConstraints::begin(const Member& source) {
  std::vector<std::string> names;
  for (std::size_t column = 0; column < group_.columns.size(); ++column)
    if (shared_.coupled[column] && source.definitions[column] != absent)
      names.emplace_back(group_.columns[column]);
  procedures_.own_constraints.begin(source.end, names);
  source_ = &source;
}

std::optional<RelationKind> OwnConstraints::relation(const MemberPair& pair, ConfigurationKinds uncoupled) {
  if (!constraints_decide(pair)) return std::nullopt;
  if (source_ != &pair.source) begin(pair.source);
  const std::size_t i = group_.number_of(pair.source), j = group_.number_of(pair.destination);
  std::vector<const rules::Expression*> open;
  for (std::size_t k = 0; k < implied_.size(); ++k) {
    const SharedCoupling& coupling = shared_.couplings[k];
    if (!implied_[k].contains(coupling.key(i, j)))
      open.insert(open.end(), coupling.constraints[j].begin(), coupling.constraints[j].end());
  }
  const CouplingAnswer answer = procedures_.own_constraints.decide(pair.destination.end, open);
  if (!answer.known) return std::nullopt;
  if (!answer.exists) return RelationKind::undetermined;
  if (!answer.rejected)
    for (std::size_t k = 0; k < implied_.size(); ++k) implied_[k].insert(shared_.couplings[k].key(i, j));
  uncoupled.join(answer.accepted, answer.rejected, false);
  return uncoupled.relation();
}

}  // namespace portolan::solver::matrix
