#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The audit of a whole catalogue: the properties that the table gives to `DecidedBy::observations`. What live
// instances showed is held against each other and against what is declared; for every ordered pair of
// entries, at each profile that both know, whether the migration is predicted to fail, who is guilty, and the
// pin that would mend it (docs/rules.md §observed). Every other difference is at most a
// warning.

#include <cstddef>

#include "model/compat/catalogue.hpp"
#include "model/compat/judging/examination.hpp"

namespace portolan::compat::audit {

/// `undeclared-change`, `profile-migration`, `dead-profile`, `profile-drift`, `a-b-a`, `nowhere-to-go`,
/// `second-migration`, `cannot-leave` and `shows-other-than-declared`, in this order, then
/// the remark `profile-refused`. The first two have one finding for each ordered pair, profile and aspect,
/// with both ends as `name@version`. Several types of one entry are one end: a configuration that some type
/// of the destination takes is not broken. At most `findings_max` findings of a property are told; all are
/// counted.
Examination examine(const Catalogue& catalogue, std::size_t findings_max = 20000);

}  // namespace portolan::compat::audit
