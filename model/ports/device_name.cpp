// SPDX-License-Identifier: Apache-2.0
#include "model/ports/device_name.hpp"

#include <algorithm>

namespace portolan::ports {

std::optional<DeviceName> parse_device_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  return DeviceName{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string to_string(const DeviceName& name) { return name.scheme + ":" + name.rest; }

const DeviceScheme* scheme_named(std::string_view name) {
  const auto* found = std::ranges::find(device_schemes, name, &DeviceScheme::name);
  return found == std::end(device_schemes) ? nullptr : found;
}

std::string expected_device_name() {
  std::string text;
  for (const DeviceScheme& scheme : device_schemes)
    text += (text.empty() ? "" : " or ") + std::string(scheme.name) + ":" + std::string(scheme.rest);
  return text;
}

}  // namespace portolan::ports
