#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The rules in a sentence each; what a reason against a migration can name (`rule` of Reason,
// model/compat/check.hpp), once: the conditions C1 to C6, R2, what R13 adds, and the schemes that have a
// reason of their own; then what mends each, for who wants to move one instance and for who publishes a
// catalogue. `compat`, the audit of profiles and `explain` print these sentences and write none of their own;
// which of several remedies of a rule fits is theirs to choose. The rules in full: docs/rules.md §rules.
//
//   filled(Remedy::c4, {.destination = "my-nic@1", .parameter = "num-resources"})

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/compat/check.hpp"

namespace portolan::compat {

/// A rule, which is a heading of docs/rules.md by its name.
struct RuleRow {
  std::string_view name;
  std::string_view meaning;
  std::string_view why;
  std::string_view example;
  std::string_view follows;  ///< what to do for it
};

// clang-format off
inline constexpr std::array<RuleRow, 15> rules_table{{
  {"R1", "the domain of a value: `allowed_values` lists every value that is accepted",
   "a check asks each end only what it publishes, so what is not listed does not exist for it",
   "allowed_values [\"1-8\", 16] of an int accepts 1 to 8 and 16; of a str, \"1-8\" is a text",
   "publish `allowed_values` for each parameter; where they are left out, R2 decides"},
  {"R1a", "what is no valid input is refused with its place, by every command; what is odd but legal is a finding of check",
   "a guess at what a file meant would be a verdict about another device",
   "init_value \"4\" of an int is refused (exit status 2), and an empty allowed_values is remarked",
   "mend what the message names; what is odd is a remark or a property of check"},
  {"R2", "a value is accepted, refused or undetermined: without `allowed_values` only the init and the off value are certain",
   "an implementation that publishes no list may take more or not. A yes would promise too much, a no refuse too much",
   "level has init_value 1, off_value 0 and no allowed_values: 0 and 1 are accepted, 2 is undetermined",
   "publish `allowed_values`, and it is decided"},
  {"R3", "the off value of a parameter has the same effect as its absence, and what is added later needs one",
   "only then an implementation that lacks the parameter and one that has it off are the same device",
   "version 2 adds steering with off_value false: with steering=false it goes to version 1, and comes from there",
   "give each parameter that is added later the off_value whose effect equals its absence"},
  {"R4", "the list that travels holds every parameter whose value differs from the source's off value",
   "what is off need not be known at the other end, so that versions can differ",
   "queues=4 with off_value 1 is listed, queues=1 is not; a parameter without off_value always is",
   "keep at its off value what the destination may not know"},
  {"R5", "the check: a migration is accepted when C1, C2 and C3 hold",
   "it looks at the list and at what is published, before anything is started, and does not ask what the guest does",
   "queues=4 to an implementation that knows queues and allows 1 to 8 is accepted",
   "ask the strict check (R6) or all that is known (R13), too: an accept by C1 to C3 alone may fail later"},
  {"R6", "the strict check asks for C4, C5 and C6 as well",
   "C1 to C3 look at the list alone, and accept migrations in which a value that is not listed changes",
   "bare-nic to my-nic@1 passes C1 to C3, and C4 refuses it (E5)",
   "give each parameter one off_value everywhere, and choose values with which the destination's constraints hold"},
  {"R7", "the destination gives each parameter the listed value, else its own off value, else it keeps its init value",
   "it says what the guest will get: what is neither listed nor can be off begins as in a new instance",
   "a list of queues=4 to a destination that also has rss with off_value 0: queues=4, rss=0",
   "prepare a new instance, or one that was returned to its init values, and open it when all is written"},
  {"R8", "after success the destination runs and the source does not, after failure the other way round; never both",
   "two copies of one guest would write to the same disks and answer the same network address",
   "the destination dies before the commit: the session aborts, and the source runs on",
   "where the outcome is not known, ask the devices before anything is started again"},
  {"R9", "a closed instance takes every write, an open one only to parameters that are writable at run time",
   "what was checked must still be so at the commit, so nothing is written from the building of the list to its end",
   "memory is not writable at run time: a write of it to an open instance is refused (EBUSY), and the value stays",
   "write before a migration or after it; what is not writable at run time needs a closed instance"},
  {"R10", "migration never upgrades: values are carried as they are, and what the guest can see stays while it runs",
   "a driver asks its device once and relies on the answer",
   "an instance with queues=4 has queues=4 in the newer version, whose new instances have 8",
   "power the VM off and on where its device is to change"},
  {"R10a", "of several types at the destination that accept, the one with fewest writes is taken, then by name",
   "the same values must always come to the same type, or the capacity that is used would be chance",
   "gfx-any, where one value has to be written, and gfx-4GB, where none has: gfx-4GB",
   "name the type where the choice matters (`compat --to-type`)"},
  {"R11", "a vfio-user program is one instance; it prints what it publishes and takes a value for each parameter",
   "without a common command line each program would need code of its own",
   "--print-migration-info-json prints the migration information, --m-queues=4 gives a parameter",
   "read both `--m-NAME=VALUE` and `--m-NAME VALUE`, and end with status 1 and a message when the instance cannot be made"},
  {"R12", "an mdev instance begins with its init values",
   "what nobody has written is known, and need not be asked for",
   "a new instance of gfx-4GB has the init_value of each parameter of the type",
   "write what is to differ from the init values before the instance is opened"},
  {"R13", "all that is known counts: accepted is what the strict check accepts and nothing in the catalogue speaks against",
   "a yes that the same file contradicts loses a VM",
   "C1 to C6 hold, and version 1 does not understand a section that version 2 saves: rejected by loads",
   "say in the catalogue what an implementation saves, loads, shows and takes in: what is not said is not assumed"},
}};
// clang-format on

struct ReasonRow {
  std::string_view name;
  std::string_view heading;  ///< of docs/rules.md, as it is cited: `C4`, `§schemes`
  std::string_view meaning;
  std::string_view why;      ///< what would go wrong if such a migration were tried
  std::string_view example;  ///< a small one that is rejected for it
};

// clang-format off
inline constexpr std::array<ReasonRow, 19> reasons_table{{
  {"C1", "C1", "the source's device model is not the destination's",
   "names of parameters and sections mean nothing across models, so nothing else can be compared, and the state of one "
   "model is not that of another",
   "com.gfx/GPU to com.gfx/GPU-4G is rejected, although it is the same hardware and might work (E9)"},
  {"C2", "C2", "a listed parameter is not known to the destination, or has another type there",
   "a feature is in use that the destination does not have: the guest would lose it, or the state would not load",
   "my-nic@2 lists new-feature=true, which my-nic@1 does not know; with new-feature=false it is not listed and accepted "
   "(E2, E3)"},
  {"C3", "C3", "the destination does not accept the value of a listed parameter",
   "the destination cannot be made as the source is: the write of that value is refused",
   "num-resources=32 to a destination that allows 64 alone (E4)"},
  {"C4", "C4", "a parameter of the destination that is not listed has no off value there, or one that it does not accept",
   "the destination cannot make the parameter absent: it would keep its init value, and the guest would get a feature "
   "that it did not have",
   "bare-nic has no parameters, and my-nic@1 has num-resources without off_value (E5)"},
  {"C5", "C5", "a parameter that both ends know is at the source's off value, and the destination's off value is another",
   "what is off is not listed, so the destination gives it its own off value: the value would change on the way (R10)",
   "queues=1 is the off value at the source, and the destination has off_value 2: it would arrive as 2"},
  {"C6", "C6", "a constraint of the destination does not hold for the values that it would be given",
   "the instance is prepared, and then cannot be opened",
   "new-feature=true, num-queues=2 to careful-nic, whose constraint is new-feature => num-queues > 2 (E10)"},
  {"R2", "R2", "it is not known whether the destination accepts a listed value",
   "without `allowed_values` only the init and the off value are certain. Whoever tries anything else finds out when the "
   "write is refused, or is not",
   "level=2, where the destination publishes init_value 1, off_value 0 and no allowed_values: undetermined"},
  {"loads", "R13", "a section that the source saves is not understood by the destination, or one that it wants is not saved",
   "the destination refuses the state at the end of the migration, when the guest is already stopped",
   "version 2 saves the section rss, and version 1 has no rss under `loads`"},
  {"lost", "R13", "a section is read and dropped (`applied: false`), or one that never comes is lost (`missing: lost`)",
   "the migration succeeds, and the guest goes on without what the section held",
   "the section viona-features arrives, and viona reads and drops it: the guest's negotiated features are gone"},
  {"interface", "R13", "something under `interface` would not be the same at the destination",
   "the guest sees its device change while it runs (R10), and its driver relies on what it saw first",
   "`interface` says mtu 1500 at the source and mtu 9000 at the destination"},
  {"takes", "R13", "the destination takes in less than such an instance may have: of a parameter, or of an aspect",
   "its own instances may have the value, and one that arrives with it is refused all the same, or damaged",
   "queues=16, where the destination allows 1 to 16 and says `takes: [\"1-8\"]`"},
  {"observed", "R13", "what live instances showed at the profile does not relate as `compare` says",
   "the parameters agree, and the devices do not: the destination refuses the state, or the guest sees another device",
   "at profile gold, features showed 0x7 at the source and 0x3 at the destination, and compare says bits: bit 2 is missing"},
  {"profile", "R13", "the destination has profiles of the model, but not the one that the instance was made from",
   "hosts start a VM by the name of its profile: one that does not know the name does not make the device",
   "machine@0.36-rc0 has profiles of qemu.org/machine, and pc-q35-rhel8.2.0 is not among them"},
  {"blocks", "R13", "the source refuses to save such an instance",
   "the migration fails at the source, whatever the destination is",
   "`blocks` has the condition !log_all, and the instance shows log_all=false"},
  {"room", "R13", "every type of the destination that accepts has no instance left",
   "a new instance cannot be made there now. It is a moment's reading, so only `compat` asks it",
   "gfx-4GB is the only type that accepts, and has available_instances 0"},
  {"mdev-type", "§schemes", "the two ends have different mdev types, or one has none (`--scheme mdev-type`)",
   "the scheme trusts names: it refuses what parameters permit, and accepts one name with other values",
   "gfx with memory=4096 to gfx-4GB is rejected, although the parameters permit it"},
  {"version-string", "§schemes", "name or version of the implementations differ, or one has no version (`--scheme version-string`)",
   "the scheme accepts nothing but the same version, so it permits no upgrade",
   "my-nic@1 to my-nic@2 is rejected"},
  {"semver", "§schemes", "the major versions differ, or the source's minor version is later (`--scheme semver`)",
   "the scheme trusts version numbers, which promise what their author meant by them",
   "version 2.1 to 2.0 and 2.1 to 3.0 are rejected, 2.0 to 2.1 is accepted"},
  {"source", "§catalogue", "the source's own constraint is among what leaves no configuration that would be accepted (`core`)",
   "no instance of the source can go there: the values that would be accepted are none that the source can have",
   "the destination accepts num-queues=2 alone, and the source has the constraint num-queues > 2"},
}};

/// Who a remedy is for.
enum class Audience : std::uint8_t {
  migrating,   ///< wants to move one instance
  publishing,  ///< implements a device, or keeps a catalogue
};

/// In the order of the table.
enum class Remedy : std::uint8_t {
  c1, c1_publishing,
  c2_switch_off, c2_stays_on, c2_other_type, c2_pin, c2_off_differs, c2_know_again,
  c2_give_off, c2_accept_off, c2_one_type, c2_one_name,
  c3_shared, c3_nothing_shared, c3_pin, c3_off_differs, c3_accept,
  c4, c4_publishing, c4_give_off, c4_accept_off, c4_accept_pin, c4_other_pin,
  c5, c5_publishing, c5_pin,
  c6, c6_elsewhere, c6_pin, c6_permit, c6_off,
  r2, r2_publishing,
  loads, loads_publishing,
  lost, lost_unsent, lost_publishing, lost_unsent_publishing,
  interface, interface_elsewhere, interface_pin, interface_publishing,
  takes_parameter, takes_nothing, takes_aspect, takes_pin, takes_publishing,
  observed, observed_unknown, observed_publishing,
  profile, profile_unknown, profile_publishing,
  blocks, blocks_pin, blocks_publishing,
  room, room_publishing,
  mdev_type, mdev_type_publishing,
  version_string, version_string_publishing,
  semver, semver_publishing,
  source, source_publishing,
};

/// The names that stand in a remedy: `{parameter}`. `values`, `condition` and `expected` are all what the
/// reason expects; they differ where nothing is known of a case, and general words stand for them.
struct RemedyWords {
  std::string_view source = "the source";
  std::string_view destination = "the destination";
  std::string_view parameter = "PARAMETER";
  std::string_view value = "VALUE";
  std::string_view profile = "PROFILE";
  std::string_view values = "VALUES";
  std::string_view condition = "CONDITION";
  std::string_view expected = "what its message says";

