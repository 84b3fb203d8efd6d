#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties `undeclared-change` and `profile-migration`: every ordered pair of entries at each profile
// that both know, one finding for each pair, profile and aspect.

#include "model/compat/audit/entries.hpp"
#include "model/compat/judging/ledger.hpp"

namespace portolan::compat::audit {

/// Judges every move at the profile: `changes` is the ledger of `undeclared-change`, `refusals` that of
/// `profile-migration`.
void judge_pairs(const Model& model, const std::string& profile, Ledger& changes, Ledger& refusals);

}  // namespace portolan::compat::audit
