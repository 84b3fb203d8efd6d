#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A trace: how a module came from a state to another, event by event. Whoever finds one (the explorer, the
// planner, a person who walks by hand) and whoever reads one (model/traces: as a file, as a diagram, carried
// out again) speaks of the same thing.

#include <vector>

#include "model/rules/firing.hpp"

namespace portolan::rules {

struct Trace {
  struct Step {
    Event event;
    Cells after;  ///< the state that it leads to
  };
  Cells start;
  std::vector<Step> steps;
};

}  // namespace portolan::rules
