#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Proofs about machines for any number of steps. One step is a relation between two configurations, an event
// and the inputs, written from the rows by the generic terms (solver/smt/terms.hpp); sentences about
// configurations are proved by k-induction (Sheeran, Singh, Stålmarck, FMCAD 2000): they hold for k steps
// from the start, and k configurations in a row that satisfy them, all different, have no step out of them.
// The sentences are proved together, so those that make another one inductive stand beside it. A
// counterexample is run through the reference (`rules::step`) before it is handed out.
//
// Machines are finite, so some k decides every sentence; `depth_max` bounds what is tried. Z3's exceptions
// end here.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "model/rules/analysis/configurations.hpp"
#include "solver/unbounded/proof_verdict.hpp"

namespace portolan::solver::unbounded {

/// What the formulas of one step say, point by point, so that a test can hold them to `rules::step`.
class StepRelation {
 public:
  explicit StepRelation(const rules::Machine& machine);
  ~StepRelation();
  rules::Step step(const rules::Configuration& at, std::uint8_t event) const;

 private:
  struct Formula;
  std::unique_ptr<Formula> formula_;
};

struct MachineProof {
  ProofVerdict verdict = ProofVerdict::unknown;
  std::uint32_t depth = 0;   ///< proved: the k of the induction; refuted: steps of the counterexample
  std::size_t sentence = 0;  ///< refuted: the first one that is false at the end of the counterexample
  /// Refuted: a shortest run from the start. Unknown: configurations that satisfy the sentences and a step
  /// out of them, which may not be reachable (another sentence may exclude it).
  std::optional<rules::MachineRun> trace;
  std::string reason;  ///< unknown: why
};

struct InductionOptions {
  std::uint32_t depth_max = 8;
  std::uint32_t milliseconds_max = 10'000;  ///< for each query
};

/// Whether every sentence holds in every configuration that can be reached, whatever the inputs.
MachineProof prove_by_induction(const rules::Machine& machine,
                                std::span<const rules::ExpressionView> sentences,
                                const InductionOptions& options = {});

}  // namespace portolan::solver::unbounded
