#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a check of this folder found: place, finding, expectation and remedy, as every message of the project.
// A check is a function from sources to findings, so that the test which holds it to a small text with a
// fault and the test which holds it to the tree call the same one.

#include <ostream>
#include <string>
#include <vector>

namespace portolan::architecture {

struct Finding {
  std::string place;  ///< `folder/file.cpp:12`
  std::string found;
  std::string expected;
  std::string remedy;
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

/// How GoogleTest prints one.
inline void PrintTo(const Finding& finding, std::ostream* out) {
  *out << "\n  " << finding.place << ": " << finding.found << "\n    expected: " << finding.expected
       << "\n    remedy: " << finding.remedy;
}

}  // namespace portolan::architecture
