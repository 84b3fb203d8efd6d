// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_answers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/compat/constraint.hpp"
#include "solver/matrix/coupling/coupling_enumeration.hpp"

namespace portolan::solver::matrix {
namespace {

/// All that the answer depends on: two couplings with the same key have the same answers.
std::string key_of(const MemberPair& pair, const Coupling& coupling) {
  std::string key;
  for (const std::string& name : coupling.parameters) {
    const std::size_t column = pair.group.column_of(name);
    key += fmt::format("{}\n{} {}\n", name, pair.source.definitions[column],
                       pair.destination.definitions[column]);
  }
  for (const std::string& name : coupling.destination_only)
    key += fmt::format("+{}\n", pair.destination.definitions[pair.group.column_of(name)]);
  for (const rules::Expression* constraint : coupling.source_constraints)
    key += "<" + constraint->source + '\n';
  for (const rules::Expression* constraint : coupling.destination_constraints) {
    key += ">" + constraint->source + '\n';
    for (const std::string& name : parameters_of(*constraint, coupling.destination.model->parameters)) {
      if (std::binary_search(coupling.parameters.begin(), coupling.parameters.end(), name)) continue;
      const compat::Parameter& constant = coupling.destination.model->parameters.at(name);
      key += fmt::format("{}={}\n", name, compat::to_json(constant.off.value_or(constant.init)));
    }
  }
  return key;
}

}  // namespace

bool CouplingAnswers::enumerates(const Coupling& coupling) const {
  if (options_.engine == Engine::z3 || options_.engine == Engine::z3_joined) return false;
  const std::uint64_t max =
      options_.engine == Engine::automatic ? options_.enumerated_max : options_.enumerated_direct_max;
  return size_of(coupling) <= max;
}

CouplingAnswer CouplingAnswers::decide(const Coupling& coupling) {
  ++questions_;
  if (enumerates(coupling)) return enumerate(coupling);
  if (options_.engine != Engine::direct && options_.engine != Engine::both) return z3_.decide(coupling);
  CouplingAnswer too_many;
  too_many.known = false;
  too_many.reason =
      fmt::format("{} parameters are tied by constraints and have too many configurations to enumerate",
                  coupling.parameters.size());
  return too_many;
}

const CouplingAnswer& CouplingAnswers::answer(const MemberPair& pair, const Coupling& coupling) {
  const auto [entry, added] = answers_.try_emplace(key_of(pair, coupling));
  if (added) entry->second = decide(coupling);
  return entry->second;
}

const CouplingWitness& CouplingAnswers::witness(const MemberPair& pair, const Coupling& coupling) {
  const auto [entry, added] = witnesses_.try_emplace(key_of(pair, coupling));
  if (added) entry->second = enumerates(coupling) ? enumerate_witness(coupling) : z3_.witness(coupling);
  return entry->second;
}

const CouplingAnswer& CouplingAnswers::whole_pair_by_z3(const MemberPair& pair) {
  const Coupling coupling = whole_pair(options_.scheme, pair.source.end, pair.destination.end);
  const auto [entry, added] = whole_pairs_.try_emplace(key_of(pair, coupling));
  if (added) {
    ++questions_;
    entry->second = z3_.decide(coupling);
  }
  return entry->second;
}

}  // namespace portolan::solver::matrix
