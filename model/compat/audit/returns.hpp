#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The property `a-b-a`: a value that changes from one version to the next and returns later. Looked at are
// init values, off values, values at a profile and observations, each through all versions of one product;
// files without a version are taken to be versions of one, in their order.

#include "model/compat/audit/entries.hpp"
#include "model/compat/judging/ledger.hpp"

namespace portolan::compat::audit {

/// One finding for each history: its first return.
void judge_returns(const Model& model, Ledger& returns);

}  // namespace portolan::compat::audit
