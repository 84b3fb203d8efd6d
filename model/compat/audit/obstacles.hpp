#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What stands in the way of a migration at a profile, on the two grounds on which the audit predicts that one
// fails: C1–C3 for the source's values of the profile, and observations that do not relate. Where nothing was
// observed or declared, nothing stands in the way.

#include "model/compat/audit/entries.hpp"

namespace portolan::compat::audit {

/// For one type of the source and one of the destination.
struct Obstacles {
  End source, destination;
  std::vector<AspectComparison> aspects;  ///< that do not relate
  std::vector<AspectComparison> weak;     ///< that `subset` lets pass with another value
  std::vector<Reason> refused;            ///< everything else that R13 holds against it
  bool unknown_profile = false;           ///< the destination does not know the profile
  std::string open;                       ///< why something is not decided; empty: all is

  bool none() const { return aspects.empty() && refused.empty() && !unknown_profile; }
  std::size_t count() const { return aspects.size() + refused.size() + (unknown_profile ? 1 : 0); }
};

/// At the type of the destination that has the fewest, its namesake before all others.
/// `arrived`: the instance came by migration.
Obstacles least_obstacles(const Model& model, const Move& move, const End& source_type, bool arrived = false);

}  // namespace portolan::compat::audit
