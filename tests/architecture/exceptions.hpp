#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The one list of tables that no limit of this folder holds, each with its reason. A row that is not needed
// any more fails, so that the list is never longer than what it excuses. Between `clang-format off` and
// `clang-format on` a line may be as long as its table needs, without a row here.

#include <string_view>

namespace portolan::architecture {

enum class Limit { columns, lines_of_function, lines_of_file, ideas_of_folder };
constexpr std::string_view name_of(Limit limit) {
  constexpr std::string_view names[] = {"columns", "lines of a function", "lines of a file",
                                        "ideas of a folder"};
  return names[static_cast<std::size_t>(limit)];
}

struct Exception {
  Limit limit;
  std::string_view path;      ///< of the file or folder, from the root
  std::string_view function;  ///< its name, where the limit is on functions
  std::string_view reason;
};

// clang-format off
inline constexpr Exception exceptions[] = {
  { Limit::columns, "db/schema.cpp", "", "SQL with a comment behind each column, as SQLite keeps it and .schema shows it" },
  { Limit::ideas_of_folder, "cli/commands", "", "a file for each command, as the table of commands has them" },
};
// clang-format on

}  // namespace portolan::architecture
