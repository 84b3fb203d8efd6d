#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The small parts that a module's text is read with: the list of faults, names, numbers, items between
// separators, and expressions over the names of the module. All of it works in constant evaluation. For
// compile.hpp alone.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/rules/module.hpp"

namespace portolan::rules::compilation {

/// Where in a module's text something stands; see ModuleFault.
struct TextPlace {
  std::string_view section;
  std::size_t item = 0;
  std::string_view member;
};

/// Every fault found so far, in the order of the text.
class ModuleFaults {
 public:
  constexpr void add(TextPlace place, ParseFault&& fault) {
    faults_.push_back({place.section, place.item, place.member, std::move(fault)});
  }
  constexpr void add(TextPlace place, FaultCode code, std::string finding, std::string expectation,
                     std::string remedy = {}, std::size_t column = 1) {
    add(place, ParseFault{code, static_cast<std::uint32_t>(column), std::move(finding),
                          std::move(expectation), std::move(remedy)});
  }
  /// The column is that of a byte of the text, counted from 0.
  constexpr void add_at(std::size_t offset, TextPlace place, FaultCode code, std::string finding,
                        std::string expectation) {
    add(place, code, std::move(finding), std::move(expectation), {}, offset + 1);
  }
  constexpr void given_twice(TextPlace place, std::string_view kind, std::string_view name) {
    add(place, FaultCode::duplicate, "the " + std::string(kind) + " " + std::string(name) + " is given twice",
        "one");
  }
  constexpr void no_name(TextPlace place, std::string_view name, std::string_view expectation) {
    add(place, FaultCode::bad_name, quoted(name) + " is no name", std::string(expectation));
  }
  static constexpr std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

  constexpr std::vector<ModuleFault> take() { return std::move(faults_); }

 private:
  std::vector<ModuleFault> faults_;
};

/// Whether a text can be a name: letters, digits, `_`, `-` and `.`, no digit first.
constexpr bool plain(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
          c == '-' || c == '.'))
      return false;
  return true;
}

/// Reads digits, at most 15 characters with the sign; false where the text is anything else.
constexpr bool number(std::string_view text, std::int64_t& into) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 15) return false;
  into = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    into = into * 10 + (c - '0');
  }
  if (negative) into = -into;
  return true;
}

/// An item of a list; `begin` is its offset in the whole text.
struct Piece {
  std::string_view text;
  std::size_t begin = 0;
};

constexpr bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Without the blanks around it.
constexpr Piece stripped(std::string_view text, std::size_t begin) {
  while (!text.empty() && blank(text.front())) {
    text.remove_prefix(1);
    ++begin;
  }
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return {text, begin};
}

/// Items between separators at depth 0 of () [] {} and outside quotes; empty ones are left out.
constexpr std::vector<Piece> pieces(std::string_view text, char separator) {
  std::vector<Piece> result;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : separator;
    if (i < text.size() && quote != 0) {
      quote = c == quote ? '\0' : quote;
      continue;
    }
    if (i < text.size() && (c == '`' || c == '"')) {
      quote = c;
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (i < text.size() && (c != separator || depth > 0)) continue;
    const Piece item = stripped(text.substr(begin, i - begin), begin);
    if (!item.text.empty()) result.push_back(item);
    begin = i + 1;
  }
  return result;
}

/// The position of the sort of that name, or -1.
constexpr int sort_named(const std::vector<Sort>& sorts, std::string_view name) {
  for (std::size_t s = 0; s < sorts.size(); ++s)
    if (sorts[s].name == name) return static_cast<int>(s);
  return -1;
}
/// What a fault says that a sort would have been.
constexpr std::string sort_list(const std::vector<Sort>& sorts) {
  std::string list;
  for (const Sort& sort : sorts) list += (list.empty() ? "" : ", ") + sort.name;
  return list.empty() ? "a sort (there is none)" : "one of " + list;
}

/// Reads expressions over the names of a module.
class ExpressionReader {
 public:
  constexpr ExpressionReader(const ModuleScope& names, ModuleFaults& faults)
      : names_(names), faults_(faults) {}

  /// `begin` is the offset of `source` in the text at `place`. No `wanted` type: any will do. False, with the
  /// faults reported, where it is none; `into` is then not to be used.
  constexpr bool read(TextPlace place, std::string_view source, std::size_t begin,
                      std::span<const BoundView> bound, const Type* wanted, Expression& into) const {
    Parsed parsed = parse_expression(source, names_.scope(bound), wanted);
    for (const Node& node : parsed.nodes)
      if (node.op == Op::text && parsed.faults.empty())
        parsed.faults.push_back({FaultCode::type_error,
                                 node.column,
                                 "a text stands in a model",
                                 "bool, int or an element of a sort",
                                 {}});
    const bool good = parsed.faults.empty();
    for (ParseFault& fault : parsed.faults) {
      fault.column += static_cast<std::uint32_t>(begin);
      faults_.add(place, std::move(fault));
    }
    into.nodes = std::move(parsed.nodes);
    into.strings = std::move(parsed.strings);
    into.source = source;
    return good;
  }

 private:
  const ModuleScope& names_;
  ModuleFaults& faults_;
};

}  // namespace portolan::rules::compilation
