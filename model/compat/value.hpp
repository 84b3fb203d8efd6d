#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Values of migration parameters and the sets of values that an implementation accepts (docs/rules.md §words,
// R1, R2). An `int` is an unsigned 64-bit number, exactly: nothing here ever passes through a double.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace portolan::compat {

/// The three types of docs/rules.md §words. The order is that of the alternatives of `Value`.
enum class ValueType : std::uint8_t { boolean, integer, string };

/// `bool`, `int`, `str`: the spelling in migration information.
std::string_view name_of(ValueType type);
std::optional<ValueType> value_type_named(std::string_view name);

using Value = std::variant<bool, std::uint64_t, std::string>;

inline ValueType type_of(const Value& value) { return static_cast<ValueType>(value.index()); }

/// As in messages and `name=value` lists: `true`, `4`, `gold` (no quotes).
std::string to_string(const Value& value);
/// `name=value`
inline std::string assignment(const std::string& name, const Value& value) {
  return name + '=' + to_string(value);
}
/// As in JSON: `true`, `4`, `"gold"`.
std::string to_json(const Value& value);

/// Reads a value of a known type from a command line or sysfs: bool as on/off, true/false or 1/0 (R11); int
/// as plain decimal up to 2^64-1 without sign; str as it is, without newline. Empty when the text is no such
/// value.
std::optional<Value> parse_value(ValueType type, std::string_view text);

/// Plain decimal digits, no sign, no exponent, at most 2^64-1. Leading zeros are allowed here (R1a makes them
/// a finding).
std::optional<std::uint64_t> parse_u64(std::string_view digits);

/// Inclusive at both ends, min <= max.
struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  friend bool operator==(const Range&, const Range&) = default;
  friend auto operator<=>(const Range&, const Range&) = default;
};

/// A set of values of one type, canonical: equal sets compare equal.
/// Invariants: integer ranges are sorted, disjoint and never adjacent; strings are sorted and unique; members
/// of other types are empty.
class ValueSet {
 public:
  explicit ValueSet(ValueType type = ValueType::boolean) : type_(type) {}

  ValueType type() const { return type_; }
  void add(const Value& value);  ///< value must have the set's type
  void add(Range range);         ///< integer sets only
  void add(
      std::vector<Range> ranges);  ///< integer sets only; in any order, overlaps allowed; O(n log n) at once
  void add(std::vector<std::string> strings);  ///< string sets only
  bool contains(const Value& value) const;
  bool empty() const;
  /// Every value of this set is in `other`. False when types differ, unless this set is empty.
  bool subset_of(const ValueSet& other) const;
  ValueSet intersection(const ValueSet& other) const;  ///< empty when the types differ
  ValueSet minus(const ValueSet& other) const;         ///< this set when the types differ
  /// Number of values; saturates at 2^64-1.
  std::uint64_t size() const;
  /// The least value in the order false < true, 0 < 1 …, bytewise; the set must not be empty.
  Value least() const;

  bool has_false() const { return bools_ & 1u; }
  bool has_true() const { return bools_ & 2u; }
  const std::vector<Range>& ranges() const { return ranges_; }
  const std::vector<std::string>& strings() const { return strings_; }

  friend bool operator==(const ValueSet&, const ValueSet&) = default;
  friend auto operator<=>(const ValueSet&, const ValueSet&) = default;

 private:
  ValueType type_;
  std::uint8_t bools_ = 0;  // bit 0: false, bit 1: true
  std::vector<Range> ranges_;
  std::vector<std::string> strings_;
};

/// `{1, 4, 16-64}`, `{false, true}`, `{"a", "b"}`.
std::string to_string(const ValueSet& set);

/// R2: three-valued acceptance.
enum class Acceptance : std::uint8_t { accepted, refused, undetermined };

}  // namespace portolan::compat
