#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A module without parameters: every action for every choice of arguments, with what is known beforehand
// worked in. Fixed variables are numbers, and so is every cell that no action can change: a fixpoint finds
// them, beginning with "nothing changes" and giving up a cell when some action that may be enabled writes to
// it. Actions with a guard that cannot hold are gone.

#include <functional>

#include "solver/explore/ground/terms.hpp"

namespace portolan::solver::explore {

/// variable[i, j] := value, undefined where an index is `none` or the value outside the domain.
struct GroundWrite {
  std::size_t variable = 0;
  TermId i = -1, j = -1;  ///< -1: the variable has no such index
  TermId value = -1;
};

struct GroundAction {
  rules::Event event;
  bool fault = false;
  std::vector<TermId> guards;  ///< conjuncts, looked at in this order up to the first that does not hold
  std::vector<GroundWrite> writes;
};

struct GroundModel {
  /// `tick` is called now and then, with the bytes held so far; what it throws ends the grounding.
  GroundModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits,
              const std::function<void(std::uint64_t)>& tick = {});

  Terms terms;
  std::vector<GroundAction> actions;  ///< by action, then by arguments

  /// Calls f(cell) for every cell that the write may change.
  void written_cells(const GroundWrite& write, const std::function<void(std::size_t)>& f) const;

 private:
  void ground(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits);
  bool ground(const rules::Module& module, const rules::Action& action, GroundAction& into);
};

}  // namespace portolan::solver::explore
