#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What ran, held against the tables: the state of the fleet's model as it follows events that really
// happened, each of which must be enabled, and whose effects must be what the devices say. The executor
// follows a course while it acts, and `journal --conform` follows it again from the journal.

#include <map>
#include <optional>
#include <string>

#include "model/fleet/plans/plan.hpp"

namespace portolan::fleet {

class Course {
 public:
  /// From the scenario's beginning. Kinds and budget of faults bound what is explored, not what may happen:
  /// here every kind may, without end.
  explicit Course(const LoadedScenario& scenario);

  /// Goes on with an event; or says why the tables do not allow it here, in one sentence, and stays where it
  /// is.
  std::optional<std::string> take(const NamedEvent& event);
  bool enabled(const NamedEvent& event) const;
  /// What devices said (`source[small]` to `STOP_COPY`) that differs from the model, one sentence for the
  /// first; empty: nothing.
  std::string difference(const std::map<std::string, std::string>& observed) const;

  /// `place[small]` to `host1`; empty where there is no such cell.
  std::string value(const std::string& cell) const;
  bool at_goal() const;
  const rules::Cells& cells() const { return now_; }

 private:
  const LoadedScenario& scenario_;
  std::shared_ptr<const LoadedScenario> all_;  ///< the same fleet with every kind of fault; copies share it
  const rules::Module& module() const { return all_ ? all_->module : scenario_.module; }
  rules::Cells now_;
  std::map<std::string, std::size_t> cell_of_;
  std::vector<std::size_t> variable_of_;
};

}  // namespace portolan::fleet
