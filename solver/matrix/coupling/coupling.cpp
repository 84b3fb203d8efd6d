// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling.hpp"

#include <limits>
#include <map>

#include <boost/pending/disjoint_sets.hpp>

#include "model/compat/constraint.hpp"

namespace portolan::solver::matrix {

using compat::End;
using compat::Scheme;

namespace {

/// A constraint of either side, and which of the source's parameters, by position, it mentions.
struct Tie {
  const rules::Expression* constraint;
  bool at_source;
  std::vector<std::size_t> parameters;
};

std::vector<Tie> ties_of(Scheme scheme, const End& source, const End& destination) {
  const compat::Parameters& parameters = source.model->parameters;
  std::map<std::string_view, std::size_t> number;
  for (const auto& [name, parameter] : parameters) number.emplace(name, number.size());
  std::vector<Tie> ties;
  for (const rules::Expression& constraint : constraints_of(source)) {
    Tie tie{&constraint, true, {}};
    for (const std::string& name : parameters_of(constraint, parameters))
      tie.parameters.push_back(number.at(name));
    ties.push_back(std::move(tie));
  }
  if (!is_strict(scheme)) return ties;
  for (const rules::Expression& constraint : constraints_of(destination)) {
    Tie tie{&constraint, false, {}};
    for (const std::string& name : parameters_of(constraint, destination.model->parameters)) {
      // What the source does not know, or knows with another type, does not vary there: it is the off or
      // init value.
      const auto found = number.find(name);
      if (found == number.end() || parameters.at(name).type != destination.model->parameters.at(name).type)
        continue;
      tie.parameters.push_back(found->second);
    }
    ties.push_back(std::move(tie));
  }
  return ties;
}

Coupling empty_coupling(Scheme scheme, const End& source, const End& destination) {
  Coupling coupling;
  coupling.scheme = scheme;
  coupling.source = source;
  coupling.destination = destination;
  return coupling;
}

}  // namespace

bool CouplingAnswer::agrees_with(const CouplingAnswer& other) const {
  if (!known || !other.known) return true;
  return exists == other.exists && accepted == other.accepted && rejected == other.rejected &&
         undetermined == other.undetermined;
}

Coupling whole_pair(Scheme scheme, const End& source, const End& destination) {
  Coupling coupling = empty_coupling(scheme, source, destination);
  for (const auto& [name, parameter] : source.model->parameters) coupling.parameters.push_back(name);
  for (const auto& [name, parameter] : destination.model->parameters) {
    if (!source.model->parameters.contains(name)) coupling.destination_only.push_back(name);
  }
  for (const rules::Expression& constraint : constraints_of(source))
    coupling.source_constraints.push_back(&constraint);
  if (is_strict(scheme)) {
    for (const rules::Expression& constraint : constraints_of(destination))
      coupling.destination_constraints.push_back(&constraint);
  }
  return coupling;
}

std::vector<Coupling> couplings_of(Scheme scheme, const End& source, const End& destination) {
  const std::size_t size = source.model->parameters.size();
  const std::vector<Tie> ties = ties_of(scheme, source, destination);
  boost::disjoint_sets_with_storage<> tied_together(size);
  std::vector<bool> tied(size, false);
  for (const Tie& tie : ties) {
    for (const std::size_t parameter : tie.parameters) {
      tied[parameter] = true;
      tied_together.union_set(parameter, tie.parameters.front());
    }
  }
  std::vector<Coupling> couplings;
  std::map<std::size_t, std::size_t> coupling_of_set;
  for (const Tie& tie : ties) {
    std::size_t index = couplings.size();
    if (!tie.parameters.empty())
      index =
          coupling_of_set.try_emplace(tied_together.find_set(tie.parameters.front()), index).first->second;
    if (index == couplings.size()) couplings.push_back(empty_coupling(scheme, source, destination));
    (tie.at_source ? couplings[index].source_constraints : couplings[index].destination_constraints)
        .push_back(tie.constraint);
  }
  std::size_t parameter = 0;
  for (const auto& [name, definition] : source.model->parameters) {
    if (tied[parameter])
      couplings[coupling_of_set.at(tied_together.find_set(parameter))].parameters.push_back(name);
    ++parameter;
  }
  return couplings;
}

std::uint64_t size_of(const Coupling& coupling) {
  std::uint64_t product = 1;
  bool saturated = false;
  for (const std::string& name : coupling.parameters) {
    const std::uint64_t size = coupling.source.model->parameters.at(name).accepted_values().size();
    if (size == 0) return 0;
    saturated = saturated || __builtin_mul_overflow(product, size, &product);
  }
  return saturated ? std::numeric_limits<std::uint64_t>::max() : product;
}

}  // namespace portolan::solver::matrix
