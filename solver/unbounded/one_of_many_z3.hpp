#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The second way to what one_of_many.hpp proves: one element with everything else arbitrary (rules::OneCopy)
// as Horn clauses over Z3 terms, decided by Spacer (Komuravelli, Gurfinkel, Chaki, CAV 2014), which visits no
// state: it looks for an invariant. Nothing is taken on its word. An invariant is held to the beginnings, to
// every step and to the condition by a plain solver; where Spacer finds a violation, a shortest one is sought
// by unrolling steps, and the reference
// (`rules::successors`, `rules::holds`) goes through it. What cannot be confirmed so, or not in time, is
// unknown. What both ways share is the description of one element.
//
// Z3's exceptions end here.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/rules/firing.hpp"
#include "solver/unbounded/proof_verdict.hpp"

namespace portolan::solver::unbounded {

struct OneOfManyAnswer {
  ProofVerdict verdict = ProofVerdict::unknown;
  std::vector<std::size_t> actions;  ///< refuted: a shortest course, as positions in Module::actions
  rules::Cells beginning;            ///< refuted: where it begins
  std::string reason;                ///< unknown: why
  bool differs = false;  ///< unknown, because Z3 and what confirms it contradict each other: an error of ours
};

struct OneOfManyZ3Options {
  std::uint32_t milliseconds_max =
      10'000;  ///< for one question: the invariant, then either its confirmation or the course
  std::function<bool()> stop =
      {};  ///< asked many times a second, also by another thread; true makes the answer unknown
};

/// Whether the condition holds in every state that the module reaches from one of the beginnings. The
/// module's variables have no indices and its actions no parameters.
OneOfManyAnswer decide_by_z3(const rules::Module& one, std::span<const rules::Cells> beginnings,
                             const rules::Expression& condition, const OneOfManyZ3Options& options = {});

}  // namespace portolan::solver::unbounded
