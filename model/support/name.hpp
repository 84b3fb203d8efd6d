#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The grammar of names that people give to hosts and VMs. Such a name becomes a part of paths, of lines that
// a terminal shows and of cells of a table: it is one file name, and what is seen of it is what it is.

#include <cstddef>
#include <string>
#include <string_view>

namespace portolan {

inline constexpr std::size_t name_bytes_max = 64;
/// What a name has to be, for a message.
inline constexpr std::string_view name_grammar =
    "1 to 64 bytes of text without `/` and without control or invisible characters, not `.` or `..`";

/// What is wrong with it, as the finding of a message; empty: nothing.
std::string wrong_with_name(std::string_view name);

}  // namespace portolan
