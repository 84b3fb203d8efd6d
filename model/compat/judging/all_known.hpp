#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// R13, the scheme `declared`: the strict check (R6), and everything else that a catalogue says of the two
// ends. Where one of them says nothing, nothing is held against it, so that with migration information alone
// this is the strict check. It is the reference: matrix, plans and fleets are held to it.

#include "model/compat/judging/scheme_question.hpp"

namespace portolan::compat {

/// `rule` of a reason is C1 to C6 or R2, then `loads`, `lost`, `interface`, `takes`, `blocks`, and of the
/// profiles that the question is about (rules.md §R13) `observed`, `takes` and `profile`. Where several
/// profiles have this configuration and only some of them relate, it is undetermined.
Verdict judge_all_known(const SchemeQuestion& asked);

/// The destination's model as R13 takes it at the profile that is named: what its own profile of that name
/// pins, to a value that it accepts, has the pinned value for its off value (C4, C5, C6, R7). Where no
/// profile is named, or the configuration is not the profile's: the model as it is. The destination must have
/// one.
DeviceModel destination_at_profile(const SchemeQuestion& asked);

/// Whether anything beside the published parameters can have a say between the two ends, or of the source
/// alone; where not, the strict check is all there is.
bool says_more_than_parameters(const End& source, const End& destination);

/// Whether the destination knows a parameter of the source by a second name alone (`alias-of`).
bool speaks_by_alias(const End& source, const End& destination);

/// Whether the annotations of one end can be the reason for it.
bool says_more_than_constraints(const Annotations& notes);

}  // namespace portolan::compat
