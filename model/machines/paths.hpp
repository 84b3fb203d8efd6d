#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the kernel answers when a device is asked to go from one state to another (`linux/vfio.h`, rules.md
// §device): derived from the arcs of device.hpp by a breadth-first search, never listed. A saving state
// (PRE_COPY, PRE_COPY_P2P, STOP_COPY) is no interior point of a path, except for the whole request PRE_COPY
// -> PRE_COPY_P2P -> STOP_COPY.

#include <optional>
#include <vector>

#include "model/machines/device_state.hpp"
#include "model/rules/machine.hpp"

namespace portolan::machines {

/// What a device reports by VFIO_DEVICE_FEATURE_MIGRATION. STOP_COPY is always reported.
struct DeviceFlags {
  bool p2p = false;
  bool pre_copy = false;
};

/// The table of device.hpp, from which everything below is derived unless another is given (a mutant of it).
const rules::Machine& device_table();

/// Whether the flags cover a state. ERROR is covered: a device can be in it.
bool supported(DeviceFlags flags, DeviceState state, const rules::Machine& table = device_table());

/// The states after `current`, up to and including `requested`; empty when they are the same; no value:
/// EINVAL.
std::optional<std::vector<DeviceState>> path(DeviceFlags flags, DeviceState current, DeviceState requested,
                                             const rules::Machine& table = device_table());
/// The first of them (`current` itself for the identity); no value: EINVAL.
std::optional<DeviceState> next_hop(DeviceFlags flags, DeviceState current, DeviceState requested,
                                    const rules::Machine& table = device_table());
/// A data fd is returned when the last arc of the path opens a data session.
bool returns_data_fd(DeviceFlags flags, DeviceState current, DeviceState requested,
                     const rules::Machine& table = device_table());

}  // namespace portolan::machines
