#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `explore --prove`: which *always* properties of a scenario hold for any number of VMs (hosts, processes …), faults and steps, and what is left open.

#include "cli/exploring.hpp"

namespace portolan::cli {

/// 0 when all of them are proved, 3 when one is left open.
Exit prove(const fleet::LoadedScenario& loaded, const SearchOptions& search, Output& output);

}  // namespace portolan::cli
