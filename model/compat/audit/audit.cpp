// SPDX-License-Identifier: Apache-2.0
#include "model/compat/audit/audit.hpp"

#include <set>
#include <string>
#include <utility>

#include "model/compat/audit/pairs.hpp"
#include "model/compat/audit/profiles.hpp"
#include "model/compat/audit/returns.hpp"
#include "model/compat/audit/showing.hpp"

namespace portolan::compat::audit {

Examination examine(const Catalogue& catalogue, std::size_t findings_max) {
  Ledger changes(row_of(Property::undeclared_change), findings_max),
      refusals(row_of(Property::profile_migration), findings_max),
      dead(row_of(Property::dead_profile), findings_max),
      drift(row_of(Property::profile_drift), findings_max), returns(row_of(Property::a_b_a), findings_max),
      nowhere(row_of(Property::nowhere_to_go), findings_max),
      second(row_of(Property::second_migration), findings_max),
      cannot_leave(row_of(Property::cannot_leave), findings_max),
      other(row_of(Property::shows_other_than_declared), findings_max),
      refused(remark_named("profile-refused"), findings_max), weak(remark_named("weak-subset"), findings_max);
  std::set<std::string> names;
  for (const Implementation& one : catalogue.implementations)
    for (const auto& [name, model] : one.info.models) names.insert(name);
  for (const std::string& name : names) {
    const Model model(catalogue, name);
    for (const std::string& profile : model.profiles()) {
      judge_pairs(model, profile, {changes, refusals, nowhere, weak, second});
      judge_leaving(model, profile, cannot_leave);
      judge_showing(model, profile, other);
      judge_makeable(model, profile, dead, refused);
      judge_drift(model, profile, drift);
    }
    judge_returns(model, returns);
  }
  Examination examination;
  for (Ledger* one : {&changes, &refusals, &dead, &drift, &returns, &nowhere, &second, &cannot_leave, &other,
                      &refused, &weak})
    std::move(*one).into(examination);
  return examination;
}

}  // namespace portolan::compat::audit
