// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/pairs.hpp"

#include "model/compat/audit/obstacles.hpp"
#include "model/compat/audit/refusal.hpp"
#include "model/compat/audit/undeclared_change.hpp"

namespace portolan::compat::audit {
namespace {

void judge(const Model& model, const Move& move, Ledger& changes, Ledger& refusals) {
  // A configuration that some type of the destination takes is not broken; each type of the source must go.
  std::optional<Obstacles> worst;
  std::string open;
  for (const End& from : model[move.source].types) {
    Obstacles best = least_obstacles(model, move, from);
    if (best.none() && open.empty()) open = best.open;
    if (!best.none() && !worst) worst = std::move(best);
  }
  const Entry &source = model[move.source], &destination = model[move.destination];
  const bool declared = source.declares(move.profile) && destination.declares(move.profile);
  if (source.observed(move.profile) != nullptr && destination.observed(move.profile) != nullptr)
    changes.looked_at_one();
  if (declared) refusals.looked_at_one();
  if (!worst) {
    if (!open.empty()) (declared ? refusals : changes).open(open);
    return;
  }
  if (worst->refused) refusals.violated([&] { return refusal(model, move, *worst); });
  for (const AspectComparison& one : worst->aspects)
    changes.violated([&] { return undeclared_change(model, move, *worst, one); });
}

}  // namespace

void judge_pairs(const Model& model, const std::string& profile, Ledger& changes, Ledger& refusals) {
  const std::vector<std::size_t> knowing = model.knowing(profile);
  for (const std::size_t source : knowing)
    for (const std::size_t destination : knowing)
      if (source != destination) judge(model, {profile, source, destination}, changes, refusals);
}

}  // namespace portolan::compat::audit
