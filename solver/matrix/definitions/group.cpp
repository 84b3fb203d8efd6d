// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/definitions/group.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <string>

namespace portolan::solver::matrix {
namespace {

/// All members are walked through side by side, name by name: a catalogue is larger than the caches, and so
/// what one waits for does not hold up the others.
void make_columns(Group& group, ParameterVerdicts& verdicts) {
  std::vector<compat::Parameters::const_iterator> at, end;
  for (const Member& member : group.members) {
    at.push_back(member.end.model->parameters.begin());
    end.push_back(member.end.model->parameters.end());
  }
  std::vector<bool> here(at.size());
  for (;;) {
    const std::string* least = nullptr;
    for (std::size_t m = 0; m < at.size(); ++m) {
      if (at[m] == end[m]) continue;
      __builtin_prefetch(&at[m]->second.init);
      __builtin_prefetch(&at[m]->second.allowed);
      if (least == nullptr || at[m]->first < *least) least = &at[m]->first;
    }
    if (least == nullptr) return;
    group.columns.emplace_back(*least);
    for (std::size_t m = 0; m < at.size(); ++m) {
      Member& member = group.members[m];
      here[m] = at[m] != end[m] && at[m]->first == *least;
      member.definitions.push_back(here[m] ? verdicts.intern(at[m]->second) : absent);
      member.empty = member.empty || (here[m] && verdicts.accepted_values(member.definitions.back()).empty());
    }
    for (std::size_t m = 0; m < at.size(); ++m)
      if (here[m]) ++at[m];
  }
}

}  // namespace

bool Group::constrained() const {
  return std::any_of(members.begin(), members.end(), [](const Member& one) { return one.constrained; });
}

bool Group::annotated() const {
  return std::any_of(members.begin(), members.end(), [](const Member& one) { return one.annotated; });
}

std::size_t Group::column_of(std::string_view parameter) const {
  const auto found = std::lower_bound(columns.begin(), columns.end(), parameter);
  assert(found != columns.end() && *found == parameter);
  return static_cast<std::size_t>(found - columns.begin());
}

const Member& Group::member_of(std::uint32_t implementation) const {
  const auto found = std::lower_bound(
      members.begin(), members.end(), implementation,
      [](const Member& member, std::uint32_t wanted) { return member.implementation < wanted; });
  assert(found != members.end() && found->implementation == implementation);
  return *found;
}

std::vector<Group> groups_of(const compat::Catalogue& catalogue, ParameterVerdicts& verdicts) {
  std::vector<Group> groups;
  std::map<std::string_view, std::size_t> number;
  for (std::size_t i = 0; i < catalogue.implementations.size(); ++i) {
    const compat::Implementation& implementation = catalogue.implementations[i];
    for (const auto& [name, model] : implementation.info.models) {
      const auto [entry, added] = number.try_emplace(name, groups.size());
      if (added) groups.emplace_back().name = name;
      Member member;
      member.implementation = static_cast<std::uint32_t>(i);
      member.end = {&implementation, &model};
      const compat::Annotations& notes = implementation.annotations_of(name);
      member.constrained = !notes.constraints.empty();
      member.annotated = compat::says_more_than_constraints(notes);
      groups[entry->second].members.push_back(std::move(member));
    }
  }
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.name < b.name; });
  std::size_t pairs = 0;
  for (Group& group : groups) {
    make_columns(group, verdicts);
    if (group.annotated()) group.absence = compat::Absence(catalogue, std::string(group.name));
    group.first_pair = pairs;
    pairs += group.pairs();
  }
  return groups;
}

}  // namespace portolan::solver::matrix
