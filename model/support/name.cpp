// SPDX-License-Identifier: Apache-2.0
#include "model/support/name.hpp"

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan {

std::string wrong_with_name(std::string_view name) {
  if (name.empty()) return "the name is empty";
  const std::string shown = in_quotes(name);
  if (name.size() > name_bytes_max) return fmt::format("the name {} has {} bytes", shown, name.size());
  if (name == "." || name == "..") return fmt::format("the name {} means a folder", shown);
  if (name.find('/') != name.npos) return fmt::format("the name {} has a slash", shown);
  if (printable(name) != name) return fmt::format("the name {} has a control or invisible character", shown);
  return {};
}

}  // namespace portolan
