// SPDX-License-Identifier: Apache-2.0

#include "model/compat/reading.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::compat {

using files::Kind;

namespace {

/// Faults and lints alike: whatever has a place.
template <class T>
void sort_placed(std::vector<T>& all) {
  std::map<std::string_view, std::size_t> rank;
  for (const T& one : all) rank.try_emplace(one.place.file, rank.size());
  std::vector<std::tuple<std::size_t, std::uint32_t, std::uint32_t, std::size_t>> order;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Place& place = all[k].place;
    order.emplace_back(rank[place.file], place.mark.line, place.mark.column, k);
  }
  std::sort(order.begin(), order.end());
  std::vector<T> sorted;
  sorted.reserve(all.size());
  for (const auto& entry : order) sorted.push_back(std::move(all[std::get<3>(entry)]));
  all = std::move(sorted);
}

}  // namespace

std::string Where::path() const {
  std::string path = files::member_path(parent, key);
  return index ? files::item_path(path, *index) : path;
}

std::optional<std::uint64_t> read_u64(files::Reader& reader, const files::Node& node, const Where& where) {
  constexpr std::string_view expectation = "a plain unsigned 64-bit integer";
  if (node.kind != Kind::number) {
    const bool digits = node.kind == Kind::string && parse_u64(node.text).has_value();
    reader.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node),
                  std::string(expectation), digits ? "write it without quotes" : "");
    return std::nullopt;
  }
  const bool leading_zero = node.text.size() > 1 && node.text[0] == '0';
  if (const auto number = parse_u64(node.text); number && !leading_zero) return number;
  std::string remedy;
  if (node.text.find_first_not_of("0123456789") == std::string::npos)
    remedy = leading_zero ? "remove the leading zero" : "the greatest is 18446744073709551615";
  else
    remedy = "write digits only: no sign, point or exponent";
  reader.report(FaultCode::out_of_range, node, where.path(), "got " + files::shown(node),
                std::string(expectation), std::move(remedy));
  return std::nullopt;
}

std::optional<std::string> read_string(files::Reader& reader, const files::Node& node, const Where& where) {
  if (node.kind == Kind::string) return node.text;
  const bool scalar = node.kind == Kind::number || node.kind == Kind::boolean;
  reader.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node), "a string",
                scalar ? fmt::format("write \"{}\" in quotes", files::shown(node)) : std::string());
  return std::nullopt;
}

std::optional<Value> read_value(files::Reader& reader, const files::Node& node, ValueType type,
                                const Where& where) {
  switch (type) {
    case ValueType::boolean:
      if (node.kind == Kind::boolean) return Value(node.boolean);
      reader.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node), "a boolean",
                    "write true or false");
      return std::nullopt;
    case ValueType::integer:
      if (const auto number = read_u64(reader, node, where)) return Value(*number);
      return std::nullopt;
    case ValueType::string: break;
  }
  auto text = read_string(reader, node, where);
  if (!text) return std::nullopt;
  if (text->find('\n') != std::string::npos) {  // §words: a value has no newline
    reader.report(FaultCode::bad_name, node, where.path(), "got " + files::shown(node),
                  "a value without a newline");
    return std::nullopt;
  }
  return Value(std::move(*text));
}

std::optional<Value> read_any_value(files::Reader& reader, const files::Node& node, const Where& where) {
  switch (node.kind) {
    case Kind::boolean: return read_value(reader, node, ValueType::boolean, where);
    case Kind::number: return read_value(reader, node, ValueType::integer, where);
    case Kind::string: return read_value(reader, node, ValueType::string, where);
    default: break;
  }
  reader.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node),
                "a boolean, a number or a string");
  return std::nullopt;
}

std::optional<Range> read_range(files::Reader& reader, const files::Node& node, const Where& where,
                                bool& leading_zeros) {
  if (node.kind != Kind::string) {
    if (node.kind != Kind::number) {
      reader.report(FaultCode::wrong_type, node, where.path(), "got " + files::shown(node),
                    "a plain unsigned 64-bit integer or a range \"min-max\"");
      return std::nullopt;
    }
    const auto number = read_u64(reader, node, where);
    return number ? std::optional(Range{*number, *number}) : std::nullopt;
  }
  const std::string_view text = node.text;
  const auto bad = [&](std::string expectation, std::string remedy) {
    reader.report(FaultCode::bad_range, node, where.path(), "got the range " + files::shown(node),
                  std::move(expectation), std::move(remedy));
    return std::nullopt;
  };
  constexpr std::string_view digits = "0123456789";
  const std::size_t dash = text.find('-');
  const std::string_view low = text.substr(0, dash),
                         high = dash == std::string_view::npos ? "" : text.substr(dash + 1);
  if (low.empty() || high.empty() || low.find_first_not_of(digits) != low.npos ||
      high.find_first_not_of(digits) != high.npos) {
    const bool number = !text.empty() && text.find_first_not_of(digits) == text.npos;
    return bad("\"min-max\" in digits", number ? "a single number stands without quotes" : "");
  }
  const auto min = parse_u64(low), max = parse_u64(high);
  if (!min || !max) return bad("bounds up to 18446744073709551615", {});
  if (*min > *max) return bad("min <= max", fmt::format("did you mean \"{}-{}\"?", high, low));
  leading_zeros = (low.size() > 1 && low[0] == '0') || (high.size() > 1 && high[0] == '0');
  return Range{*min, *max};
}

bool read_object(files::Reader& reader, const files::Node& node, const std::string& path) {
  if (!reader.expect(node, Kind::object, path)) return false;
  reader.no_duplicate_keys(node, path);
  return true;
}

bool read_flag(files::Reader& reader, const files::Node& node, const Where& where) {
  const auto value = read_value(reader, node, ValueType::boolean, where);
  return value && std::get<bool>(*value);
}

std::string read_name(files::Reader& reader, const files::Node& node, const Where& where) {
  auto text = read_string(reader, node, where);
  if (text && text->empty()) reader.report(FaultCode::bad_name, node, where.path(), "got \"\"", "a name");
  return text.value_or(std::string());
}

void check_description(files::Reader& reader, const files::Node& object, const std::string& path) {
  if (const files::Node* text = object.find("description")) read_string(reader, *text, {path, "description"});
}

void report_no_choice(files::Reader& reader, const files::Node& node, const Where& where,
                      const std::string& text, std::span<const std::string_view> choices) {
  const std::vector<std::string> names(choices.begin(), choices.end());
  reader.report(FaultCode::unknown_name, node, where.path(), "got " + in_quotes(text),
                fmt::format("one of {}", listed(names)), did_you_mean(text, choices));
}

void lint_unknown_members(std::vector<Lint>& lints, const files::Reader& reader, const files::Node& object,
                          std::span<const std::string_view> known, const std::string& path,
                          const std::string& model, const std::string& parameter) {
  for (const files::Member& member : object.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    std::string remedy = did_you_mean(member.key, known);
    if (remedy.empty()) remedy = "remove it, if nothing else reads it";
    lints.push_back({"unknown-member",
                     {reader.file(), member.key_mark, files::member_path(path, member.key)},
                     model,
                     parameter,
                     fmt::format("{} is not a member that is known here", in_quotes(member.key)),
                     std::move(remedy)});
  }
}

void sort_by_place(Faults& faults) { sort_placed(faults); }
void sort_by_place(std::vector<Lint>& lints) { sort_placed(lints); }

}  // namespace portolan::compat
