// SPDX-License-Identifier: Apache-2.0

#include "model/compat/migration_info.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>

#include "model/compat/reading.hpp"
#include "model/files/document.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

using files::Kind;
using files::Member;
using files::Node;

/// White space of Unicode, not of ASCII alone: a no-break space in a name is as unreadable as a space.
bool has_space(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == ' ' || (byte >= '\t' && byte <= '\r')) return true;
    if (byte < 0x80) continue;
    const std::string_view two = text.substr(at, 2), three = text.substr(at, 3);
    if (two == "\u0085" || two == "\u00a0" || three == "\u1680" || three == "\u202f" || three == "\u205f" ||
        three == "\u3000")
      return true;
    if (three >= "\u2000" && three <= "\u200a" && three.size() == 3) return true;
    if (three == "\u2028" || three == "\u2029") return true;
  }
  return false;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// One entry of `allowed_values` of an int, as it stands in the file.
struct Entry {
  Range range;
  std::size_t index;
  Mark mark;
};

class InfoReader {
 public:
  InfoReader(const std::string& file, Faults& faults) : reader_(file, faults) {}

  MigrationInfo read(const Node& root, const std::string& path) {
    static constexpr std::array<std::string_view, 1> known = {"models"};
    if (!reader_.expect(root, Kind::object, path)) return {};
    reader_.no_duplicate_keys(root, path);
    lint_unknown_members(info_.lints, reader_, root, known, path);
    if (!root.find("models")) reader_.required(root, "models", path);
    for (const Member& member : root.members)
      if (member.key == "models" && reader_.expect(member.value, Kind::object, path, member.key))
        models(member.value, files::member_path(path, "models"));
    return std::move(info_);
  }

 private:
  void models(const Node& object, const std::string& path) {
    reader_.no_duplicate_keys(object, path);
    for (const Member& member : object.members) {
      model_ = member.key;
      parameter_.clear();
      const std::string here = files::member_path(path, member.key);
      if (!valid_model_name(member.key))
        reader_.report(FaultCode::bad_name, member.key_mark, here,
                       "got the model name " + in_quotes(member.key),
                       "a domain name, then path components separated by / (vendor-a.com/my-nic)");
      DeviceModel model{member.key, {}, {reader_.file(), member.key_mark, here}};
      if (reader_.expect(member.value, Kind::object, here)) read_model(model, member.value, here);
      info_.models.try_emplace(member.key, std::move(model));  // a second one of that name is a fault already
    }
  }

  void read_model(DeviceModel& model, const Node& object, const std::string& path) {
    static constexpr std::array<std::string_view, 1> known = {"params"};
    reader_.no_duplicate_keys(object, path);
    lint_unknown_members(info_.lints, reader_, object, known, path, model_);
    if (!object.find("params") && !reader_.misspelt(object, "params", path))
      reader_.report(FaultCode::missing, object, path, "\"params\" is missing", {},
                     "add \"params\": {} for a model without parameters");
    for (const Member& member : object.members) {
      if (member.key != "params" || !reader_.expect(member.value, Kind::object, path, member.key)) continue;
      const std::string here = files::member_path(path, member.key);
      reader_.no_duplicate_keys(member.value, here);
      for (const Member& parameter : member.value.members) {
        parameter_ = parameter.key;
        Parameter read = read_parameter(parameter, files::member_path(here, parameter.key));
        model.parameters.try_emplace(parameter.key, std::move(read));
      }
    }
  }

  void name(const Member& member, const std::string& path) {
    if (!valid_parameter_name(member.key)) {
      reader_.report(FaultCode::bad_name, member.key_mark, path,
                     "got the parameter name " + in_quotes(member.key),
                     "a name without =, / and whitespace, not empty and not . or ..");
    } else if (member.key.find('\\') != std::string::npos) {
      lint("name-backslash", {reader_.file(), member.key_mark, path},
           fmt::format("the name {} holds a backslash", in_quotes(member.key)),
           "shells and some file systems take \\ for something else: rename it");
    } else if (has_control(member.key)) {
      lint("control-character", {reader_.file(), member.key_mark, path},
           fmt::format("the name {} holds a control character", in_quotes(member.key)), "rename it");
    }
  }

