#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an expression over parameters comes to (docs/rules.md §expressions): the reference meaning, with
// mathematical integers. A header of its own, because such integers cost whoever reads it.

#include <map>
#include <span>
#include <string>
#include <variant>

#include <boost/multiprecision/cpp_int.hpp>

#include "model/compat/constraint.hpp"

namespace portolan::compat {

using Integer = boost::multiprecision::cpp_int;
/// Result of an expression over parameters.
using Evaluated = std::variant<bool, Integer, std::string>;

/// The reference meaning. The configuration must give every parameter that the expression names.
Evaluated evaluate(const rules::Expression& expression, const Parameters& parameters,
                   const std::map<std::string, Value>& configuration);
/// The same by position: value k is that of the k-th parameter in name order. Those that the expression does
/// not name may be null.
Evaluated evaluate(const rules::Expression& expression, std::span<const Value* const> values);

}  // namespace portolan::compat
