#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One input for the server's side of the protocol: a sequence of messages, each as command (2 bytes), length
// of the body (2 bytes, cut to what is left) and body. The same bytes also go to the reader of a VERSION
// reply and to a load.

#include <cassert>

#include "vfio/emulated/server.hpp"

namespace portolan::test {

inline void one_input(ByteView bytes) {
  using namespace vfio::emulated;
  using namespace vfio::user;
  const auto insist = [](bool truth) {
    if (!truth) __builtin_trap();
  };
  DeviceSettings settings;
  settings.state_bytes = 5000;
  settings.flags = {.p2p = true, .pre_copy = true};
  settings.model = "example.org/device";
  settings.now_ns = [] { return std::uint64_t{0}; };
  settings.log = [](const std::string&) {};
  vfio::emulated::Device device(settings);
  Dialogue dialogue(device, transfer_bytes_default);
  for (ByteView rest = bytes; rest.size() >= 4;) {
    const auto command = *decode<std::uint16_t>(rest);
    const auto length = std::min<std::size_t>(*decode<std::uint16_t>(rest.subspan(2)), rest.size() - 4);
    const int error = dialogue.answer(command, rest.subspan(4, length));
    insist(error >= 0 && error < 4096);
    insist(dialogue.reply().size() <= transfer_bytes_default + sizeof(RegionAccess) || error != 0);
    insist(machines::supported(device.flags(), device.state()) &&
           device.state() != machines::DeviceState::error);
    rest = rest.subspan(4 + length);
  }
  std::string why;
  insist(decode_version(bytes, why).has_value() || !why.empty());
  Loader loader(
      5000, [](std::string_view) { return std::string(); }, false);
  const std::size_t half = bytes.size() / 2;
  const int first = loader.write(bytes.first(half)), second = loader.write(bytes.subspan(half));
  insist(first == 0 || second == first);
}

}  // namespace portolan::test
