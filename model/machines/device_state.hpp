#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states of a migratable device (`enum vfio_device_mig_state` of `linux/vfio.h`), as the kernel spells
// and numbers them. Which leads to which stands in device.hpp, and what is derived from it in paths.hpp.

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/support/named.hpp"

namespace portolan::machines {

/// Numbered as in the kernel.
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
inline constexpr auto device_state_names = enumerator_names<DeviceState>({
    {DeviceState::error, "ERROR"},
    {DeviceState::stop, "STOP"},
    {DeviceState::running, "RUNNING"},
    {DeviceState::stop_copy, "STOP_COPY"},
    {DeviceState::resuming, "RESUMING"},
    {DeviceState::running_p2p, "RUNNING_P2P"},
    {DeviceState::pre_copy, "PRE_COPY"},
    {DeviceState::pre_copy_p2p, "PRE_COPY_P2P"},
});
constexpr std::string_view name_of(DeviceState state) { return device_state_names[state]; }
/// Empty where no state has the name.
constexpr std::optional<DeviceState> device_state_named(std::string_view name) {
  return device_state_names.find(name);
}

}  // namespace portolan::machines
