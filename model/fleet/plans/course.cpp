// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/plans/course.hpp"

#include <fmt/format.h>

#include "model/fleet/actions.hpp"

namespace portolan::fleet {

Course::Course(const LoadedScenario& scenario) : scenario_(scenario) {
  if (scenario.is_fleet() && !scenario.scenario.fault_kinds.empty()) {
    Scenario every = scenario.scenario;
    every.fault_kinds.clear();
    if (auto built = build_fleet(std::move(every), scenario.catalogue, fleet_text))
      all_ = std::make_shared<const LoadedScenario>(std::move(*built));
  }
  const rules::Module& module = this->module();
  now_ = module.initial;
  for (std::size_t v = 0; v < module.variables.size(); ++v)
    for (std::int32_t c = 0; c < module.widths[v]; ++c) {
      const auto cell = static_cast<std::size_t>(module.offsets[v] + c);
      cell_of_[rules::cell_name(module, v, static_cast<std::size_t>(c))] = cell;
      variable_of_.resize(std::max(variable_of_.size(), cell + 1));
      variable_of_[cell] = v;
    }
  const int faults = module.variable("faults-left");
  if (faults >= 0) now_[module.cell(faults)] = module.variables[static_cast<std::size_t>(faults)].high;
}

bool Course::enabled(const NamedEvent& event) const {
  const auto found = rules::find_event(module(), event.action, event.arguments, now_);
  return found && found->defined;
}

std::optional<std::string> Course::take(const NamedEvent& event) {
  auto found = rules::find_event(module(), event.action, event.arguments, now_);
  if (!found) return fmt::format("{} is not enabled there: the tables do not allow it", to_string(event));
  if (!found->defined) return fmt::format("{} has no meaning there", to_string(event));
  now_ = std::move(found->next);
  return std::nullopt;
}

std::string Course::value(const std::string& cell) const {
  const auto found = cell_of_.find(cell);
  if (found == cell_of_.end()) return {};
  return rules::shown(module(), module().variables[variable_of_[found->second]], now_[found->second]);
}

std::string Course::difference(const std::map<std::string, std::string>& observed) const {
  for (const auto& [cell, said] : observed) {
    const std::string here = value(cell);
    if (here != said)
      return here.empty() ? fmt::format("the model has no {}", cell)
                          : fmt::format("{} is {} on the device, and {} by the tables", cell, said, here);
  }
  return {};
}

bool Course::at_goal() const { return scenario_.goal && rules::holds(module(), *scenario_.goal, now_); }

}  // namespace portolan::fleet
