#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Names as another language can have them: letters, digits and underscores, none of its words, and no two the
// same. Each is as near to the name in the module as may be.

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace portolan::rules::exports {

/// Everything but letters and digits becomes an underscore.
std::string mangled(std::string_view name);

/// On one line, with `"` and backslash escaped, as it can stand between double quotes.
std::string escaped(std::string_view text);

/// The names of one exported text.
class Names {
 public:
  /// `unusable`: whether a mangled name means something else in the language, or cannot stand there.
  explicit Names(std::function<bool(const std::string&)> unusable) : unusable_(std::move(unusable)) {}

  /// A name that nobody has yet: `m_…` where it is unusable, `…_2` where it is taken.
  std::string take(std::string_view wanted);
  /// For a bound name whose scope has ended.
  void give_back(const std::string& name) { taken_.erase(name); }

 private:
  std::function<bool(const std::string&)> unusable_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace portolan::rules::exports
