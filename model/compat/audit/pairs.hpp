#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Ordered pairs of entries at a profile: whether R13 would refuse the migration, and why (docs/rules.md
// §observed, §R13). An entry is judged against itself too where the way out of it is not the way in.

#include "model/compat/audit/entries.hpp"
#include "model/compat/judging/ledger.hpp"

namespace portolan::compat::audit {

/// Where each kind of reason goes.
struct PairLedgers {
  Ledger& changes;   ///< `undeclared-change`: what was observed does not relate
  Ledger& refusals;  ///< `profile-migration`: everything else
  Ledger& nowhere;   ///< `nowhere-to-go`: the newer entry does not know the profile
  Ledger& weak;      ///< the remark `weak-subset`
  Ledger& second;    ///< `second-migration`: it goes, and what arrived does not go on
};

void judge_pairs(const Model& model, const std::string& profile, const PairLedgers& ledgers);

/// `cannot-leave`: a profile whose instances the source always refuses to save.
void judge_leaving(const Model& model, const std::string& profile, Ledger& cannot_leave);

}  // namespace portolan::compat::audit
