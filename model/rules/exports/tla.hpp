#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A module as TLA+ (rules.md §rules: a walk over the rules), with the same states and steps. Sorts are sets
// of strings, indexed variables are functions, each variant of an action is a definition of its guard and its
// primed variables, *always* properties are invariants. `none` is a string of its own. Where the meaning of
// an event is not certain (an index may be `none`, a value may leave its domain, one cell may be given two
// values), the definition asks for what makes it certain, and a second one, `undefined_…`, is enabled where
// that is missing: `WellDefined` says that it never is. An *eventually* is branching time (AG EF), for which
// TLA+ has no formula: its condition is defined, and a comment says what is asked. Numbers are mathematical
// integers there; one that could leave 64 bits is refused.

#include <string>

#include "model/rules/module.hpp"

namespace portolan::rules::exports {

/// Fault: a number that may leave 64 bits.
Result<std::string> tla(const Module& module);

}  // namespace portolan::rules::exports
