#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties that the table (model/compat/judging/properties_table.hpp) gives to `DecidedBy::proof`, each
// for every configuration that the constraints allow and for every ordered pair of implementations of a model
// (docs/rules.md §properties).
//
// Implementations that describe a model in the same words are judged once for all (families.hpp). Every
// witness is confirmed by the reference (model/compat/judging/judgement.hpp) before it is shown. One finding
// for each thing that goes wrong in a model; it says for how many pairs it stands.
//
//   PropertyProofOptions options;
//   options.engine = Engine::both;
//   const Proofs proofs = prove(catalogue, options);

#include "model/compat/judging/examination.hpp"
#include "solver/answering/answering.hpp"

namespace portolan::solver::properties {

// NOLINTNEXTLINE(google-build-using-namespace): questions and answers are the words of this chapter
using namespace answering;

struct Proofs {
  compat::Examination examination;
  std::size_t questions = 0;  ///< that had to be solved
  std::size_t disagreements =
      0;                  ///< between the procedures (`both`), or with the reference: an error of ours
  std::size_t files = 0;  ///< written to `smtlib`
};

/// The properties in the order of the table.
Proofs prove(const compat::Catalogue& catalogue, const PropertyProofOptions& options = {});

}  // namespace portolan::solver::properties
