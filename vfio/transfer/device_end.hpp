#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One end of a migration: a device that can be asked and told, whatever way leads to it. What a device
// reports of itself is discovered when it is opened, while it runs: later a server may refuse everything else
// (vfio.md §2).

#include <memory>

#include "vfio/client.hpp"

namespace portolan::vfio {

class DeviceEnd {
 public:
  virtual ~DeviceEnd() = default;
  /// As on the command line: `vfio-user:/run/a.sock`.
  virtual const std::string& name() const = 0;
  virtual machines::DeviceFlags flags() const = 0;
  virtual Answer<machines::DeviceState> state() = 0;
  virtual Answer<void> set_state(machines::DeviceState state) = 0;
  /// Empty: the end in STOP_COPY, nothing for now in PRE_COPY. Valid until the next call.
  virtual Answer<View> read_data() = 0;
  /// Any number of bytes.
  virtual Answer<void> write_data(View data) = 0;
  /// The state afterwards has to be asked for: implementations differ.
  virtual Answer<void> reset() = 0;
  /// After a failure that is no refusal, every call fails until this succeeded. Tries until the patience for
  /// a reply is over, or until it is certain that nobody listens there any more.
  virtual Answer<void> reopen() = 0;
  virtual bool lost() const = 0;
};

/// Nobody listens there: the process that was the device is gone.
inline bool dead(const Failure& failure) {
  return failure.trouble == Trouble::closed && (failure.error == ECONNREFUSED || failure.error == ENOENT);
}

class VfioUserEnd final : public DeviceEnd {
 public:
  static Answer<std::unique_ptr<VfioUserEnd>> open(const std::filesystem::path& socket, Patience patience);

  Client& client() { return client_; }
  const std::string& name() const override { return name_; }
  machines::DeviceFlags flags() const override { return flags_; }
  Answer<machines::DeviceState> state() override { return client_.state(); }
  Answer<void> set_state(machines::DeviceState state) override { return client_.set_state(state); }
  Answer<View> read_data() override { return client_.read_data(chunk_bytes_max); }
  Answer<void> write_data(View data) override;
  Answer<void> reset() override { return client_.reset(); }
  Answer<void> reopen() override;
  bool lost() const override { return client_.lost(); }

 private:
  VfioUserEnd(std::filesystem::path socket, std::string name, Patience patience, Client client)
      : socket_(std::move(socket)), name_(std::move(name)), patience_(patience), client_(std::move(client)) {}
  std::filesystem::path socket_;
  std::string name_;
  Patience patience_;
  Client client_;
  machines::DeviceFlags flags_;
};

/// A device by its name on the command line: `vfio-user:SOCKET`. A fault for a name of another form; an
/// unreachable device is a Failure inside.
Result<Answer<std::unique_ptr<VfioUserEnd>>> open_device(const std::string& name, Patience patience,
                                                         const std::string& option);

}  // namespace portolan::vfio
