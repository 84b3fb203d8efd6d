// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/actions.hpp"

#include "model/rules/compile.hpp"

namespace portolan::fleet {

// Every name, type, row and citation of the fleet, checked when it is compiled. Which fault it is, a test
// says (`rules::compile(fleet_text)`).
// clang 16 can make no string of libstdc++ 12 in constant evaluation; the compiler that builds what is
// shipped can.
#ifndef __clang__
static_assert(rules::compile(fleet_text).faults.empty());
#endif

}  // namespace portolan::fleet
