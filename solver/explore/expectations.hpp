#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A scenario as a test: what it says under `expect` held to what an exploration found.

#include <string>
#include <vector>

#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::explore {

/// Whether anything is expected at all.
bool expects_something(const fleet::Expectation& expect);

/// What the scenario expects and did not get, one sentence each.
std::vector<std::string> surprises(const rules::Module& module, const fleet::Expectation& expect,
                                   const Exploration& found);

}  // namespace portolan::solver::explore
