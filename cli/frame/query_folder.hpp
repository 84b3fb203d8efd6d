#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// `--smtlib DIR`: the folder into which a command writes what a solver is asked, so that another one can be
// asked the same (rules.md §properties).

#include <filesystem>
#include <optional>
#include <string>

#include "model/support/fault.hpp"

namespace portolan::cli {

/// The folder for the queries, made where it is missing; empty where none is asked for.
inline Result<std::optional<std::filesystem::path>> smtlib_folder(const std::string& asked) {
  if (asked.empty()) return std::optional<std::filesystem::path>();
  std::error_code error;
  std::filesystem::create_directories(asked, error);
  if (!error && !std::filesystem::is_directory(asked, error))
    error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    return fail(Fault{FaultCode::unreadable,
                      {asked, {}, {}},
                      error.message(),
                      "a folder that can be written",
                      "name another one with --smtlib"});
  return std::optional<std::filesystem::path>(asked);
}

}  // namespace portolan::cli
