#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The finding of `profile-migration`: what R13 holds against the source's values of the profile beside
// observations, and what to do about each reason (advice.hpp), each told once.

#include "model/compat/audit/obstacles.hpp"

namespace portolan::compat::audit {

/// `obstacles.refused` must be set.
Finding refusal(const Model& model, const Move& move, const Obstacles& obstacles);

}  // namespace portolan::compat::audit
