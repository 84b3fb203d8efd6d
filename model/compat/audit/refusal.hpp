#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The finding of `profile-migration`: which of C1–C3 refuse the source's values of the profile, and for each
// the pin in a profile that would mend it, which was tried before it is told.

#include "model/compat/audit/obstacles.hpp"

namespace portolan::compat::audit {

/// `obstacles.refused` must be set.
Finding refusal(const Model& model, const Move& move, const Obstacles& obstacles);

}  // namespace portolan::compat::audit
