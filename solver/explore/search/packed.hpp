#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The exact search over states of any number of words. A round has two phases: workers expand states of the
// level and sort what follows by part; then each part takes in what belongs to it, in the order of the
// sources. What a part holds, and in which order, is therefore the same for any number of workers. States are
// ordered by level, part and position in the part.

#include "solver/explore/ground/independence.hpp"
#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// With `independence` a state is expanded by some of its actions where they stand for all
/// (independence.hpp); that must outlive the search.
std::unique_ptr<Search> make_packed_search(const CompiledModel& model, Workers& workers, SearchLimits limits,
                                           const Independence* independence = nullptr);

}  // namespace portolan::solver::explore
