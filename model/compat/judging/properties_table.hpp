#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// All that `check` can say, once: each property with its name, the rule that it is cited by, what it means,
// how bad it is when it is broken, where it is decided, why it matters and what to do; then the remarks,
// findings that belong to no property. The answers of `check` and `explain`, the table of docs/rules.md and
// the choices of `--level` derive from these rows; no other file names a property or says what it means. The
// order is the order in which `check` prints.
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
  // As `portolan explain` prints them.
  std::string_view why;      ///< what goes wrong for a VM, a guest or an operator where it is broken
  std::string_view example;  ///< a small one that breaks it
  std::string_view remedy;   ///< in general; a finding's own is about its own case
};

// clang-format off
inline constexpr std::array<PropertyRow, 36> properties_table{{
  {Property::init_accepted, "init-accepted", "§5.1, R1a", DecidedBy::declarations, Severity::error,
   "every implementation accepts its own init values",
   "every implementation accepts its own init values",
   "there are no parameters",
   "a fresh instance has a value that every check refuses: it cannot move, not even to another host of the same "
   "version",
   "queues has init_value 4 and allowed_values [1, 2]: a fresh instance lists queues=4, and C3 refuses it "
   "at every host of this version",
   "add the init value to allowed_values, or choose one of them"},
  {Property::off_accepted, "off-accepted", "§5.1, R1a", DecidedBy::declarations, Severity::error,
   "every implementation accepts its own off values",
   "every implementation accepts its own off values",
   "there are no off values",
   "R7 writes the off value of what is not listed. A destination that refuses it cannot switch the parameter off, "
   "and C4 rejects every source that lacks it or has it off",
   "rss has off_value 0 and allowed_values [1, 2]: a source without rss is rejected by C4",
   "add the off value to allowed_values, or make one of them the off value"},
  {Property::same_type, "same-type", "§5.2, C2", DecidedBy::declarations, Severity::error,
   "all implementations of a model agree on the type of each parameter",
   "all implementations of a model give a parameter the same type",
   "no parameter is known to two implementations of a model",
   "an instance that lists the parameter is rejected (C2) by every implementation that gives it another type",
   "queues is int in version 1 and str in version 2: version 2 rejects queues=4 of version 1 by C2",
   "give the parameter one type in every implementation, or a new name where its meaning changed"},
  {Property::same_off, "same-off", "§5.2, C5", DecidedBy::declarations, Severity::error,
   "all implementations of a model agree on the off value of each parameter",
   "all implementations of a model that give a parameter the same type give it the same off value",
   "no parameter is known with one type to two implementations of a model",
   "what is at the source's off value is not listed, and the destination gives it its own off value: it would change "
   "on the way. C5 rejects that, C1 to C3 do not notice",
   "queues has off_value 1 in version 1 and off_value 2 in version 2: an instance with queues=1 would arrive with "
   "queues=2",
   "give it the same off_value in every implementation, or a new name where its meaning changed"},
  {Property::later_parameter_has_off, "later-parameter-has-off", "§5.3, R3", DecidedBy::declarations,
   Severity::error,
   "a parameter that some implementation of the model lacks has an off value",
   "a parameter that some implementation of the model lacks has an off value",
   "no parameter is known to some implementations of a model only",
   "a parameter without off value is always listed, and who lacks it rejects the instance (C2). On the way there C4 "
   "rejects, for the parameter cannot be made absent",
   "version 2 adds steering without an off_value: 1 to 2 is rejected by C4, 2 to 1 by C2",
   "give the parameter the off_value whose effect equals its absence"},
  {Property::unsure_switch, "unsure-switch", "§5.22, R2", DecidedBy::declarations, Severity::warning,
   "a parameter that is writable at run time has another value that is certainly accepted",
   "a parameter that is writable at run time has another value that is certainly accepted (R2)",
   "no parameter is writable at run time",
   "nobody says which other value the switch takes. Whether it can be switched at all is undetermined, and no plan "
   "can count on it",
   "fix is a bool, writable at run time, with init_value and off_value false and no allowed_values: whether it takes "
   "true is not known",
   "publish allowed_values for the parameter"},

  {Property::model_gone, "model-gone", "§5.20, C1", DecidedBy::declarations, Severity::warning,
   "what one version describes the next version of the same implementation describes, too",
   "what one version describes the next version of the same implementation describes, too; an error where a level is "
   "asked for",
   "no implementation has two versions",
   "a model's name never changes, and C1 rejects any other model: instances of a model that the next version does "
   "not describe have no way forward",
   "version 1 describes com.gfx/GPU, version 2 com.gfx/gpu instead",
   "describe the model in the next version, too, under its old name"},
  {Property::undeclared_change, "undeclared-change", "§5.15, §observed", DecidedBy::observations, Severity::error,
   "at each profile that two implementations know, what was observed relates as compare says, in both directions",
   "at each profile that two implementations know, what was observed of them relates as `compare` says, both ways",
   "no profile was observed in two implementations of a model",
   "what live instances showed changed between two versions, and no parameter carries it: the parameters permit a "
   "migration that then fails, or that changes the guest's device",
   "at profile gold, features showed 0x7 in version 1 and 0x3 in version 2, and compare says bits: from 1 to 2 bit 2 "
   "is missing",
   "pin in a profile of the end that differs what the other one shows, carry it as a parameter, or say with "
   "`compare` how the two may differ. The finding names that end, and the pin that was tried"},
  {Property::profile_migration, "profile-migration", "§5.15, R13", DecidedBy::observations, Severity::error,
   "at each profile of the source, nothing but observations speaks against a migration (R13), in both directions",
   "at each profile of the source, R13 has nothing against a migration but what was observed, both ways; C4 is met by a "
   "pin in the destination's profile of that name",
   "no profile is declared of a model that two implementations describe",
   "instances that were made from the profile cannot move between two implementations: an upgrade "
   "leaves them behind, or closes the way back",
   "profile gold pins queues=16 in version 2, and queues=8 in version 1, which accepts 1 to 8: from 2 to 1 it is "
   "rejected by C3",
   "pin a value that both ends accept, or let the other end accept it. The finding names the pin that was tried"},
  {Property::dead_profile, "dead-profile", "§5.14", DecidedBy::observations, Severity::warning,
   "each profile can be made by some implementation that declares it",
   "each profile can be made by some implementation that declares it",
   "there are no profiles",
   "no VM can be started from a profile whose values are refused, or break a constraint, wherever it is declared",
   "profile gold pins queues=16, and every implementation that declares it accepts queues up to 8",
   "change what the profile pins, or remove it"},
  {Property::profile_drift, "profile-drift", "§5.14", DecidedBy::observations, Severity::warning,
   "a profile means the same values in all implementations",
   "a profile means the same values in all implementations",
   "no profile is known to two implementations of a model",
   "the name promises the same device everywhere. Where its values drifted, the device of a VM depends on the "
   "version that made it, and its migration may be rejected",
   "the init value of queues changes from 4 to 8, and profile gold does not pin it: gold means queues=4 in version 1 "
   "and queues=8 in version 2",
   "pin the older value in the newer profile, if instances there are meant to look as before"},
  {Property::a_b_a, "a-b-a", "§5.16", DecidedBy::observations, Severity::warning,
   "no value changes from one version to the next and returns later",
   "no value changes from one version to the next and returns later",
   "no value has three versions",
   "instances that began on the version in between have the odd value: taking the change back breaks them as the "
   "change broke the others",
   "queues has init value 4 in 1.0, 8 in 1.1 and 4 again in 1.2: instances that began on 1.1 have 8",
   "keep the odd value in a profile of the version that had it, and pin it from then on"},
  {Property::nowhere_to_go, "nowhere-to-go", "§5.19, R13", DecidedBy::observations, Severity::error,
   "each profile that an implementation knows is known to those after it",
   "each profile that an implementation knows is known to those after it, as far as they have profiles of the model",
   "no profile is known to one implementation of a model and not to another",
   "R13 rejects a destination that has profiles of the model and not this one: instances of the profile have no way "
   "forward",
   "machine@0.35 has the profile pc-q35-rhel8.2.0, and machine@0.36-rc0 has others, but not this one",
   "give the later implementation the profile, with the values that it means in the earlier one"},
  {Property::second_migration, "second-migration", "§5.23, R13", DecidedBy::observations, Severity::error,
   "an instance that came by migration goes on as a fresh one does",
   "wherever A → B is accepted and a fresh instance of B goes on, one that arrived there goes on, too (`restored`)",
   "nothing is said of instances that came by migration",
   "each migration works when it is tried alone, and the second one of the same instance fails, in the middle of a "
   "rolling upgrade",
   "`restored` says that an instance which arrived at B shows log_all=false where a fresh one shows true: A → B "
   "works, and from there it does not go on to C",
   "make an instance that came by migration show what a fresh one shows, or power it off and on before it moves again"},
  {Property::cannot_leave, "cannot-leave", "§5.24, R13", DecidedBy::observations, Severity::warning,
   "no profile is one whose instances the source always refuses to save",
   "no profile is one whose instances `blocks` always holds",
   "nothing is said of instances that cannot be saved",
   "the source refuses to save every instance that is made from this profile: such VMs stay on their host until they "
   "are powered off",
   "`blocks` has the condition passthrough, and profile gold pins passthrough=true",
   "give the profile values with which the source saves the instance"},
  {Property::shows_other_than_declared, "shows-other-than-declared", "§5.21, §observed", DecidedBy::observations,
   Severity::warning,
   "an instance shows what its own implementation declares of the profile",
   "an observation does not contradict the profile's values, the constraints or the `interface` of its own "
   "implementation",
   "nothing was observed of which something is declared",
   "every verdict rests on declarations. One that a live instance contradicts makes verdicts wrong that look certain",
   "profile gold pins queues=8, and an instance of it showed queues=4",
   "make the implementation honour what it declares or refuse to start, or correct what the file says was observed"},

  {Property::forward, "forward", "§5.5", DecidedBy::levels, Severity::info,
   "old → new: each version accepts every configuration of the one before it, in a type of that name or in any",
   "old → new: each implementation accepts every configuration of the one before it",
   "no model is described by two implementations of different age",
   "an upgrade moves running instances from old to new. One that the newer version refuses has to be powered off for "
   "it",
   "version 1 allows queues 1 to 16, version 2 only 1 to 8: queues=9 breaks it",
   "let the newer version accept what the older one does; `--level forward` makes it a requirement"},
  {Property::backward, "backward", "§5.5", DecidedBy::levels, Severity::info,
   "new → old: the version before accepts every configuration of each version",
   "new → old: the implementation before accepts every configuration of each",
   "no model is described by two implementations of different age",
   "it is the way back after an upgrade. An instance that the older version refuses stays where it is until it is "
   "powered off",
   "version 2 adds steering with off_value false: steering=true is listed, and version 1 rejects it by C2",
   "give new parameters an off_value, and keep them off while instances must be able to go back; `--level backward` "
   "makes it a requirement"},
  {Property::full, "full", "§5.5", DecidedBy::levels, Severity::info,
   "both ways between versions that follow each other",
   "`forward` and `backward`",
   "no model is described by two implementations of different age",
   "hosts of two versions can only share all instances where both ways hold",
   "version 2 adds steering with off_value false: forward holds, steering=true breaks backward, and so full",
   "mend whichever of forward and backward is broken"},
  {Property::forward_transitive, "forward-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "old → new: each version accepts every configuration of all before it",
   "old → new: each implementation accepts every configuration of all before it",
   "no model is described by two implementations of different age",
   "hosts may skip versions. Each step may hold, and the jump over several fail",
   "queues may be 1 to 16 in versions 1 and 2, where 2 has the constraint queues <= 8, and 1 to 8 in version 3: each "
   "step holds, and queues=9 of version 1 is refused by version 3",
   "let a new version accept what every older one does that still runs somewhere"},
  {Property::backward_transitive, "backward-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "new → old: all versions before accept every configuration of each version",
   "new → old: all implementations before accept every configuration of each",
   "no model is described by two implementations of different age",
   "a roll-back may go over several versions. Each step back may hold, and the jump fail",
   "queues may be 1 to 8 in version 1, and 1 to 16 in versions 2 and 3, where 2 has the constraint queues <= 8: each "
   "step back holds, and queues=9 of version 3 is refused by version 1",
   "keep new values and new parameters off while the oldest version still runs somewhere"},
  {Property::full_transitive, "full-transitive", "§5.5", DecidedBy::levels, Severity::info,
   "both ways between all versions",
   "`forward-transitive` and `backward-transitive`",
   "no model is described by two implementations of different age",
   "only then may every instance go to every host, whichever versions they have",
   "three versions with the same parameters and values have it. One that allows a value more than the others breaks "
   "it",
   "mend whichever of forward-transitive and backward-transitive is broken"},

  {Property::off_equals_absence, "off-equals-absence", "§5.4, R3", DecidedBy::proof, Severity::error,
   "with everything off that another implementation lacks, interface and saved state are those of that one",
   "what another implementation lacks, switched off, leaves interface and saved state as they are there, all other "
   "values being equal",
   "no implementation with a described interface or state lacks what another can switch off",
   "off is trusted to mean absent. Where it leaves a trace, a guest that comes from a version without the parameter "
   "sees it, or saved state has a form that this version does not know, and every check says yes",
   "with steering=false, version 2 still shows the guest steering-queues=1. Version 1, which lacks steering, shows 0",
   "make the off value behave as the implementation does that lacks the parameter, or put the difference under a "
   "parameter of its own"},
  {Property::no_surprise, "no-surprise", "§5.6, R5, R7", DecidedBy::proof, Severity::error,
   "what the check accepts can be set up",
   "what C1–C3 accept can be set up",
   "no check accepts anything",
   "C1 to C3 look at the list alone, and preparation (R7) does more: a refused write or a broken constraint lets a "
   "migration fail that was accepted",
   "new-feature=true, num-queues=2 pass C1 to C3 at careful-nic, and break its constraint new-feature => num-queues "
   "> 2 (E10)",
   "decide by the strict check, which refuses it (C4, C6), or let the destination accept its off values and every "
   "listed combination"},
  {Property::loads, "loads", "§5.7", DecidedBy::proof, Severity::error,
   "what can be set up loads the state",
   "what can be set up loads the state",
   "no pair describes what one saves and the other loads",
   "everything is accepted and prepared, and then the destination refuses the state: the migration is aborted at its "
   "end, when the guest is already stopped",
   "version 2 saves the section rss whatever its parameters are, and version 1 does not understand it: from 2 to 1 "
   "nothing loads",
   "save the section under a parameter that the other end lacks or refuses, so that the check says no, or teach that "
   "end to load it"},
  {Property::interface_constant, "interface-constant", "§5.8, R10", DecidedBy::proof, Severity::error,
   "the guest sees the same device after a migration",
   "after set-up the guest sees what it saw: effective values of parameters that affect the interface, and every "
   "aspect under `interface` (one that an end lacks counts as false, 0 or \"\")",
   "no migration can be set up",
   "the guest's driver has asked the device once and relies on the answer. What changes under it makes it hang, lose "
   "data or crash, so no migration may upgrade a device (R10)",
   "version 2 adds steering with init_value true and no off_value: C1 to C3 accept an instance of version 1, whose "
   "guest then has steering=true",
   "carry what changes as a parameter that both know, with the same off_value"},
  {Property::round_trip, "round-trip", "§5.9, R10", DecidedBy::proof, Severity::error,
   "there and back gives back every value",
   "A → B → A, where both can be set up, gives back every value",
   "no migration there and back can be set up",
   "an instance that went and came back has other values than before, and nobody has written them",
   "queues has off_value 1 in A and 2 in B: queues=2 arrives at B as its off value, is not listed on the way back, "
   "and comes to A as 1",
   "give the parameter the same off_value in both"},
  {Property::path_independent, "path-independent", "§5.10", DecidedBy::proof, Severity::error,
   "by way of a third implementation ends as straight on",
   "A → B → C ends as A → C does, where all three can be set up",
   "no model has three different implementations between which migrations can be set up",
   "the values of an instance would depend on where it has been, and no longer only on what it was made with",
   "queues has off_value 1 in A, 2 in B and 3 in C: queues=2 of A comes to C straight as 2, and by way of B as 3",
   "give the parameter the same off_value everywhere"},
  {Property::revertible, "revertible", "§5.11, R9", DecidedBy::proof, Severity::error,
   "after any run-time change some run-time change lets the instance go back to the implementation before",
   "wherever a run-time change leads, and nothing that is fixed while the guest runs stands in the way, some run-time "
   "change makes the implementation before accept again; if not, it is a *point of no return*",
   "no implementation with another before it has parameters that are writable at run time",
   "one write while the guest runs can close the way back until the VM is powered off. An operator wants to know "
   "that before",
   "version 2 adds mode, writable at run time and without off_value: whatever it is set to, it is listed, and "
   "version 1, which lacks it, rejects it",
   "give the parameter an off_value, or a value that the implementation before accepts, and let it be set while the "
   "guest runs"},
  {Property::constraint_hole, "constraint-hole", "§5.12, C6", DecidedBy::proof, Severity::error,
   "what the check accepts satisfies the destination's constraints",
   "no list that passes C1–C3 breaks a constraint of the destination",
   "no destination with constraints accepts anything",
   "C3 looks at each value alone, and a constraint ties values together: the check accepts, and the instance cannot "
   "be opened",
   "new-feature=true, num-queues=2 pass C1 to C3 at careful-nic, and break its constraint new-feature => num-queues "
   "> 2 (E10)",
   "decide by the strict check, which refuses it (C6), or narrow allowed_values so that C3 does"},
  {Property::ambiguous_type, "ambiguous-type", "§5.13, R10a", DecidedBy::proof, Severity::warning,
   "one parent realises a configuration in one way only",
   "no two types of one entry can be given the same effective values",
   "no parent has two types of a model",
   "the same values can be had in two types, so the values do not say which one an instance takes, and whose "
   "capacity it uses",
   "gfx-both has gfx-4GB with memory 4096 alone, and gfx-any with 1024 to 8192: memory=4096 can be made in both (E8)",
   "part the values of the types where the choice matters; else R10a takes the one with fewer writes, then by name"},
  {Property::representation_without_parameter, "representation-without-parameter", "§5.17", DecidedBy::proof,
   Severity::error,
   "the same parameters and values mean the same saved sections and layouts",
   "the same parameters with the same values save the same sections in the same layouts",
   "no two implementations with a described state have the same parameters",
   "a check compares parameters. A new form of the saved state that no parameter shows passes it, and then does not "
   "load, or loads wrongly",
   "versions 1 and 2 have the same parameters, and version 2 saves the section ring in layout 2 instead of 1",
   "put the new form under a parameter whose off value means the old one"},
  {Property::incomplete_state, "incomplete-state", "§5.17a", DecidedBy::proof, Severity::warning,
   "what is accepted and loaded carries everything",
   "what is accepted and loads carries everything: no section is skipped, no parameter with `fix-for` is at its off "
   "value at the source",
   "nothing is said of what a migration may leave behind",
   "the migration succeeds and leaves something behind: the guest fails later, far from the cause",
   "forgetful@2 has the switch fix, with fix-for: while it is off a field is not carried, and the migration is "
   "accepted all the same (E11a)",
   "switch the fix on at the source wherever the destination knows it, or let the destination load what it skips"},
  {Property::runtime_interface_constant, "runtime-interface-constant", "§5.17b, R10", DecidedBy::proof,
   Severity::error,
   "no parameter that is writable at run time changes what the guest sees",
   "no parameter that is writable at run time changes what the guest sees",
   "no parameter is writable at run time",
   "a guest that runs would see its device change under it (R10), without any migration",
   "queues is writable at run time and affects the interface: a write of queues=8 shows 8 queues to a guest that has "
   "set up 4",
   "let the parameter be written only while the instance is closed, or keep what the guest sees independent of it"},
  {Property::open_type, "open-type", "§5.17c", DecidedBy::proof, Severity::warning,
   "an mdev type fixes the parameters of its model",
   "an mdev type fixes its parameters; else it says how many migrations a comparison of type names refuses and the "
   "parameters permit",
   "no implementation has types",
   "one type name stands for several sets of values. Who compares type names refuses migrations that the parameters "
   "permit",
   "the type gfx lets memory be 1024 to 8192: with memory=4096 it could go to gfx-4GB, which has another name",
   "judge by parameters instead of by type name, or make a type for each set of values"},
  {Property::baseline, "baseline", "§5.18, R6", DecidedBy::proof, Severity::warning,
   "all hosts of a model have a configuration in common",
   "all hosts of a model have a configuration in common",
   "no model is described by two hosts",
   "wherever a VM is started, some host of the pool refuses it",
   "one host allows memory 4096 alone, another 8192 alone",
   "let the hosts share a value of what they part over, or take one of them out of the pool; `portolan baseline` "
   "names the fewest that stand against it"},
}};

