#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Expressions over the migration parameters of one device model: constraints, `when`, `required` and
// interface aspects (docs/rules.md §expressions). Variables are the parameters, in name order; integers are
// mathematical, so that `num-queues + 1` of 2^64-1 is 2^64 and `a - b` may be negative.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>

#include "model/compat/migration_info.hpp"
#include "model/rules/expression.hpp"

namespace portolan::compat {

/// Parses and type-checks. Variable k of the expression is the k-th parameter in name order.
/// `place` is where the text stands; faults point at the column inside the text. `type` is what it must be:
/// boolean for constraints and conditions, anything for an interface aspect (empty).
Result<rules::Expression> parse_parameter_expression(std::string_view text, const Parameters& parameters,
                                                     const Place& place, std::optional<ValueType> type);

using Integer = boost::multiprecision::cpp_int;
/// Result of an expression over parameters.
using Evaluated = std::variant<bool, Integer, std::string>;

/// The reference meaning. The configuration must give every parameter that the expression names.
Evaluated evaluate(const rules::Expression& expression, const Parameters& parameters,
                   const std::map<std::string, Value>& configuration);
/// The same for a boolean expression.
bool holds(const rules::Expression& expression, const Parameters& parameters,
           const std::map<std::string, Value>& configuration);

/// The same by position: value k is that of the k-th parameter in name order. Those that the expression does
/// not name may be null.
Evaluated evaluate(const rules::Expression& expression, std::span<const Value* const> values);

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
