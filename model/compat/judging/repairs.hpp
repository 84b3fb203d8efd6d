#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What would make a rejected migration acceptable: changes of one parameter at the source (R9), each of them
// tried with the reference evaluator before it is offered. Values are tried at the edges of what both ends
// accept, at the off and init values, and beside the numbers in the destination's constraints, so an empty
// answer means that none of those helps, not that nothing does (solver/advice/remedies.hpp looks at
// everything).

#include <map>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::compat {

struct Repair {
  std::map<std::string, Value> set;  ///< at the source
  bool power_cycle = false;          ///< R9: some parameter is writable only while the instance is closed
  std::size_t cost() const { return set.size(); }
};

/// One change of what the destination publishes.
struct DestinationChange {
  enum class Kind { allow_value, set_off_value } kind = Kind::allow_value;
  std::string parameter;
  Value value;
};
/// `let v1 accept memory=8192`, `give memory the off_value 0 in v1`.
std::string to_string(const DestinationChange& change, const Implementation& destination);

/// The changes of the destination's migration information that together make it accept, each of them needed:
/// values to allow (C3, R2, C4), off values to add or to agree on (C4, C5). Tried with the reference before
/// they are offered; empty where such changes do not help (C1, C2, C6).
std::vector<DestinationChange> destination_changes(Scheme scheme, const End& source,
                                                   const Configuration& configuration,
                                                   const End& destination);

/// Those without a power cycle before those with one, then by name. Empty for an accepted migration.
std::vector<Repair> repairs(Scheme scheme, const End& source, const Configuration& configuration,
                            const End& destination);

}  // namespace portolan::compat
