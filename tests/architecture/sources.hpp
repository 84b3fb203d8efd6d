#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The facts that the tests of this folder judge: every C++ file of the project with its lines, includes
// and functions, read once, and every text that people read. Nothing here knows a rule.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/scanner.hpp"

namespace portolan::architecture {

/// The folders of the product, the lowest first.
inline constexpr std::string_view product_folders[] = {"model", "solver", "sim", "vfio", "db", "cli"};

struct Source {
  std::string path;  ///< from the root of the project, `solver/z3/terms.hpp`
  std::string text;
  std::vector<std::string> lines;
  std::vector<Include> includes;
  std::vector<Function> functions;

  bool header() const { return path.ends_with(".hpp"); }
  bool of_the_product() const;
};

/// A file of that text, as if it stood at `path`: for the tests of the checks.
Source source_of(std::string path, std::string text);

/// Every .hpp and .cpp of the product, of tests/ and of bench/, by path.
std::span<const Source> sources();

/// A text that is no C++: documentation, scenarios, golden files, scripts.
struct Text {
  std::string path, text;
};

/// By path. README, CONTRIBUTING and docs/; scenarios/; the golden files of the tests; scripts/.
std::span<const Text> texts();

/// The text of a file at a path from the root; empty where there is none.
std::string read_file(const std::string& path);

/// Whether there is a file or folder at a path from the root.
bool exists(const std::string& path);

/// `solver/z3` of `solver/z3/terms.hpp`; empty of a file in the root.
std::string folder_of(std::string_view path);

/// `solver/z3/terms` of `solver/z3/terms.hpp`: a header and its .cpp are one idea.
std::string idea_of(std::string_view path);

/// `solver/z3/terms.hpp:12`
std::string place(std::string_view path, std::size_t line);

}  // namespace portolan::architecture
