#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Migration information: what an implementation publishes about its device models and their parameters
// (docs/rules.md §words, R1, R1a, R2; the JSON of the design note "VFIO Migration", RFC v3).

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/value.hpp"
#include "model/support/fault.hpp"

namespace portolan::files {
struct Node;
}

namespace portolan::compat {

/// Something legal but worth a word, found while reading (an unknown member, overlapping ranges, leading
/// zeros …).
struct Lint {
  std::string
      rule;  ///< short stable name: `unknown-member`, `range-overlap`, `leading-zeros`, `name-backslash` …
  Place place;
  std::string model;      ///< empty when it concerns the whole file
  std::string parameter;  ///< empty when it concerns the whole model
  std::string message;
  std::string remedy;
};

struct Parameter {
  std::string name;
  ValueType type = ValueType::boolean;
  Value init = false;
  std::optional<Value> off;         ///< R3: the value whose effect equals the parameter's absence
  std::optional<ValueSet> allowed;  ///< absent: only init and off are known to be accepted (R2)
  std::string description;
  Place place;
  bool pinned = false;                 ///< `off` is what a profile pins (R13, all_known.hpp)
  std::optional<Value> published_off;  ///< where it is: the off value that the pin stands for

  /// R1, R2. A value of another type is refused.
  Acceptance accepts(const Value& value) const;
  /// The values that are certainly accepted: `allowed`, or {init, off} where it is absent (R2).
  ValueSet accepted_values() const;
};

using Parameters = std::map<std::string, Parameter>;

struct DeviceModel {
  std::string name;
  Parameters parameters;
  Place place;

  /// Null where the model has no such parameter.
  const Parameter* find(const std::string& parameter) const {
    const auto found = parameters.find(parameter);
    return found == parameters.end() ? nullptr : &found->second;
  }
};

struct MigrationInfo {
  std::map<std::string, DeviceModel> models;
  std::vector<Lint> lints;
};

/// Reads one migration-information file (strict JSON, at most 256 MiB). All semantic faults at once, R1a.
Result<MigrationInfo> read_migration_info(const std::filesystem::path& file);
/// The same from a node of a document that was read already (a catalogue's inline `migration_info`); `path`
/// is the member path of that node for messages, `file` the name of the document's file.
Result<MigrationInfo> migration_info_from(const files::Node& node, const std::string& file,
                                          const std::string& path);

/// Canonical JSON: models and parameters in name order, two spaces of indent, a newline at the end.
/// read(write(x)) equals x in everything but places and lints.
std::string write_migration_info(const MigrationInfo& info);

/// The grammar of docs/rules.md §words: not empty, not `.` or `..`, no `=`, `/` or whitespace.
bool valid_parameter_name(std::string_view name);
/// A domain name, then path components separated by `/`.
bool valid_model_name(std::string_view name);

}  // namespace portolan::compat
