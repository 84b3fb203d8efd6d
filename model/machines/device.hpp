#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The VFIO device state machine (kernel uAPI, migration v2; `linux/vfio.h`, rules.md §device): its elementary
// arcs, as one table. What the kernel answers to a request between any two states is derived from these arcs
// by search (paths.hpp).

#include "model/machines/device_state.hpp"
#include "model/rules/machine.hpp"

namespace portolan::machines {

/// By their number; an arc's event is the state that it asks for.
inline constexpr const auto& device_states = device_state_names.texts();
inline constexpr std::string_view device_events[] = {
    "ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P", "reset"};
inline constexpr std::size_t device_state_count = device_state_names.size();

/// p2p and pre_copy are the flags that the device reports; data_fd: a data session is open.
inline constexpr rules::MachineVariable device_variables[] = {
    {"p2p", rules::Role::fixed}, {"pre_copy", rules::Role::fixed}, {"data_fd", rules::Role::state}};

// clang-format off
inline constexpr rules::RowText device_rows[] = {
  // from           event           to              guard               update              source
  { "STOP",         "STOP_COPY",    "STOP_COPY",    "",                 "data_fd := true",  "linux/vfio.h: STOP -> STOP_COPY" },
  { "STOP_COPY",    "STOP",         "STOP",         "",                 "data_fd := false", "linux/vfio.h: STOP_COPY -> STOP" },
  { "STOP",         "RESUMING",     "RESUMING",     "",                 "data_fd := true",  "linux/vfio.h: STOP -> RESUMING" },
  { "RESUMING",     "STOP",         "STOP",         "",                 "data_fd := false", "linux/vfio.h: RESUMING -> STOP" },
  { "RUNNING",      "STOP",         "STOP",         "!p2p",             "",                 "linux/vfio.h: RUNNING -> STOP, without P2P" },
  { "STOP",         "RUNNING",      "RUNNING",      "!p2p",             "",                 "linux/vfio.h: STOP -> RUNNING, without P2P" },
  { "RUNNING",      "RUNNING_P2P",  "RUNNING_P2P",  "p2p",              "",                 "linux/vfio.h: RUNNING -> RUNNING_P2P" },
  { "RUNNING_P2P",  "RUNNING",      "RUNNING",      "p2p",              "",                 "linux/vfio.h: RUNNING_P2P -> RUNNING" },
  { "RUNNING_P2P",  "STOP",         "STOP",         "p2p",              "",                 "linux/vfio.h: RUNNING_P2P -> STOP" },
  { "STOP",         "RUNNING_P2P",  "RUNNING_P2P",  "p2p",              "",                 "linux/vfio.h: STOP -> RUNNING_P2P" },
  { "RUNNING",      "PRE_COPY",     "PRE_COPY",     "pre_copy",         "data_fd := true",  "linux/vfio.h: RUNNING -> PRE_COPY" },
  { "PRE_COPY",     "RUNNING",      "RUNNING",      "pre_copy",         "data_fd := false", "linux/vfio.h: PRE_COPY -> RUNNING" },
  { "PRE_COPY",     "STOP_COPY",    "STOP_COPY",    "pre_copy && !p2p", "",                 "linux/vfio.h: PRE_COPY -> STOP_COPY, without P2P" },
  { "PRE_COPY",     "PRE_COPY_P2P", "PRE_COPY_P2P", "pre_copy && p2p",  "",                 "linux/vfio.h: PRE_COPY -> PRE_COPY_P2P" },
  { "PRE_COPY_P2P", "PRE_COPY",     "PRE_COPY",     "pre_copy && p2p",  "",                 "linux/vfio.h: PRE_COPY_P2P -> PRE_COPY" },
  { "RUNNING_P2P",  "PRE_COPY_P2P", "PRE_COPY_P2P", "pre_copy && p2p",  "data_fd := true",  "linux/vfio.h: RUNNING_P2P -> PRE_COPY_P2P" },
  { "PRE_COPY_P2P", "RUNNING_P2P",  "RUNNING_P2P",  "pre_copy && p2p",  "data_fd := false", "linux/vfio.h: PRE_COPY_P2P -> RUNNING_P2P" },
  { "PRE_COPY_P2P", "STOP_COPY",    "STOP_COPY",    "pre_copy && p2p",  "",                 "linux/vfio.h: PRE_COPY_P2P -> STOP_COPY" },
  // A failed hop may end in ERROR, which cannot be asked for; the event tells that it happened.
  { "STOP",         "ERROR",        "ERROR",        "",                 "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "RUNNING",      "ERROR",        "ERROR",        "",                 "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "STOP_COPY",    "ERROR",        "ERROR",        "",                 "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "RESUMING",     "ERROR",        "ERROR",        "",                 "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "RUNNING_P2P",  "ERROR",        "ERROR",        "p2p",              "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "PRE_COPY",     "ERROR",        "ERROR",        "pre_copy",         "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  { "PRE_COPY_P2P", "ERROR",        "ERROR",        "pre_copy && p2p",  "data_fd := false", "linux/vfio.h: a failed transition may leave ERROR" },
  // Only a reset leaves ERROR; it always gives RUNNING and ends open data sessions.
  { "ERROR",        "reset",        "RUNNING",      "",                 "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "STOP",         "reset",        "RUNNING",      "",                 "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "RUNNING",      "reset",        "RUNNING",      "",                 "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "STOP_COPY",    "reset",        "RUNNING",      "",                 "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "RESUMING",     "reset",        "RUNNING",      "",                 "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "RUNNING_P2P",  "reset",        "RUNNING",      "p2p",              "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "PRE_COPY",     "reset",        "RUNNING",      "pre_copy",         "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
  { "PRE_COPY_P2P", "reset",        "RUNNING",      "pre_copy && p2p",  "data_fd := false", "linux/vfio.h: VFIO_DEVICE_RESET gives RUNNING" },
};
// clang-format on

inline constexpr rules::MachineText device_text{"device",         device_states, device_events,
                                                device_variables, device_rows,   "RUNNING"};
inline constexpr const rules::Machine& device = rules::built_in<device_text>;

}  // namespace portolan::machines
