#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A device behind a vfio-user socket, as the port `device` wants it (rules.md §vfio-user): its migration
// flags are asked once, when it is opened, while it runs. vfio-user has no way to ask how much data there is,
// nor what the device is; a portolan-device says whether a guest has used it.

#include <filesystem>
#include <memory>

#include "model/ports/device.hpp"
#include "vfio/user/client.hpp"

namespace portolan::vfio::user {

class Device final : public ports::Device {
 public:
  static Answer<std::unique_ptr<Device>> open(const std::filesystem::path& socket, Patience patience);

  Client& client() { return client_; }
  const std::string& name() const override { return name_; }
  machines::DeviceFlags flags() const override { return flags_; }
  std::string instance() const override { return client_.instance(); }
  Answer<machines::DeviceState> state() override { return client_.state(); }
  Answer<void> set_state(machines::DeviceState state) override { return client_.set_state(state); }
  Answer<ByteView> read_data() override { return client_.read_data(chunk_bytes_max); }
  Answer<void> write_data(ByteView data) override;
  Answer<ports::DataSizes> sizes() override { return ports::DataSizes{}; }
  Answer<ports::Description> describe() override {
    return ports::Description{{}, {}, client_.capabilities().fresh};
  }
  Answer<void> reset() override { return client_.reset(); }
  Answer<void> reopen() override;
  bool lost() const override { return client_.lost(); }

 private:
  Device(std::filesystem::path socket, std::string name, Patience patience, Client client)
      : socket_(std::move(socket)), name_(std::move(name)), patience_(patience), client_(std::move(client)) {}
  std::filesystem::path socket_;
  std::string name_;
  Patience patience_;
  Client client_;
  machines::DeviceFlags flags_;
};

/// `vfio-user:/run/a.sock`.
std::string name_of_socket(const std::filesystem::path& socket);

}  // namespace portolan::vfio::user
