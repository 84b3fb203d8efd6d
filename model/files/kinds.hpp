#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a file is that was given where another kind is read: a program, XML, a database, a file of another of
// our formats. A reader that only missed its members would say everything but that. What is recognised is
// what people really confuse; nothing is refused that its reader might take.

#include <optional>

#include "model/files/document.hpp"
#include "model/files/formats.hpp"

namespace portolan::files {

/// What the text looks like, where it is certainly neither JSON nor YAML, and what reads it.
struct Lookalike {
  std::string_view noun, read_by;
};
std::optional<Lookalike> looks_like(std::string_view text);

/// The fault of a document that is of another kind than the one that is read here.
std::optional<Fault> of_another_kind(const Document& document, const Format& wanted);

}  // namespace portolan::files
