// SPDX-License-Identifier: Apache-2.0
#include "vfio/transfer/device_end.hpp"

#include <thread>

#include "model/support/text.hpp"

namespace portolan::vfio {

namespace {
constexpr std::string_view vfio_user = "vfio-user:";
}

Answer<std::unique_ptr<VfioUserEnd>> VfioUserEnd::open(const std::filesystem::path& socket,
                                                       Patience patience) {
  std::string name = std::string(vfio_user) + socket.native();
  auto client = Client::connect(socket, name, patience);
  if (!client) return failed(std::move(client.error()));
  std::unique_ptr<VfioUserEnd> end(new VfioUserEnd(socket, std::move(name), patience, std::move(*client)));
  const auto flags = end->client_.migration_flags();
  if (!flags) return failed(flags.error());
  end->flags_ = *flags;
  return end;
}

Answer<void> VfioUserEnd::write_data(View data) {
  while (!data.empty()) {
    const View chunk = data.first(std::min<std::size_t>(data.size(), client_.chunk_bytes()));
    if (auto written = client_.write_data(chunk); !written) return written;
    data = data.subspan(chunk.size());
  }
  return {};
}

Answer<void> VfioUserEnd::reopen() {
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
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Result<Answer<std::unique_ptr<VfioUserEnd>>> open_device(const std::string& name, Patience patience,
                                                         const std::string& option) {
  if (name.rfind(vfio_user, 0) != 0 || name.size() == vfio_user.size())
    return fail(Fault{FaultCode::usage, {option, {}, {}}, "got " + in_quotes(name), "vfio-user:SOCKET", {}});
  return VfioUserEnd::open(name.substr(vfio_user.size()), patience);
}

}  // namespace portolan::vfio
