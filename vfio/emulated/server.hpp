#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The server's side of vfio-user (rules.md §vfio-user): answers the messages of one client after the other
// for one device. A client is not trusted: what it sends is checked before it is used, a message that cannot
// be framed ends its connection, and one that stops in the middle of a message is dropped after ten seconds.
// State and data session of the device outlive a connection, so that a client which lost it can come back and
// ask.

#include "vfio/emulated/device.hpp"
#include "vfio/user/socket.hpp"

namespace portolan::vfio::emulated {

/// One message in, one reply out; no sockets, so that any bytes can be tried on it.
class Dialogue {
 public:
  Dialogue(Device& device, std::uint32_t transfer_bytes_max)
      : device_(device), transfer_bytes_max_(transfer_bytes_max) {}

  /// A new client: VERSION has to come first.
  void begin() { greeted_ = false; }
  /// 0, or the errno of the reply; `reply()` is its body when it is 0.
  int answer(std::uint16_t command, ByteView body);
  ByteView reply() const { return reply_; }
  /// The longest body that is taken in.
  std::uint32_t body_bytes_max() const {
    return transfer_bytes_max_ + static_cast<std::uint32_t>(sizeof(user::RegionAccess));
  }

 private:
  int version(ByteView body);
  int device_info(ByteView body);
  int region_info(ByteView body);
  int region_read(ByteView body);
  int region_write(ByteView body);
  int feature(ByteView body);
  int data_read(ByteView body);
  int data_write(ByteView body);

  Device& device_;
  std::uint32_t transfer_bytes_max_;
  bool greeted_ = false;
  Bytes reply_;
};

class Server {
 public:
  /// Ends when `stop_fd` can be read.
  Server(Device& device, std::uint32_t transfer_bytes_max, int stop_fd)
      : device_(device), dialogue_(device, transfer_bytes_max), stop_fd_(stop_fd) {}
  /// Clients one after the other; the next one waits in the listener's queue. Returns when stopped, or when
  /// an injected fault ends the process.
  void serve(user::Listener& listener);

 private:
  void converse(user::Socket& client);
  /// What an injected fault makes of this message: whether it is to happen now.
  const Injected::Break* broken(bool after, std::uint64_t data_bytes_after);
  bool stopped() const;

  Device& device_;
  Dialogue dialogue_;
  int stop_fd_;
  std::uint64_t messages_ = 0;
  std::vector<bool> used_;  ///< breaks that happened: each happens once
  bool ended_ = false;
};

}  // namespace portolan::vfio::emulated
