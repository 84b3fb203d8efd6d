// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/client.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "model/support/process_start.hpp"

namespace portolan::vfio::user {

using machines::DeviceFlags;
using machines::DeviceState;

namespace {
constexpr std::size_t info_bytes_max =
    4096;  ///< of a reply that may carry capabilities behind its fixed part
constexpr std::uint32_t feature_bytes_max = sizeof(Feature) + sizeof(MigrationState);  ///< of both features
static_assert(feature_bytes_max == sizeof(Feature) + sizeof(MigrationFlags));
}  // namespace

Answer<Client> Client::connect(const std::filesystem::path& path, std::string device, Patience patience) {
  auto socket = Socket::connect(path, Clock::now() + patience.reply);
  if (!socket) {
    socket.error().device = std::move(device);
    return failed(std::move(socket.error()));
  }
  Client client(std::move(*socket), std::move(device), patience);
  // Servers were seen to want room for descriptors; what they pass is dropped by the kernel all the same.
  const Capabilities ours{.max_msg_fds = 8, .max_data_xfer_size = transfer_bytes_default, .pgsize = 4096};
  const Bytes request = encode_version({0, 0}, ours);
  const auto reply = client.call(Command::version, request, {}, version_bytes_max, patience.reply);
  if (!reply) return failed(reply.error());
  std::string why;
  const auto decoded = decode_version(*reply, why);
  if (!decoded) return client.broken(Command::version, std::move(why));
  if (decoded->first.major != 0)
    return client.broken(Command::version, fmt::format("major version {}", decoded->first.major), "0");
  client.version_ = decoded->first;
  client.capabilities_ = decoded->second;
  // vfio-user has no identity of a device. A process has one, and what it holds ends with it.
  const std::string process = std::to_string(client.socket_.sender());
  if (const std::string start = process_start(process); !start.empty())
    client.instance_ = process + " " + start;
  return client;
}

std::uint32_t Client::chunk_bytes() const {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(capabilities_.max_data_xfer_size, chunk_bytes_max));
}

tl::unexpected<Failure> Client::lose(Failure failure) {
  failure.device = device_;
  why_lost_ = failure;
  socket_.close();
  return failed(std::move(failure));
}

tl::unexpected<Failure> Client::broken(Command command, std::string finding, std::string expectation) {
  return lose({Trouble::broken,
               0,
               {},
               fmt::format("the reply to {}: {}", name_of(command), finding),
               std::move(expectation)});
}

Answer<ByteView> Client::call(Command command, ByteView fixed, ByteView data, std::size_t body_bytes_max,
                              std::chrono::milliseconds patience) {
  if (lost()) return failed(why_lost_);
  const Deadline deadline = Clock::now() + patience;
  const Header request{.id = next_id_++,
                       .command = static_cast<std::uint16_t>(command),
                       .size = static_cast<std::uint32_t>(sizeof(Header) + fixed.size() + data.size()),
                       .flags = header_command,
                       .error = 0};
  const auto with_command = [&](Failure failure) {
    if (failure.trouble == Trouble::silent)
      failure.finding = fmt::format("no answer to {} within {} ms", name_of(command), patience.count());
    else
      failure.finding += fmt::format(" ({})", name_of(command));
    return lose(std::move(failure));
  };
  if (auto sent = socket_.send(bytes_of(request), fixed, data, deadline); !sent)
    return with_command(std::move(sent.error()));

  std::array<std::uint8_t, sizeof(Header)> raw{};
  if (auto got = socket_.receive(raw, deadline); !got) return with_command(std::move(got.error()));
  const Header header = *decode<Header>(raw);
  if ((header.flags & header_type_mask) != header_reply)
    return broken(command, fmt::format("a message with flags {:#x}", header.flags),
                  "a reply; nothing was offered that a device could ask for");
  if ((header.flags & header_reserved) != 0)
    return broken(command, fmt::format("flags {:#x}", header.flags), "reserved bits that are 0");
  if (header.id != request.id)
    return broken(command, fmt::format("message id {}", header.id), std::to_string(request.id));
  if (header.command != request.command)
    return broken(command, "it answers " + name_of(static_cast<Command>(header.command)));
  if (header.size < sizeof(Header))
    return broken(command, fmt::format("{} bytes in all", header.size), "at least 16");
  const std::size_t body_bytes = header.size - sizeof(Header);
  if (header.flags & header_error) {
    if (body_bytes != 0)
      return broken(command, fmt::format("an error with a body of {} bytes", body_bytes), "the header alone");
    constexpr std::uint32_t errno_max = 4095;
    if (header.error == 0 || header.error > errno_max)
      return broken(command, fmt::format("an error with errno {}", header.error), "1 to 4095");
    const int error = static_cast<int>(header.error);
    return failed({Trouble::refused,
                   error,
                   device_,
                   fmt::format("refused {} with {}", name_of(command), errno_name(error)),
                   {}});
  }
  if (header.error != 0) return broken(command, fmt::format("errno {} without an error", header.error), "0");
  if (body_bytes > body_bytes_max)
    return broken(command, fmt::format("a body of {} bytes", body_bytes),
                  fmt::format("at most {}", body_bytes_max));
  body_.resize(body_bytes);
  if (auto got = socket_.receive(body_, deadline); !got) return with_command(std::move(got.error()));
  return ByteView(body_);
}

