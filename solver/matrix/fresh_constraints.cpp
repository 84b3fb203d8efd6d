// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/fresh_constraints.hpp"

#include <algorithm>
#include <variant>

#include "model/compat/constraint.hpp"

namespace portolan::solver::matrix {
namespace {

/// R7 on init values, by position.
std::vector<const compat::Value*> given_fresh(const MemberPair& pair) {
  const compat::DeviceModel& there = *pair.destination.end.model;
  const compat::Parameters& ours = pair.source.end.model->parameters;
  std::vector<const compat::Value*> given;
  given.reserve(there.parameters.size());
  auto own = ours.begin();
  for (const auto& [name, parameter] : there.parameters) {
    while (own != ours.end() && own->first < name) ++own;
    const bool listed = own != ours.end() && own->first == name && own->second.type == parameter.type &&
                        own->second.off != own->second.init;
    given.push_back(listed ? &own->second.init : parameter.off ? &*parameter.off : &parameter.init);
  }
  return given;
}

bool fails(const rules::Expression& constraint, const std::vector<const compat::Value*>& values) {
  return !compat::holds(constraint, values);
}

}  // namespace

bool FreshConstraints::broken(const MemberPair& pair) {
  if (shared_ != nullptr) {
    for (std::size_t k = 0; k < broken_.size(); ++k)
      if (broken_of(k, pair)) return true;
    return false;
  }
  if (given_source_ != &pair.source || given_definitions_ != pair.destination.definitions) {
    given_ = given_fresh(pair);
    given_source_ = &pair.source;
    given_definitions_ = pair.destination.definitions;
  }
  return std::ranges::any_of(constraints_of(pair.destination.end),
                             [&](const rules::Expression& one) { return fails(one, given_); });
}

bool FreshConstraints::broken_of(std::size_t coupling, const MemberPair& pair) {
  const SharedCoupling& shared = shared_->couplings[coupling];
  const std::size_t destination = group_.number_of(pair.destination);
  const auto [entry, added] =
      broken_[coupling].try_emplace(shared.key(group_.number_of(pair.source), destination));
  if (added) {
    const auto values = given_fresh(pair);
    entry->second = std::ranges::any_of(shared.constraints[destination],
                                        [&](const rules::Expression* one) { return fails(*one, values); });
  }
  return entry->second;
}

}  // namespace portolan::solver::matrix
