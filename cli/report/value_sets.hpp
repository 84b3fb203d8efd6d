#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A set of values as JSON in the form of `allowed_values`: numbers, and ranges as `"min-max"`.

#include "cli/frame/json.hpp"

namespace portolan::cli {

inline Json json_of(const compat::ValueSet& set) {
  Json json = Json::array();
  if (set.has_false()) json.push_back(false);
  if (set.has_true()) json.push_back(true);
  for (const compat::Range& range : set.ranges()) {
    if (range.min == range.max)
      json.push_back(range.min);
    else
      json.push_back(std::to_string(range.min) + "-" + std::to_string(range.max));
  }
  for (const std::string& text : set.strings()) json.push_back(text);
  return json;
}

}  // namespace portolan::cli