  Parameter read_parameter(const Member& member, const std::string& path) {
    static constexpr std::array<std::string_view, 5> known = {"type", "init_value", "allowed_values",
                                                              "off_value", "description"};
    Parameter out;
    out.name = member.key;
    out.place = {reader_.file(), member.key_mark, path};
    name(member, path);
    const Node& object = member.value;
    if (!reader_.expect(object, Kind::object, path)) return out;
    reader_.no_duplicate_keys(object, path);
    lint_unknown_members(info_.lints, reader_, object, known, path, model_, parameter_);
    const std::optional<ValueType> type = read_type(object, path);
    if (type) out.type = *type;
    if (!object.find("init_value")) reader_.required(object, "init_value", path);
    // Every member in turn, the second of two equal keys too: all faults of a file are told at once.
    for (const Member& part : object.members) {
      const Where where{path, part.key};
      if (part.key == "init_value") {
        if (auto value = read(part.value, type, where)) out.init = std::move(*value);
      } else if (part.key == "off_value") {
        if (auto value = read(part.value, type, where)) out.off = std::move(value);
      } else if (part.key == "allowed_values") {
        out.allowed = read_allowed(part.value, type, where);
      } else if (part.key == "description") {
        if (auto text = read_string(reader_, part.value, where)) out.description = std::move(*text);
      }
    }
    return out;
  }

  std::optional<ValueType> read_type(const Node& object, const std::string& path) {
    const Node* node = reader_.required(object, "type", path);
    if (!node) return std::nullopt;
    const Where where{path, "type"};
    const auto text = read_string(reader_, *node, where);
    if (!text) return std::nullopt;
    const auto type = value_type_named(*text);
    if (type) return type;
    std::string remedy;
    if (*text == "boolean" || *text == "Bool")
      remedy = "did you mean \"bool\"?";
    else if (*text == "integer" || *text == "number" || *text == "uint64" || *text == "uint")
      remedy = "did you mean \"int\"?";
    else if (*text == "string" || *text == "text")
      remedy = "did you mean \"str\"?";
    reader_.report(FaultCode::unknown_name, *node, where.path(), "got the type " + in_quotes(*text),
                   "bool, int or str", std::move(remedy));
    return std::nullopt;
  }

  std::optional<Value> read(const Node& node, std::optional<ValueType> type, const Where& where) {
    auto value = type ? read_value(reader_, node, *type, where) : read_any_value(reader_, node, where);
    if (value && std::holds_alternative<std::string>(*value) && has_control(std::get<std::string>(*value)))
      lint("control-character", reader_.place(node, where.path()),
           fmt::format("the value {} holds a control character", files::shown(node)),
           "sysfs and command lines carry it badly: choose another value");
    return value;
  }

  std::optional<ValueSet> read_allowed(const Node& node, std::optional<ValueType> type, const Where& where) {
    ValueSet out(type.value_or(ValueType::boolean));
    if (!reader_.expect(node, Kind::array, where.parent, where.key)) return std::nullopt;
    std::vector<Entry> entries;
    std::vector<std::pair<Value, std::size_t>> values;
    for (std::size_t k = 0; k < node.items.size(); ++k) {
      const Node& item = node.items[k];
      const Where here{where.parent, where.key, k};
      if (type == ValueType::integer) {
        if (const auto range = read_range(item, here)) entries.push_back({*range, k, item.mark});
      } else if (auto value = read(item, type, here); value && type) {
        values.emplace_back(std::move(*value), k);
      }
    }
    if (!type) return std::nullopt;
    if (type == ValueType::integer) {
      lint_overlaps(entries, where);
      std::vector<Range> ranges;
      ranges.reserve(entries.size());
      for (const Entry& entry : entries) ranges.push_back(entry.range);
      out.add(std::move(ranges));
      return out;
    }
    std::sort(values.begin(), values.end());
    for (std::size_t k = 1; k < values.size(); ++k) {
      if (values[k].first != values[k - 1].first) continue;
      const Node& item = node.items[values[k].second];
      lint("duplicate-value", reader_.place(item, Where{where.parent, where.key, values[k].second}.path()),
           fmt::format("{} is listed more than once", files::shown(item)), "list it once");
    }
    std::vector<std::string> strings;
    for (auto& entry : values) {
      if (type == ValueType::boolean)
        out.add(entry.first);
      else
        strings.push_back(std::move(std::get<std::string>(entry.first)));
    }
    if (type == ValueType::string) out.add(std::move(strings));
    return out;
  }

