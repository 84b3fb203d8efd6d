#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// JSON as the commands print it: members in the order in which they were written, 64-bit numbers exactly,
// text that is not UTF-8 (it can only come from the command line) with replacement characters, a newline at
// the end.

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "model/compat/value.hpp"
#include "model/support/fault.hpp"

namespace portolan::cli {

using Json = nlohmann::ordered_json;

/// Starts the object that every command prints.
inline Json versioned() { return Json{{"format_version", 1}}; }

inline Json json_of(const compat::Value& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

inline Json json_of(const std::map<std::string, compat::Value>& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = json_of(value);
  return object;
}

/// What `read` makes of JSON that a database holds. Text that is none, or is not of the shape that was
/// written, is a fault of that file: `what` of it.
template <class Read>
auto from_database(const std::string& file, const std::string& what, Read read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Json::exception& error) {
    return fail(Fault{FaultCode::storage,
                      {file, {}, {}},
                      what + " is damaged: " + error.what(),
                      "JSON as portolan wrote it",
                      "restore the file from a copy"});
  }
}

inline std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
inline std::string pretty(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace portolan::cli
