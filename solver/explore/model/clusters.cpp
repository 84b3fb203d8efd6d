// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/clusters.hpp"

#include <algorithm>
#include <set>

namespace portolan::solver::explore {

namespace {

// Actions of one cluster: gates have to be worth it, and what one says of a value stays small.
constexpr std::size_t gates_from = 16, gated_max = 4096;
constexpr unsigned read_bits_max = 8;  // what the rows of fewer tell apart of what is only read

class ActionClusterer {
 public:
  ActionClusterer(GroundModel& ground, const Components& components, TermReader& reader, TestList& tests,
                  const std::function<void()>& tick)
      : ground_(ground), components_(components), reader_(reader), tests_(tests), tick_(tick) {}

  Clustering run() {
    const std::size_t count = ground_.actions.size();
    made_.actions.resize(count);
    made_.tests.resize(count);
    made_.late_tests.resize(count);
    std::set<std::vector<Word>> changes;
    for (std::uint32_t a = 0; a < count; ++a) {
      tick(a);
      changes.insert(mask_of(join_cluster(a)));
    }
    for (const std::vector<Word>& change : changes)
      made_.changes.insert(made_.changes.end(), change.begin(), change.end());
    for (std::uint32_t a = 0; a < count; ++a) {
      tick(a);
      split_guards(a);
    }
    for (ClusterPlan& cluster : made_.clusters) gather_gates(cluster);
    return std::move(made_);
  }

 private:
  GroundModel& ground_;
  const Components& components_;
  TermReader& reader_;
  TestList& tests_;
  const std::function<void()>& tick_;
  Clustering made_;
  std::map<std::vector<std::size_t>, std::size_t> cluster_of_;  ///< by what is written

