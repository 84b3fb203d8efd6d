#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Reads one file of a catalogue, or of migration information, which is a catalogue of one implementation
// (docs/formats/catalogue.md, docs/formats/migration-information.md). Every fault at once. For the readers of
// this folder; everybody else uses catalogue.hpp and loading.hpp.

#include <filesystem>
#include <vector>

#include "model/compat/catalogue.hpp"
#include "model/files/document.hpp"

namespace portolan::compat {

/// A file as it was read, with what must be known where several are put together.
struct CatalogueFile {
  Catalogue catalogue;
  bool plain = false;                             ///< migration information alone
  std::vector<std::filesystem::path> references;  ///< files that migration information was taken from
};

/// `file` is where it was read: its folder is where its references begin, and its name is the label of what
/// is plain.
Result<CatalogueFile> catalogue_file_from(const files::Document& document);
Result<CatalogueFile> read_catalogue_file(const std::filesystem::path& file);

}  // namespace portolan::compat
