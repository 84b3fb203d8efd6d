#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The operator who acts at random: one of his actions by its weight, then one choice of its arguments that no
// other action of his is busy with.

#include "sim/fleets/parts.hpp"
#include "sim/run/blueprint.hpp"
#include "sim/time/lottery.hpp"

namespace portolan::sim::fleets {

class Operator {
 public:
  Operator(const run::Blueprint& blueprint, const Parts& parts, const time::StreamName& name);

  /// What he decides on now, and is busy with until it is `done`; empty where nothing is to be done.
  std::optional<run::Choice> decide(const rules::Cells& cells);
  void done(const run::Choice& choice) { count(choice, -1); }

  /// Also draws what a driver leaves open: where a replica is made again.
  time::Stream& stream() { return stream_; }

 private:
  const run::Blueprint& blueprint_;
  const Parts& parts_;
  time::Stream stream_;
  std::vector<int> busy_vms_, busy_hosts_;  ///< actions under way, by element

  void count(const run::Choice& choice, int by);
};

}  // namespace portolan::sim::fleets
