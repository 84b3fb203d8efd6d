// SPDX-License-Identifier: Apache-2.0
#include "vfio/user/messages.hpp"

#include <linux/vfio.h>

#include <nlohmann/json.hpp>

#include "model/compat/value.hpp"
#include "model/files/document.hpp"
#include "model/machines/paths.hpp"

namespace portolan::vfio::user {

static_assert(sizeof(Header) == 16 && sizeof(DeviceInfo) == 16 && sizeof(RegionInfo) == 32 &&
              sizeof(IrqInfo) == 16 && sizeof(RegionAccess) == 16);
static_assert(sizeof(DmaMap) == 32 && sizeof(DmaUnmap) == 24 && sizeof(Feature) == 8 &&
              sizeof(MigrationState) == 8 && sizeof(Data) == 8);
// The kernel's header, where Debian 12 has the definition: newer ones (PRE_COPY) it lacks.
static_assert(device_flag_reset == VFIO_DEVICE_FLAGS_RESET);
static_assert(region_flag_read == VFIO_REGION_INFO_FLAG_READ &&
              region_flag_write == VFIO_REGION_INFO_FLAG_WRITE);
static_assert(feature_index_mask == VFIO_DEVICE_FEATURE_MASK && feature_get == VFIO_DEVICE_FEATURE_GET);
static_assert(feature_set == VFIO_DEVICE_FEATURE_SET && feature_probe == VFIO_DEVICE_FEATURE_PROBE);
static_assert(feature_migration == VFIO_DEVICE_FEATURE_MIGRATION &&
              feature_migration_state == VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE);
static_assert(migration_stop_copy == VFIO_MIGRATION_STOP_COPY && migration_p2p == VFIO_MIGRATION_P2P);
#ifdef VFIO_MIGRATION_PRE_COPY
static_assert(migration_pre_copy == VFIO_MIGRATION_PRE_COPY);
#endif
static_assert(sizeof(RegionInfo) == sizeof(vfio_region_info) &&
              sizeof(DeviceInfo) <= sizeof(vfio_device_info));
// A state travels as its number in `enum vfio_device_mig_state`.
static_assert(static_cast<int>(machines::DeviceState::error) == VFIO_DEVICE_STATE_ERROR &&
              static_cast<int>(machines::DeviceState::stop) == VFIO_DEVICE_STATE_STOP);
static_assert(static_cast<int>(machines::DeviceState::running) == VFIO_DEVICE_STATE_RUNNING &&
              static_cast<int>(machines::DeviceState::stop_copy) == VFIO_DEVICE_STATE_STOP_COPY);
static_assert(static_cast<int>(machines::DeviceState::resuming) == VFIO_DEVICE_STATE_RESUMING &&
              static_cast<int>(machines::DeviceState::running_p2p) == VFIO_DEVICE_STATE_RUNNING_P2P);

std::string name_of(Command command) {
  switch (command) {
    case Command::version: return "VERSION";
    case Command::dma_map: return "DMA_MAP";
    case Command::dma_unmap: return "DMA_UNMAP";
    case Command::device_get_info: return "DEVICE_GET_INFO";
    case Command::get_region_info: return "GET_REGION_INFO";
    case Command::get_region_io_fds: return "GET_REGION_IO_FDS";
    case Command::get_irq_info: return "GET_IRQ_INFO";
    case Command::set_irqs: return "SET_IRQS";
    case Command::region_read: return "REGION_READ";
    case Command::region_write: return "REGION_WRITE";
    case Command::dma_read: return "DMA_READ";
    case Command::dma_write: return "DMA_WRITE";
    case Command::device_reset: return "DEVICE_RESET";
    case Command::region_write_multi: return "REGION_WRITE_MULTI";
    case Command::device_feature: return "DEVICE_FEATURE";
    case Command::mig_data_read: return "MIG_DATA_READ";
    case Command::mig_data_write: return "MIG_DATA_WRITE";
  }
  return "command " + std::to_string(static_cast<unsigned>(command));
}

Bytes encode_version(VersionNumbers numbers, const Capabilities& capabilities) {
  nlohmann::ordered_json json = {{"capabilities",
                                  {{"max_msg_fds", capabilities.max_msg_fds},
                                   {"max_data_xfer_size", capabilities.max_data_xfer_size},
                                   {"migration", {{"pgsize", capabilities.pgsize}}}}}};
  if (capabilities.fresh) json["capabilities"]["portolan"]["fresh"] = *capabilities.fresh;
  Bytes bytes;
  append(bytes, numbers);
  const std::string text = json.dump();
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.push_back(0);
  return bytes;
}

namespace {

/// A member of an object, if it is there; false when it is there and no plain unsigned number.
bool number(const files::Node& object, std::string_view key, std::uint64_t& value, std::string& why) {
  const files::Node* found = object.find(key);
  if (!found) return true;
  const auto read = found->kind == files::Kind::number ? compat::parse_u64(found->text) : std::nullopt;
  if (!read)
    why = std::string(key) + " is no plain number";
  else
    value = *read;
  return read.has_value();
}

}  // namespace

std::optional<std::pair<VersionNumbers, Capabilities>> decode_version(ByteView body, std::string& why) {
  const auto numbers = decode<VersionNumbers>(body);
  if (!numbers) return why = "a VERSION of fewer than 4 bytes", std::nullopt;
  if (body.size() > version_bytes_max)
    return why = "a VERSION of " + std::to_string(body.size()) + " bytes", std::nullopt;
  Capabilities capabilities;
  const ByteView rest = body.subspan(sizeof(VersionNumbers));
  if (rest.empty()) return std::pair(*numbers, capabilities);
  if (rest.back() != 0) return why = "capabilities without a terminating NUL", std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size() - 1);
  if (text.empty()) return std::pair(*numbers, capabilities);
  const auto document = files::parse_document(text, "capabilities", files::Syntax::json);
  if (!document) return why = to_string(document.error().front()), std::nullopt;
  if (document->root.kind != files::Kind::object)
    return why = "capabilities that are no JSON object", std::nullopt;
  if (const auto* given = document->root.find("capabilities")) {
    if (given->kind != files::Kind::object) return why = "capabilities that are no JSON object", std::nullopt;
    if (!number(*given, "max_msg_fds", capabilities.max_msg_fds, why)) return std::nullopt;
    if (!number(*given, "max_data_xfer_size", capabilities.max_data_xfer_size, why)) return std::nullopt;
    if (const auto* migration = given->find("migration")) {
      if (migration->kind != files::Kind::object) return why = "migration is no JSON object", std::nullopt;
      if (!number(*migration, "pgsize", capabilities.pgsize, why)) return std::nullopt;
    }
    // Of another form it is somebody else's.
    if (const auto* own = given->find("portolan"); own != nullptr && own->kind == files::Kind::object)
      if (const auto* fresh = own->find("fresh"); fresh != nullptr && fresh->kind == files::Kind::boolean)
        capabilities.fresh = fresh->boolean;
  }
  if (capabilities.max_data_xfer_size == 0)
    return why = "max_data_xfer_size is 0, so nothing could be moved", std::nullopt;
  return std::pair(*numbers, capabilities);
}

}  // namespace portolan::vfio::user
