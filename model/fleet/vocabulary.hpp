#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The fleet's words: every action, variable, machine, state and sort of the fleet's module as a constant that
// was looked up in the tables of actions.hpp when it was compiled, so that a misspelt one does not compile.
// The tables stay the one source: a constant holds the number of its row and nothing of what stands there. A
// test holds that each row has its constant. A scenario's module has its variables in this order, whatever
// its hosts and VMs, so that `position()` is the same in all of them; actions may be missing in it.
//
//   namespace action = fleet::vocabulary::action;
//   course.enabled({action::migrate_step_pause, {"vm1"}});
//   course.value(variable::session["vm1"]) == session_state::Aborted.name();

#include <string>

#include "model/fleet/actions.hpp"

namespace portolan::fleet::vocabulary {

/// Position of the row of that name. Not for run time: what is not there does not compile.
template <class Table>
consteval std::size_t row_named(const Table& table, std::string_view name) {
  for (std::size_t row = 0; row < std::size(table); ++row)
    if (table[row].name == name) return row;
  throw "the table has no row of that name";
}

/// An action of the table `actions`. Converts to its name, for what comes from files and goes into them.
class Action {
 public:
  consteval explicit Action(std::string_view name) : number_(row_named(actions, name)) {}

  /// The row: `rules::Action::text` of each of its variants.
  constexpr std::size_t number() const { return number_; }
  constexpr const rules::ActionText& text() const { return actions[number_]; }
  constexpr std::string_view name() const { return text().name; }
  /// `v: vm, h: host`.
  constexpr std::string_view parameters() const { return text().parameters; }
  constexpr std::size_t parameter_count() const {
    std::size_t count = parameters().empty() ? 0 : 1;
    for (const char one : parameters()) count += one == ',' ? 1 : 0;
    return count;
  }
  constexpr rules::Actor actor() const { return text().actor; }

  constexpr operator std::string_view() const { return name(); }
  operator std::string() const { return std::string(name()); }
  friend constexpr bool operator==(Action, Action) = default;
  friend constexpr bool operator==(Action one, std::string_view name) { return one.name() == name; }

 private:
  std::size_t number_;
};

/// A machine of the table `machines`: each VM has a copy.
class Machine {
 public:
  consteval explicit Machine(std::string_view name) : number_(row_named(machines, name)) {}

  constexpr std::size_t number() const { return number_; }
  constexpr const rules::MachineUseText& text() const { return machines[number_]; }
  constexpr std::string_view name() const { return text().name; }
  constexpr const rules::Machine& machine() const { return *text().machine; }

 private:
  std::size_t number_;
};

/// A state of a machine; `number` is the value that the machine's variable has there.
class State {
 public:
  consteval State(Machine of, std::string_view name)
      : number_(rules::index_of(of.machine().text->states, name)), name_(name) {
    if (number_ < 0) throw "the machine has no state of that name";
  }

  constexpr std::int64_t number() const { return number_; }
  constexpr std::string_view name() const { return name_; }
  friend constexpr bool operator==(State one, std::string_view name) { return one.name() == name; }

 private:
  std::int64_t number_;
  std::string_view name_;
};

/// A variable of the module: a row of the table `variables`, a machine (its state), or a machine's own
/// (`session.source_runs`; not its inputs, which nothing holds).
class Variable {
 public:
  consteval explicit Variable(std::string_view name) : name_(name) {
    for (const rules::ModuleVariableText& row : variables) {
      if (row.name == name) return;
      ++position_;
    }
    for (const rules::MachineUseText& use : machines) {
      if (use.name == name) return;
      ++position_;
      for (const rules::MachineVariable& own : use.machine->text->variables) {
        if (own.role == rules::Role::input) continue;
        if (name.starts_with(use.name) && name.substr(use.name.size()).starts_with('.') &&
            name.substr(use.name.size() + 1) == own.name)
          return;
        ++position_;
      }
    }
    throw "the fleet's module has no variable of that name";
  }

  /// In the module's list of variables, of every fleet.
  constexpr int position() const { return position_; }
  constexpr std::string_view name() const { return name_; }
  /// `place[vm1]`: the cell of a variable with one index.
  std::string operator[](std::string_view element) const {
    return std::string(name_) + "[" + std::string(element) + "]";
  }

  constexpr operator std::string_view() const { return name_; }

