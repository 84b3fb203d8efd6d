#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// As much of C++ as the limits of this folder need, and no more: a text without its comments, literals and
// directives, the includes of a text, and where its functions begin and end. It reads what clang-format has
// written; it is no parser, and a macro that hides a brace would lead it astray. scanner_test.cpp says what
// it knows.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::architecture {

struct Include {
  std::size_t line = 0;  ///< from 1
  std::string to;        ///< as written
  bool ours = false;     ///< in quotation marks
};

/// Of a lambda, one that a variable outside functions holds; those inside a function belong to it.
struct Function {
  std::string name;            ///< `Explorer::run`, `TEST(Suite, Name)`
  std::size_t first_line = 0;  ///< of its declaration, from 1
  std::size_t last_line = 0;   ///< of its closing brace
  std::size_t lines() const { return last_line - first_line + 1; }
};

/// The same length and the same lines; comments, literals and directives became spaces.
std::string code_only(std::string_view text);

/// The other way round: what people read, comments and literals, and the directives.
std::string prose_only(std::string_view text);

std::vector<Include> includes_of(std::string_view text);

std::vector<Function> functions_of(std::string_view text);

std::vector<std::string> lines_of(std::string_view text);

}  // namespace portolan::architecture
