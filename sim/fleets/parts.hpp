#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who brings each of the fleet's actions about in a simulation. The actor that its row names decides it
// (model/rules/module.hpp); two actions need a second look: the world's `adopt` leaves a setting to be
// chosen, so that somebody has to choose, and a session's `migrate_abort` is what both its driver and the
// operator may do when they lose patience. Checked when it is compiled: no action is nobody's.

#include <algorithm>
#include <vector>

#include "model/fleet/vocabulary.hpp"
#include "sim/run/evaluator.hpp"

namespace portolan::sim::fleets {

namespace action = fleet::vocabulary::action;

/// What a migration does next, the first that is enabled; giving up is not among them. A device that can
/// pre-copy does; P2P comes before a stop; what is left is done.
inline constexpr fleet::vocabulary::Action driver_order[] = {
    action::ask,
    action::migrate_step_back_to_stop,
    action::migrate_step_back_to_p2p,
    action::migrate_step_back_to_running,
    action::migrate_step_resume,
    action::migrate_end_aborted,
    action::migrate_step_wake_p2p,
    action::migrate_step_wake,
    action::migrate_step_start,
    action::migrate_end,
    action::migrate_step_rebuild,
    action::migrate_step_reinitialise,
    action::migrate_step_prepare,
    action::migrate_step_settle_p2p,
    action::migrate_step_settle,
    action::migrate_step_open,
    action::migrate_step_pre_copy,
    action::migrate_step_pause,
    action::migrate_step_save_p2p,
    action::migrate_step_pre_copy_p2p,
    action::migrate_step_stop,
    action::migrate_step_save,
    action::migrate_step_load,
    action::migrate_step_refuse,
    action::migrate_commit,
};

/// The world does it to one host or VM, after its duration: nothing is left to choose.
constexpr bool happens_by_itself(rules::Actor actor, std::size_t parameters) {
  return actor == rules::Actor::world && parameters == 1;
}

/// The positions of the actions among an evaluator's groups, of those that the scenario's module has.
struct Parts {
  explicit Parts(const run::Evaluator& evaluator);

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> driver;  ///< in their order
  std::vector<std::size_t> vm_reactions, host_reactions, faults, operators;
  std::vector<char> is_reaction;  ///< by group
  std::size_t pause = none, load = none, refuse = none, abort = none;

  /// The rest of the state arrives with it, while nobody runs.
  bool moves_the_rest(std::size_t group) const { return group == load || group == refuse; }
};

}  // namespace portolan::sim::fleets
