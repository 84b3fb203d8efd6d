// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/building/draft.hpp"

#include <algorithm>

#include "model/support/text.hpp"

namespace portolan::fleet {

std::size_t Draft::driver_of(const compat::Implementation& one) const {
  return static_cast<std::size_t>(std::find(drivers.begin(), drivers.end(), driver_name(one)) -
                                  drivers.begin());
}

std::string driver_name(const compat::Implementation& one) {
  return one.version.empty() ? one.name : one.name + "@" + one.version;
}

std::string type_name(const compat::Implementation& one) {
  return one.type.empty() ? driver_name(one) : one.type;
}

std::string one_of(const std::vector<std::string>& names) { return "one of " + listed(names); }

std::string closest(const std::string& word, const std::vector<std::string>& names) {
  return did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end()));
}

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace portolan::fleet
