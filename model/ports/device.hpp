#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a migration needs of a device that can migrate, whatever way leads to it (linux/vfio.h, migration v2):
// asked and told one thing at a time, every answer with a time limit. vfio/user is the first implementation,
// a fake in memory (tests/support/fake_device.hpp) the second. What a device reports of itself is discovered
// when it is opened, while it runs: later it may refuse everything but its state and its data. Not
// thread-safe, but that one thread may read while another writes to another device.
//
//   device.set_state(DeviceState::stop_copy);
//   for (auto data = device.read_data(); data && !data->empty(); data = device.read_data()) keep(*data);
//   device.set_state(DeviceState::stop);
//   device.state();  // always read back: a failed request may have left any hop on the way

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "model/compat/value.hpp"
#include "model/machines/paths.hpp"
#include "model/support/bytes.hpp"
#include "model/support/failure.hpp"

namespace portolan::ports {

/// How much data there is, where there is a way to ask; all of them estimates.
struct DataSizes {
  std::optional<std::uint64_t> initial_bytes;    ///< in PRE_COPY: what was never read
  std::optional<std::uint64_t> dirty_bytes;      ///< in PRE_COPY: what has changed since it was read
  std::optional<std::uint64_t> stop_copy_bytes;  ///< what STOP_COPY would give (MIG_DATA_SIZE)
};

/// What a device says of itself; each part is empty where there is no way to ask.
struct Description {
  std::string model;  ///< of the migration information
  std::map<std::string, compat::Value> parameters;
  std::optional<bool> fresh;  ///< no guest has used it since it was made or reset
};

class Device {
 public:
  virtual ~Device() = default;
  /// As on the command line: `vfio-user:/run/a.sock`.
  virtual const std::string& name() const = 0;
  virtual machines::DeviceFlags flags() const = 0;
  /// Tells what answers from everything that could answer under that name, a fresh process behind the same
  /// socket too; empty where there is no way to tell. Known since it was opened or reopened: asks nothing.
  virtual std::string instance() const = 0;
  virtual Answer<machines::DeviceState> state() = 0;
  /// Returns when the device says that it has arrived, or refuses.
  virtual Answer<void> set_state(machines::DeviceState state) = 0;
  /// Empty: the end in STOP_COPY, nothing for now in PRE_COPY. Valid until the next call.
  virtual Answer<ByteView> read_data() = 0;
  /// Any number of bytes.
  virtual Answer<void> write_data(ByteView data) = 0;
  virtual Answer<DataSizes> sizes() = 0;
  virtual Answer<Description> describe() = 0;
  /// The state afterwards has to be asked for: implementations differ.
  virtual Answer<void> reset() = 0;
  /// After a failure that is no refusal, every call fails until this succeeded. Tries until the time for a
  /// reply is over, or until it is certain that nobody listens there any more. Another `instance` may answer.
  virtual Answer<void> reopen() = 0;
  virtual bool lost() const = 0;
};

}  // namespace portolan::ports
