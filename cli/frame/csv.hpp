#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Text as a cell of a CSV file (RFC 4180). What comes out of files and databases is not trusted: a program
// that opens the file must not take a cell for a formula, and no control character is left in it.

#include <string>
#include <string_view>

namespace portolan::cli {

/// For text alone: a number is written as it is, also with a sign.
std::string csv_cell(std::string_view text);

}  // namespace portolan::cli
