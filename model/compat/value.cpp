// SPDX-License-Identifier: Apache-2.0

#include "model/compat/value.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include <fmt/format.h>

#include "model/support/named.hpp"
#include "model/support/text.hpp"

namespace portolan::compat {
namespace {

constexpr auto value_type_names = enumerator_names<ValueType>(
    {{ValueType::boolean, "bool"}, {ValueType::integer, "int"}, {ValueType::string, "str"}});

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Sorted, disjoint and never adjacent, from ranges sorted by their min.
std::vector<Range> merged(const std::vector<Range>& sorted) {
  std::vector<Range> out;
  for (const Range& range : sorted) {
    // `max + 1` of 2^64-1 would wrap around: nothing lies beyond it, so that range swallows the rest.
    if (!out.empty() && (out.back().max == greatest || range.min <= out.back().max + 1))
      out.back().max = std::max(out.back().max, range.max);
    else
      out.push_back(range);
  }
  return out;
}

}  // namespace

std::string_view name_of(ValueType type) { return value_type_names[type]; }
std::optional<ValueType> value_type_named(std::string_view name) { return value_type_names.find(name); }

std::string to_string(const Value& value) {
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  return std::get<std::string>(value);
}

std::string to_json(const Value& value) {
  const std::string* text = std::get_if<std::string>(&value);
  return text ? json_quoted(*text) : to_string(value);
}

std::optional<std::uint64_t> parse_u64(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (greatest - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::optional<Value> parse_value(ValueType type, std::string_view text) {
  switch (type) {
    case ValueType::boolean:  // R11
      if (text == "on" || text == "true" || text == "1") return Value(true);
      if (text == "off" || text == "false" || text == "0") return Value(false);
      return std::nullopt;
    case ValueType::integer:
      if (const auto number = parse_u64(text)) return Value(*number);
      return std::nullopt;
    case ValueType::string:
      if (text.find('\n') != std::string_view::npos) return std::nullopt;
      return Value(std::string(text));
  }
  assert(false);
  return std::nullopt;
}

void ValueSet::add(const Value& value) {
  assert(type_of(value) == type_);
  if (const bool* boolean = std::get_if<bool>(&value))
    bools_ = static_cast<std::uint8_t>(bools_ | (*boolean ? 2u : 1u));
  else if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value))
    add(Range{*number, *number});
  else {
    const std::string& text = std::get<std::string>(value);
    const auto at = std::lower_bound(strings_.begin(), strings_.end(), text);
    if (at == strings_.end() || *at != text) strings_.insert(at, text);
  }
}

void ValueSet::add(Range range) {
  assert(type_ == ValueType::integer && range.min <= range.max);
  // First range that touches or follows the new one, then every one that it joins.
  auto first = std::lower_bound(
      ranges_.begin(), ranges_.end(), range.min,
      [](const Range& have, std::uint64_t min) { return have.max != greatest && have.max + 1 < min; });
  auto last = first;
  while (last != ranges_.end() && (range.max == greatest || last->min <= range.max + 1)) {
    range.min = std::min(range.min, last->min);
    range.max = std::max(range.max, last->max);
    ++last;
  }
  if (first == last)
    ranges_.insert(first, range);
  else {
    *first = range;
    ranges_.erase(first + 1, last);
  }
}

void ValueSet::add(std::vector<Range> ranges) {
  assert(type_ == ValueType::integer);
  assert(
      std::all_of(ranges.begin(), ranges.end(), [](const Range& range) { return range.min <= range.max; }));
  ranges.insert(ranges.end(), ranges_.begin(), ranges_.end());
  std::sort(ranges.begin(), ranges.end());
  ranges_ = merged(ranges);
}

void ValueSet::add(std::vector<std::string> strings) {
  assert(type_ == ValueType::string);
  strings_.insert(strings_.end(), std::make_move_iterator(strings.begin()),
                  std::make_move_iterator(strings.end()));
  std::sort(strings_.begin(), strings_.end());
  strings_.erase(std::unique(strings_.begin(), strings_.end()), strings_.end());
}

bool ValueSet::contains(const Value& value) const {
  if (type_of(value) != type_) return false;
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? has_true() : has_false();
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) {
    const auto at =
        std::lower_bound(ranges_.begin(), ranges_.end(), *number,
                         [](const Range& range, std::uint64_t wanted) { return range.max < wanted; });
    return at != ranges_.end() && at->min <= *number;
  }
  return std::binary_search(strings_.begin(), strings_.end(), std::get<std::string>(value));
}

