#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the command line calls a FILE, as one catalogue: migration information, catalogues, parts of them, and
// folders. Labels are unique in what is returned, whatever it was put together from.
//
//   const auto catalogue = load({"cards.yaml#acme-gfx@2.1", "old/"}, true);

#include <string>
#include <vector>

#include "model/compat/catalogue.hpp"

namespace portolan::compat {

/// Each argument is a file, `catalogue.yaml#name`, `catalogue.yaml#name@version`, or,
/// where `folders` is true, a folder, whose `*.json`, `*.yaml` and `*.yml` files are taken in name order (not
/// recursively); a file of the folder that a catalogue refers to is not taken a second time on its own, nor
/// is a file that is named twice. Labels are unique: where two files give the same one, it is preceded by the
/// folders (for a catalogue's entry by the file) that tell them apart. The faults of all files are reported
/// together.
Result<Catalogue> load(const std::vector<std::string>& arguments, bool folders);

}  // namespace portolan::compat
