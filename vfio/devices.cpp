// SPDX-License-Identifier: Apache-2.0
#include "vfio/devices.hpp"

#include "model/ports/device_name.hpp"
#include "vfio/user/device.hpp"

namespace portolan::vfio {

ports::DeviceRegistry all_devices(user::Patience patience) {
  ports::DeviceRegistry devices;
  devices.add(std::string(ports::vfio_user_scheme.name),
              [patience](const std::string& socket) { return user::Device::open(socket, patience); });
  return devices;
}

}  // namespace portolan::vfio
