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
  bool refused = false;                   ///< by C1–C3
  std::string open;                       ///< why something is not decided; empty: all is

  bool none() const { return aspects.empty() && !refused; }
  std::size_t count() const { return aspects.size() + (refused ? 1 : 0); }
};

/// At the type of the destination that has the fewest, its namesake before all others.
Obstacles least_obstacles(const Model& model, const Move& move, const End& source_type);

}  // namespace portolan::compat::audit
