#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A counterexample as a scenario of its own: the property, the verdict that is expected of it, and the events
// that lead there, so that `explore FILE --expect` notices the day on which it is no longer true.

#include <filesystem>
#include <string>

#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::cli {

/// Text of the scenario: YAML where the file's name says so, else JSON. Its catalogue is named as seen from
/// the folder of `file`.
std::string regression_scenario(const fleet::LoadedScenario& loaded,
                                const solver::explore::PropertyResult& found,
                                const std::filesystem::path& file);

}  // namespace portolan::cli
