// SPDX-License-Identifier: Apache-2.0
#include "model/compat/relating.hpp"

#include <algorithm>
#include <bitset>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace portolan::compat {
namespace {

constexpr std::size_t bits_max = 256;
using Bits = std::bitset<bits_max>;

bool is_on(const Value& value) {
  const auto number = number_of(value);
  return number ? *number != 0 : !std::get<std::string>(value).empty();
}

std::optional<unsigned> hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// A number, or a hexadecimal text of up to 256 bits, with `0x` or without; leading zeros do not count.
/// Empty: neither.
std::optional<Bits> bits_of(const Shown& shown) {
  const Value* value = shown.value();
  if (value == nullptr) return std::nullopt;
  if (const auto number = number_of(*value)) return Bits(*number);
  std::string_view text = std::get<std::string>(*value);
  if (text.empty()) return Bits();  // what absence looks like beside a text
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.empty()) return std::nullopt;
  while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
  if (text.size() > bits_max / 4) return std::nullopt;
  Bits bits;
  for (const char c : text) {
    const auto digit = hexadecimal_digit(c);
    if (!digit) return std::nullopt;
    bits = bits << 4 | Bits(*digit);
  }
  return bits;
}

Related yes_if(bool holds) { return holds ? Related::yes : Related::no; }

Related subset(const Shown& source, const Shown& destination) {
  const std::vector<Value>* from = source.list();
  const std::vector<Value>* to = destination.list();
  if (from == nullptr && to == nullptr) return yes_if(!is_on(*source.value()) || is_on(*destination.value()));
  if (from == nullptr || to == nullptr) return Related::undetermined;  // a list beside one value
  return yes_if(std::ranges::all_of(*from, [&](const Value& one) {
    return std::ranges::any_of(*to, [&](const Value& other) { return equal(one, other); });
  }));
}

Related bits(const Shown& source, const Shown& destination) {
  const auto from = bits_of(source), to = bits_of(destination);
  if (!from || !to) return Related::undetermined;
  return yes_if((*from & ~*to).none());
}

Related in_order(Relation relation, const Shown& source, const Shown& destination) {
  const Value *from = source.value(), *to = destination.value();
  if (from == nullptr || to == nullptr) return Related::undetermined;
  const auto a = number_of(*from), b = number_of(*to);
  if (!a || !b) return Related::undetermined;
  return yes_if(relation == Relation::at_least ? *b >= *a : *b <= *a);
}

Related pairs(const RelationRule& rule, const Shown& source, const Shown& destination) {
  if (rule.aspect == nullptr) return Related::undetermined;
  const auto row = rule.aspect->accepts.find(to_string(source));
  if (row == rule.aspect->accepts.end()) return Related::undetermined;
  return yes_if(std::ranges::any_of(row->second, [&](const Value& one) {
    return equal(Shown(one), destination) || to_string(one) == to_string(destination);
  }));
}

}  // namespace

std::optional<std::uint64_t> number_of(const Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return *number;
  return std::nullopt;
}

bool equal(const Value& a, const Value& b) {
  const auto x = number_of(a), y = number_of(b);
  return x && y ? *x == *y : a == b;
}

bool equal(const Shown& a, const Shown& b) {
  if (a.value() != nullptr && b.value() != nullptr) return equal(*a.value(), *b.value());
  if (a.list() == nullptr || b.list() == nullptr) return false;
  return std::ranges::equal(*a.list(), *b.list(), [](const Value& x, const Value& y) { return equal(x, y); });
}

Value absent_like(const Value& other) {
  switch (type_of(other)) {
    case ValueType::boolean: return false;
    case ValueType::integer: return std::uint64_t{0};
    case ValueType::string: break;
  }
  return std::string();
}

Shown absent_like(const Shown& other) {
  if (const Value* value = other.value()) return absent_like(*value);
  return std::vector<Value>{};
}

std::string to_string(const Shown& shown) {
  if (const Value* value = shown.value()) return to_string(*value);
  std::vector<std::string> texts;
  for (const Value& one : *shown.list()) texts.push_back(to_string(one));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string to_json(const Shown& shown) {
  if (const Value* value = shown.value()) return to_json(*value);
  std::vector<std::string> texts;
  for (const Value& one : *shown.list()) texts.push_back(to_json(one));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

Related relate_present(const RelationRule& rule, const Shown& source, const Shown& destination) {
  switch (rule.relation) {
    case Relation::exact: return yes_if(equal(source, destination));
    case Relation::subset: return subset(source, destination);
    case Relation::bits: return bits(source, destination);
    case Relation::at_least:
    case Relation::at_most: return in_order(rule.relation, source, destination);
    case Relation::pairs: return pairs(rule, source, destination);
  }
  return Related::undetermined;
}

Related relate(const RelationRule& rule, const Observation& source, const Observation& destination,
               const std::vector<Value>& absent) {
  if (!source && !destination) return Related::yes;
  if (source && destination) return relate_present(rule, *source, *destination);
  std::vector<Shown> meanings(absent.begin(), absent.end());
  if (meanings.empty()) meanings.push_back(absent_like(source ? *source : *destination));
  std::size_t held = 0, failed = 0;
  for (const Shown& meaning : meanings) {
    const Related related =
        relate_present(rule, source ? *source : meaning, destination ? *destination : meaning);
    held += related == Related::yes;
    failed += related == Related::no;
  }
  return held == meanings.size()     ? Related::yes
         : failed == meanings.size() ? Related::no
                                     : Related::undetermined;
}

std::vector<std::string> missing_bits(const RelationRule& rule, const Observation& source,
                                      const Observation& destination) {
  std::vector<std::string> named;
  if (rule.relation != Relation::bits || !source) return named;
  const auto from = bits_of(*source), to = destination ? bits_of(*destination) : std::optional(Bits());
  if (!from || !to) return named;
  for (std::size_t bit = 0; bit < bits_max; ++bit) {
    if (!from->test(bit) || to->test(bit)) continue;
    named.push_back(std::to_string(bit));
    if (rule.aspect == nullptr) continue;
    if (const auto at = rule.aspect->bits.find(bit); at != rule.aspect->bits.end())
      named.back() += fmt::format(" ({})", at->second);
  }
  return named;
}

bool passes_different_values(const RelationRule& rule, const Observation& source,
                             const Observation& destination) {
  if (rule.relation != Relation::subset || !source || !destination) return false;
  const Value *from = source->value(), *to = destination->value();
  if (from == nullptr || to == nullptr ||
      (std::holds_alternative<bool>(*from) && std::holds_alternative<bool>(*to)))
    return false;
  return is_on(*from) && is_on(*to) && !equal(*from, *to);
}

}  // namespace portolan::compat
