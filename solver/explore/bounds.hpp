#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The bounds of an exploration: what ExploreOptions say of them as a search wants it, and what ended a search
// in the user's words (Exploration::bound, PropertyResult::reason).

#include <chrono>

#include "solver/explore/explorer.hpp"
#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// Empty for `complete`, and for ends after which a search is begun again.
std::string bound_name(SearchEnd end);
/// The same as a sentence without its end: `the search was stopped`.
std::string bound_reason(SearchEnd end);

double seconds_since(std::chrono::steady_clock::time_point begin);

/// A bound that was met, or a stop that was heard, before a search began.
struct PreparationEnded {
  SearchEnd end = SearchEnd::complete;
};
/// What is called now and then while a search is prepared, with the bytes held so far: throws
/// PreparationEnded. The limits must outlive it.
std::function<void(std::uint64_t bytes)> preparation_tick(const SearchLimits& limits);

/// The options must outlive the limits.
SearchLimits search_limits(const ExploreOptions& options, std::chrono::steady_clock::time_point begin);

}  // namespace portolan::solver::explore
