// SPDX-License-Identifier: Apache-2.0
//
// `baseline`: what all hosts of a model have in common (common_configurations.hpp).

#include <fmt/format.h>

#include "model/support/text.hpp"
#include "solver/properties/decisions.hpp"

namespace portolan::solver::properties {
namespace {

using compat::End;
using compat::Finding;

Finding nothing_in_common(const Family& family, const Blocker& blocker) {
  std::vector<std::string> hosts, over = blocker.parameters;
  for (const std::size_t i : blocker.hosts) hosts.push_back(family.hosts()[i].label);
  for (const std::string& one : blocker.constraints) over.push_back("constraint " + one);
  const End first = family.hosts()[blocker.hosts.front()].types.front();
  const End last = family.hosts()[blocker.hosts.back()].types.front();
  Finding finding;
  finding.model = family.model();
  if (!blocker.parameters.empty()) finding.parameter = blocker.parameters.front();
  finding.source = hosts.front();
  if (hosts.size() > 1) finding.destination = hosts.back();
  finding.place = over.empty()
                      ? first.model->place
                      : place_of({first, last}, blocker.parameters.empty() ? blocker.constraints.front()
                                                                           : blocker.parameters.front());
  finding.message = fmt::format("{} have no configuration of {} in common{}", listed(hosts), family.model(),
                                over.empty() ? "" : ": they part over " + listed(over));
  finding.remedy =
      over.empty() ? "take one of these hosts out of the pool"
                   : fmt::format("let them share a value of {}, or take one of these hosts out of the pool",
                                 listed(over));
  return finding;
}

}  // namespace

void baseline(Prover& prover, compat::Ledger& ledger) {
  for (const Family& family : prover.families()) {
    if (family.hosts().size() < 2) continue;
    ledger.looked_at_one();
    const Common common =
        common_space(family.hosts(), prover.options().engine, prover.options().z3_milliseconds_max);
    if (common.outcome == Common::Outcome::unknown)
      ledger.open(fmt::format("{}: {}", family.model(), common.reason), 1);
    if (common.outcome == Common::Outcome::none)
      ledger.violated([&] { return nothing_in_common(family, common.blocker); });
  }
}

}  // namespace portolan::solver::properties
