// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/prove.hpp"

#include <utility>

#include "solver/properties/decisions.hpp"
#include "solver/properties/one_migration.hpp"

namespace portolan::solver::properties {
namespace {

using compat::Property;

void decide(Property property, Prover& prover, compat::Ledger& ledger) {
  switch (property) {
    case Property::path_independent: return path_independent(prover, ledger);
    case Property::revertible: return revertible(prover, ledger);
    case Property::ambiguous_type: return ambiguous_type(prover, ledger);
    case Property::runtime_interface_constant: return runtime_interface_constant(prover, ledger);
    case Property::open_type: return open_type(prover, ledger);
    case Property::baseline: return baseline(prover, ledger);
    default: return of_one_migration(property, prover, ledger);
  }
}

}  // namespace

Proofs prove(const compat::Catalogue& catalogue, const PropertyProofOptions& options) {
  Prover prover(catalogue, options);
  Proofs proofs;
  for (const compat::PropertyRow& row : compat::properties_table) {
    if (row.decided_by != compat::DecidedBy::proof) continue;
    compat::Ledger ledger(row);
    decide(row.property, prover, ledger);
    std::move(ledger).into(proofs.examination);
  }
  proofs.questions = prover.questions();
  proofs.disagreements = prover.disagreements();
  proofs.files = prover.files();
  return proofs;
}

}  // namespace portolan::solver::properties
