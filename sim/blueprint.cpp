// SPDX-License-Identifier: Apache-2.0
#include "sim/blueprint.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/machines/device.hpp"
#include "model/machines/session.hpp"
#include "model/support/text.hpp"

namespace portolan::sim {

namespace {

/// What a migration does next, the first that is enabled. A device that can pre-copy does; P2P comes before a
/// stop; what is left is done.
constexpr std::string_view driver_order[] = {
    "ask",
    "migrate_step.back_to_stop",
    "migrate_step.back_to_p2p",
    "migrate_step.back_to_running",
    "migrate_step.resume",
    "migrate_end_aborted",
    "migrate_step.wake_p2p",
    "migrate_step.wake",
    "migrate_step.start",
    "migrate_end",
    "migrate_step.rebuild",
    "migrate_step.reinitialise",
    "migrate_step.prepare",
    "migrate_step.settle_p2p",
    "migrate_step.settle",
    "migrate_step.open",
    "migrate_step.pre_copy",
    "migrate_step.pause",
    "migrate_step.save_p2p",
    "migrate_step.pre_copy_p2p",
    "migrate_step.stop",
    "migrate_step.save",
    "migrate_step.load",
    "migrate_step.refuse",
    "migrate_commit",
};

/// What follows by itself: repairs, and what a failed host means for the VMs on it.
constexpr std::string_view reactions[] = {"host_recovers",    "link_recovers",          "source_dies",
                                          "destination_dies", "destination_dies_early", "vm_dies"};

template <class Names>
bool among(const Names& names, std::string_view wanted) {
  return std::find(std::begin(names), std::end(names), wanted) != std::end(names);
}

FleetView view_of(const Evaluator& evaluator) {
  const rules::Module& module = evaluator.module();
  FleetView view;
  view.vm_sort = module.sort("vm");
  view.host_sort = module.sort("host");
  view.session = module.variable("session");
  view.source = module.variable("source");
  view.place = module.variable("place");
  view.target = module.variable("target");
  view.given = module.variable("given");
  view.up = module.variable("up");
  view.link = module.variable("link");
  view.faults_left = module.variable("faults-left");
  view.instance_running = module.variable("instance.running");
  view.replica_running = module.variable("replica.running");
  view.source_runs = module.variable("session.source_runs");
  view.idle = rules::index_of(machines::session_states, "Idle");
  view.transferring = rules::index_of(machines::session_states, "Transferring");
  view.committed = rules::index_of(machines::session_states, "Committed");
  view.aborted = rules::index_of(machines::session_states, "Aborted");
  view.pre_copy = rules::index_of(machines::device_states, "PRE_COPY");
  view.pause = evaluator.group("migrate_step.pause");
  view.load = evaluator.group("migrate_step.load");
  view.refuse = evaluator.group("migrate_step.refuse");
  view.abort = evaluator.group("migrate_abort");
  const auto& groups = evaluator.groups();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const ActionGroup& group = groups[g];
    if (among(driver_order, group.name))
      view.who.push_back(Who::driver);
    else if (among(reactions, group.name)) {
      view.who.push_back(Who::reaction);
      (group.sorts.at(0) == view.vm_sort ? view.vm_reactions : view.host_reactions).push_back(g);
    } else if (group.fault) {
      view.who.push_back(Who::fault);
      view.faults.push_back(g);
    } else {
      view.who.push_back(Who::operator_);
      view.operators.push_back(g);
    }
  }
  for (const std::string_view name : driver_order)
    if (const int group = evaluator.group(name); group >= 0)
      view.driver.push_back(static_cast<std::size_t>(group));
  return view;
}

}  // namespace

Blueprint::Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded, MachineSteps::Stepper built_in)
    : loaded_(std::move(loaded)), evaluator_(loaded_->module), machines_(evaluator_, built_in) {
  const rules::Module& module = loaded_->module;
  for (const ActionGroup& group : evaluator_.groups()) {
    names_.push_back(group.name);
    durations_.push_back(timing().duration(group.name));
    messages_.push_back(loaded_->is_fleet() ? fleet::messages_of(group.name) : 0);
    weights_.push_back(timing().weight(group.name));
  }
  for (const rules::Sort& sort : module.sorts) {
    first_name_.push_back(static_cast<ports::Name>(names_.size()));
    names_.insert(names_.end(), sort.elements.begin(), sort.elements.end());
  }
  if (loaded_->is_fleet()) fleet_ = view_of(evaluator_);
}

Result<std::shared_ptr<const Blueprint>> Blueprint::make(std::shared_ptr<const fleet::LoadedScenario> loaded,
                                                         const std::vector<PlanStep>& plan,
                                                         MachineSteps::Stepper built_in) {
  auto made = std::make_shared<Blueprint>(std::move(loaded), built_in);
  const std::string& file = made->loaded().scenario.file;
  Faults faults;
  for (const ActionGroup& group : made->evaluator_.groups())
    if (group.sizes.size() > ports::arguments_max)
      faults.push_back({FaultCode::limit,
                        {file, {}, {}},
                        fmt::format("the action {} has {} parameters", group.name, group.sizes.size()),
                        fmt::format("at most {} in a simulation", ports::arguments_max),
                        {}});
  for (std::size_t k = 0; k < plan.size(); ++k) {
    const Place place{"plan", {}, fmt::format("steps[{}]", k)};
    const int group = made->evaluator_.group(plan[k].action);
    if (group < 0) {
      faults.push_back({FaultCode::unknown_name,
                        place,
                        fmt::format("there is no action {}", in_quotes(plan[k].action)),
                        "an action of the scenario",
                        {}});
      continue;
    }
    const ActionGroup& one = made->evaluator_.groups()[static_cast<std::size_t>(group)];
    PlannedEvent event{static_cast<std::size_t>(group), {}};
    if (one.sorts.size() != plan[k].arguments.size())
      faults.push_back({FaultCode::usage,
                        place,
                        fmt::format("{} has {} arguments", one.name, plan[k].arguments.size()),
                        std::to_string(one.sorts.size()),
                        {}});
    else
      for (std::size_t p = 0; p < one.sorts.size(); ++p) {
        const rules::Sort& sort = made->module().sorts[static_cast<std::size_t>(one.sorts[p])];
        const auto found = std::find(sort.elements.begin(), sort.elements.end(), plan[k].arguments[p]);
        if (found == sort.elements.end())
          faults.push_back({FaultCode::unknown_name,
                            place,
                            fmt::format("there is no {} {}", sort.name, in_quotes(plan[k].arguments[p])),
                            "one of " + listed(sort.elements),
                            {}});
        else
          event.arguments.push_back(found - sort.elements.begin());
      }
    made->plan_.push_back(std::move(event));
  }
  made->has_plan_ = !plan.empty();
  if (!faults.empty()) return fail(std::move(faults));
  return std::shared_ptr<const Blueprint>(std::move(made));
}

std::string Blueprint::shown(std::size_t group, std::span<const std::int64_t> arguments) const {
  const ActionGroup& one = evaluator_.groups()[group];
  std::string text = one.name + "(";
  for (std::size_t p = 0; p < arguments.size(); ++p)
    text += (p > 0 ? ", " : "") + module()
                                      .sorts[static_cast<std::size_t>(one.sorts[p])]
                                      .elements[static_cast<std::size_t>(arguments[p])];
  return text + ")";
}

}  // namespace portolan::sim
