#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A scenario with a model of its own, ready to be simulated, and a replication of it: one event at a time,
// chosen by weight among those that are enabled, which happens after its duration.

#include "sim/run/replication.hpp"

namespace portolan::sim::own_model {

class Blueprint : public run::Blueprint {
 public:
  Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded, run::MachineSteps::Stepper built_in)
      : run::Blueprint(std::move(loaded), built_in) {}

  std::unique_ptr<run::Replication> replicate(const time::StreamName& name) const override;
};

class Replication : public run::Replication {
 public:
  Replication(std::shared_ptr<const Blueprint> blueprint, const time::StreamName& name);

 private:
  struct Due {
    time::Time at = 0;
    run::Choice what;
  };
  const Blueprint& blueprint_;
  std::vector<std::size_t> groups_;
  std::optional<Due> due_;
  time::Stream choices_;

  std::optional<time::Time> next_due() override { return due_ ? std::optional(due_->at) : std::nullopt; }
  void do_next() override;
  void choose_next();
};

}  // namespace portolan::sim::own_model
