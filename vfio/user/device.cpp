// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/device.hpp"

#include <algorithm>
#include <thread>

#include "model/ports/device_name.hpp"

namespace portolan::vfio::user {

namespace {
constexpr std::chrono::milliseconds between_openings{20};
}

std::string name_of_socket(const std::filesystem::path& socket) {
  return ports::to_string({std::string(ports::vfio_user_scheme.name), socket.native()});
}

Answer<std::unique_ptr<Device>> Device::open(const std::filesystem::path& socket, Patience patience) {
  std::string name = name_of_socket(socket);
  auto client = Client::connect(socket, name, patience);
  if (!client) return failed(std::move(client.error()));
  std::unique_ptr<Device> device(new Device(socket, std::move(name), patience, std::move(*client)));
  const auto flags = device->client_.migration_flags();
  if (!flags) return failed(flags.error());
  device->flags_ = *flags;
  return device;
}

Answer<void> Device::write_data(ByteView data) {
  while (!data.empty()) {
    const ByteView chunk = data.first(std::min<std::size_t>(data.size(), client_.chunk_bytes()));
    if (auto written = client_.write_data(chunk); !written) return written;
    data = data.subspan(chunk.size());
  }
  return {};
}

Answer<void> Device::reopen() {
  if (!client_.lost()) client_.hang_up();  // a server takes one connection at a time
  const Deadline deadline = Clock::now() + patience_.reply;
  for (;;) {
    Patience left = patience_;
    left.reply = std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()),
                          std::chrono::milliseconds(1));
    auto client = Client::connect(socket_, name_, left);
    if (client) {
      client->set_patience(patience_);
      client_ = std::move(*client);
      return {};
    }
    // A process that is ending may still take a connection and drop it: only a refusal to connect is certain.
    if (dead(client.error()) || client.error().trouble != Trouble::closed || Clock::now() >= deadline)
      return failed(std::move(client.error()));
    std::this_thread::sleep_for(between_openings);
  }
}

}  // namespace portolan::vfio::user
