#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A coupling: parameters of one source that constraints tie together, on their way to one destination, with
// the constraints that tie them. Couplings of a pair are independent of each other, so that each is decided
// alone and the answers are joined: a configuration is rejected when any coupling rejects its part.
//
// Variables are parameters of the source. The source's own constraints (C of R6 on its side) say which
// configurations exist; under rfc-v3-strict the destination's constraints see what R7 would give it: the
// listed value, else its own off value, else its init value (C6). Two procedures answer the same questions:
// enumeration (coupling_enumeration.hpp) and Z3 (coupling_z3.hpp).
//
// Borrows: catalogue and constraints must outlive it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/check.hpp"

namespace portolan::solver::matrix {

struct Coupling {
  compat::Scheme scheme = compat::Scheme::rfc_v3;
  compat::End source;
  compat::End destination;
  std::vector<std::string> parameters;        ///< of the source, in name order
  std::vector<std::string> destination_only;  ///< parameters that only the destination knows, for C4
  std::vector<const rules::Expression*> source_constraints;
  std::vector<const rules::Expression*> destination_constraints;  ///< empty under rfc-v3
};

/// Part of a configuration: values in the order of `Coupling::parameters`.
struct PartialConfiguration {
  std::uint32_t distance = 0;  ///< parameters away from their init values
  std::vector<compat::Value> values;
  /// Fewest parameters away first, then the least values.
  friend auto operator<=>(const PartialConfiguration&, const PartialConfiguration&) = default;
};

/// Which kinds of configuration exist in a coupling.
struct CouplingAnswer {
  bool known = true;                                              ///< false: not decided, `reason` says why
  bool exists = false;                                            ///< the source has a configuration at all
  bool accepted = false, rejected = false, undetermined = false;  ///< some configuration is …
  std::string reason;
  /// The verdicts, as far as they are known; not the reason.
  bool agrees_with(const CouplingAnswer& other) const;
};

/// The smallest configurations; empty where there is none, or where it is not known.
struct CouplingWitness {
  std::optional<PartialConfiguration> any;       ///< that the source accepts
  std::optional<PartialConfiguration> rejected;  ///< and that the destination rejects
  std::string reason;                            ///< why one of them is not known
};

/// The couplings that constraints make; parameters that occur in no constraint are in none of them. A
/// constraint without parameters of the source makes a coupling without parameters.
std::vector<Coupling> couplings_of(compat::Scheme scheme, const compat::End& source,
                                   const compat::End& destination);
/// Everything of one pair as one coupling.
Coupling whole_pair(compat::Scheme scheme, const compat::End& source, const compat::End& destination);

/// Values that the source may combine, before its constraints; saturates at 2^64-1.
std::uint64_t size_of(const Coupling& coupling);

}  // namespace portolan::solver::matrix
