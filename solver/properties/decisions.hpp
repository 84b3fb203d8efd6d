#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How each property that is proved is decided for a whole catalogue: which pairs, ways, instances or types it
// is asked for, and what is said where it is broken. Each writes into its own ledger. For those of one
// migration see one_migration.hpp.

#include "solver/properties/prover.hpp"

namespace portolan::solver::properties {

void path_independent(Prover& prover, compat::Ledger& ledger);  // two_migrations.cpp
void revertible(Prover& prover, compat::Ledger& ledger);        // run_time.cpp
void runtime_interface_constant(Prover& prover, compat::Ledger& ledger);
void ambiguous_type(Prover& prover, compat::Ledger& ledger);  // types.cpp
void open_type(Prover& prover, compat::Ledger& ledger);
void baseline(Prover& prover, compat::Ledger& ledger);  // baseline.cpp

}  // namespace portolan::solver::properties
