// SPDX-License-Identifier: Apache-2.0
//
// `path-independent`: from one implementation to another, by way of a third.

#include <fmt/format.h>

#include "model/support/text.hpp"
#include "solver/properties/decisions.hpp"
#include "solver/properties/one_migration.hpp"

namespace portolan::solver::properties {
namespace {

using compat::Ends;
using compat::Property;

Asking asked_about(Prover& prover, const Family& family, const SameWords& a, const SameWords& b,
                   const SameWords& c) {
  const Ends ends{family.end_of(a.members.front()), family.end_of(c.members.front()),
                  family.end_of(b.members.front())};
  return {family,
          ends,
          question(Property::path_independent, ends),
          a.members.size() * b.members.size() * c.members.size(),
          [&prover, ends](const compat::Configuration& witness, const Answer& answer) {
            return prover.confirmed(Property::path_independent, ends, witness, answer.outcome);
          },
          [ends](compat::Finding& finding, const Broken& broken, const Answer&) {
            finding.message =
                fmt::format("from {} of {}, by way of {} to {} ends with another {} than straight on",
                            compat::written_away(*ends.source.model, *finding.witness), finding.source,
                            ends.by_way_of.implementation->label, finding.destination, listed(broken));
            finding.remedy = fmt::format("give {} the same off_value everywhere", listed(broken));
          },
          [&family, &a, &b, &c] {
            return compat::AlikeCases{family.labels_of(a), family.labels_of(c), family.labels_of(b)};
          }};
}

}  // namespace

void path_independent(Prover& prover, compat::Ledger& ledger) {
  const std::string name(name_of(Property::path_independent));
  std::size_t looked_at = 0, left_out = 0;
  for (const Family& family : prover.families()) {
    if (family.agrees()) {
      if (family.kinds().size() > 2) ledger.looked_at_one();
      continue;
    }
    for (const SameWords& a : family.kinds())
      for (const SameWords& b : family.kinds())
        for (const SameWords& c : family.kinds()) {
          if (&a == &b || &b == &c || &a == &c) continue;  // the rest is round-trip, or changes nothing
          if (looked_at++ < prover.options().ways_max)
            prover.ask(ledger, name, asked_about(prover, family, a, b, c));
          else
            left_out += a.members.size() * b.members.size() * c.members.size();
        }
  }
  if (left_out > 0)
    ledger.open(
        fmt::format("there are more than {} ways over a third implementation; the others were not looked at",
                    prover.options().ways_max),
        left_out);
}

}  // namespace portolan::solver::properties
