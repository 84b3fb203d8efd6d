#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Reads the annotations of one implementation (docs/formats/catalogue.md): they are written once, and mean
// for each type what that type's own parameters make of them. Faults and lints of a part that the types share
// are told once.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/compat/annotations.hpp"
#include "model/compat/aspects_reader.hpp"
#include "model/files/document.hpp"

namespace portolan::compat {

/// `models` of an implementation, at `path`, for types that publish `infos`: by model, for each type in
/// order. `aspects` are those of the whole catalogue. Faults go to the reader, remarks to `lints`.
std::vector<std::map<std::string, Annotations>> read_annotations(
    files::Reader& reader, std::vector<Lint>& lints, const NamedAspects& aspects, const files::Node& models,
    const std::string& path, std::span<const MigrationInfo* const> infos);

}  // namespace portolan::compat