bool ValueSet::empty() const { return bools_ == 0 && ranges_.empty() && strings_.empty(); }

bool ValueSet::subset_of(const ValueSet& other) const {
  if (empty()) return true;
  if (type_ != other.type_) return false;
  if ((bools_ & ~other.bools_) != 0) return false;
  auto have = other.ranges_.begin();
  for (const Range& range : ranges_) {
    while (have != other.ranges_.end() && have->max < range.min) ++have;
    // Ranges are never adjacent, so a range is covered by one other range or not at all.
    if (have == other.ranges_.end() || have->min > range.min || have->max < range.max) return false;
  }
  return std::includes(other.strings_.begin(), other.strings_.end(), strings_.begin(), strings_.end());
}

ValueSet ValueSet::intersection(const ValueSet& other) const {
  ValueSet out(type_);
  if (type_ != other.type_) return out;
  out.bools_ = bools_ & other.bools_;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const Range both{std::max(a->min, b->min), std::min(a->max, b->max)};
    if (both.min <= both.max) out.ranges_.push_back(both);
    (a->max < b->max ? a : b)++;
  }
  std::set_intersection(strings_.begin(), strings_.end(), other.strings_.begin(), other.strings_.end(),
                        std::back_inserter(out.strings_));
  return out;
}

ValueSet ValueSet::minus(const ValueSet& other) const {
  if (type_ != other.type_) return *this;
  ValueSet out(type_);
  out.bools_ = static_cast<std::uint8_t>(bools_ & ~other.bools_);
  auto cut = other.ranges_.begin();
  for (const Range& range : ranges_) {
    while (cut != other.ranges_.end() && cut->max < range.min) ++cut;
    std::uint64_t from = range.min;
    bool rest = true;  // whether from..range.max is still to be kept
    for (auto at = cut; at != other.ranges_.end() && at->min <= range.max; ++at) {
      if (at->min > from) out.ranges_.push_back({from, at->min - 1});
      if (at->max >= range.max) {
        rest = false;
        break;
      }
      from = at->max + 1;
    }
    if (rest) out.ranges_.push_back({from, range.max});
  }
  std::set_difference(strings_.begin(), strings_.end(), other.strings_.begin(), other.strings_.end(),
                      std::back_inserter(out.strings_));
  return out;
}

std::uint64_t ValueSet::size() const {
  std::uint64_t count = (has_false() ? 1u : 0u) + (has_true() ? 1u : 0u) + strings_.size();
  for (const Range& range : ranges_) {
    const std::uint64_t more =
        range.max - range.min;  // one less than the number of values, which could be 2^64
    if (more == greatest || count > greatest - (more + 1)) return greatest;
    count += more + 1;
  }
  return count;
}

Value ValueSet::least() const {
  assert(!empty());
  if (type_ == ValueType::boolean) return Value(!has_false());
  if (type_ == ValueType::integer) return Value(ranges_.front().min);
  return Value(strings_.front());
}

std::string to_string(const ValueSet& set) {
  std::vector<std::string> items;
  if (set.has_false()) items.emplace_back("false");
  if (set.has_true()) items.emplace_back("true");
  for (const Range& range : set.ranges()) {
    if (range.min == range.max)
      items.push_back(std::to_string(range.min));
    else
      items.push_back(fmt::format("{}-{}", range.min, range.max));
  }
  for (const std::string& text : set.strings()) items.push_back(in_quotes(text));
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

}  // namespace portolan::compat
