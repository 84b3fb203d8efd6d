#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The backward pass of *eventually* (reach.hpp) within the bounds of a search, over any store of states.

#include <algorithm>

#include "solver/explore/search/reach.hpp"
#include "solver/explore/search/rounds.hpp"

namespace portolan::solver::explore {

/// What else is held while a pass goes on, how much may be in all (0: any), and the most that was.
struct ReachBounds {
  std::uint64_t held, bytes_max;
  std::uint64_t& peak_bytes;
  const Interruption& interruption;
};

/// A whole pass: `each_root(settle)` names every node until settle(node) is false; the deep ones first, as
/// these are often near to what is looked for. Ends `complete`, for lack of `memory`, or as it was asked to.
template <class Graph, class EachRoot>
SearchEnd settle_all(Graph& graph, unsigned all, const ReachBounds& bounds, const EachRoot& each_root) {
  Reaching reaching(graph, all);
  SearchEnd end = SearchEnd::complete;
  const auto goes_on = [&] {
    bounds.peak_bytes = std::max(bounds.peak_bytes, bounds.held + reaching.bytes());
    if (bounds.bytes_max != 0 && bounds.held + reaching.bytes_soon() > bounds.bytes_max)
      end = SearchEnd::memory;
    else if (bounds.interruption.asked(0))
      end = bounds.interruption.end();
    return end == SearchEnd::complete;
  };
  if (goes_on()) each_root([&](std::uint64_t node) { return reaching.settle(node, goes_on); });
  return end;
}

/// A bit for each of so many conditions.
constexpr unsigned every_condition(std::size_t conditions) { return (1u << conditions) - 1; }

}  // namespace portolan::solver::explore
