#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the kernel answers when a device is asked to go from one state to another (`linux/vfio.h`, machines.md
// §1): derived from the arcs of device.hpp by a breadth-first search, never listed. A saving state (PRE_COPY,
// PRE_COPY_P2P, STOP_COPY) is no interior point of a path, except for the whole request PRE_COPY ->
// PRE_COPY_P2P -> STOP_COPY.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/rules/machine.hpp"

namespace portolan::machines {

/// In the order of `enum vfio_device_mig_state`.
enum class DeviceState : std::uint8_t {
  error,
  stop,
  running,
  stop_copy,
  resuming,
  running_p2p,
  pre_copy,
  pre_copy_p2p
};
std::string_view name_of(DeviceState state);
std::optional<DeviceState> device_state_named(std::string_view name);

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
