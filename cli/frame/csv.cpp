// SPDX-License-Identifier: Apache-2.0
#include "cli/frame/csv.hpp"

#include "model/support/text.hpp"

namespace portolan::cli {

std::string csv_cell(std::string_view text) {
  // Spreadsheets calculate what begins so; a leading apostrophe makes it text.
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos;
  std::string cell = (formula ? "'" : "") + printable(text);
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace portolan::cli
