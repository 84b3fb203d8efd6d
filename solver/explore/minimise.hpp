#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The smallest scenario that still violates a property: from the one at hand, one host, VM, fault or element
// less at a time, as long as the same property is violated. Hosts and elements are only taken away for an
// *always*: what can be reached no more would be so for want of room. Each attempt is explored within a bound
// on states. What comes out cannot lose one more thing; another, smaller one may exist.

#include <functional>
#include <optional>

#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::explore {

struct MinimiseOptions {
  std::uint64_t states_max = 200'000;  ///< for each attempt
  std::uint64_t bytes_max = 0;         ///< for each attempt; 0: no bound
  std::function<bool()> stop = {};     ///< asked often; true ends the search with what is known
};

struct Smaller {
  std::vector<std::string> removed;  ///< `hosts node: 3 -> 2`; `VMs guest: removed`
  std::vector<std::string>
      undecided;  ///< what could not be tried to its end within the bound, in the same words
  fleet::LoadedScenario loaded;
  PropertyResult found;  ///< violated, with its trace there
};

/// Empty where nothing can be left out.
std::optional<Smaller> minimised(const fleet::LoadedScenario& loaded, const std::string& property,
                                 const MinimiseOptions& options = {});

}  // namespace portolan::solver::explore
