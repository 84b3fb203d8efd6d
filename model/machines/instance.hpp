#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The life of one device instance and when its parameters may be written (rules.md §instance, R7, R9, R12).

#include "model/rules/machine.hpp"

namespace portolan::machines {

inline constexpr std::string_view instance_states[] = {"Absent", "Closed", "Open"};
inline constexpr std::string_view instance_events[] = {"create",          "open",         "close", "destroy",
                                                       "write",           "reinitialise", "run",   "stop",
                                                       "begin_migration", "end_migration"};

/// runtime_writable and valid describe the write at hand (input). fresh: every parameter is at its init
/// value; running: the guest is attached (R8); migrating: between the building of the list and commit or
/// abort (R9); valid: the constraints hold.
inline constexpr rules::MachineVariable instance_variables[] = {{"runtime_writable", rules::Role::input},
                                                                {"valid", rules::Role::input},
                                                                {"fresh", rules::Role::state},
                                                                {"running", rules::Role::state},
                                                                {"migrating", rules::Role::state}};

// clang-format off
inline constexpr rules::RowText instance_rows[] = {
  // from      event              to        guard                             update              source
  { "Absent",  "create",          "Closed", "",                               "fresh := true",    "R12: a new instance starts at its init values" },
  { "Closed",  "write",           "Closed", "!migrating",                     "fresh := false",   "R9: a closed instance is writable" },
  { "Closed",  "reinitialise",    "Closed", "!migrating",                     "fresh := true",    "R7: an instance from a pool first returns to its init values" },
  { "Closed",  "open",            "Open",   "valid",                          "",                 "R7: constraints are checked when the instance is opened" },
  { "Closed",  "destroy",         "Absent", "!migrating",                     "fresh := false",   "rules.md §instance: Closed -> Absent" },
  { "Closed",  "begin_migration", "Closed", "!migrating",                     "migrating := true",  "R9: no write from the list to commit or abort" },
  { "Closed",  "end_migration",   "Closed", "migrating",                      "migrating := false", "R9: between migrations changes are free" },
  { "Open",    "write",           "Open",   "runtime_writable && !migrating", "fresh := false",   "R9: an open instance takes only runtime-writable parameters, else EBUSY" },
  { "Open",    "run",             "Open",   "!running",                       "running := true",  "R8: the guest is attached and may drive the device" },
  { "Open",    "stop",            "Open",   "running",                        "running := false", "rules.md §instance: Open, running or stopped" },
  { "Open",    "close",           "Closed", "!running",                       "",                 "rules.md §instance: Open -> Closed" },
  { "Open",    "begin_migration", "Open",   "!migrating",                     "migrating := true",  "R9: no write from the list to commit or abort" },
  { "Open",    "end_migration",   "Open",   "migrating",                      "migrating := false", "R9: between migrations changes are free" },
};
// clang-format on

inline constexpr rules::MachineText instance_text{"instance",         instance_states, instance_events,
                                                  instance_variables, instance_rows,   "Absent"};
inline constexpr const rules::Machine& instance = rules::built_in<instance_text>;

}  // namespace portolan::machines
