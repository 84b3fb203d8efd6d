#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Whether an implementation shows what it declares: its own observation at a profile against the values of
// the profile, its constraints and its `interface` (docs/rules.md §properties, 5.21). Whoever contradicts
// itself is the cause, whatever the order of the file.

#include "model/compat/audit/entries.hpp"
#include "model/compat/judging/ledger.hpp"

namespace portolan::compat::audit {

/// How one observation of an entry contradicts what the entry declares, in one sentence; empty: it does not,
/// or nothing is declared of it.
std::string contradiction(const Entry& entry, const std::string& profile, const std::string& aspect);

void judge_showing(const Model& model, const std::string& profile, Ledger& ledger);

}  // namespace portolan::compat::audit
