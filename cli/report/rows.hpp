#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Scenarios and explorations as rows of the database (db/store.hpp).

#include "db/store.hpp"
#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::cli {

db::ScenarioRow row_of(const fleet::LoadedScenario& loaded);
db::ExplorationRow row_of(const rules::Module& module, const solver::explore::Exploration& found);

}  // namespace portolan::cli
