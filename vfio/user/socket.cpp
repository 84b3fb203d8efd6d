// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace portolan::vfio::user {
namespace {

constexpr std::chrono::milliseconds between_attempts{5};       ///< while the listener's queue is full
constexpr std::chrono::milliseconds without_descriptors{100};  ///< until there may be one again
constexpr int clients_waiting_max = 8;
constexpr std::int64_t poll_ms_max = 1'000'000'000;  ///< of one poll(2), which counts in int

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path || text.find('\0') != std::string::npos)
    return std::nullopt;
  text.copy(address.sun_path, text.size());
  return address;
}

Failure closed(int error, std::string finding) {
  return {Trouble::closed, error, {}, std::move(finding), {}};
}
Failure late() { return {Trouble::silent, ETIMEDOUT, {}, "no answer within the time limit", {}}; }

std::optional<pid_t> sender_of(msghdr& message) {
  const cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (head == nullptr || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_CREDENTIALS ||
      head->cmsg_len != CMSG_LEN(sizeof(ucred)))
    return std::nullopt;
  ucred who{};
  std::memcpy(&who, CMSG_DATA(head), sizeof who);
  return who.pid;
}

Descriptor stream_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Wait wait_for(int fd, short events, Deadline deadline, int stop_fd) {
  for (;;) {
    std::array<pollfd, 2> polled{{{fd, events, 0}, {stop_fd, POLLIN, 0}}};
    int wait_ms = -1;
    if (deadline != Deadline::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      wait_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, poll_ms_max));
    }
    const int ready = ::poll(polled.data(), polled.size(), wait_ms);
    if (polled[1].revents != 0 && ready > 0) return Wait::stopped;
    if (polled[0].revents != 0 && ready > 0) return Wait::ready;
    if (ready == 0 && deadline != Deadline::max() && Clock::now() >= deadline) return Wait::late;
    if (ready < 0 && errno != EINTR && errno != EAGAIN) return Wait::late;
  }
}

Answer<Socket> Socket::connect(const std::filesystem::path& path, Deadline deadline) {
  const auto address = address_of(path);
  if (!address) return failed(closed(ENAMETOOLONG, "no path for a socket: it has to have 1 to 107 bytes"));
  for (;;) {
    Descriptor fd = stream_socket();
    if (!fd) return failed(closed(errno, "no socket can be made: " + errno_name(errno)));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0) {
      Socket connected(std::move(fd));
      // Afterwards: before, connect would bind a name to us (unix(7), autobind).
      const int yes = 1;
      connected.tells_senders_ = ::setsockopt(connected.fd(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0;
      return connected;
    }
    // The listener's queue is full: it answers neither yes nor no, and poll does not tell when that changes.
    if (errno != EAGAIN && errno != EINTR)
      return failed(closed(errno, "cannot connect: " + errno_name(errno)));
    if (Clock::now() >= deadline) return failed(late());
    std::this_thread::sleep_for(between_attempts);
  }
}

Answer<void> Socket::send(ByteView header, ByteView fixed, ByteView data, Deadline deadline, int stop_fd) {
  std::array<iovec, 3> parts;
  std::size_t left = 0;
  const std::array<ByteView, 3> views{header, fixed, data};
  for (std::size_t i = 0; i < views.size(); ++i) {
    parts[i] = {const_cast<std::uint8_t*>(views[i].data()), views[i].size()};
    left += views[i].size();
  }
  std::size_t first = 0;
  while (left > 0) {
    msghdr message{};
    message.msg_iov = &parts[first];
    message.msg_iovlen = parts.size() - first;
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return failed(closed(errno, "the connection was closed: " + errno_name(errno)));
      const Wait waited = wait_for(fd_.get(), POLLOUT, deadline, stop_fd);
      if (waited == Wait::late) return failed(late());
      if (waited == Wait::stopped) return failed(closed(EINTR, "stopped"));
      continue;
    }
    left -= static_cast<std::size_t>(sent);
    for (std::size_t taken = static_cast<std::size_t>(sent); taken > 0;) {
      const std::size_t here = std::min(taken, parts[first].iov_len);
      parts[first].iov_base = static_cast<std::uint8_t*>(parts[first].iov_base) + here;
      parts[first].iov_len -= here;
      taken -= here;
      if (parts[first].iov_len == 0 && first + 1 < parts.size()) ++first;
    }
    while (left > 0 && parts[first].iov_len == 0) ++first;
  }
  return {};
}

Answer<void> Socket::receive(std::span<std::uint8_t> bytes, Deadline deadline, int stop_fd) {
  while (!bytes.empty()) {
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> beside{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (tells_senders_) {
      message.msg_control = beside.data();
      message.msg_controllen = beside.size();
    }
    const ssize_t count = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    if (count > 0) {
      if (const auto sender = sender_of(message)) sender_ = *sender;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0) return failed(closed(0, "closed the connection"));
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return failed(closed(errno, "the connection was closed: " + errno_name(errno)));
    // A peer that dribbles bytes must not stretch the time limit either.
    const Wait waited =
        Clock::now() >= deadline ? Wait::late : wait_for(fd_.get(), POLLIN, deadline, stop_fd);
    if (waited == Wait::late) return failed(late());
    if (waited == Wait::stopped) return failed(closed(EINTR, "stopped"));
  }
  return {};
}

Result<Listener> Listener::at(const std::filesystem::path& path) {
  const auto refuse = [&](std::string finding, std::string expectation, std::string remedy) {
    return fail(Fault{FaultCode::unreadable,
                      {path.native(), {}, {}},
                      std::move(finding),
                      std::move(expectation),
                      std::move(remedy)});
  };
  const auto address = address_of(path);
  if (!address) return refuse("no path for a socket", "1 to 107 bytes", "choose a shorter path");
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode))
      return refuse("something that is no socket stands there", "a path that is free", "choose another path");
    const auto other = Socket::connect(path, Clock::now());
    if (other || other.error().error != ECONNREFUSED)
      return refuse("another process listens there", "a path that is free",
                    "stop it, or choose another path");
    ::unlink(path.c_str());
  }
  Descriptor fd = stream_socket();
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      ::listen(fd.get(), clients_waiting_max) != 0)
    return refuse("cannot listen: " + errno_name(errno), "a folder where a socket can be made", {});
  return Listener(std::move(fd), path);
}

Listener::~Listener() {
  if (fd_) ::unlink(path_.c_str());
}

std::optional<Socket> Listener::accept(int stop_fd) {
  for (;;) {
    if (wait_for(fd_.get(), POLLIN, Deadline::max(), stop_fd) == Wait::stopped) return std::nullopt;
    Descriptor fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) return Socket(std::move(fd));
    if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(without_descriptors);
  }
}

}  // namespace portolan::vfio::user
