#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The client's side of one vfio-user connection (rules.md §vfio-user). Every reply has a time limit; its id,
// command, flags, size and contents are checked before anything is used. After a reply that was late, cut off
// or wrong, message boundaries are lost: the connection is closed and every later call fails with the same
// failure. Not thread-safe.

#include <chrono>
#include <filesystem>

#include "model/machines/paths.hpp"
#include "vfio/user/socket.hpp"

namespace portolan::vfio::user {

/// How long a peer may take. A change of state may be long: it is answered when the device has arrived.
struct Patience {
  std::chrono::milliseconds reply{10'000};
  std::chrono::milliseconds state{60'000};
};

class Client {
 public:
  /// Connects and negotiates the version. `device` is the name for messages.
  static Answer<Client> connect(const std::filesystem::path& path, std::string device, Patience patience);

  const Capabilities& capabilities() const { return capabilities_; }
  VersionNumbers version() const { return version_; }
  /// The process that answered, by number and start; empty where it cannot be seen from here.
  const std::string& instance() const { return instance_; }
  /// Payload bytes of one data message: what the peer takes, and never more than chunk_bytes_max.
  std::uint32_t chunk_bytes() const;
  bool lost() const { return !socket_; }
  void set_patience(Patience patience) { patience_ = patience; }
  /// Ends the connection from here.
  void hang_up() { (void)lose({Trouble::closed, 0, {}, "the connection was ended from here", {}}); }

  Answer<DeviceInfo> device_info();
  Answer<RegionInfo> region_info(std::uint32_t index);
  Answer<Bytes> region_read(std::uint32_t region, std::uint64_t offset, std::uint32_t count);
  Answer<void> region_write(std::uint32_t region, std::uint64_t offset, ByteView data);
  /// Fails when the device does not report STOP_COPY: it cannot migrate.
  Answer<machines::DeviceFlags> migration_flags();
  /// Any of the eight states; the caller judges it.
  Answer<machines::DeviceState> state();
  /// Returns when the device says that it has arrived (or refuses).
  Answer<void> set_state(machines::DeviceState state);
  /// At most `bytes` (and at most chunk_bytes()) of the data session; empty: the end in STOP_COPY, nothing
  /// for now in PRE_COPY. The view is valid until the next call.
  Answer<ByteView> read_data(std::uint32_t bytes);
  /// At most chunk_bytes().
  Answer<void> write_data(ByteView data);
  Answer<void> reset();

 private:
  Client(Socket socket, std::string device, Patience patience)
      : socket_(std::move(socket)), device_(std::move(device)), patience_(patience) {}
  /// The body of the reply, at most `body_bytes_max`.
  Answer<ByteView> call(Command command, ByteView fixed, ByteView data, std::size_t body_bytes_max,
                        std::chrono::milliseconds patience);
  Answer<ByteView> feature(std::uint32_t flags, ByteView payload, std::size_t body_bytes_min,
                           std::chrono::milliseconds patience);
  /// Ends the connection: what comes next on it cannot be told apart any more.
  tl::unexpected<Failure> lose(Failure failure);
  tl::unexpected<Failure> broken(Command command, std::string finding, std::string expectation = {});

  Socket socket_;
  std::string device_, instance_;
  Patience patience_;
  Capabilities capabilities_;
  VersionNumbers version_;
  Failure why_lost_;
  Bytes body_;
  std::uint16_t next_id_ = 1;
};

}  // namespace portolan::vfio::user
