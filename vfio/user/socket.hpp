#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// UNIX stream sockets with a time limit on everything. File descriptors that a peer passes along are never
// received: they are dropped by the kernel, since no room for them is offered (the kernel's word on the
// sender, where it was asked for, comes first and fills what there is).

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <span>
#include <utility>

#include "model/support/failure.hpp"
#include "vfio/user/messages.hpp"

namespace portolan::vfio::user {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// Owns one descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close() { *this = Descriptor(); }

 private:
  int fd_;
};

enum class Wait : std::uint8_t { ready, late, stopped };
/// Until `fd` has one of `events`, the deadline passes, or `stop_fd` (if not negative) can be read.
Wait wait_for(int fd, short events, Deadline deadline, int stop_fd = -1);

/// A connected socket. `device` in a Failure is left to the caller.
class Socket {
 public:
  Socket() = default;
  explicit Socket(Descriptor fd) : fd_(std::move(fd)) {}
  /// Fails with `closed` when nobody listens there, with `silent` when the queue of the listener stays full.
  static Answer<Socket> connect(const std::filesystem::path& path, Deadline deadline);
  /// Who sent what was received last: the process itself, not whoever made the listening socket, which
  /// outlives processes. 0: not known. Of sockets that `connect` made.
  pid_t sender() const { return sender_; }

  /// All three parts in one sendmsg; what the kernel did not take is sent after.
  Answer<void> send(ByteView header, ByteView fixed, ByteView data, Deadline deadline, int stop_fd = -1);
  /// Exactly that many bytes; `closed` with `error` 0 when the peer ended the stream before.
  Answer<void> receive(std::span<std::uint8_t> bytes, Deadline deadline, int stop_fd = -1);

  explicit operator bool() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }
  void close() { fd_.close(); }

 private:
  Descriptor fd_;
  bool tells_senders_ = false;
  pid_t sender_ = 0;
};

/// A listening socket; its path is removed at the end. A path that a dead process left behind is taken over;
/// anything else that stands there is a fault.
class Listener {
 public:
  static Result<Listener> at(const std::filesystem::path& path);
  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = default;
  ~Listener();
  /// The next client, or nothing when `stop_fd` became readable.
  std::optional<Socket> accept(int stop_fd);

 private:
  Listener(Descriptor fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Descriptor fd_;
  std::filesystem::path path_;
};

}  // namespace portolan::vfio::user
