#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What becomes of the values of one parameter on their way from one implementation to another, as long as no
// constraint is involved (docs/rules.md, R2, R4, R5/C2–C3, R6/C4–C5). The set of values that the source
// accepts falls into three parts; a migration is rejected when any parameter's value is in its rejected part.
// Distinct definitions are numbered, and each distinct pair of them is decided once, by value sets or by
// another procedure. Not thread-safe: `verdict` fills a table.

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::solver::matrix {

/// The source's accepted values (R2), split by what the destination says to them. The parts are disjoint.
struct ParameterSplit {
  compat::ValueSet accepted;
  compat::ValueSet rejected;
  compat::ValueSet undetermined;
};

/// `destination` is null where the destination does not know the name.
ParameterSplit split(compat::Scheme scheme, const compat::Parameter& source,
                     const compat::Parameter* destination);

/// One value, which need not be one that the source accepts (its init value may be none).
compat::Decision decide(compat::Scheme scheme, const compat::Parameter& source, const compat::Value& value,
                        const compat::Parameter* destination);

/// R6/C4 for a parameter that the source does not know; always true under rfc-v3.
bool tolerates_absence(compat::Scheme scheme, const compat::Parameter& destination);

/// The split in short, for one pair of definitions.
struct ParameterVerdict {
  bool accepted = false;                              ///< some value is accepted
  bool rejected = false;                              ///< some value is rejected
  bool undetermined = false;                          ///< some value is undetermined
  compat::Decision fresh = compat::Decision::accept;  ///< of the init value
  bool rejects_init = false;  ///< the source accepts its init value, the destination does not
  std::optional<compat::Value> least_rejected;
};

/// Number of a definition; a parameter's name is no part of its definition.
using DefinitionId = std::uint32_t;
inline constexpr DefinitionId absent = ~DefinitionId{0};

/// Distinct definitions, and the verdict of each distinct pair. The parameters must outlive the table.
class ParameterVerdicts {
 public:
  /// Another procedure for the existence of accepted, rejected and undetermined values of a pair of
  /// definitions; where it gives none, value sets decide.
  using Decider = std::function<std::optional<ParameterVerdict>(const compat::Parameter& source,
                                                                const compat::Parameter* destination)>;

  explicit ParameterVerdicts(compat::Scheme scheme, Decider decider = {})
      : scheme_(scheme), decider_(std::move(decider)) {}

  DefinitionId intern(const compat::Parameter& parameter);
  /// Either may be `absent`: a source that lacks the name has the one value "absent".
  const ParameterVerdict& verdict(DefinitionId source, DefinitionId destination);
  std::size_t distinct_pairs() const { return verdicts_.size(); }
  std::size_t definitions() const { return definitions_.size(); }  ///< numbers are below that
  const compat::Parameter& definition(DefinitionId id) const { return *definitions_[id].parameter; }
  /// The values that an instance may be at, as a source.
  const compat::ValueSet& accepted_values(DefinitionId id) const { return definitions_[id].accepted; }

 private:
  struct Hash {
    std::size_t operator()(const compat::Parameter* parameter) const;
  };
  struct Same {
    bool operator()(const compat::Parameter* a, const compat::Parameter* b) const;
  };
  struct Definition {
    const compat::Parameter* parameter;
    compat::ValueSet accepted;
  };

  compat::Scheme scheme_;
  Decider decider_;
  std::vector<Definition> definitions_;
  std::unordered_map<const compat::Parameter*, DefinitionId, Hash, Same> ids_;
  std::unordered_map<std::uint64_t, ParameterVerdict> verdicts_;
};

}  // namespace portolan::solver::matrix
