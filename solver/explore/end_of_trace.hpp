#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the end of a trace that was carried out again (model/traces/replay.hpp) says of a property, so that a
// recorded verdict can be held to what the scenario does today.

#include "model/traces/replay.hpp"
#include "solver/explore/explorer.hpp"

namespace portolan::solver::explore {

/// What the end of a trace says of a property: *always*: `violated` where the condition is false there, else
/// `holds`; *sometimes*: `holds` where it is true, else `violated`; *eventually*: `violated` where no way
/// without a fault leads to it from there, which is looked for within `states_max`; `well-defined`:
/// `violated` after an undefined event. `undetermined` where the bound came first. Of one trace, not of the
/// model.
PropertyVerdict verdict_at_end(const rules::Module& module, const traces::Replay& replayed,
                               const std::string& property, std::uint64_t states_max = 10'000'000);

}  // namespace portolan::solver::explore
