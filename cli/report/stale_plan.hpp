#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What every command that reads a plan says where the plan does not fit its scenario any more
// (model/fleet/plans/staleness.hpp).

#include "cli/frame/output.hpp"
#include "model/fleet/plans/staleness.hpp"

namespace portolan::cli {

/// Prints it; exit status 4.
Exit refuse_stale(const fleet::Staleness& stale, const std::string& scenario, const std::string& plan_file,
                  Output& output);

}  // namespace portolan::cli