 private:
  int position_ = 0;
  std::string_view name_;
};

/// A sort of the table `sorts`; the position is the same in every fleet's module.
class Sort {
 public:
  consteval explicit Sort(std::string_view name) : number_(row_named(sorts, name)) {}

  constexpr int position() const { return static_cast<int>(number_); }
  constexpr std::string_view name() const { return sorts[number_].name; }
  constexpr operator std::string_view() const { return name(); }

 private:
  std::size_t number_;
};

// clang-format off
namespace action {
inline constexpr Action create{"create"};
inline constexpr Action open{"open"};
inline constexpr Action run{"run"};
inline constexpr Action power_cycle{"power_cycle"};
inline constexpr Action destroy{"destroy"};
inline constexpr Action set_param{"set_param"};
inline constexpr Action migrate_begin{"migrate_begin"};
inline constexpr Action migrate_step_reinitialise{"migrate_step.reinitialise"};
inline constexpr Action migrate_step_prepare{"migrate_step.prepare"};
inline constexpr Action migrate_step_settle{"migrate_step.settle"};
inline constexpr Action migrate_step_settle_p2p{"migrate_step.settle_p2p"};
inline constexpr Action migrate_step_open{"migrate_step.open"};
inline constexpr Action migrate_step_pre_copy{"migrate_step.pre_copy"};
inline constexpr Action migrate_step_pause{"migrate_step.pause"};
inline constexpr Action migrate_step_save_p2p{"migrate_step.save_p2p"};
inline constexpr Action migrate_step_pre_copy_p2p{"migrate_step.pre_copy_p2p"};
inline constexpr Action migrate_step_stop{"migrate_step.stop"};
inline constexpr Action migrate_step_save{"migrate_step.save"};
inline constexpr Action migrate_step_load{"migrate_step.load"};
inline constexpr Action migrate_step_refuse{"migrate_step.refuse"};
inline constexpr Action migrate_commit{"migrate_commit"};
inline constexpr Action migrate_step_wake_p2p{"migrate_step.wake_p2p"};
inline constexpr Action migrate_step_wake{"migrate_step.wake"};
inline constexpr Action migrate_step_start{"migrate_step.start"};
inline constexpr Action migrate_step_rebuild{"migrate_step.rebuild"};
inline constexpr Action migrate_end{"migrate_end"};
inline constexpr Action migrate_abort{"migrate_abort"};
inline constexpr Action migrate_step_back_to_stop{"migrate_step.back_to_stop"};
inline constexpr Action migrate_step_back_to_p2p{"migrate_step.back_to_p2p"};
inline constexpr Action migrate_step_back_to_running{"migrate_step.back_to_running"};
inline constexpr Action migrate_step_resume{"migrate_step.resume"};
inline constexpr Action migrate_end_aborted{"migrate_end_aborted"};
inline constexpr Action ask{"ask"};
inline constexpr Action drain{"drain"};
inline constexpr Action undrain{"undrain"};
inline constexpr Action upgrade{"upgrade"};
inline constexpr Action downgrade{"downgrade"};
inline constexpr Action upgrade_live{"upgrade_live"};
inline constexpr Action adopt{"adopt"};
inline constexpr Action host_fails{"host_fails"};
inline constexpr Action host_recovers{"host_recovers"};
inline constexpr Action link_fails{"link_fails"};
inline constexpr Action link_recovers{"link_recovers"};
inline constexpr Action device_error{"device_error"};
inline constexpr Action device_error_source{"device_error_source"};
inline constexpr Action answer_lost{"answer_lost"};
inline constexpr Action answer_lost_loaded{"answer_lost_loaded"};
inline constexpr Action source_dies{"source_dies"};
inline constexpr Action destination_dies{"destination_dies"};
inline constexpr Action destination_dies_early{"destination_dies_early"};
inline constexpr Action vm_dies{"vm_dies"};
}  // namespace action

namespace variable {
inline constexpr Variable driver_of{"driver-of"};
inline constexpr Variable type_of{"type-of"};
inline constexpr Variable interface_of{"interface-of"};
inline constexpr Variable sets_up{"sets-up"};
inline constexpr Variable fixes{"fixes"};
inline constexpr Variable accepts{"accepts"};
inline constexpr Variable loads{"loads"};
inline constexpr Variable same_values{"same-values"};
inline constexpr Variable write_to{"write-to"};
inline constexpr Variable may_set{"may-set"};
inline constexpr Variable is_newer{"is-newer"};
inline constexpr Variable live{"live"};
inline constexpr Variable capacity{"capacity"};
inline constexpr Variable pooled{"pooled"};
inline constexpr Variable started_with{"started-with"};
inline constexpr Variable group_of{"group-of"};
inline constexpr Variable apart{"apart"};
inline constexpr Variable apart_by_zone{"apart-by-zone"};
inline constexpr Variable allowed{"allowed"};
inline constexpr Variable stays{"stays"};
inline constexpr Variable running_min{"running-min"};
inline constexpr Variable zone_of{"zone-of"};
inline constexpr Variable amount{"amount"};
inline constexpr Variable needs{"needs"};
inline constexpr Variable may_have{"may-have"};
inline constexpr Variable drained_max{"drained-max"};
inline constexpr Variable drained_in_zone_max{"drained-in-zone-max"};
inline constexpr Variable sessions_max{"sessions-max"};
inline constexpr Variable sessions_out_max{"sessions-out-max"};
inline constexpr Variable sessions_in_max{"sessions-in-max"};
inline constexpr Variable driver{"driver"};
inline constexpr Variable up{"up"};
inline constexpr Variable link{"link"};
inline constexpr Variable draining{"draining"};
inline constexpr Variable place{"place"};
inline constexpr Variable setting{"setting"};
inline constexpr Variable seen{"seen"};
inline constexpr Variable target{"target"};
inline constexpr Variable given{"given"};
inline constexpr Variable listed{"listed"};
inline constexpr Variable leftover{"leftover"};
inline constexpr Variable faults_left{"faults-left"};
inline constexpr Variable session{"session"};
inline constexpr Variable session_spooled{"session.spooled"};
inline constexpr Variable session_source_runs{"session.source_runs"};
inline constexpr Variable session_destination_runs{"session.destination_runs"};
inline constexpr Variable session_loaded{"session.loaded"};
inline constexpr Variable session_source_gone{"session.source_gone"};
inline constexpr Variable session_kept{"session.kept"};
inline constexpr Variable source{"source"};
inline constexpr Variable source_p2p{"source.p2p"};
inline constexpr Variable source_pre_copy{"source.pre_copy"};
inline constexpr Variable source_data_fd{"source.data_fd"};
inline constexpr Variable destination{"destination"};
inline constexpr Variable destination_p2p{"destination.p2p"};
inline constexpr Variable destination_pre_copy{"destination.pre_copy"};
inline constexpr Variable destination_data_fd{"destination.data_fd"};
inline constexpr Variable instance{"instance"};
inline constexpr Variable instance_fresh{"instance.fresh"};
inline constexpr Variable instance_running{"instance.running"};
inline constexpr Variable instance_migrating{"instance.migrating"};
inline constexpr Variable replica{"replica"};
inline constexpr Variable replica_fresh{"replica.fresh"};
inline constexpr Variable replica_running{"replica.running"};
inline constexpr Variable replica_migrating{"replica.migrating"};
}  // namespace variable

namespace machine {
inline constexpr Machine session{"session"};
inline constexpr Machine source{"source"};
inline constexpr Machine destination{"destination"};
inline constexpr Machine instance{"instance"};
inline constexpr Machine replica{"replica"};
}  // namespace machine

namespace sort {
inline constexpr Sort host{"host"};
inline constexpr Sort vm{"vm"};
inline constexpr Sort group{"group"};
inline constexpr Sort driver{"driver"};
inline constexpr Sort type{"type"};
inline constexpr Sort setting{"setting"};
inline constexpr Sort interface{"interface"};
inline constexpr Sort write{"write"};
inline constexpr Sort resource{"resource"};
inline constexpr Sort zone{"zone"};
}  // namespace sort

namespace session_state {
inline constexpr State idle{machine::session, "Idle"};
inline constexpr State checked{machine::session, "Checked"};
inline constexpr State prepared{machine::session, "Prepared"};
inline constexpr State transferring{machine::session, "Transferring"};
inline constexpr State committed{machine::session, "Committed"};
inline constexpr State aborted{machine::session, "Aborted"};
inline constexpr State unknown{machine::session, "Unknown"};
inline constexpr State lost{machine::session, "Lost"};
}  // namespace session_state

namespace instance_state {
inline constexpr State absent{machine::instance, "Absent"};
inline constexpr State closed{machine::instance, "Closed"};
inline constexpr State open{machine::instance, "Open"};
}  // namespace instance_state
// clang-format on

}  // namespace portolan::fleet::vocabulary
