// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/pins.hpp"

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::compat::audit {
namespace {

constexpr std::size_t tried_max = 512;

}  // namespace

bool can_pin(const End& end, const Configuration& values, const std::string& parameter, const Value& value) {
  const Parameter* own = end.model->find(parameter);
  if (own == nullptr || own->accepts(value) != Acceptance::accepted) return false;
  Configuration pinned = values;
  pinned[parameter] = value;
  return failed_constraints(notes_of(end), pinned).empty();
}

std::vector<Value> values_to_try(const ValueSet& set) {
  std::vector<Value> values;
  if (set.has_false()) values.push_back(false);
  if (set.has_true()) values.push_back(true);
  for (const Range& range : set.ranges())
    for (std::uint64_t k = range.min; values.size() < tried_max; ++k) {
      values.emplace_back(k);
      if (k == range.max) break;
    }
  for (const std::string& text : set.strings())
    if (values.size() < tried_max) values.push_back(text);
  return values;
}

std::optional<Value> as_type(const Shown& shown, ValueType type) {
  if (shown.value() == nullptr) return std::nullopt;
  const Value& value = *shown.value();
  if (type_of(value) == type) return value;
  const auto number = number_of(value);
  if (!number) return std::nullopt;
  if (type == ValueType::integer) return *number;
  if (type == ValueType::boolean && *number <= 1) return *number == 1;
  return std::nullopt;
}

std::string unknown_pins(const Entry& entry, const std::string& profile, const std::string& parameter) {
  const auto at = entry.notes().profiles.find(profile);
  if (at == entry.notes().profiles.end() || at->second.unknown.empty()) return {};
  std::vector<std::string> names;
  for (const UnknownPin& pin : at->second.unknown)  // a second name is no misspelt one
    if (!entry.notes().aliases.contains(pin.name)) names.push_back(json_quoted(pin.name));
  if (names.empty()) return {};
  return fmt::format(" (it pins {}, which {} does not have; is {} meant?)", listed(names, 4), entry.label,
                     parameter);
}

}  // namespace portolan::compat::audit
