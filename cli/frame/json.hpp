#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the JSON of every command has in common (model/support/json.hpp): the version of the format, values of
// the model, and the reading of what a database holds.

#include <map>
#include <string>

#include "model/compat/value.hpp"
#include "model/support/fault.hpp"
#include "model/support/json.hpp"

namespace portolan::cli {

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

}  // namespace portolan::cli
