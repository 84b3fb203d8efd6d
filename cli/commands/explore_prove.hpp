#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `explore --prove`: which *always* properties of a scenario hold for any number of VMs (hosts, processes …),
// faults and steps, and what is left open.

#include "cli/frame/searching.hpp"
#include "solver/matrix/matrix.hpp"

namespace portolan::cli {

/// 0 when all of them are proved, 3 when one is left open. `engine`: direct, z3 or both, which fails as an
/// error of ours where the two contradict each other.
Exit prove(const fleet::LoadedScenario& loaded, const SearchOptions& search, solver::Engine engine,
           Output& output);

}  // namespace portolan::cli
