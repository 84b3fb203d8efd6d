// SPDX-License-Identifier: Apache-2.0
#include "sim/run/blueprint.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::sim::run {

Blueprint::Blueprint(std::shared_ptr<const fleet::LoadedScenario> loaded, MachineSteps::Stepper built_in)
    : loaded_(std::move(loaded)), evaluator_(loaded_->module), machines_(evaluator_, built_in) {
  for (const ActionGroup& group : evaluator_.groups()) {
    names_.push_back(group.name);
    durations_.push_back(timing().duration(group.name));
    messages_.push_back(loaded_->is_fleet() ? fleet::messages_of(group.name) : 0);
    weights_.push_back(timing().weight(group.name));
  }
  for (const rules::Sort& sort : module().sorts) {
    first_name_.push_back(static_cast<ports::Name>(names_.size()));
    names_.insert(names_.end(), sort.elements.begin(), sort.elements.end());
  }
}

Faults Blueprint::faults() const {
  Faults faults;
  const Place file{loaded_->scenario.file, {}, {}};
  for (const ActionGroup& group : evaluator_.groups())
    if (group.sizes.size() > ports::arguments_max)
      faults.push_back({FaultCode::limit,
                        file,
                        fmt::format("the action {} has {} parameters", group.name, group.sizes.size()),
                        fmt::format("at most {} in a simulation", ports::arguments_max),
                        {}});
  return faults;
}

Result<std::vector<Choice>> Blueprint::choices(const std::vector<fleet::NamedEvent>& plan) const {
  std::vector<Choice> choices;
  Faults faults;
  for (std::size_t k = 0; k < plan.size(); ++k) {
    const auto report = [&](FaultCode code, std::string finding, std::string expectation) {
      faults.push_back(
          {code, {"plan", {}, fmt::format("steps[{}]", k)}, std::move(finding), std::move(expectation), {}});
    };
    const int group = evaluator_.group(plan[k].action);
    if (group < 0) {
      report(FaultCode::unknown_name, fmt::format("there is no action {}", in_quotes(plan[k].action)),
             "an action of the scenario");
      continue;
    }
    const ActionGroup& one = evaluator_.groups()[static_cast<std::size_t>(group)];
    if (one.sorts.size() != plan[k].arguments.size()) {
      report(FaultCode::usage, fmt::format("{} has {} arguments", one.name, plan[k].arguments.size()),
             std::to_string(one.sorts.size()));
      continue;
    }
    Choice choice{static_cast<std::size_t>(group), {}};
    for (std::size_t p = 0; p < one.sorts.size(); ++p) {
      const rules::Sort& sort = module().sorts[static_cast<std::size_t>(one.sorts[p])];
      const auto found = std::find(sort.elements.begin(), sort.elements.end(), plan[k].arguments[p]);
      if (found == sort.elements.end())
        report(FaultCode::unknown_name,
               fmt::format("there is no {} {}", sort.name, in_quotes(plan[k].arguments[p])),
               "one of " + listed(sort.elements));
      else
        choice.arguments.push_back(found - sort.elements.begin());
    }
    choices.push_back(std::move(choice));
  }
  if (!faults.empty()) return fail(std::move(faults));
  return choices;
}

std::string Blueprint::shown(std::size_t group, std::span<const std::int64_t> arguments) const {
  const ActionGroup& one = evaluator_.groups()[group];
  std::string text = one.name + "(";
  for (std::size_t p = 0; p < arguments.size(); ++p) {
    const rules::Sort& sort = module().sorts[static_cast<std::size_t>(one.sorts[p])];
    text += (p > 0 ? ", " : "") + sort.elements[static_cast<std::size_t>(arguments[p])];
  }
  return text + ")";
}

}  // namespace portolan::sim::run
