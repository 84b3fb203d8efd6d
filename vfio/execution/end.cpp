// SPDX-License-Identifier: Apache-2.0
#include "vfio/execution/end.hpp"

#include <cerrno>

#include <fmt/format.h>

namespace portolan::vfio::execution {

using machines::DeviceState;

std::optional<Failure> replaced(const ports::Device& device, const std::string& before) {
  const std::string now = device.instance();
  if (before.empty() || now.empty() || now == before) return std::nullopt;
  return Failure{Trouble::closed, ESTALE, device.name(),
                 "is answered by another process: the one that held the state is gone",
                 "the instance that was there"};
}

Answer<void> End::reopen() {
  if (!gone_) {
    if (auto again = device_.reopen(); !again) return again;
    gone_ = replaced(device_, instance_);
  }
  if (!gone_) return {};
  state_.reset();
  return failed(*gone_);
}

Answer<DeviceState> End::read_back() {
  if (gone_) return failed(*gone_);
  auto state = device_.state();
  state_.reset();
  if (!state) return state;
  // A state that the device's own flags do not cover cannot be: nothing a peer says is believed unseen.
  if (!machines::supported(flags(), *state))
    return failed({Trouble::refused, EPROTO, name(),
                   fmt::format("says that it is in {}", machines::name_of(*state)),
                   "a state that its flags cover"});
  state_ = *state;
  return state;
}

Answer<void> End::go(DeviceState state) {
  if (gone_) return failed(*gone_);
  touched_ = true;
  auto told = device_.set_state(state);
  if (!told && told.error().trouble != Trouble::refused) {
    state_.reset();
    return told;
  }
  const auto now = read_back();
  if (!told) {
    if (now) told.error().finding += fmt::format(" and is in {}", machines::name_of(*now));
    return told;
  }
  if (!now) return failed(now.error());
  if (*now != state)
    return failed({Trouble::refused,
                   EPROTO,
                   name(),
                   fmt::format("says that it went to {} and is in {}", machines::name_of(state),
                               machines::name_of(*now)),
                   {}});
  return {};
}

Answer<void> End::reset() {
  if (gone_) return failed(*gone_);
  touched_ = true;
  return device_.reset();
}

}  // namespace portolan::vfio::execution