  /// What the reason expects, under each of its names.
  void expects(std::string_view text) { values = condition = expected = text; }
};
inline constexpr std::string_view remedy_placeholders[] = {"source", "destination", "parameter", "value",
                                                           "profile", "values", "condition", "expected"};

struct RemedyRow {
  Remedy remedy;
  std::string_view rule;  ///< a name of the table above
  Audience audience;
  std::string_view when;  ///< it fits; empty: always
  std::string_view text;
};

inline constexpr std::array<RemedyRow, 67> remedies_table{{
  {Remedy::c1, "C1", Audience::migrating, "",
   "choose a destination that offers the same model; nothing else can be compared"},
  {Remedy::c1_publishing, "C1", Audience::publishing, "",
   "describe the model of {source} in {destination}, too: the name of a model never changes"},

  {Remedy::c2_switch_off, "C2", Audience::migrating, "where the source has an off value",
   "set {parameter} to its off value {value} at the source, or bring the destination to a version that knows it"},
  {Remedy::c2_stays_on, "C2", Audience::migrating, "where it has none",
   "bring the destination to a version that knows it: the source cannot turn it off"},
  {Remedy::c2_other_type, "C2", Audience::migrating, "where it has another type there",
   "choose a destination in which {parameter} has the type that it has at the source"},
  {Remedy::c2_pin, "C2", Audience::publishing, "where a pin was tried and helps",
   "profile {profile} of {source} should pin {parameter}={value}"},
  {Remedy::c2_off_differs, "C2", Audience::publishing, "where off is not what its absence does",
   "{source} should give {parameter} another off_value: {value} is not what its absence does in {destination}, which "
   "shows {expected} (R3)"},
  {Remedy::c2_know_again, "C2", Audience::publishing, "where an implementation before the destination knew it",
   "{destination} should know {parameter} again: instances at profile {profile} of {source} use {parameter}={value}"},
  {Remedy::c2_give_off, "C2", Audience::publishing, "where none did, and the source has no off value",
   "give {parameter} an off_value in {source} that equals its absence, and pin it in profile {profile} there: "
   "{destination} never knew it"},
  {Remedy::c2_accept_off, "C2", Audience::publishing, "where none did, and the source cannot be made with its off value",
   "let {source} accept its off value {parameter}={value} together with the other values of profile {profile}, and pin "
   "it there: {destination} never knew it"},
  {Remedy::c2_one_type, "C2", Audience::publishing, "where it has another type there",
   "give {parameter} one type in {source} and {destination}, or a new name where its meaning changed"},
  {Remedy::c2_one_name, "C2", Audience::publishing, "where the destination has the parameter under another name",
   "keep the name {value} in {source}, which {destination} knows, and make {parameter} a second name of it (alias-of)"},

  {Remedy::c3_shared, "C3", Audience::migrating, "where they accept values in common",
   "give {parameter} a value that both ends accept: {values}"},
  {Remedy::c3_nothing_shared, "C3", Audience::migrating, "where they do not",
   "choose another destination: the two accept no value in common"},
  {Remedy::c3_pin, "C3", Audience::publishing, "where a pin was tried and helps",
   "profile {profile} of {source} should pin {parameter}={value}"},
  {Remedy::c3_off_differs, "C3", Audience::publishing, "where off is not what its absence does",
   "{source} should give {parameter} another off_value: {value} is not what its absence does in {destination}, which "
   "shows {expected} (R3)"},
  {Remedy::c3_accept, "C3", Audience::publishing, "else",
   "{destination} should accept {parameter}={value}, which is what profile {profile} means in {source}"},

  {Remedy::c4, "C4", Audience::migrating, "",
   "the implementer of {destination} has to give {parameter} an off_value that it accepts (R3)"},
  {Remedy::c4_publishing, "C4", Audience::publishing, "where the destination has the profile",
   "give {parameter} an off_value in {destination} that equals its absence, or pin it in profile {profile} there"},
  {Remedy::c4_give_off, "C4", Audience::publishing, "where it has not",
   "give {parameter} an off_value in {destination} that equals its absence"},
  {Remedy::c4_accept_off, "C4", Audience::publishing, "where it refuses its own off value",
   "let {destination} accept its off value {parameter}={value}"},
  {Remedy::c4_accept_pin, "C4", Audience::publishing, "where it refuses what its profile pins, and every other value",
   "let {destination} accept {parameter}={value}, which its profile {profile} pins"},
  {Remedy::c4_other_pin, "C4", Audience::publishing, "where it refuses what its profile pins",
   "let {destination} accept {parameter}={value}, which its profile {profile} pins, or pin one of {values} there"},

  {Remedy::c5, "C5", Audience::migrating, "",
   "the implementers have to agree on one off_value for {parameter}, or the source has to use a value that is listed"},
  {Remedy::c5_publishing, "C5", Audience::publishing, "",
   "{source} and {destination} should agree on the off_value of {parameter}"},
  {Remedy::c5_pin, "C5", Audience::publishing, "where the destination has no off value, and a pin was tried and helps",
   "profile {profile} of {destination} should pin {parameter}={value}, the off value of {source}"},

  {Remedy::c6, "C6", Audience::migrating, "where a value of the source is in the constraint",
   "change the values at the source so that the constraint holds"},
  {Remedy::c6_elsewhere, "C6", Audience::migrating, "where none is",
   "choose another destination: no value at the source decides whether the constraint holds"},
  {Remedy::c6_pin, "C6", Audience::publishing, "where the source is newer, and a pin was tried and helps",
   "profile {profile} of {source} should pin {parameter}={value}"},
  {Remedy::c6_permit, "C6", Audience::publishing, "where the source's values break it",
   "let {condition} in {destination} permit what profile {profile} means in {source}: {values}"},
  {Remedy::c6_off, "C6", Audience::publishing, "where the destination's own off values break it",
   "let {condition} in {destination} permit its own off values, or give it others with which that holds: {values}"},

  {Remedy::r2, "R2", Audience::migrating, "",
   "publish allowed_values for {parameter} in {destination}, and it will be decided"},
  {Remedy::r2_publishing, "R2", Audience::publishing, "",
   "publish allowed_values for {parameter} in {destination}"},

  {Remedy::loads, "loads", Audience::migrating, "",
   "let {destination} load what {source} saves, or save it as {destination} understands it"},
  {Remedy::loads_publishing, "loads", Audience::publishing, "",
   "let {destination} load what {source} saves at profile {profile}, or let {source} save there what is understood"},

  {Remedy::lost, "lost", Audience::migrating, "where it is read and dropped",
   "let {destination} apply what it reads"},
  {Remedy::lost_unsent, "lost", Audience::migrating, "where it never comes",
   "let {source} save it, or let {destination} begin without it (`missing: default`) or refuse such a state"},
  {Remedy::lost_publishing, "lost", Audience::publishing, "where it is read and dropped",
   "let {destination} apply what it reads"},
  {Remedy::lost_unsent_publishing, "lost", Audience::publishing, "where it never comes",
   "let {source} save it, or let {destination} begin without it (`missing: default`) or refuse such a state"},

  {Remedy::interface, "interface", Audience::migrating, "where it hangs on parameters",
   "choose values with which both ends show the guest the same, or another destination"},
  {Remedy::interface_elsewhere, "interface", Audience::migrating, "where it does not",
   "choose another destination: no value changes what the two show the guest"},
  {Remedy::interface_pin, "interface", Audience::publishing, "where a pin was tried and helps",
   "profile {profile} of {source} should pin {parameter}={value}"},
  {Remedy::interface_publishing, "interface", Audience::publishing,
   "else; it is for the end that differs from the first implementation",
   "let {source} show {values} at profile {profile}, as {destination} does: put what differs under a parameter with "
   "an off value that gives it"},

  {Remedy::takes_parameter, "takes", Audience::migrating, "of a parameter",
   "set {parameter} to a value that {destination} takes in: {values}"},
  {Remedy::takes_nothing, "takes", Audience::migrating, "of a parameter, where the source can have no such value",
   "choose a destination that takes in {parameter}={value}: {source} can have no value that this one takes in"},
  {Remedy::takes_aspect, "takes", Audience::migrating, "of an aspect",
   "restrict it at {source}, or choose a destination that takes it in"},
  {Remedy::takes_pin, "takes", Audience::publishing, "where a pin was tried and helps",
   "let {destination} take in {parameter}={value}, or pin one of {values} in profile {profile} of {source}"},
  {Remedy::takes_publishing, "takes", Audience::publishing, "else",
   "let {destination} take in {parameter}={value}"},

  {Remedy::observed, "observed", Audience::migrating, "where it does not relate",
   "portolan check names what is guilty, and the pin in the profile that would mend it"},
  {Remedy::observed_unknown, "observed", Audience::migrating, "where that is not known",
   "name the instance's profile (--profile), observe both ends at it, and let `compare` cover what they showed"},
  {Remedy::observed_publishing, "observed", Audience::publishing, "",
   "pin in a profile of the end that differs what the other end shows, or say with `compare` how the two may differ"},

  {Remedy::profile, "profile", Audience::migrating, "where it is not there",
   "give {destination} this profile, or choose a destination that knows it"},
  {Remedy::profile_unknown, "profile", Audience::migrating, "where it is not known which profile counts",
   "name the profile that the instance was made from (--profile), with its values as they are"},
  {Remedy::profile_publishing, "profile", Audience::publishing, "",
   "give {destination} the profile {profile}, with the values that it means in {source}"},

  {Remedy::blocks, "blocks", Audience::migrating, "",
   "bring the instance to where {condition} holds"},
  {Remedy::blocks_pin, "blocks", Audience::publishing, "where a pin was tried and helps",
   "profile {profile} of {source} should pin {parameter}={value}"},
  {Remedy::blocks_publishing, "blocks", Audience::publishing, "else",
   "let {source} save such an instance, or bring it to where {condition} holds before it moves: no value of one "
   "parameter does"},

  {Remedy::room, "room", Audience::migrating, "",
   "free an instance there, or choose another destination"},
  {Remedy::room_publishing, "room", Audience::publishing, "",
   "nothing that is published mends it: read available_instances of {destination} again when something was freed"},

  {Remedy::mdev_type, "mdev-type", Audience::migrating, "",
   "what it wants is {expected}; or decide by another scheme"},
  {Remedy::mdev_type_publishing, "mdev-type", Audience::publishing, "",
   "let parameters say what an instance needs, and judge by them"},
  {Remedy::version_string, "version-string", Audience::migrating, "",
   "what it wants is {expected}; or decide by another scheme"},
  {Remedy::version_string_publishing, "version-string", Audience::publishing, "",
   "let parameters say what an instance needs, and judge by them"},
  {Remedy::semver, "semver", Audience::migrating, "",
   "what it wants is {expected}; or decide by another scheme"},
  {Remedy::semver_publishing, "semver", Audience::publishing, "",
   "let parameters say what an instance needs, and judge by them"},

  {Remedy::source, "source", Audience::migrating, "",
   "choose a destination that accepts values with which the constraint holds"},
  {Remedy::source_publishing, "source", Audience::publishing, "",
   "let {destination} accept some configuration of {source}, or take back the constraint where it is stricter than the device"},
}};
// clang-format on

constexpr const RemedyRow& row_of(Remedy remedy) { return remedies_table[static_cast<std::size_t>(remedy)]; }

/// The first remedy of that rule, which must be one of the table, for that audience.
constexpr Remedy usual_remedy(std::string_view rule, Audience audience) {
  const auto row = std::find_if(remedies_table.begin(), remedies_table.end(), [&](const RemedyRow& one) {
    return one.rule == rule && one.audience == audience;
  });
  assert(row != remedies_table.end() && "a new name for a reason needs its rows here");
  return row->remedy;
}

/// The remedy with those words in it.
std::string filled(Remedy remedy, const RemedyWords& words);

static_assert(std::all_of(remedies_table.begin(), remedies_table.end(),
                          [](const RemedyRow& row) { return &row == &row_of(row.remedy); }),
              "each remedy has its row, in the order of the enumeration");

/// Whether each `{…}` of the text is one of the names that `filled` knows.
constexpr bool names_known_words(std::string_view text) {
  for (auto open = text.find_first_of("{}"); open != text.npos; open = text.find_first_of("{}", open)) {
    const auto close = text.find('}', open);
    if (text[open] == '}' || close == text.npos) return false;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (std::find(std::begin(remedy_placeholders), std::end(remedy_placeholders), name) ==
        std::end(remedy_placeholders))
      return false;
    open = close + 1;
  }
  return true;
}
static_assert(std::all_of(remedies_table.begin(), remedies_table.end(),
                          [](const RemedyRow& row) { return names_known_words(row.text); }),
              "a remedy names only words that `filled` gives");

/// What whoever wants to migrate one instance can do about a reason.
std::string remedy_of(const Reason& reason, const End& source, const End& destination);

}  // namespace portolan::compat
