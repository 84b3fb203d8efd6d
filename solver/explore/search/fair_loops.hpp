#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// *Eventually* under weak fairness: can a run go on for ever without the condition, although no action of
// some named ones is enabled all the time without being taken? It can where the states without the condition
// have a strongly connected component in which each of these actions is disabled somewhere or taken inside (a
// single state too: there nothing has to happen any more). If a component has none of this for some action,
// no part of it has.

#include <functional>
#include <optional>
#include <vector>

#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

struct FairLoop {
  StateAt at;          ///< a state of the component: the first in the order of the search
  PackedTrace around;  ///< from it back to it, by way of what settles each of the actions; empty where one
                       ///< may stay there
};

struct FairLoopLimits {
  std::uint64_t bytes_max = 0;  ///< 0: none
  std::function<bool()> asked_to_end;
};

/// `fair`: for each ground action whether it is one of the named. None: every run comes to the condition
/// again and again, unless `end` is not `complete`. The model is one without symmetry, and the search a whole
/// one.
std::optional<FairLoop> fair_loop(const CompiledModel& model, const Search& search,
                                  const Predicate& condition, const std::vector<std::uint8_t>& fair,
                                  const FairLoopLimits& limits, SearchEnd& end);

}  // namespace portolan::solver::explore
