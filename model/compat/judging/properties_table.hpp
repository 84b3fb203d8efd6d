#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// All that `check` can say, once: each property with its name, the rule that it is cited by, what it means,
// how bad it is when it is broken, and where it is decided; then the remarks, findings that belong to no
// property. The answers of `check`, the table of docs/rules.md and the choices of `--level` derive from these
// rows; no other file names a property or says what it means. The order is the order in which `check` prints.
//
//   const PropertyRow& row = row_of(Property::loads);   // row.name == "loads", row.rule == "§5.7"
//
// A property is added by an enumerator and its row here, its meaning for one configuration (judgement.hpp)
// and its question for all of them (solver/properties).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portolan::compat {

enum class Severity : std::uint8_t { error, warning, info };
std::string_view name_of(Severity severity);

/// In the order of the table.
enum class Property : std::uint8_t {
  init_accepted,
  off_accepted,
  same_type,
  same_off,
  later_parameter_has_off,
  unsure_switch,
  model_gone,
  undeclared_change,
  profile_migration,
  dead_profile,
  profile_drift,
  a_b_a,
  nowhere_to_go,
  second_migration,
  cannot_leave,
  shows_other_than_declared,
  forward,
  backward,
  full,
  forward_transitive,
  backward_transitive,
  full_transitive,
  off_equals_absence,
  no_surprise,
  loads,
  interface_constant,
  round_trip,
  path_independent,
  revertible,
  constraint_hole,
  ambiguous_type,
  representation_without_parameter,
  incomplete_state,
  runtime_interface_constant,
  open_type,
  baseline,
};

/// Where a property is decided.
enum class DecidedBy : std::uint8_t {
  declarations,  ///< declared.hpp: from what the implementations publish
  observations,  ///< model/compat/audit/audit.hpp: from profiles, and from what was observed at them
  levels,        ///< solver/properties: from the matrix of all pairs
  proof,         ///< solver/properties: for every configuration
};

struct PropertyRow {
  Property property;
  std::string_view name;
  std::string_view rule;  ///< what it is cited by, and the rules that it rests on: `§5.8, R10`
  DecidedBy decided_by;
  Severity severity;            ///< of a finding; a level's is an error where that level was asked for
  std::string_view meaning;     ///< one line, as `check` prints it
  std::string_view holds_when;  ///< the rule in full, as docs/rules.md prints it
  std::string_view vacuous;     ///< said where there was nothing to look at
};

