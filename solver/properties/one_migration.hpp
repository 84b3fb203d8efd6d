#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties of one migration: for each, the question that the solver is asked, when there is nothing to
// ask, and what is said where it is broken. They are held to `judge` of model/compat/judging/judgement.hpp,
// which says the same of one configuration.

#include "solver/properties/prover.hpp"

namespace portolan::solver::properties {

/// The question of any property that `compat::judge` judges; `ends.by_way_of` is used by path-independent
/// alone.
Question question(compat::Property property, const compat::Ends& ends);

/// Whether the destination accepts some configuration of the source for certain (C1–C3): *broken* says yes.
Question accepts_question(const compat::End& source, const compat::End& destination);

/// Asks for every ordered pair of implementations that describe a model in different words, or twice in the
/// same.
void of_one_migration(compat::Property property, Prover& prover, compat::Ledger& ledger);

}  // namespace portolan::solver::properties