  /// R1: a number, or a string `min-max`.
  std::optional<Range> read_range(const Node& node, const Where& where) {
    bool leading_zeros = false;
    const auto range = compat::read_range(reader_, node, where, leading_zeros);
    if (leading_zeros)
      lint("leading-zeros", reader_.place(node, where.path()),
           fmt::format("the range {} has leading zeros; it is read as {}-{}", files::shown(node), range->min,
                       range->max),
           fmt::format("write \"{}-{}\"", range->min, range->max));
    return range;
  }

  /// R1: one lint for each entry that shares a value with an entry before it.
  void lint_overlaps(std::vector<Entry> entries, const Where& where) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.range, a.index) < std::pair(b.range, b.index);
    });
    const auto shown = [](const Range& range) {
      return range.min == range.max ? std::to_string(range.min) : fmt::format("{}-{}", range.min, range.max);
    };
    for (std::size_t k = 1, widest = 0; k < entries.size(); ++k) {
      const Entry& reach = entries[widest];  // of those before, the one that reaches furthest
      if (entries[k].range.min <= reach.range.max) {
        const Entry& later = entries[k].index > reach.index ? entries[k] : reach;
        const Entry& earlier = entries[k].index > reach.index ? reach : entries[k];
        const Place place{reader_.file(), later.mark, Where{where.parent, where.key, later.index}.path()};
        if (later.range == earlier.range)
          lint("duplicate-value", place, fmt::format("{} is listed more than once", shown(later.range)),
               "list it once");
        else
          lint("range-overlap", place,
               fmt::format("{} overlaps {}", shown(later.range), shown(earlier.range)),
               "make the ranges disjoint");
      }
      if (entries[k].range.max > reach.range.max) widest = k;
    }
  }

  void lint(std::string rule, Place place, std::string message, std::string remedy) {
    info_.lints.push_back(
        {std::move(rule), std::move(place), model_, parameter_, std::move(message), std::move(remedy)});
  }

  files::Reader reader_;
  MigrationInfo info_;
  std::string model_, parameter_;  // what is being read, for lints
};

}  // namespace

bool valid_parameter_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  // A NUL can stand neither in a file name nor on a command line, where R11 and R12 put names.
  if (name.find_first_of(std::string_view("=/\0", 3)) != std::string_view::npos) return false;
  return !has_space(name);
}

bool valid_model_name(std::string_view name) {
  if (has_space(name) || has_control(name)) return false;
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view domain = name.substr(0, slash);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' ||
      domain.find("..") != std::string_view::npos)
    return false;
  const bool letters = std::all_of(domain.begin(), domain.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;  // names such as bücher.example
  });
  if (!letters) return false;
  for (std::string_view rest = name.substr(slash + 1);;) {
    const std::size_t next = rest.find('/');
    const std::string_view component = rest.substr(0, next);
    if (component.empty() || component == "." || component == "..") return false;
    if (next == std::string_view::npos) return true;
    rest = rest.substr(next + 1);
  }
}

Acceptance Parameter::accepts(const Value& value) const {
  if (type_of(value) != type) return Acceptance::refused;
  if (allowed) return allowed->contains(value) ? Acceptance::accepted : Acceptance::refused;
  // R2: without a list only these two are certain; anything else the implementation may refuse.
  return value == init || value == off || value == published_off ? Acceptance::accepted
                                                                 : Acceptance::undetermined;
}

ValueSet Parameter::accepted_values() const {
  if (allowed) return *allowed;
  ValueSet out(type);
  out.add(init);
  if (off) out.add(*off);
  if (published_off) out.add(*published_off);
  return out;
}

Result<MigrationInfo> migration_info_from(const Node& node, const std::string& file,
                                          const std::string& path) {
  Faults faults;
  MigrationInfo info = InfoReader(file, faults).read(node, path);
  sort_by_place(info.lints);
  if (faults.empty()) return info;
  sort_by_place(faults);
  return fail(std::move(faults));
}

Result<MigrationInfo> read_migration_info(const std::filesystem::path& file) {
  Result<std::string> text = files::read_text(file);
  if (!text) return fail(std::move(text.error()));
  Result<files::Document> document = files::parse_document(*text, file.string(), files::Syntax::json);
  if (!document) return fail(std::move(document.error()));
  return migration_info_from(document->root, document->file, {});
}

}  // namespace portolan::compat