Answer<DeviceInfo> Client::device_info() {
  const DeviceInfo request{};
  const auto reply = call(Command::device_get_info, bytes_of(request), {}, info_bytes_max, patience_.reply);
  if (!reply) return failed(reply.error());
  const auto info = decode<DeviceInfo>(*reply);
  if (!info) return broken(Command::device_get_info, fmt::format("{} bytes", reply->size()), "at least 16");
  constexpr std::uint32_t reasonable = 4096;
  if (info->num_regions > reasonable || info->num_irqs > reasonable)
    return broken(Command::device_get_info,
                  fmt::format("{} regions and {} interrupts", info->num_regions, info->num_irqs),
                  "at most 4096 of each");
  return *info;
}

Answer<RegionInfo> Client::region_info(std::uint32_t index) {
  const RegionInfo request{.index = index};
  const auto reply = call(Command::get_region_info, bytes_of(request), {}, info_bytes_max, patience_.reply);
  if (!reply) return failed(reply.error());
  const auto info = decode<RegionInfo>(*reply);
  if (!info) return broken(Command::get_region_info, fmt::format("{} bytes", reply->size()), "at least 32");
  if (info->index != index)
    return broken(Command::get_region_info, fmt::format("it is about region {}", info->index),
                  std::to_string(index));
  return *info;
}

Answer<Bytes> Client::region_read(std::uint32_t region, std::uint64_t offset, std::uint32_t count) {
  assert(count <= chunk_bytes_max);
  const RegionAccess request{.offset = offset, .region = region, .count = count};
  const auto reply =
      call(Command::region_read, bytes_of(request), {}, sizeof request + count, patience_.reply);
  if (!reply) return failed(reply.error());
  const auto access = decode<RegionAccess>(*reply);
  if (!access || access->count > count || access->count > reply->size() - sizeof request ||
      access->region != region || access->offset != offset)
    return broken(Command::region_read, "it is about other bytes than were asked for");
  const ByteView data = reply->subspan(sizeof request, access->count);
  return Bytes(data.begin(), data.end());
}

Answer<void> Client::region_write(std::uint32_t region, std::uint64_t offset, ByteView data) {
  assert(data.size() <= chunk_bytes_max);
  const RegionAccess request{
      .offset = offset, .region = region, .count = static_cast<std::uint32_t>(data.size())};
  const auto reply =
      call(Command::region_write, bytes_of(request), data, sizeof request + data.size(), patience_.reply);
  if (!reply) return failed(reply.error());
  return {};
}

