// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/shared_coupling.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <boost/pending/disjoint_sets.hpp>

#include "model/compat/constraint.hpp"
#include "solver/matrix/own_constraints_z3.hpp"

namespace portolan::solver::matrix {
namespace {

constexpr std::size_t columns_max = 8;  ///< of one coupling
constexpr std::size_t members_min = 9;  ///< from here on the questions of single pairs are counted

struct PlacedConstraint {
  const rules::Expression* constraint;
  std::size_t column;  ///< any of its columns
};

/// The columns that constraints tie together, and where each member's constraints lie.
struct TiedColumns {
  boost::disjoint_sets_with_storage<> together;
  std::vector<bool> tied;                                  ///< by column
  std::vector<std::vector<PlacedConstraint>> constraints;  ///< by member
};

/// Empty where some constraint has no parameters: rare, and decided pair by pair.
std::optional<TiedColumns> tied_columns(const Group& group) {
  const std::size_t size = group.columns.size();
  TiedColumns found{boost::disjoint_sets_with_storage<>(size), std::vector<bool>(size, false), {}};
  for (const Member& member : group.members) {
    auto& constraints = found.constraints.emplace_back();
    for (const rules::Expression& one : constraints_of(member.end)) {
      const std::vector<std::string> names = parameters_of(one, member.end.model->parameters);
      if (names.empty()) return std::nullopt;
      const std::size_t first = group.column_of(names.front());
      for (const std::string& name : names) {
        const std::size_t column = group.column_of(name);
        found.tied[column] = true;
        found.together.union_set(column, first);
      }
      constraints.push_back({&one, first});
    }
  }
  return found;
}

/// What each member says of each coupling, numbered in the order in which it is met.
void number_variants(const Group& group, const TiedColumns& tied, const std::vector<std::size_t>& of_column,
                     std::vector<SharedCoupling>& couplings) {
  std::vector<std::unordered_map<std::string, std::uint32_t>> known(couplings.size());
  for (std::size_t m = 0; m < group.members.size(); ++m) {
    std::vector<std::string> texts(couplings.size());
    for (std::size_t k = 0; k < couplings.size(); ++k) {
      for (const std::size_t column : couplings[k].columns)
        texts[k] += fmt::format("{} ", group.members[m].definitions[column]);
      couplings[k].constraints.emplace_back();
    }
    for (const PlacedConstraint& placed : tied.constraints[m]) {
      const std::size_t k = of_column[placed.column];
      texts[k] += "\n" + placed.constraint->source;
      couplings[k].constraints.back().push_back(placed.constraint);
    }
    for (std::size_t k = 0; k < couplings.size(); ++k) {
      const auto [entry, added] = known[k].try_emplace(std::move(texts[k]), couplings[k].variants);
      couplings[k].variants += added;
      couplings[k].variant.push_back(entry->second);
    }
  }
}

/// More distinct questions than pairs, and Z3 can answer them by source.
bool share_too_little(const Group& group, const std::vector<SharedCoupling>& couplings) {
  double questions = 0;
  for (const SharedCoupling& one : couplings) questions += static_cast<double>(one.variants) * one.variants;
  const double members = static_cast<double>(group.members.size());
  return questions > members * members && group.members.size() >= members_min &&
         std::ranges::all_of(group.members,
                             [](const Member& one) { return Z3OwnConstraints::fits(one.end); });
}

}  // namespace

Coupling SharedCoupling::of(const MemberPair& pair, compat::Scheme scheme) const {
  Coupling coupling;
  coupling.scheme = scheme;
  coupling.source = pair.source.end;
  coupling.destination = pair.destination.end;
  for (const std::size_t column : columns) {
    if (pair.source.definitions[column] != absent)
      coupling.parameters.emplace_back(pair.group.columns[column]);
    else if (pair.destination.definitions[column] != absent)
      coupling.destination_only.emplace_back(pair.group.columns[column]);
  }
  coupling.source_constraints = constraints[pair.group.number_of(pair.source)];
  if (compat::is_strict(scheme))
    coupling.destination_constraints = constraints[pair.group.number_of(pair.destination)];
  return coupling;
}

std::optional<SharedCouplings> shared_couplings(const Group& group, const MatrixOptions& options) {
  if (!group.constrained()) return std::nullopt;
  std::optional<TiedColumns> tied = tied_columns(group);
  if (!tied) return std::nullopt;
  SharedCouplings shared;
  std::map<std::size_t, std::size_t> number;
  std::vector<std::size_t> of_column(group.columns.size(), 0);
  for (std::size_t column = 0; column < group.columns.size(); ++column) {
    if (!tied->tied[column]) continue;
    const auto [entry, added] = number.try_emplace(tied->together.find_set(column), shared.couplings.size());
    if (added) shared.couplings.emplace_back();
    shared.couplings[entry->second].columns.push_back(column);
    of_column[column] = entry->second;
  }
  if (std::ranges::any_of(shared.couplings,
                          [](const SharedCoupling& one) { return one.columns.size() > columns_max; }))
    return std::nullopt;
  number_variants(group, *tied, of_column, shared.couplings);
  shared.own_constraints = options.strict() && share_too_little(group, shared.couplings);
  shared.coupled = std::move(tied->tied);
  return shared;
}

}  // namespace portolan::solver::matrix
