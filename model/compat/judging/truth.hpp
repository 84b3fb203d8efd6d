#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What really happens to one migration, as far as the behaviour that the catalogue declares can tell: the
// ground truth that a scheme is judged by (docs/rules.md §schemes). What `declared` (R13) holds against a
// migration counts here too, but for what is no behaviour: observations, names of profiles, and C4 to C6
// beyond what setting up asks.

#include <map>
#include <string>
#include <string_view>

#include "model/compat/judging/schemes.hpp"

namespace portolan::compat {

/// What a migration comes to.
enum class MigrationOutcome : std::uint8_t { works, fails, undetermined };
std::string_view name_of(MigrationOutcome outcome);

struct Truth {
  MigrationOutcome outcome = MigrationOutcome::works;
  std::string why;      ///< in one sentence; empty when it works
  bool made = false;    ///< the set-up succeeds for certain: there is an instance, whatever becomes of the
                        ///< source, of state and of interface
  Configuration given;  ///< what the destination has then, as far as it can be made
};

/// The ground truth for one configuration: the source saves it (`blocks`), the destination can be prepared
/// (R7) from `list`, under second names too, opened, and takes it in (`takes`), the state that the source
/// saves loads and nothing of it is lost, and what the guest sees stays as it was. Parameters mean nothing
/// across models: another model is prepared with its own off values. An end that declares no `state`, `loads`
/// or `interface` leaves that part undetermined. The profile of the question says what is known of the
/// instance's aspects; where none is named, all that have this configuration have to agree.
Truth truth(const SchemeQuestion& asked, const std::map<std::string, Value>& list);
/// The same with both ends made from their own values of the profile that is asked about. `fails` where one
/// of them cannot be made.
Truth truth_at(const SchemeQuestion& asked);
/// What a scheme is judged by: truth_at for those that are for profiles, truth for the others, with what the
/// scheme lists.
Truth truth_under(NamedScheme scheme, const SchemeQuestion& asked, const Verdict& verdict);

}  // namespace portolan::compat
