#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What reports call an implementation. A label is unique in everything that was put together from several
// files; where two would be the same, what tells the files apart stands before it.

#include <filesystem>
#include <vector>

#include "model/compat/catalogue.hpp"

namespace portolan::compat {

struct Labelled {
  Implementation* implementation;
  std::filesystem::path file;
  bool plain;  ///< a migration-information file
};

/// Makes equal labels differ: by the folders of plain files, by the file of catalogue entries, at last by a
/// number.
void tell_apart(std::vector<Labelled>& all);

/// Absolute, without `.` and `..`: equal for two names of one file.
std::filesystem::path normal(const std::filesystem::path& file);

}  // namespace portolan::compat