Answer<ByteView> Client::feature(std::uint32_t flags, ByteView payload, std::size_t body_bytes_min,
                                 std::chrono::milliseconds patience) {
  const Feature request{.argsz = feature_bytes_max, .flags = flags};
  const auto reply = call(Command::device_feature, bytes_of(request), payload, feature_bytes_max, patience);
  if (!reply || body_bytes_min == 0) return reply;
  const auto head = decode<Feature>(*reply);
  if (!head || reply->size() < body_bytes_min)
    return broken(Command::device_feature, fmt::format("{} bytes", reply->size()),
                  fmt::format("{}", body_bytes_min));
  if ((head->flags & feature_index_mask) != (flags & feature_index_mask))
    return broken(Command::device_feature,
                  fmt::format("it is about feature {}", head->flags & feature_index_mask),
                  std::to_string(flags & feature_index_mask));
  if ((head->flags & feature_reserved) != 0)
    return broken(Command::device_feature, fmt::format("flags {:#x}", head->flags),
                  "reserved bits that are 0");
  return reply->subspan(sizeof(Feature));
}

Answer<DeviceFlags> Client::migration_flags() {
  const auto reply =
      feature(feature_get | feature_migration, {}, sizeof(Feature) + sizeof(MigrationFlags), patience_.reply);
  if (!reply) return failed(reply.error());
  const std::uint64_t flags = decode<MigrationFlags>(*reply)->flags;
  if (!(flags & migration_stop_copy))
    return failed({Trouble::refused, EOPNOTSUPP, device_,
                   fmt::format("reports the migration flags {:#x}", flags),
                   "STOP_COPY, which every device that can migrate reports"});
  return DeviceFlags{.p2p = (flags & migration_p2p) != 0, .pre_copy = (flags & migration_pre_copy) != 0};
}

Answer<DeviceState> Client::state() {
  const auto reply = feature(feature_get | feature_migration_state, {},
                             sizeof(Feature) + sizeof(MigrationState), patience_.reply);
  if (!reply) return failed(reply.error());
  const MigrationState said = *decode<MigrationState>(*reply);
  if (!said.has_no_descriptor())
    return broken(Command::device_feature, fmt::format("{} behind the device state", said.unused), "0 or -1");
  const std::uint32_t state = said.state;
  if (state > static_cast<std::uint32_t>(DeviceState::pre_copy_p2p))
    return broken(Command::device_feature, fmt::format("device state {}", state), "0 to 7");
  return static_cast<DeviceState>(state);
}

Answer<void> Client::set_state(DeviceState state) {
  const MigrationState payload{.state = static_cast<std::uint32_t>(state), .unused = 0};
  auto reply = feature(feature_set | feature_migration_state, bytes_of(payload), 0, patience_.state);
  if (reply) return {};
  if (reply.error().trouble == Trouble::refused)
    reply.error().finding =
        fmt::format("refused to go to {} with {}", machines::name_of(state), errno_name(reply.error().error));
  return failed(std::move(reply.error()));
}

Answer<ByteView> Client::read_data(std::uint32_t bytes) {
  bytes = std::min(bytes, chunk_bytes());
  const Data request{.argsz = static_cast<std::uint32_t>(sizeof(Data)) + bytes, .size = bytes};
  const auto reply =
      call(Command::mig_data_read, bytes_of(request), {}, sizeof(Data) + bytes, patience_.reply);
  if (!reply) return failed(reply.error());
  const auto head = decode<Data>(*reply);
  if (!head) return broken(Command::mig_data_read, fmt::format("{} bytes", reply->size()), "at least 8");
  // A reply may be padded to the size that was asked for: its size field alone counts, and must fit what
  // came.
  const std::size_t came = reply->size() - sizeof(Data);
  if (head->size > came)
    return broken(Command::mig_data_read, fmt::format("{} bytes announced and {} sent", head->size, came));
  return reply->subspan(sizeof(Data), head->size);
}

Answer<void> Client::write_data(ByteView data) {
  assert(data.size() <= chunk_bytes());
  const auto bytes = static_cast<std::uint32_t>(data.size());
  const Data request{.argsz = static_cast<std::uint32_t>(sizeof(Data)) + bytes, .size = bytes};
  const auto reply = call(Command::mig_data_write, bytes_of(request), data, sizeof(Data), patience_.reply);
  if (!reply) return failed(reply.error());
  return {};
}

Answer<void> Client::reset() {
  const auto reply = call(Command::device_reset, {}, {}, 0, patience_.state);
  if (!reply) return failed(reply.error());
  return {};
}

}  // namespace portolan::vfio::user