// clang-format off
inline constexpr std::array<PropertyRow, 36> properties_table{{
  {Property::init_accepted, "init-accepted", "§5.1, R1a", DecidedBy::declarations, Severity::error,
   "every implementation accepts its own init values",
   "every implementation accepts its own init values",
   "there are no parameters"},
  {Property::off_accepted, "off-accepted", "§5.1, R1a", DecidedBy::declarations, Severity::error,
   "every implementation accepts its own off values",
   "every implementation accepts its own off values",
   "there are no off values"},
  {Property::same_type, "same-type", "§5.2, C2", DecidedBy::declarations, Severity::error,
   "all implementations of a model agree on the type of each parameter",
   "all implementations of a model give a parameter the same type",
   "no parameter is known to two implementations of a model"},
  {Property::same_off, "same-off", "§5.2, C5", DecidedBy::declarations, Severity::error,
   "all implementations of a model agree on the off value of each parameter",
   "all implementations of a model that give a parameter the same type give it the same off value",
   "no parameter is known with one type to two implementations of a model"},
  {Property::later_parameter_has_off, "later-parameter-has-off", "§5.3, R3", DecidedBy::declarations,
   Severity::error,
   "a parameter that some implementation of the model lacks has an off value",
   "a parameter that some implementation of the model lacks has an off value",
   "no parameter is known to some implementations of a model only"},
  {Property::unsure_switch, "unsure-switch", "§5.22, R2", DecidedBy::declarations, Severity::warning,
   "a parameter that is writable at run time has another value that is certainly accepted",
   "a parameter that is writable at run time has another value that is certainly accepted (R2)",
   "no parameter is writable at run time"},

  {Property::model_gone, "model-gone", "§5.20, C1", DecidedBy::declarations, Severity::warning,
   "what one version describes the next version of the same implementation describes, too",
   "what one version describes the next version of the same implementation describes, too; an error where a level is "
   "asked for",
   "no implementation has two versions"},
  {Property::undeclared_change, "undeclared-change", "§5.15, §observed", DecidedBy::observations, Severity::error,
   "at each profile that two implementations know, what was observed relates as compare says, in both directions",
   "at each profile that two implementations know, what was observed of them relates as `compare` says, both ways",
   "no profile was observed in two implementations of a model"},
  {Property::profile_migration, "profile-migration", "§5.15, R13", DecidedBy::observations, Severity::error,
   "at each profile of the source, nothing but observations speaks against a migration (R13), in both "
   "directions",
   "at each profile of the source, R13 has nothing against a migration but what was observed, both ways; C4 is met by a pin in "
   "the destination's profile of that name",
   "no profile is declared of a model that two implementations describe"},
  {Property::dead_profile, "dead-profile", "§5.14", DecidedBy::observations, Severity::warning,
   "each profile can be made by some implementation that declares it",
   "each profile can be made by some implementation that declares it",
   "there are no profiles"},
  {Property::profile_drift, "profile-drift", "§5.14", DecidedBy::observations, Severity::warning,
   "a profile means the same values in all implementations",
   "a profile means the same values in all implementations",
   "no profile is known to two implementations of a model"},
  {Property::a_b_a, "a-b-a", "§5.16", DecidedBy::observations, Severity::warning,
   "no value changes from one version to the next and returns later",
   "no value changes from one version to the next and returns later",
   "no value has three versions"},
  {Property::nowhere_to_go, "nowhere-to-go", "§5.19, R13", DecidedBy::observations, Severity::error,
   "each profile that an implementation knows is known to those after it",
   "each profile that an implementation knows is known to those after it, as far as they have profiles of the model",
   "no profile is known to one implementation of a model and not to another"},
  {Property::second_migration, "second-migration", "§5.23, R13", DecidedBy::observations, Severity::error,
   "an instance that came by migration goes on as a fresh one does",
   "wherever A → B is accepted and a fresh instance of B goes on, one that arrived there goes on, too (`restored`)",
   "nothing is said of instances that came by migration"},
  {Property::cannot_leave, "cannot-leave", "§5.24, R13", DecidedBy::observations, Severity::warning,
   "no profile is one whose instances the source always refuses to save",
   "no profile is one whose instances `blocks` always holds",
   "nothing is said of instances that cannot be saved"},
  {Property::shows_other_than_declared, "shows-other-than-declared", "§5.21, §observed", DecidedBy::observations,
   Severity::warning,
   "an instance shows what its own implementation declares of the profile",
   "an observation does not contradict the profile's values, the constraints or the `interface` of its own "
   "implementation",
   "nothing was observed of which something is declared"},

  {Property::forward, "forward", "§5.5", DecidedBy::levels, Severity::info,
   "old → new: each version accepts every configuration of the one before it, in a type of that name or in any "
   "(schema registries: BACKWARD)",
   "old → new: each implementation accepts every configuration of the one before it",
   "no model is described by two implementations of different age"},
  {Property::backward, "backward", "§5.5", DecidedBy::levels, Severity::info,
   "new → old: the version before accepts every configuration of each version (schema registries: FORWARD)",
   "new → old: the implementation before accepts every configuration of each",
   "no model is described by two implementations of different age"},
  {Property::full, "full", "§5.5", DecidedBy::levels, Severity::info,
   "both ways between versions that follow each other (schema registries: FULL)",
   "`forward` and `backward`",
   "no model is described by two implementations of different age"},
  {Property::forward_transitive, "forward-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "old → new: each version accepts every configuration of all before it (schema registries: BACKWARD_TRANSITIVE)",
   "old → new: each implementation accepts every configuration of all before it",
   "no model is described by two implementations of different age"},
  {Property::backward_transitive, "backward-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "new → old: all versions before accept every configuration of each version "
   "(schema registries: FORWARD_TRANSITIVE)",
   "new → old: all implementations before accept every configuration of each",
   "no model is described by two implementations of different age"},
  {Property::full_transitive, "full-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "both ways between all versions (schema registries: FULL_TRANSITIVE)",
   "`forward-transitive` and `backward-transitive`",
   "no model is described by two implementations of different age"},

  {Property::off_equals_absence, "off-equals-absence", "§5.4, R3", DecidedBy::proof, Severity::error,
   "with everything off that another implementation lacks, interface and saved state are those of that one",
   "what another implementation lacks, switched off, leaves interface and saved state as they are there, all other "
   "values being equal",
   "no implementation with a described interface or state lacks what another can switch off"},
  {Property::no_surprise, "no-surprise", "§5.6, R5, R7", DecidedBy::proof, Severity::error,
   "what the check accepts can be set up",
   "what C1–C3 accept can be set up",
   "no check accepts anything"},
  {Property::loads, "loads", "§5.7", DecidedBy::proof, Severity::error,
   "what can be set up loads the state",
   "what can be set up loads the state",
   "no pair describes what one saves and the other loads"},
  {Property::interface_constant, "interface-constant", "§5.8, R10", DecidedBy::proof, Severity::error,
   "the guest sees the same device after a migration",
   "after set-up the guest sees what it saw: effective values of parameters that affect the interface, and every "
   "aspect under `interface` (one that an end lacks counts as false, 0 or \"\")",
   "no migration can be set up"},
  {Property::round_trip, "round-trip", "§5.9, R10", DecidedBy::proof, Severity::error,
   "there and back gives back every value",
   "A → B → A, where both can be set up, gives back every value",
   "no migration there and back can be set up"},
  {Property::path_independent, "path-independent", "§5.10", DecidedBy::proof, Severity::error,
   "by way of a third implementation ends as straight on",
   "A → B → C ends as A → C does, where all three can be set up",
   "no model has three different implementations between which migrations can be set up"},
  {Property::revertible, "revertible", "§5.11, R9", DecidedBy::proof, Severity::error,
   "after any run-time change some run-time change lets the instance go back to the implementation before",
   "wherever a run-time change leads, and nothing that is fixed while the guest runs stands in the way, some run-time "
   "change makes the implementation before accept again; if not, it is a *point of no return*",
   "no implementation with another before it has parameters that are writable at run time"},
  {Property::constraint_hole, "constraint-hole", "§5.12, C6", DecidedBy::proof, Severity::error,
   "what the check accepts satisfies the destination's constraints",
   "no list that passes C1–C3 breaks a constraint of the destination",
   "no destination with constraints accepts anything"},
  {Property::ambiguous_type, "ambiguous-type", "§5.13, R10a", DecidedBy::proof, Severity::warning,
   "one parent realises a configuration in one way only",
   "no two types of one entry can be given the same effective values",
   "no parent has two types of a model"},
  {Property::representation_without_parameter, "representation-without-parameter", "§5.17", DecidedBy::proof,
   Severity::error,
   "the same parameters and values mean the same saved sections and layouts",
   "the same parameters with the same values save the same sections in the same layouts",
   "no two implementations with a described state have the same parameters"},
  {Property::incomplete_state, "incomplete-state", "§5.17a", DecidedBy::proof, Severity::warning,
   "what is accepted and loaded carries everything",
   "what is accepted and loads carries everything: no section is skipped, no parameter with `fix-for` is at its off "
   "value at the source",
   "nothing is said of what a migration may leave behind"},
  {Property::runtime_interface_constant, "runtime-interface-constant", "§5.17b, R10", DecidedBy::proof,
   Severity::error,
   "no parameter that is writable at run time changes what the guest sees",
   "no parameter that is writable at run time changes what the guest sees",
   "no parameter is writable at run time"},
  {Property::open_type, "open-type", "§5.17c", DecidedBy::proof, Severity::warning,
   "an mdev type fixes the parameters of its model",
   "an mdev type fixes its parameters; else it says how many migrations a comparison of type names refuses and the "
   "parameters permit",
   "no implementation has types"},
  {Property::baseline, "baseline", "§5.18, R6", DecidedBy::proof, Severity::warning,
   "all hosts of a model have a configuration in common",
   "all hosts of a model have a configuration in common",
   "no model is described by two hosts"},
}};

