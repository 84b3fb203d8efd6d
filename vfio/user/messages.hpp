#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// vfio-user on the wire (rules.md §vfio-user): a 16-byte header, then a body that begins with one of the
// fixed parts below. All of it is in the host's byte order. Decoding copies out of bytes whose number was
// checked first; nothing is believed.

#include <cstdint>
#include <optional>
#include <string>

#include "model/support/bytes.hpp"

namespace portolan::vfio::user {

enum class Command : std::uint16_t {
  version = 1,
  dma_map = 2,
  dma_unmap = 3,
  device_get_info = 4,
  get_region_info = 5,
  get_region_io_fds = 6,
  get_irq_info = 7,
  set_irqs = 8,
  region_read = 9,
  region_write = 10,
  dma_read = 11,
  dma_write = 12,
  device_reset = 13,
  region_write_multi = 15,
  device_feature = 16,
  mig_data_read = 17,
  mig_data_write = 18,
};
/// `MIG_DATA_READ`; `command 99` for a number that is none.
std::string name_of(Command command);

struct Header {
  std::uint16_t id = 0;
  std::uint16_t command = 0;
  std::uint32_t size = 0;   ///< header included
  std::uint32_t flags = 0;  ///< header_*
  std::uint32_t error = 0;  ///< errno of an error reply
};
inline constexpr std::uint32_t header_type_mask = 0xf, header_command = 0, header_reply = 1,
                               header_no_reply = 0x10, header_error = 0x20,
                               header_reserved = ~(header_type_mask | header_no_reply | header_error);

struct VersionNumbers {
  std::uint16_t major = 0, minor = 0;
};
struct DeviceInfo {
  std::uint32_t argsz = 16, flags = 0, num_regions = 0, num_irqs = 0;
};
struct RegionInfo {
  std::uint32_t argsz = 32, flags = 0, index = 0, cap_offset = 0;
  std::uint64_t size = 0, offset = 0;
};
struct IrqInfo {
  std::uint32_t argsz = 16, flags = 0, index = 0, count = 0;
};
struct RegionAccess {
  std::uint64_t offset = 0;
  std::uint32_t region = 0, count = 0;
};
struct DmaMap {
  std::uint32_t argsz = 32, flags = 0;
  std::uint64_t offset = 0, address = 0, size = 0;
};
struct DmaUnmap {
  std::uint32_t argsz = 24, flags = 0;
  std::uint64_t address = 0, size = 0;
};
struct Feature {
  std::uint32_t argsz = 16, flags = 0;
};
struct MigrationFlags {
  std::uint64_t flags = 0;
};
/// `unused` is the kernel's data_fd, of which vfio-user has none: 0 or -1.
struct MigrationState {
  std::uint32_t state = 0, unused = 0;
  bool has_no_descriptor() const { return unused == 0 || unused == ~std::uint32_t{0}; }
};
struct Data {
  std::uint32_t argsz = 8, size = 0;
};  ///< before the bytes of MIG_DATA_READ and MIG_DATA_WRITE

inline constexpr std::uint32_t device_flag_reset = 1u << 0;                              // DeviceInfo::flags
inline constexpr std::uint32_t region_flag_read = 1u << 0, region_flag_write = 1u << 1;  // RegionInfo::flags
inline constexpr std::uint32_t feature_index_mask = 0xffff, feature_get = 1u << 16, feature_set = 1u << 17,
                               feature_probe = 1u << 18,
                               feature_reserved =
                                   ~(feature_index_mask | feature_get | feature_set | feature_probe);
inline constexpr std::uint32_t feature_migration = 1, feature_migration_state = 2;
inline constexpr std::uint64_t migration_stop_copy = 1u << 0, migration_p2p = 1u << 1,
                               migration_pre_copy = 1u << 2;

/// We never move more than this in one message: peers were seen to truncate larger writes and to lose framing
/// after.
inline constexpr std::uint32_t chunk_bytes_max = 64 * 1024;
/// The most that a server of ours takes at once, and what is assumed of a peer that does not say.
inline constexpr std::uint32_t transfer_bytes_default = 1024 * 1024;

/// What VERSION negotiates, as JSON with a terminating NUL; every member may be left out.
struct Capabilities {
  std::uint64_t max_msg_fds = 1;
  std::uint64_t max_data_xfer_size = transfer_bytes_default;
  std::uint64_t pgsize = 4096;
  /// A member of our own, `portolan: {fresh}`, which others leave out and do not look at: no guest has used
  /// the device since it was made or reset, as of the moment of the connection.
  std::optional<bool> fresh = std::nullopt;
};
inline constexpr std::size_t version_bytes_max = std::size_t{16} * 1024;
Bytes encode_version(VersionNumbers numbers, const Capabilities& capabilities);
/// The body of a VERSION message, or what is wrong with it in `why`.
std::optional<std::pair<VersionNumbers, Capabilities>> decode_version(ByteView body, std::string& why);

}  // namespace portolan::vfio::user
