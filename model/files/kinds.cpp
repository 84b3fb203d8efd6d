// SPDX-License-Identifier: Apache-2.0
#include "model/files/kinds.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace portolan::files {
namespace {

using namespace std::string_view_literals;

struct Beginning {
  std::string_view bytes;
  Lookalike is;
};
constexpr Beginning beginnings[] = {
    {"SQLite format 3\0"sv, {"a SQLite database", "portolan db list --db reads one of portolan's"}},
    {"\x7f"
     "ELF"sv,
     {"a program", {}}},
    {"\x1f\x8b"sv, {"a file compressed with gzip", {}}},
    {"\xfd"
     "7zXZ"sv,
     {"a file compressed with xz", {}}},
    {"\x28\xb5\x2f\xfd"sv, {"a file compressed with zstd", {}}},
    {"PK\x03\x04"sv, {"a ZIP archive", {}}},
    {"QFI\xfb"sv, {"a disk image of QEMU", {}}},
    {"QEVM"sv, {"a migration stream of QEMU", {}}},
    {"%PDF-"sv, {"a PDF document", {}}},
};

bool is_xml(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || first + 1 >= text.size() || text[first] != '<') return false;
  const char next = text[first + 1];
  return next == '?' || next == '!' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
}

bool is_binary(std::string_view text) {
  constexpr std::size_t looked_at = 1024, zeros = 4;
  const std::string_view head = text.substr(0, looked_at);
  return std::count(head.begin(), head.end(), '\0') >= static_cast<std::ptrdiff_t>(zeros);
}

/// An object without `format`.
std::optional<Lookalike> lookalike(const Node& root, const Format& wanted) {
  if (root.find("vmschkmachine") != nullptr)
    return Lookalike{"QEMU's dump of its VMState (-dump-vmstate)", {}};
  if (root.find("states") != nullptr && root.find("vars") != nullptr)
    return Lookalike{"a trace (ITF)", "portolan explore --replay reads it"};
  if (root.find("models") != nullptr && wanted.name != catalogue_format.name)
    return Lookalike{"migration information", "portolan check reads it"};
  return std::nullopt;
}

}  // namespace

std::optional<Lookalike> looks_like(std::string_view text) {
  for (const Beginning& one : beginnings)
    if (text.starts_with(one.bytes)) return one.is;
  if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE"))
    return std::nullopt;  // UTF-16: see the reader
  if (is_xml(text)) return Lookalike{"XML", {}};
  if (is_binary(text)) return Lookalike{"a binary file", {}};
  return std::nullopt;
}

std::optional<Fault> of_another_kind(const Document& document, const Format& wanted) {
  const Node& root = document.root;
  if (root.kind != Kind::object) return std::nullopt;
  const bool plain_too = wanted.name == catalogue_format.name;
  const std::string expectation =
      fmt::format("{} ({}){}", wanted.noun, wanted.name, plain_too ? " or migration information" : "");
  const Node* format = root.find("format");
  if (format == nullptr) {
    const auto like = lookalike(root, wanted);
    if (!like) return std::nullopt;
    return Fault{FaultCode::unknown_name,
                 {document.file, root.mark, {}},
                 fmt::format("looks like {}", like->noun),
                 expectation,
                 std::string(like->read_by)};
  }
  for (const Format& other : formats)
    if (format->kind == Kind::string && format->text == other.name && other.name != wanted.name)
      return Fault{FaultCode::unknown_name,
                   {document.file, format->mark, "format"},
                   fmt::format("the file is {} ({})", other.noun, other.name),
                   expectation,
                   fmt::format("{} reads it", other.read_by)};
  return std::nullopt;
}

}  // namespace portolan::files
