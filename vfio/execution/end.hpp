#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One end of a migration: a device, and where it was last seen. Nothing that a device says of a change is
// believed: it is told, and then its state is read back, since a failed request may leave the old state, any
// hop on the way, or ERROR (linux/vfio.h).

#include <optional>
#include <string>

#include "model/ports/device.hpp"

namespace portolan::vfio::execution {

/// What answers is not the instance that answered before, which is gone with all that it held; nothing where
/// it is the same, or where there is no way to tell.
std::optional<Failure> replaced(const ports::Device& device, const std::string& before);

class End {
 public:
  /// The device outlives it.
  explicit End(ports::Device& device) : device_(device), instance_(device.instance()) {}

  ports::Device& device() { return device_; }
  const std::string& name() const { return device_.name(); }
  machines::DeviceFlags flags() const { return device_.flags(); }
  bool lost() const { return gone_.has_value() || device_.lost(); }
  /// As last read back; nothing when the device could not be asked any more.
  std::optional<machines::DeviceState> state() const { return state_; }
  /// Whether it was told anything but to say its state.
  bool touched() const { return touched_; }

  /// Fails with `refused` for a state that the device's own flags do not cover.
  Answer<machines::DeviceState> read_back();
  /// Tells the device to go there and reads its state back. Fails with `refused` when it is elsewhere
  /// afterwards.
  Answer<void> go(machines::DeviceState state);
  /// The state afterwards has to be read back.
  Answer<void> reset();
  /// Fails as what is dead when another instance answers by now: that one is told nothing.
  Answer<void> reopen();
  /// Whether it is certain that this is still the instance that was opened first.
  bool same_for_certain() const { return !gone_ && !instance_.empty() && device_.instance() == instance_; }
  /// Where it was seen does not count any more.
  void forget() { state_.reset(); }

 private:
  ports::Device& device_;
  std::string instance_;         ///< as it was opened first
  std::optional<Failure> gone_;  ///< another one answers
  std::optional<machines::DeviceState> state_;
  bool touched_ = false;
};

}  // namespace portolan::vfio::execution
