// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/actions.hpp"

#include "model/rules/compile.hpp"

namespace portolan::fleet {

// Every name, type, row and citation of the fleet, checked when it is compiled. Which fault it is, a test
// says (`rules::compile(fleet_text)`).
static_assert(rules::compile(fleet_text).faults.empty());

}  // namespace portolan::fleet
