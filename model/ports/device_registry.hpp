#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who opens a device of which scheme: the one place where a name becomes a device. What leads to devices is
// registered by whoever wires the program together; who acts on devices sees only this.
//
//   DeviceRegistry devices;
//   devices.add("vfio-user", [](const std::string& socket) { return user::Device::open(socket, patience); });
//   auto opened = devices.open("vfio-user:/run/a.sock", "--from");
//   if (!opened) … a fault of the name;  else if (!*opened) … a Failure: it cannot be reached;  else
//   ***opened

#include <functional>
#include <map>

#include "model/ports/device.hpp"

namespace portolan::ports {

/// Opens a device by what follows the scheme.
using DeviceOpener = std::function<Answer<std::unique_ptr<Device>>(const std::string& rest)>;

class DeviceRegistry {
 public:
  void add(std::string scheme, DeviceOpener opener) { openers_[std::move(scheme)] = std::move(opener); }
  /// A fault at `option` for a name of another form or scheme; an unreachable device is a Failure inside.
  Result<Answer<std::unique_ptr<Device>>> open(const std::string& name, const std::string& option) const;

 private:
  std::map<std::string, DeviceOpener> openers_;
};

}  // namespace portolan::ports
