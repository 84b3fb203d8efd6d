#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A catalogue: several device implementations in one place, each with its types, its migration information
// and optional annotations (compatibility.md §3, format `portolan.catalogue/1`, JSON or YAML).

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/migration_info.hpp"
#include "model/rules/expression.hpp"

namespace portolan::compat {

enum class ImplementationKind : std::uint8_t { mdev, vfio_pci, vfio_user, unknown };
std::string_view name_of(ImplementationKind kind);

/// R9: when a parameter may be written.
enum class Writable : std::uint8_t { create, closed, runtime };
/// What a parameter changes.
enum class Affects : std::uint8_t { interface, state, both };
/// How two observations, or two interfaces, must relate.
enum class Relation : std::uint8_t { exact, subset };

std::string_view name_of(Writable writable);
std::string_view name_of(Affects affects);
std::string_view name_of(Relation relation);

/// A value that a profile gives to a parameter which does not exist: it has no effect, and somebody meant
/// something by it.
struct UnknownPin {
  std::string name;
  Value value;
  Place place;
};

/// A named set of parameter values; parameters that are not named take their init value.
struct Profile {
  std::string name;
  std::map<std::string, Value> values;
  std::vector<UnknownPin> unknown;  ///< in the order of the file
  Place place;
};

struct ParameterNotes {
  Writable writable = Writable::closed;
  Affects affects = Affects::both;
  std::string fix_for;  ///< `"fix-for": "text"`; empty when absent
  Place place;
};

struct SavedSection {
  std::string section;
  std::uint64_t layout = 0;
  std::optional<rules::Expression> when;  ///< absent: always
  bool ignorable = false;
  Place place;
};

struct LoadedSection {
  std::string section;
  std::vector<std::uint64_t> layouts;
  std::optional<rules::Expression> required;  ///< the stream must hold the section when true
  bool ignorable = false;                     ///< can be skipped when it arrives and is not understood
  Place place;
};

/// A value that a live instance showed; empty: `null`, absent.
using Observation = std::optional<Value>;

struct Annotations {
  std::map<std::string, Profile> profiles;
  std::map<std::string, ParameterNotes> notes;
  std::vector<rules::Expression> constraints;
  std::vector<SavedSection> state;
  std::vector<LoadedSection> loads;
  std::map<std::string, rules::Expression> interface;
  std::map<std::string, std::map<std::string, Observation>> observed;  ///< profile -> aspect -> value
  std::map<std::string, Relation> compare;
  Place place;

  const ParameterNotes& notes_of(const std::string& parameter) const;  ///< defaults where nothing was said
};

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

/// In the order of the file, which is the order of age wherever order matters (compatibility.md §5).
struct Catalogue {
  std::string file;
  std::vector<Implementation> implementations;
  std::vector<Lint> lints;  ///< of the catalogue and of all migration information in it
};

/// Reads `FILE`: a catalogue (a JSON or YAML object with `format`) or a migration-information file. Every
/// fault at once. In a catalogue, `migration_info` is inline or a path from the catalogue's folder. An entry
/// that has one type only may hold `migration_info` itself instead of `types`, and takes its name from that
/// file where it gives none.
Result<Catalogue> read_catalogue(const std::filesystem::path& file);

/// A catalogue from its text (`write_catalogue`), without a file beside it; `name` stands in messages.
Result<Catalogue> parse_catalogue(std::string_view text, std::string name);

/// What the command line calls a FILE: a file, `catalogue.yaml#name`, `catalogue.yaml#name@version`, or,
/// where `folders` is true, a folder, whose `*.json`, `*.yaml` and `*.yml` files are taken in name order (not
/// recursively); a file of the folder that a catalogue refers to is not taken a second time on its own, nor
/// is a file that is named twice. Labels are unique: where two files give the same one, it is preceded by the
/// folders (for a catalogue's entry by the file) that tell them apart. The faults of all files are reported
/// together.
Result<Catalogue> load(const std::vector<std::string>& arguments, bool folders);

/// Canonical JSON of a catalogue, migration information inline. Neighbouring types of one implementation
/// become one entry again. read(write(x)) equals x in everything but places, lints and file names.
std::string write_catalogue(const Catalogue& catalogue);

}  // namespace portolan::compat