/// What levels are called elsewhere, told once beside them: the other way round.
inline constexpr std::string_view levels_elsewhere =
    "Schema registries call old → new BACKWARD and new → old FORWARD.";

/// A warning that belongs to no property, by the `rule` of its finding.
struct RemarkRow {
  std::string_view name;
  std::string_view meaning;
  std::string_view why, remedy;  ///< as `portolan explain` prints them
};

inline constexpr std::array<RemarkRow, 17> remarks_table{{
  {"empty-allowed-values", "`allowed_values` is empty: no value is accepted, not even the implementation's own",
   "no instance can be made with it, and C3 refuses every listed value",
   "list the values that are accepted, or leave `allowed_values` out"},
  {"runtime-writable-interface", "a parameter may be written while the guest runs, and the guest sees it",
   "the guest would see its device change under it (R10)",
   "let it be written only while the instance is closed, or say that it affects the state alone"},
  {"profile-refused", "an implementation cannot make its own profile",
   "its values are refused or break a constraint there: a VM of that profile does not start on that version",
   "let the implementation accept that value, or pin another one"},
  {"weak-subset", "`subset` lets two different numbers or texts pass",
   "it only says that neither is zero or empty, so a real difference would pass",
   "say what is meant: `bits`, `at-least`, `at-most`, `pairs` or `exact`"},
  {"unknown-member", "a member that this format does not have",
   "a misspelt member says nothing, and what it was to say is missing",
   "correct the name, or remove the member if nothing else reads it"},
  {"duplicate-value", "a value is listed twice",
   "it changes nothing, but something else may have been meant",
   "list it once"},
  {"range-overlap", "two ranges of `allowed_values` have values in common",
   "it changes nothing, but one of the ends may be wrong",
   "make the ranges disjoint"},
  {"leading-zeros", "a range of `allowed_values` is written with leading zeros",
   "other readers may take 010 for another number",
   "write the range without leading zeros"},
  {"name-backslash", "a parameter's name holds a backslash",
   "shells and some file systems take a backslash for something else",
   "rename the parameter"},
  {"control-character", "a name or a value holds a control character",
   "sysfs and command lines carry it badly, and terminals obey it",
   "choose another name or value"},
  {"type-models", "an mdev type with several models",
   "an mdev type has one model (§words): which one an instance of the type has is not said",
   "make a type for each model"},
  {"unknown-model", "annotations for a model that no type of the implementation describes",
   "the annotations are about nothing: perhaps the model's name is misspelt",
   "correct the name, or describe the model"},
  {"unknown-profile", "observations of a profile that is not among those of the model",
   "nothing is said of the profile's values: observations of it are compared, and no migration is judged at it",
   "declare the profile, or correct its name"},
  {"unknown-pin", "a profile gives a value to a parameter that does not exist",
   "the pin does nothing: perhaps the parameter's name is misspelt",
   "correct the name, or remove the pin"},
  {"acceptance-unused", "an accepted finding that is not found any more",
   "a later finding of that kind would be accepted unseen",
   "remove the entry"},
  {"acceptance-expired", "an accepted finding whose day is over",
   "the finding counts again",
   "mend what was found, or set a later day with a reason"},
  {"acceptance-without-reason", "an accepted finding without a reason",
   "nobody can tell later whether it still may be accepted",
   "write down why it was accepted"},
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
