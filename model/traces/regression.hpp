#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A counterexample as a scenario of its own: the property, the verdict that is expected of it, and the events
// that lead there, so that `explore FILE --expect` notices the day on which it is no longer true.

#include <filesystem>
#include <string>

#include "model/fleet/scenario.hpp"
#include "model/rules/trace.hpp"

namespace portolan::traces {

/// What was found of a property.
struct Counterexample {
  std::string property;
  std::string verdict;                  ///< `violated`, or whatever is expected from now on
  const rules::Trace* trace = nullptr;  ///< null: there is none
};

/// Text of the scenario: YAML where the file's name says so, else JSON. Its catalogue is named as seen from
/// the folder of `file`.
std::string regression_scenario(const fleet::LoadedScenario& loaded, const Counterexample& found,
                                const std::filesystem::path& file);

}  // namespace portolan::traces
