#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One migration under a scheme as formulas over the source's configurations: of R5 and R6 the whole, of R13
// as far as it does not hang on a profile: the strict check, state, interface, what is taken in, and what the
// source refuses to save where nothing is known of what the instance shows. The reference is
// model/compat/judging/all_known.hpp.

#include <deque>
#include <vector>

#include "model/compat/judging/blocks.hpp"
#include "solver/answering/questions.hpp"

namespace portolan::solver::answering {

struct DeclaredHop {
  std::vector<Failure> rejected;           ///< any of them rejects; `what` is the rule and what it is about
  std::vector<Formula> open;               ///< any of them leaves it undetermined where nothing rejects
  std::deque<compat::BlockBounds> bounds;  ///< whose expressions the formulas borrow

  Formula rejects() const;
  Formula undetermined() const;  ///< nothing rejects, and something is not known
  Formula accepts() const;
};

/// Of two ends of the same model.
DeclaredHop hop_by(compat::Scheme scheme, const compat::End& source, const compat::End& destination);
/// By R13.
DeclaredHop declared_hop(const compat::End& source, const compat::End& destination);

}  // namespace portolan::solver::answering
