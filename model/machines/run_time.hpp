#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The machines that run: Boost.MSM state machines generated from the built-in tables, behind one door. The
// simulator and the executor step these; tests hold them to `rules::step` on every (state, event,
// environment).

#include "model/rules/machine.hpp"

namespace portolan::machines {

/// One step of the Boost.MSM machine that was generated from `machine`, which must be one of
/// `built_in_machines()`. The same answer as `rules::step`: the row that fired, or -1 and the old
/// configuration.
rules::Step step(const rules::Machine& machine, const rules::Configuration& at, std::uint8_t event);

/// The built-in machines, in the order device, instance, session.
std::span<const rules::Machine* const> built_in_machines();
/// By name (`device`), or null.
const rules::Machine* built_in_machine(std::string_view name);

}  // namespace portolan::machines
