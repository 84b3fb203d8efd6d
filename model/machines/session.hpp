#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One migration session (rules.md §session, R5, R7, R8): from the check to the commit, with what is lost when
// a process dies. source_runs and destination_runs mean R8's word: the guest is attached there. They are
// never both true.
//
// What the devices did and what is decided about it are two things. `loaded`: every device of the VM
// completed RESUMING -> STOP at the destination. `commit` is the commit point: the session knows that of
// every device, with its length and checksum, and has read both ends again (R9). Up to it every device can be
// abandoned, loaded or not, because nobody has started the destination; after it the source never runs again.
// A source that died cannot be gone back to: then only the destination, or the spool from which it is made
// again, is left.

#include "model/rules/machine.hpp"

namespace portolan::machines {

inline constexpr std::string_view session_states[] = {"Idle",      "Checked", "Prepared", "Transferring",
                                                      "Committed", "Aborted", "Unknown",  "Lost"};
inline constexpr std::string_view session_events[] = {
    "check",       "prepare",           "begin", "stop_source", "load",
    "commit",      "start_destination", "abort", "answer_lost", "ask",
    "source_dies", "destination_dies"};

/// yes is the answer to the event at hand (input): the check accepts, the writes succeed, length and checksum
/// match, the destination holds the state, or, when the source dies, the whole stream is on disk. spooled
/// (fixed): the stream is kept on disk before the commit. source_gone: the source died and the session goes
/// on; kept: the spool holds the whole stream then.
inline constexpr rules::MachineVariable session_variables[] = {
    {"yes", rules::Role::input},         {"spooled", rules::Role::fixed},
    {"source_runs", rules::Role::state}, {"destination_runs", rules::Role::state},
    {"loaded", rules::Role::state},      {"source_gone", rules::Role::state},
    {"kept", rules::Role::state}};

// clang-format off
inline constexpr rules::RowText session_rows[] = {
  // from            event                to              guard                      update                  source
  { "Idle",          "check",             "Checked",      "yes",                     "source_runs := true",  "R5: the destination accepts the list" },
  { "Idle",          "check",             "Aborted",      "!yes",                    "source_runs := true",  "R5, R8: refused, the source runs" },
  { "Checked",       "prepare",           "Prepared",     "yes",                     "",                     "R7: every write succeeded" },
  { "Checked",       "prepare",           "Aborted",      "!yes",                    "",                     "R7, R8: a refused write, the source runs" },
  { "Checked",       "abort",             "Aborted",      "",                        "",                     "R8: the source runs" },
  { "Checked",       "source_dies",       "Lost",         "",                        "source_runs := false", "R8: the source held the only complete state" },
  { "Prepared",      "begin",             "Transferring", "",                        "",                     "rules.md §session: the destination is RESUMING" },
  { "Prepared",      "abort",             "Aborted",      "",                        "",                     "R8: the source runs" },
  { "Prepared",      "destination_dies",  "Aborted",      "",                        "",                     "R8: the source runs" },
  { "Prepared",      "source_dies",       "Lost",         "",                        "source_runs := false", "R8: the source held the only complete state" },
  { "Transferring",  "stop_source",       "Transferring", "source_runs",             "source_runs := false", "rules.md §session: source to STOP_COPY" },
  { "Transferring",  "load",              "Transferring", "yes && !source_runs && !loaded", "loaded := true", "rules.md §session: length and checksum match, RESUMING -> STOP" },
  { "Transferring",  "load",              "Aborted",      "!yes && !source_runs && !loaded && !source_gone", "source_runs := true", "rules.md §session: data refused, the source goes back to running" },
  { "Transferring",  "load",              "Transferring", "!yes && !loaded && source_gone", "",              "rules.md §session: data refused, the spool is kept; the destination is made again" },
  { "Transferring",  "commit",            "Committed",    "loaded",                  "",                     "rules.md §session: commit point; the source never runs again" },
  { "Transferring",  "abort",             "Aborted",      "!source_gone",            "source_runs := true; loaded := false", "rules.md §session: until the commit point every device can be abandoned" },
  { "Transferring",  "answer_lost",       "Unknown",      "!source_runs",            "",                     "rules.md §session: nobody may run until the devices are asked" },
  { "Transferring",  "destination_dies",  "Aborted",      "!source_gone",            "source_runs := true; loaded := false", "R8: the source runs" },
  { "Transferring",  "destination_dies",  "Transferring", "source_gone",             "loaded := false",      "rules.md §session: never started, rebuilt from the spool" },
  { "Transferring",  "source_dies",       "Lost",         "!source_gone && !loaded && !(spooled && !source_runs && yes)", "source_runs := false", "rules.md §session: the source held the only complete state" },
  { "Transferring",  "source_dies",       "Committed",    "!source_gone && loaded",  "",                     "rules.md §session: the destination holds the complete state" },
  { "Transferring",  "source_dies",       "Transferring", "!source_gone && !loaded && spooled && !source_runs && yes", "source_gone := true; kept := true", "rules.md §session: the spool holds the whole stream; the destination is loaded from it" },
  { "Unknown",       "ask",               "Committed",    "yes",                     "loaded := true",       "rules.md §session: resolved by asking the devices" },
  { "Unknown",       "ask",               "Aborted",      "!yes && !source_gone",    "source_runs := true; loaded := false", "rules.md §session: resolved by asking the devices" },
  { "Unknown",       "ask",               "Transferring", "!yes && source_gone && kept", "loaded := false",  "rules.md §session: never started, rebuilt from the spool" },
  { "Unknown",       "ask",               "Lost",         "!yes && source_gone && !kept", "",                "rules.md §session: the source held the only complete state" },
  { "Unknown",       "destination_dies",  "Aborted",      "!source_gone",            "source_runs := true; loaded := false", "R8: no copy is left there, the source runs" },
  { "Unknown",       "destination_dies",  "Transferring", "source_gone && kept",     "loaded := false",      "rules.md §session: never started, rebuilt from the spool" },
  { "Unknown",       "destination_dies",  "Lost",         "source_gone && !kept",    "",                     "rules.md §session: the only complete state died with source or destination" },
  { "Unknown",       "source_dies",       "Unknown",      "!source_gone",            "source_gone := true; kept := spooled && yes", "rules.md §session: the destination may hold the state: it is asked" },
  { "Committed",     "start_destination", "Committed",    "!destination_runs",       "destination_runs := true", "R8: the destination runs, the source must not" },
  { "Committed",     "destination_dies",  "Committed",    "spooled && !destination_runs", "",                "rules.md §session: never started, rebuilt from the spool" },
  { "Committed",     "destination_dies",  "Lost",         "!spooled || destination_runs", "destination_runs := false", "rules.md §session: one that may have run is not rebuilt" },
};
// clang-format on

inline constexpr rules::MachineText session_text{"session",         session_states, session_events,
                                                 session_variables, session_rows,   "Idle"};
inline constexpr const rules::Machine& session = rules::built_in<session_text>;

}  // namespace portolan::machines
