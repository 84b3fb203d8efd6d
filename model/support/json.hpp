#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// JSON as the product writes it: members in the order in which they were written, 64-bit numbers exactly,
// text that is not UTF-8 (it can only come from a command line) with replacement characters. Reading, with
// places, is model/files.

#include <string>

#include <nlohmann/json.hpp>

namespace portolan {

using Json = nlohmann::ordered_json;

/// On one line, without a newline.
inline std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// With indentation and a newline at the end.
inline std::string pretty(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace portolan
