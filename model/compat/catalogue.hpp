#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A catalogue: several device implementations in one place, each with its types, its migration information
// and optional annotations (docs/formats/catalogue.md, format `portolan.catalogue/1`, JSON or YAML). What the
// command line calls a FILE is read by loading.hpp.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/annotations.hpp"
#include "model/compat/migration_info.hpp"
#include "model/support/named.hpp"

namespace portolan::compat {

enum class ImplementationKind : std::uint8_t { mdev, vfio_pci, vfio_user, unknown };
inline constexpr auto implementation_kind_names =
    enumerator_names<ImplementationKind>({{ImplementationKind::mdev, "mdev"},
                                          {ImplementationKind::vfio_pci, "vfio-pci"},
                                          {ImplementationKind::vfio_user, "vfio-user"},
                                          {ImplementationKind::unknown, "unknown"}});
constexpr std::string_view name_of(ImplementationKind kind) { return implementation_kind_names[kind]; }

/// One thing that can be migrated from and to: a migration-information file, or one type of a catalogue
/// entry.
struct Implementation {
  std::string label;    ///< how reports call it: `acme-gfx@2.1/gfx-4GB`, or the file name without `.json`
  std::string name;     ///< `acme-gfx`
  std::string version;  ///< `2.1`; empty for a plain file
  ImplementationKind kind = ImplementationKind::unknown;
  std::string type;  ///< mdev type name; empty for a plain file and for an entry that has no types
  std::optional<std::uint64_t> available_instances;
  MigrationInfo info;  ///< without its lints, which are the catalogue's
  std::map<std::string, Annotations>
      annotations;  ///< by model; expressions are those of this type's own parameters
  Place place;

  const DeviceModel* model(const std::string& name) const;
  const Annotations& annotations_of(const std::string& model) const;  ///< an empty one where there is none
};

/// In the order of the file, which is the order of age wherever order matters.
struct Catalogue {
  std::string file;
  std::vector<Implementation> implementations;
  std::vector<Lint> lints;  ///< of the catalogue and of all migration information in it
  /// Of the same files, and not picked (`FILE#NAME`): they are no ends, but what they declare says what
  /// absence means (rules.md §observed), so that an answer does not hang on what else was asked for.
  std::vector<Implementation> beside;
};

/// Reads `FILE`: a catalogue (a JSON or YAML object with `format`) or a migration-information file. Every
/// fault at once. In a catalogue, `migration_info` is inline or a path from the catalogue's folder. An entry
/// that has one type only may hold `migration_info` itself instead of `types`, and takes its name from that
/// file where it gives none.
Result<Catalogue> read_catalogue(const std::filesystem::path& file);

/// A catalogue from its text (`write_catalogue`), without a file beside it; `name` stands in messages.
Result<Catalogue> parse_catalogue(std::string_view text, std::string name);

/// Canonical JSON of a catalogue, migration information inline. Neighbouring types of one implementation
/// become one entry again. read(write(x)) equals x in everything but places, lints and file names.
std::string write_catalogue(const Catalogue& catalogue);

/// An implementation with the file that it was read from.
struct Labelled {
  Implementation* implementation;
  std::filesystem::path file;
  bool plain;  ///< a migration-information file
};

/// Makes labels, which are what reports call an implementation, unique in what was put together from several
/// files: by the folders of plain files, by the file of catalogue entries, at last by a number.
void tell_apart(std::vector<Labelled>& all);

/// Absolute, without `.` and `..`: equal for two names of one file.
std::filesystem::path normal(const std::filesystem::path& file);

}  // namespace portolan::compat
