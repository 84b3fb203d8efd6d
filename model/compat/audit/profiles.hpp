#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties `dead-profile` and `profile-drift`, and the remark `profile-refused`: whether what a profile
// asks for can be made at all, and whether it means the same everywhere.

#include "model/compat/audit/entries.hpp"
#include "model/compat/judging/ledger.hpp"

namespace portolan::compat::audit {

/// Whether an implementation can make an instance at a profile: R2 for each value, then its own constraints.
/// `undetermined` where it does not say whether it accepts a value.
struct Makeable {
  Decision decision = Decision::accept;
  std::string why;
  std::string parameter;  ///< empty where it is a constraint, or nothing
};
/// The end must declare the profile.
Makeable makeable(const End& end, const std::string& profile);

/// `dead`: nobody can make the profile; `refused`: some who declare it cannot.
void judge_makeable(const Model& model, const std::string& profile, Ledger& dead, Ledger& refused);

/// A parameter that is lacking counts as its off value; one that has a second name (`alias-of`) is the same
/// by either.
void judge_drift(const Model& model, const std::string& profile, Ledger& drift);

}  // namespace portolan::compat::audit
