#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What helps against a rejection, and where nothing at the source does, why. Single changes are tried one by
// one (model/compat/judging/repairs.hpp); where none is enough, or each needs a power cycle, the nearest
// accepted configuration is sought among all that the source can have: fewest parameters to change, then the
// least values. Where there is none, a core of what stands in the way: conditions that together leave no
// configuration, each of them needed. Whatever is offered was accepted by the reference.

#include <string>
#include <vector>

#include "model/compat/judging/repairs.hpp"

namespace portolan::solver::advice {

/// One condition that an accepted migration has to meet.
struct Condition {
  std::string rule;  ///< C1 … C6; R1 for the values that the source accepts; `source` for its constraints; R9
                     ///< for a parameter that is fixed at creation
  std::string parameter;  ///< empty for C1 and for constraints
  std::string message;    ///< what it asks, one sentence
  Place place;            ///< where a file says so, when known
};

struct Remedies {
  std::vector<compat::Repair> repairs;  ///< at the source, in the order of compat::repairs
  std::vector<Condition> core;          ///< where no configuration of the source is accepted
  bool minimal =
      true;  ///< whether each of the core is known to be needed; not where Z3 did not come to an end
  std::string undetermined;  ///< why it is not known whether there is another one; empty where it is
};

/// Nothing for an accepted migration.
Remedies remedies(compat::Scheme scheme, const compat::End& source,
                  const compat::Configuration& configuration, const compat::End& destination);

}  // namespace portolan::solver::advice
