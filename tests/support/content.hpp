#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The content of a file, as it is; empty where it cannot be read, which the tests that look at it then say.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace portolan::tests {

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace portolan::tests
