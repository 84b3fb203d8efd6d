#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Expressions over the migration parameters of one device model: constraints, `when`, `required` and
// interface aspects (docs/rules.md §expressions). Variables are the parameters, in name order; integers are
// mathematical, so that `num-queues + 1` of 2^64-1 is 2^64 and `a - b` may be negative.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/compat/migration_info.hpp"
#include "model/rules/expression.hpp"

namespace portolan::compat {

/// Parses and type-checks. Variable k of the expression is the k-th parameter in name order.
/// `place` is where the text stands; faults point at the column inside the text. `type` is what it must be:
/// boolean for constraints and conditions, anything for an interface aspect (empty).
Result<rules::Expression> parse_parameter_expression(std::string_view text, const Parameters& parameters,
                                                     const Place& place, std::optional<ValueType> type);

/// The reference meaning of a boolean expression (`evaluate` of any other: evaluation.hpp). The configuration
/// must give every parameter that the expression names.
bool holds(const rules::Expression& expression, const Parameters& parameters,
           const std::map<std::string, Value>& configuration);
/// The same by position, as `evaluate`.
bool holds(const rules::Expression& expression, std::span<const Value* const> values);

/// How an expression uses a parameter, by its position in name order. Two values that no literal of it tells
/// apart fare alike in the expression where it is used in comparisons with literals `only`.
struct LiteralUses {
  std::vector<std::uint64_t> numbers;  ///< that it is compared with, the ends of ranges included
  bool only = true;
};
LiteralUses literal_uses(const rules::Expression& expression, std::size_t parameter);

/// The names of the parameters that the expression mentions, in name order.
std::vector<std::string> parameters_of(const rules::Expression& expression, const Parameters& parameters);

}  // namespace portolan::compat