  void tick(std::uint32_t action) const {
    constexpr std::uint32_t between_ticks = 4096;
    if (tick_ && action % between_ticks == between_ticks - 1) tick_();
  }
  unsigned width(const std::vector<std::size_t>& components) const {
    unsigned result = 0;
    for (const std::size_t component : components) result += components_.width(component);
    return result;
  }
  std::vector<Word> mask_of(const std::vector<std::size_t>& components) const {
    std::vector<Word> mask(components_.words());
    for (const std::size_t c : components)
      mask[components_.place(c).word] |= components_.place(c).mask << components_.place(c).shift;
    return mask;
  }
  std::vector<std::size_t> written_by(const GroundAction& action) const;
  std::vector<std::size_t> join_cluster(std::uint32_t action);
  std::vector<TermId> leave_to_rows(std::uint32_t action, bool few);
  std::vector<TermId> leave_to_gates(std::uint32_t action, bool few, const std::vector<TermId>& guards);
  void split_guards(std::uint32_t action);
  static bool with_joint_gate(ClusterPlan& cluster, const std::vector<std::size_t>& of);
  void gather_gates(ClusterPlan& cluster);
};

std::vector<std::size_t> ActionClusterer::written_by(const GroundAction& action) const {
  std::vector<std::size_t> written;
  for (const GroundWrite& write : action.writes)
    ground_.written_cells(write, [&](std::size_t cell) {
      if (components_.of(cell) >= 0) written.push_back(static_cast<std::size_t>(components_.of(cell)));
    });
  std::sort(written.begin(), written.end());
  written.erase(std::unique(written.begin(), written.end()), written.end());
  return written;
}

/// Decides which cluster an action belongs to, and whether its rows say what it writes. Returns the
/// components that it writes.
std::vector<std::size_t> ActionClusterer::join_cluster(std::uint32_t action) {
  const GroundAction& ground = ground_.actions[action];
  ActionPlan& plan = made_.actions[action];
  const std::vector<std::size_t> changed = written_by(ground);
  std::vector<std::size_t> written = changed;
  Readings readings;
  for (const GroundWrite& write : ground.writes) reader_.collect(write, readings);
  for (const std::size_t component : written) readings[component].whole = true;
  const unsigned bits = reader_.bits(readings);
  plan.writes = bits <= TableNumber::bits_max && bits - width(written) <= test_bits_max &&
                components_.words() <= Effect::words_max;
  if (!plan.writes) readings.clear(), written.clear();
  if (written.empty()) {
    // A table all the same, by the component that its first guard reads alone: most rows then need not ask
    // for the rest.
    for (const TermId guard : ground.guards) {
      if (reader_.component_of(guard) < 0) continue;
      written.push_back(static_cast<std::size_t>(reader_.component_of(guard)));
      readings[written.front()].whole = true;
      break;
    }
  }
  const auto [known, fresh] = cluster_of_.try_emplace(written, made_.clusters.size());
  if (fresh) made_.clusters.emplace_back().written = written;
  plan.cluster = known->second;
  ClusterPlan& cluster = made_.clusters[plan.cluster];
  cluster.actions.push_back(action);
  add_readings(cluster.readings, readings);
  return changed;
}

/// Rows of few actions may tell some cases more apart. Those of many say what follows from what they know
/// anyway: one row for each case of every guard would be very many. Returns the guards that are left.
std::vector<TermId> ActionClusterer::leave_to_rows(std::uint32_t action, bool few) {
  ActionPlan& plan = made_.actions[action];
  ClusterPlan& cluster = made_.clusters[plan.cluster];
  const unsigned own = width(cluster.written);
  std::vector<TermId> rest;
  // Conjuncts may be looked at out of their order as long as all of them have a value: up to the first that
  // may have none.
  bool partial = false;
  for (const TermId guard : ground_.actions[action].guards) {
    if (reader_.always_holds(guard)) continue;
    partial = partial || ground_.terms[guard].partial;
    Readings with = cluster.readings;
    reader_.collect(guard, with);
    const unsigned all = reader_.bits(with);
    if ((partial && !rest.empty()) || (all > reader_.bits(cluster.readings) &&
                                       (!few || all > TableNumber::bits_max || all - own > read_bits_max))) {
      rest.push_back(guard);
      continue;
    }
    plan.guards.push_back(guard);
    cluster.readings = std::move(with);
  }
  return rest;
}

/// Gates are asked in any order, and mean something where all that they say has a value. Those of one
/// component come first: one that stands behind a guard of several that may have no value is asked with
/// these. What stands behind a guard that is no gate and may have no value is no gate either. Returns the
/// guards that are left.
std::vector<TermId> ActionClusterer::leave_to_gates(std::uint32_t action, bool few,
                                                    const std::vector<TermId>& guards) {
  ActionPlan& plan = made_.actions[action];
  ClusterPlan& cluster = made_.clusters[plan.cluster];
  std::vector<TermId> late;
  bool partial = few || cluster.gated == gated_max;
  bool joint = false;
  for (const TermId guard : guards) {
    Readings read;
    reader_.collect(guard, read);
    std::vector<std::size_t> components;
    for (const auto& [component, reading] : read) components.push_back(component);
    if (!partial && !joint && reader_.component_of(guard) >= 0) {
      plan.gates[components.front()].push_back(guard);
    } else if (!partial && width(components) <= TableNumber::bits_max &&
               with_joint_gate(cluster, components)) {
      plan.joint_gates[components].push_back(guard);
      joint = joint || ground_.terms[guard].partial;
    } else {
      late.push_back(guard);
      partial = partial || ground_.terms[guard].partial;
    }
  }
  if (plan.closable()) plan.gated = cluster.gated++;
  return late;
}

/// Decides what of an action's guards the rows say, what gates and what tests.
void ActionClusterer::split_guards(std::uint32_t action) {
  const bool few = made_.clusters[made_.actions[action].cluster].actions.size() < gates_from;
  const std::vector<TermId> rest = leave_to_rows(action, few);
  made_.tests[action] = tests_.tests_of(rest);
  made_.late_tests[action] = tests_.tests_of(leave_to_gates(action, few, rest));
}

/// Makes sure that there is a gate of these components; false where there are too many.
bool ActionClusterer::with_joint_gate(ClusterPlan& cluster, const std::vector<std::size_t>& of) {
  if (std::any_of(cluster.joint_gates.begin(), cluster.joint_gates.end(),
                  [&](const ClusterPlan::Joint& gate) { return gate.of == of; }))
    return true;
  if (cluster.joint_gates.size() == Gates::joint_max) return false;
  cluster.joint_gates.push_back({of, {}, {}});
  return true;
}

/// By component what it has to say of each action.
void ActionClusterer::gather_gates(ClusterPlan& cluster) {
  for (const std::uint32_t a : cluster.actions) {
    const ActionPlan& plan = made_.actions[a];
    for (const auto& [component, conjuncts] : plan.gates) {
      std::vector<std::vector<TermId>>& asked = cluster.gates[component];
      asked.resize(cluster.gated);
      asked[plan.gated] = conjuncts;
    }
  }
  for (ClusterPlan::Joint& gate : cluster.joint_gates) {
    gate.asked.resize(cluster.gated);
    for (const std::uint32_t a : cluster.actions) {
      const ActionPlan& plan = made_.actions[a];
      const auto here = plan.joint_gates.find(gate.of);
      if (here == plan.joint_gates.end()) continue;
      gate.asked[plan.gated] = here->second;
      for (const TermId term : here->second) reader_.collect(term, gate.readings);
    }
  }
}

}  // namespace

Clustering cluster_actions(GroundModel& ground, const Components& components, TermReader& reader,
                           TestList& tests, const std::function<void()>& tick) {
  return ActionClusterer(ground, components, reader, tests, tick).run();
}

}  // namespace portolan::solver::explore
