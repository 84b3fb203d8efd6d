#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The implementations that describe one device model, side by side: a column for each parameter name that any
// of them knows, and in it the number of each one's definition (parameter_verdict.hpp). Pairs are formed
// within a group. Built once for a catalogue, which must outlive it; constant from then on.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/compat/judging/all_known.hpp"
#include "solver/matrix/definitions/parameter_verdict.hpp"

namespace portolan::solver::matrix {

/// An implementation's side of one model.
struct Member {
  std::uint32_t implementation = 0;  ///< its number in the catalogue
  compat::End end;
  std::vector<DefinitionId> definitions;  ///< by column; `absent` where the name is unknown
  bool constrained = false;
  bool empty = false;      ///< some parameter accepts no value, so there is no configuration at all
  bool annotated = false;  ///< its annotations say more than constraints (R13)
};

struct Group {
  std::string_view name;                  ///< of the model
  std::vector<std::string_view> columns;  ///< every parameter name, sorted
  std::vector<Member> members;            ///< in the order of the catalogue
  std::size_t first_pair = 0;             ///< of the matrix
  compat::Absence absence;                ///< what an absent aspect counts as

  std::size_t pairs() const { return members.size() * (members.size() - 1); }
  bool constrained() const;  ///< some member is
  bool annotated() const;    ///< some member is
  /// The column of a name that some member knows.
  std::size_t column_of(std::string_view parameter) const;
  const Member& member_of(std::uint32_t implementation) const;
  std::size_t number_of(const Member& member) const {
    return static_cast<std::size_t>(&member - members.data());
  }
};

/// One ordered pair of members.
struct MemberPair {
  const Group& group;
  const Member& source;
  const Member& destination;

  /// Whether constraints have a say in it.
  bool coupled(compat::Scheme scheme) const {
    return source.constrained || (compat::is_strict(scheme) && destination.constrained);
  }
  /// Whether R13 has a say in it beside the strict check.
  bool says_more() const {
    return (source.annotated || destination.annotated) &&
           says_more_than_parameters(source.end, destination.end);
  }
  /// Whether the destination knows a parameter of the source by a second name alone: columns are by name, so
  /// that no procedure decides it over all configurations.
  bool by_alias() const { return destination.annotated && speaks_by_alias(source.end, destination.end); }
  const ParameterVerdict& verdict(ParameterVerdicts& verdicts, std::size_t column) const {
    return verdicts.verdict(source.definitions[column], destination.definitions[column]);
  }
};

/// In the order of the models' names. Numbers each distinct definition in `verdicts`.
std::vector<Group> groups_of(const compat::Catalogue& catalogue, ParameterVerdicts& verdicts);

}  // namespace portolan::solver::matrix
