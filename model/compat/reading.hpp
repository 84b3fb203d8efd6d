#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the readers of migration information and of catalogues share: typed values out of nodes (R1a), lints,
// and the order in which faults are told. Paths are built only when there is something to say: a fleet's
// files hold 10^5 members.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/migration_info.hpp"
#include "model/compat/value.hpp"
#include "model/files/document.hpp"
#include "model/support/named.hpp"

namespace portolan::compat {

/// A member of the value at `parent`, or an item of that member.
struct Where {
  const std::string& parent;
  std::string_view key;
  std::optional<std::size_t> index = {};
  std::string path() const;
};

/// A plain unsigned 64-bit number, or a fault: `1.0`, `-1`, `1e3`, `007` and 2^64 are none.
std::optional<std::uint64_t> read_u64(files::Reader& reader, const files::Node& node, const Where& where);
/// A value of that type, or a fault with the way to write it.
std::optional<Value> read_value(files::Reader& reader, const files::Node& node, ValueType type,
                                const Where& where);
/// A value whose type is not known: of the type that its JSON has; a fault for null, arrays and objects.
std::optional<Value> read_any_value(files::Reader& reader, const files::Node& node, const Where& where);
std::optional<std::string> read_string(files::Reader& reader, const files::Node& node, const Where& where);
/// R1: a number, or a string `min-max`; a fault where it is neither. `leading_zeros`: a bound was written
/// with some, which is worth a word.
std::optional<Range> read_range(files::Reader& reader, const files::Node& node, const Where& where,
                                bool& leading_zeros);

/// An object in which no key stands twice, or a fault.
bool read_object(files::Reader& reader, const files::Node& node, const std::string& path);
/// A boolean; false, with a fault, where it is none.
bool read_flag(files::Reader& reader, const files::Node& node, const Where& where);
/// A string that is not empty; empty, with a fault, where it is none.
std::string read_name(files::Reader& reader, const files::Node& node, const Where& where);
/// The member `description` of an object must be a string where it is there; nobody reads it.
void check_description(files::Reader& reader, const files::Node& object, const std::string& path);

/// A fault that lists what is possible.
void report_no_choice(files::Reader& reader, const files::Node& node, const Where& where,
                      const std::string& text, std::span<const std::string_view> choices);
/// The enumerator with that name, or a fault.
template <class E, std::size_t N>
std::optional<E> read_enumerator(files::Reader& reader, const files::Node& node, const Where& where,
                                 const EnumeratorNames<E, N>& names) {
  const auto text = read_string(reader, node, where);
  if (!text) return std::nullopt;
  const auto found = names.find(*text);
  if (!found) report_no_choice(reader, node, where, *text, names.texts());
  return found;
}

/// `unknown-member` for each member that is not one of `known`. A member whose name is near is suggested.
void lint_unknown_members(std::vector<Lint>& lints, const files::Reader& reader, const files::Node& object,
                          std::span<const std::string_view> known, const std::string& path,
                          const std::string& model = {}, const std::string& parameter = {});

/// By file in order of appearance, then by position.
void sort_by_place(Faults& faults);
void sort_by_place(std::vector<Lint>& lints);

}  // namespace portolan::compat
