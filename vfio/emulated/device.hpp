#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// An emulated device: the state machine of rules.md §device, stepped through the generated machine along the
// derived path, with a content that a guest seems to rewrite while it may (RUNNING, PRE_COPY), a saving and a
// loading session, and a block of registers. What the device tells of itself goes to a log of JSON lines.
// Invariants:
//   1. a session is open exactly when the machine says data_fd;
//   2. loaded content takes effect at RESUMING -> STOP and not before;
//   3. a reset ends sessions, gives RUNNING and a blank content (the seed of the start, every version 0).

#include <functional>
#include <optional>

#include "model/compat/check.hpp"
#include "model/rules/machine.hpp"
#include "model/support/sha256.hpp"
#include "vfio/emulated/injected.hpp"
#include "vfio/emulated/stream.hpp"

namespace portolan::vfio::emulated {

/// The block of registers: region 0, read at any offset and length; only the scratch bytes can be written.
inline constexpr std::uint32_t register_bytes = 4096;
struct Registers {
  std::array<char, 8> magic{'P', 'O', 'R', 'T', 'O', 'L', 'A', 'N'};
  std::uint32_t layout = 1, state = 0;  ///< state: as in `enum vfio_device_mig_state`
  std::uint64_t state_bytes = 0, seed = 0, rewrites = 0, pages = 0;
  std::uint64_t damaged_pages = 0;  ///< of the last load
  std::uint32_t loads = 0, page_size = page_bytes;
  std::array<std::uint8_t, 32> content{};  ///< Content::digest() of this moment
  std::array<std::uint8_t, 32> reserved{};
  std::array<std::uint8_t, scratch_bytes> scratch{};  ///< at byte 128
};
static_assert(sizeof(Registers) == 192 && offsetof(Registers, content) == 64 &&
              offsetof(Registers, scratch) == 128);

struct DeviceSettings {
  std::uint64_t state_bytes = std::uint64_t{1} << 20;
  std::uint64_t seed = 1;
  std::uint64_t dirty_bytes_per_s = 0;
  machines::DeviceFlags flags{.p2p = false, .pre_copy = true};
  std::string model;
  std::map<std::string, compat::Value> list;  ///< R4: what is said in the stream
  compat::Configuration configuration;        ///< what a stream is judged by
  Injected injected;
  std::function<std::uint64_t()> now_ns;  ///< a clock that never goes back
  std::function<void(const std::string& json)> log;
};

class Device {
 public:
  explicit Device(DeviceSettings settings);

  machines::DeviceFlags flags() const { return settings_.flags; }
  machines::DeviceState state() const { return static_cast<machines::DeviceState>(at_.state); }
  /// No guest has used it since it was made or reset: nothing was loaded, saved, rewritten or written to its
  /// registers.
  bool fresh();
  /// Each of these returns 0 or an errno.
  int request(machines::DeviceState state);
  /// Data of the saving session; as many bytes as there are, at most `out`.
  int read(std::span<std::uint8_t> out, std::size_t& bytes);
  int write(ByteView data);
  void reset();
  int registers_read(std::uint64_t offset, std::span<std::uint8_t> out);
  int registers_write(std::uint64_t offset, ByteView data);
  /// A line for the log.
  void note(const std::string& json) const { settings_.log(json); }
  const Injected& injected() const { return settings_.injected; }
  /// Bytes of migration data that were moved so far, in both directions.
  std::uint64_t data_bytes() const { return data_bytes_; }

 private:
  int hop(machines::DeviceState to);
  void fire(std::uint8_t event);
  void rewrite_pages();
  std::string identity() const;
  std::string objection(std::string_view identity) const;

  DeviceSettings settings_;
  rules::Configuration at_;
  Content content_;
  std::optional<Saver> saver_;
  std::optional<Loader> loader_;
  Sha256 stream_;
  std::uint64_t hops_ = 0, data_bytes_ = 0, read_bytes_ = 0, written_bytes_ = 0, rewrites_ = 0,
                damaged_pages_ = 0;
  std::uint64_t last_ns_ = 0,
                owed_ = 0;  ///< rewriting: bytes times nanoseconds per second that are not yet a page
  std::uint32_t loads_ = 0;
  bool used_ = false;  ///< by a guest, since it was made or reset
};

}  // namespace portolan::vfio::emulated
