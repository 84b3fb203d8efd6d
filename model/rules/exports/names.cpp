// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/names.hpp"

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::rules::exports {

std::string mangled(std::string_view name) {
  std::string safe(name);
  for (char& c : safe)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
  return safe;
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string Names::take(std::string_view wanted) {
  std::string name = mangled(wanted);
  if (unusable_(name)) name = "m_" + name;
  std::string unique = name;
  for (int i = 2; !taken_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
  return unique;
}

}  // namespace portolan::rules::exports
