#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The account of an execution: the journal of what is going to be done and what came of it, and the course of
// the fleet's model that follows it. What happens and is not enabled in the model, and what a device says
// that the model does not, is written down all the same, and told to whoever acts.
//
//   Ledger ledger(scenario, {});
//   ledger.open(journal);
//   if (!ledger.intend("begin", "a -> b")) return;             // nothing may be done that is not written
//   down const std::string wrong = ledger.record({true, "…"}, {{"migrate_step.open", {"vm1"}}}, "begin");

#include <functional>

#include "model/fleet/plans/course.hpp"
#include "model/ports/journal.hpp"

namespace portolan::vfio::execution {

/// Told of each thing that was done, after it.
using Tell = std::function<void(std::size_t step, const std::string& what, const std::string& said)>;

class Ledger {
 public:
  static constexpr std::string_view unwritable = "the journal cannot be written: nothing further is done";

  /// The scenario outlives it.
  Ledger(const fleet::LoadedScenario& scenario, Tell tell) : course_(scenario), tell_(std::move(tell)) {}
  /// The journal outlives it.
  void open(ports::Journal& journal) { journal_ = &journal; }
  void next_step() { ++step_; }

  /// Where the model stands.
  const fleet::Course& course() const { return course_; }
  std::string value(const std::string& cell) const { return course_.value(cell); }
  /// False when it cannot be written.
  bool intend(const std::string& what, const std::string& detail);
  /// Follows the events and writes down what came of it. Empty; or why nothing further may be done: the
  /// journal cannot be written, the tables do not allow the events, or a device is not where they have it.
  std::string record(ports::Outcome outcome, const std::vector<fleet::NamedEvent>& events,
                     const std::string& what);

 private:
  fleet::Course course_;
  Tell tell_;
  ports::Journal* journal_ = nullptr;
  std::size_t step_ = 0;  ///< of the plan, from 1
};

}  // namespace portolan::vfio::execution