/// A warning that belongs to no property, by the `rule` of its finding.
struct RemarkRow {
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array<RemarkRow, 17> remarks_table{{
  {"empty-allowed-values", "`allowed_values` is empty: no value is accepted, not even the implementation's own"},
  {"runtime-writable-interface", "a parameter may be written while the guest runs, and the guest sees it"},
  {"profile-refused", "an implementation cannot make its own profile"},
  {"weak-subset", "`subset` lets two different numbers or texts pass"},
  {"unknown-member", "a member that this format does not have"},
  {"duplicate-value", "a value is listed twice"},
  {"range-overlap", "two ranges of `allowed_values` have values in common"},
  {"leading-zeros", "a range of `allowed_values` is written with leading zeros"},
  {"name-backslash", "a parameter's name holds a backslash"},
  {"control-character", "a name or a value holds a control character"},
  {"type-models", "an mdev type with several models"},
  {"unknown-model", "annotations for a model that no type of the implementation describes"},
  {"unknown-profile", "observations of a profile that is not among those of the model"},
  {"unknown-pin", "a profile gives a value to a parameter that does not exist"},
  {"acceptance-unused", "an accepted finding that is not found any more"},
  {"acceptance-expired", "an accepted finding whose day is over"},
  {"acceptance-without-reason", "an accepted finding without a reason"},
}};
// clang-format on

constexpr const PropertyRow& row_of(Property property) {
  return properties_table[static_cast<std::size_t>(property)];
}
constexpr std::string_view name_of(Property property) { return row_of(property).name; }

/// The remark of that name, which must be one of the table.
constexpr const RemarkRow& remark_named(std::string_view name) {
  return *std::find_if(remarks_table.begin(), remarks_table.end(),
                       [name](const RemarkRow& row) { return row.name == name; });
}

static_assert(std::all_of(properties_table.begin(), properties_table.end(),
                          [](const PropertyRow& row) { return &row == &row_of(row.property); }),
              "each property has its row, in the order of the enumeration");

}  // namespace portolan::compat
