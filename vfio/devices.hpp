#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Every kind of device that this program can open, registered under its scheme. A new kind has a line in
// devices.cpp, its scheme and that in the list of model/ports/device_name.hpp.

#include "model/ports/device_registry.hpp"
#include "vfio/user/client.hpp"

namespace portolan::vfio {

ports::DeviceRegistry all_devices(user::Patience patience);

}  // namespace portolan::vfio
