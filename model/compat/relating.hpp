#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How two values that instances showed must relate for a guest to move from one to the other (rules.md
// §aspects): the reference meaning of each relation for two values, and of absence. Three-valued: what cannot
// be compared, or hangs on what absence means, is undetermined.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/annotations.hpp"

namespace portolan::compat {

/// true and 1, false and 0 are the same on a device; a text is never a number.
std::optional<std::uint64_t> number_of(const Value& value);
/// As a device shows them.
bool equal(const Value& a, const Value& b);
/// Lists are equal when they have equal items in the same order.
bool equal(const Shown& a, const Shown& b);
/// What absence looks like beside another value: false, 0 or "", of its type.
Value absent_like(const Value& other);
/// An empty list beside a list.
Shown absent_like(const Shown& other);

/// `true`, `0x1f`, `[a, b]`: as in messages.
std::string to_string(const Shown& shown);
/// As JSON: `true`, `"0x1f"`, `["a", "b"]`.
std::string to_json(const Shown& shown);

/// A relation, with what the aspect says for it.
struct RelationRule {
  Relation relation = Relation::exact;
  const Aspect* aspect = nullptr;  ///< whose `accepts` (pairs) and names of `bits` count; may be null

  RelationRule(Relation of, const Aspect* by = nullptr) : relation(of), aspect(by) {}  // NOLINT
};

/// Whether one observation relates to another. `undetermined`: the relation says nothing of such values, or
/// it depends on which of several off values absence means.
enum class Related : std::uint8_t { yes, no, undetermined };

/// Two values that are there.
Related relate_present(const RelationRule& rule, const Shown& source, const Shown& destination);
/// The same where one may be absent, which counts as one of `absent`; as false, 0, "" or the empty list where
/// that is empty.
Related relate(const RelationRule& rule, const Observation& source, const Observation& destination,
               const std::vector<Value>& absent);

/// For `bits` that do not relate: which are set at the source alone, `54 (guest_uso4)`. Empty otherwise.
std::vector<std::string> missing_bits(const RelationRule& rule, const Observation& source,
                                      const Observation& destination);
/// `subset` over numbers or texts says no more than "not zero": whether it passes two different values.
bool passes_different_values(const RelationRule& rule, const Observation& source,
                             const Observation& destination);

}  // namespace portolan::compat
