#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of a text in lower-case hexadecimal: the identity of stored content.

#include <string>
#include <string_view>

namespace portolan::db {

std::string sha256(std::string_view text);

}  // namespace portolan::db
