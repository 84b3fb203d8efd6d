#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The printer of the rule language: an expression back to text in the grammar of parse.hpp. What it prints
// parses to the same nodes again (columns aside), has no parenthesis that could be left out, and backquotes
// only around names that need them. Names come from the scope in which the expression was parsed. A
// quantified element keeps no name of its own in the nodes; it is called by the first letter of its sort,
// with a number where that is taken: `forall(h in host: up[h])`.

#include <string>
#include <string_view>

#include "model/rules/expression.hpp"
#include "model/rules/parse.hpp"

namespace portolan::rules {

/// The empty expression is `true`.
std::string print(ExpressionView expression, const Scope& scope);

/// A name as an expression must write it: bare, or in backquotes where it is no plain word or a word of the
/// grammar.
std::string name_in_text(std::string_view name);

}  // namespace portolan::rules
