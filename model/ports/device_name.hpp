#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How a device is named on the command line, in inventories and in journals: a scheme, which says what leads
// to it, and the rest, which that way understands. The one place that takes a name apart.
//
//   parse_device_name("vfio-user:/run/a.sock")  // scheme "vfio-user", rest "/run/a.sock"

#include <optional>
#include <string>
#include <string_view>

namespace portolan::ports {

/// A way to devices.
struct DeviceScheme {
  std::string_view name;  ///< `vfio-user`
  std::string_view rest;  ///< what follows it, for people: `SOCKET`
  bool path = false;      ///< the rest is a path, which an inventory gives from its own folder
};
inline constexpr DeviceScheme vfio_user_scheme{"vfio-user", "SOCKET", true};
/// Every way that there is.
inline constexpr DeviceScheme device_schemes[] = {vfio_user_scheme};

struct DeviceName {
  std::string scheme, rest;  ///< neither is empty
};
/// Nothing when there is no scheme, or nothing behind it. Whether the scheme is known is another question.
std::optional<DeviceName> parse_device_name(std::string_view text);
std::string to_string(const DeviceName& name);

/// Nothing when no known way has that name.
const DeviceScheme* scheme_named(std::string_view name);
/// What would have been a name, for a message: `vfio-user:SOCKET`.
std::string expected_device_name();

}  // namespace portolan::ports
