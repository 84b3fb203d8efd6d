#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A search's traces (PackedTrace) as users get them, from the initial state itself and in cells. Where states
// that differ by a symmetry were one, a way through representatives is followed through states for which they
// stand.

#include "solver/explore/explorer.hpp"
#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

Trace unpacked_trace(const rules::Module& module, const CompiledModel& model, const PackedTrace& packed);

/// The first action that is undefined in a state that was met; there is one.
std::uint32_t undefined_action_in(const CompiledModel& model, const rules::Cells& cells);

}  // namespace portolan::solver::explore
