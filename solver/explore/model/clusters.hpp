#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the actions of a ground model are grouped. Actions that write the same components form a *cluster*,
// with one table of rows (rows.hpp); of an action's guards the rows say what follows from what they know
// anyway, gates (gates.hpp) what few components say, tests (truth_tables.hpp) the rest. Groups depend on the
// widths of the components (Components::width) and are made anew with every layout.

#include "solver/explore/model/truth_tables.hpp"

namespace portolan::solver::explore {

/// What a table says of an action, and what is left to others.
struct ActionPlan {
  std::size_t cluster = 0;
  std::vector<TermId> guards;                        ///< what the rows of the cluster decide
  bool writes = false;                               ///< whether they also say what is written
  std::map<std::size_t, std::vector<TermId>> gates;  ///< what one component must say alone, by component
  std::map<std::vector<std::size_t>, std::vector<TermId>> joint_gates;  ///< and several together
  std::size_t gated = 0;  ///< its number among the cluster's actions that have some of these
  bool closable() const { return !gates.empty() || !joint_gates.empty(); }
};

struct ClusterPlan {
  std::vector<std::size_t> written;    ///< components
  std::vector<std::uint32_t> actions;  ///< positions in GroundModel::actions, increasing
  Readings readings;                   ///< by which rows are numbered
  std::size_t gated = 0;               ///< actions with gates
  /// What components leave open alone, by component, and some of them together; by gated action.
  std::map<std::size_t, std::vector<std::vector<TermId>>> gates;
  struct Joint {
    std::vector<std::size_t> of;  ///< components
    std::vector<std::vector<TermId>> asked;
    Readings readings;
  };
  std::vector<Joint> joint_gates;
};

struct Clustering {
  std::vector<ClusterPlan> clusters;
  std::vector<ActionPlan> actions;                     ///< for each action
  std::vector<std::vector<std::uint32_t>> tests;       ///< for each action, of what its row does not say
  std::vector<std::vector<std::uint32_t>> late_tests;  ///< and of what its gates do not say either
  std::vector<Word> changes;  ///< what the actions of a cluster may change in a state, one after another
};

/// Adds to `tests` those that it needs. `tick` is called now and then; what it throws ends the work.
Clustering cluster_actions(GroundModel& ground, const Components& components, TermReader& reader,
                           TestList& tests, const std::function<void()>& tick = {});

}  // namespace portolan::solver::explore
