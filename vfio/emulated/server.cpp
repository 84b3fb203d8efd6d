// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/server.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <poll.h>

namespace portolan::vfio::emulated {

using namespace user;  // the protocol, of which this is the other side
using machines::DeviceState;

int Dialogue::answer(std::uint16_t command, ByteView body) {
  reply_.clear();
  const auto asked = static_cast<Command>(command);
  if (asked == Command::version) return version(body);
  if (!greeted_) return EINVAL;
  switch (asked) {
    case Command::device_get_info: return device_info(body);
    case Command::get_region_info: return region_info(body);
    case Command::region_read: return region_read(body);
    case Command::region_write: return region_write(body);
    case Command::device_feature: return feature(body);
    case Command::mig_data_read: return data_read(body);
    case Command::mig_data_write: return data_write(body);
    case Command::device_reset:
      if (!body.empty()) return EINVAL;
      device_.reset();
      return 0;
    // The device has no interrupts and reads no guest memory: a client may offer it, and nothing comes of it.
    case Command::get_irq_info:
    case Command::set_irqs: return EINVAL;
    case Command::dma_map: return decode<DmaMap>(body) ? 0 : EINVAL;
    case Command::dma_unmap: {
      const auto unmap = decode<DmaUnmap>(body);
      if (!unmap) return EINVAL;
      append(reply_, *unmap);
      return 0;
    }
    default: return EOPNOTSUPP;
  }
}

int Dialogue::version(ByteView body) {
  std::string why;
  const auto decoded = decode_version(body, why);
  if (!decoded || decoded->first.major != 0) return EINVAL;
  greeted_ = true;
  reply_ = encode_version({0, 0}, {.max_msg_fds = 0,
                                   .max_data_xfer_size = transfer_bytes_max_,
                                   .pgsize = page_bytes,
                                   .fresh = device_.fresh()});
  return 0;
}

int Dialogue::device_info(ByteView body) {
  const auto request = decode<DeviceInfo>(body);
  if (!request || request->argsz < sizeof(DeviceInfo)) return EINVAL;
  append(reply_, DeviceInfo{.flags = device_flag_reset, .num_regions = 1, .num_irqs = 0});
  return 0;
}

int Dialogue::region_info(ByteView body) {
  const auto request = decode<RegionInfo>(body);
  if (!request || request->argsz < sizeof(RegionInfo) || request->index != 0) return EINVAL;
  append(reply_,
         RegionInfo{
             .flags = region_flag_read | region_flag_write, .index = 0, .size = register_bytes, .offset = 0});
  return 0;
}

int Dialogue::region_read(ByteView body) {
  const auto request = decode<RegionAccess>(body);
  if (!request || request->region != 0 || request->count > register_bytes) return EINVAL;
  append(reply_, *request);
  reply_.resize(sizeof(RegionAccess) + request->count);
  return device_.registers_read(request->offset, std::span(reply_).subspan(sizeof(RegionAccess)));
}

int Dialogue::region_write(ByteView body) {
  const auto request = decode<RegionAccess>(body);
  if (!request || request->region != 0 || request->count != body.size() - sizeof(RegionAccess)) return EINVAL;
  if (const int error = device_.registers_write(request->offset, body.subspan(sizeof(RegionAccess)));
      error != 0)
    return error;
  append(reply_, *request);
  return 0;
}

int Dialogue::feature(ByteView body) {
  const auto request = decode<Feature>(body);
  if (!request || request->argsz < sizeof(Feature)) return EINVAL;
  const std::uint32_t index = request->flags & feature_index_mask;
  const bool get = request->flags & feature_get, set = request->flags & feature_set,
             probe = request->flags & feature_probe;
  if ((request->flags & feature_reserved) != 0 || (get && set && !probe) || (!get && !set)) return EINVAL;
  const bool known = index == feature_migration || index == feature_migration_state;
  if (!known || (index == feature_migration && set)) return EINVAL;
  if (probe) {
    append(reply_, Feature{.argsz = sizeof(Feature), .flags = request->flags});
    return 0;
  }
  if (request->argsz < sizeof(Feature) + sizeof(MigrationState)) return EINVAL;
  if (set) {
    const auto wanted = decode<MigrationState>(body.subspan(sizeof(Feature)));
    if (!wanted || !wanted->has_no_descriptor() ||
        wanted->state > static_cast<std::uint32_t>(DeviceState::pre_copy_p2p))
      return EINVAL;
    if (const int error = device_.request(static_cast<DeviceState>(wanted->state)); error != 0) return error;
  }
  append(reply_, Feature{.argsz = sizeof(Feature) + sizeof(MigrationState), .flags = request->flags});
  if (index == feature_migration) {
    const auto flags = device_.flags();
    append(reply_, MigrationFlags{migration_stop_copy | (flags.p2p ? migration_p2p : 0) |
                                  (flags.pre_copy ? migration_pre_copy : 0)});
  } else {
    append(reply_, MigrationState{.state = static_cast<std::uint32_t>(device_.state())});
  }
  return 0;
}

int Dialogue::data_read(ByteView body) {
  const auto request = decode<Data>(body);
  if (!request || request->size > transfer_bytes_max_ ||
      request->argsz < sizeof(Data) + std::uint64_t{request->size})
    return EINVAL;
  reply_.resize(sizeof(Data) + request->size);
  std::size_t bytes = 0;
  if (const int error = device_.read(std::span(reply_).subspan(sizeof(Data)), bytes); error != 0)
    return error;
  const Data head{.argsz = static_cast<std::uint32_t>(sizeof(Data) + bytes),
                  .size = static_cast<std::uint32_t>(bytes)};
  std::memcpy(reply_.data(), &head, sizeof head);
  if (!device_.injected().padded_reads) reply_.resize(sizeof(Data) + bytes);
  return 0;
}

int Dialogue::data_write(ByteView body) {
  const auto request = decode<Data>(body);
  if (!request || request->size > transfer_bytes_max_ || request->size != body.size() - sizeof(Data))
    return EINVAL;
  return device_.write(body.subspan(sizeof(Data)));
}

bool Server::stopped() const {
  pollfd polled{stop_fd_, POLLIN, 0};
  return ended_ || (stop_fd_ >= 0 && ::poll(&polled, 1, 0) > 0);
}

void Server::serve(Listener& listener) {
  used_.assign(device_.injected().breaks.size(), false);
  while (!stopped()) {
    auto client = listener.accept(stop_fd_);
    if (!client) return;
    dialogue_.begin();
    converse(*client);
  }
}

const Injected::Break* Server::broken(bool after, std::uint64_t data_bytes_after) {
  const auto& breaks = device_.injected().breaks;
  for (std::size_t i = 0; i < breaks.size(); ++i) {
    const auto& one = breaks[i];
    if (used_[i] || one.after != after ||
        (one.message ? *one.message != messages_ : *one.byte > data_bytes_after))
      continue;
    used_[i] = true;
    return &one;
  }
  return nullptr;
}

void Server::converse(Socket& client) {
  constexpr std::chrono::seconds message_patience{10};
  Bytes body;
  for (;;) {
    // Between messages a client may be silent for as long as it likes.
    if (wait_for(client.fd(), POLLIN, Deadline::max(), stop_fd_) == Wait::stopped) return;
    const Deadline deadline = Clock::now() + message_patience;
    std::array<std::uint8_t, sizeof(Header)> raw{};
    if (!client.receive(raw, deadline, stop_fd_)) return;
    const Header header = *decode<Header>(raw);
    if ((header.flags & header_type_mask) != header_command || header.size < sizeof(Header)) return;
    const std::size_t body_bytes = header.size - sizeof(Header);
    if (body_bytes > dialogue_.body_bytes_max()) return;
    body.resize(body_bytes);
    if (!client.receive(body, deadline, stop_fd_)) return;
    ++messages_;

    // How far the data will have come, if this message is carried out: the size it names, as far as it can be
    // true.
    std::uint64_t data_bytes_after = device_.data_bytes();
    const bool moves_data = header.command == static_cast<std::uint16_t>(Command::mig_data_read) ||
                            header.command == static_cast<std::uint16_t>(Command::mig_data_write);
    if (const auto data = decode<Data>(body); data && moves_data) data_bytes_after += data->size;
    const auto happens = [&](const Injected::Break* fault) {
      if (!fault) return false;
      const std::string_view how = fault->how == Silence::stall   ? "stall"
                                   : fault->how == Silence::close ? "close"
                                                                  : "exit";
      device_.note(fmt::format(R"({{"event":"fault","how":"{}","message":{}}})", how, messages_));
      if (fault->how == Silence::stall)
        while (wait_for(client.fd(), POLLRDHUP, Deadline::max(), stop_fd_) != Wait::ready && !stopped()) {}
      if (fault->how == Silence::exit) ended_ = true;
      return true;
    };
    if (happens(broken(false, data_bytes_after))) return;
    const bool reserved = (header.flags & (header_reserved | header_error)) != 0 || header.error != 0;
    const int error = reserved ? EINVAL : dialogue_.answer(header.command, body);
    if (happens(broken(true, device_.data_bytes()))) return;

    if (header.flags & header_no_reply) continue;
    const ByteView reply = error == 0 ? dialogue_.reply() : ByteView{};
    const Header answer{.id = header.id,
                        .command = header.command,
                        .size = static_cast<std::uint32_t>(sizeof(Header) + reply.size()),
                        .flags = header_reply | (error == 0 ? 0 : header_error),
                        .error = static_cast<std::uint32_t>(error)};
    if (!client.send(bytes_of(answer), reply, {}, deadline + message_patience, stop_fd_)) return;
  }
}

}  // namespace portolan::vfio::emulated
