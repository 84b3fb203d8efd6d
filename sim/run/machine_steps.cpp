// SPDX-License-Identifier: Apache-2.0
#include "sim/run/machine_steps.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/machines/run_time.hpp"

namespace portolan::sim::run {

MachineSteps::MachineSteps(const Evaluator& evaluator, Stepper built_in) : evaluator_(&evaluator) {
  const auto known = machines::built_in_machines();
  for (const rules::MachineUse& use : evaluator.module().machines)
    steppers_.push_back(std::find(known.begin(), known.end(), use.machine) != known.end()
                            ? built_in
                            : +[](const rules::Machine& machine, const rules::Configuration& at,
                                  std::uint8_t event) { return rules::step(machine, at, event); });
}

void MachineSteps::step(std::size_t variant, std::span<const std::int64_t> arguments,
                        const rules::Cells& cells, std::vector<Write>& into) const {
  into.clear();
  const rules::Module& module = evaluator_->module();
  for (const rules::MachineStep& one : module.actions[variant].steps) {
    if (one.row < 0) continue;
    const rules::MachineUse& use = module.machines[one.use];
    const rules::MachineText& text = *use.machine->text;
    const std::int64_t copy =
        one.index.nodes.empty() ? 0 : evaluator_->value_of(one.index, cells, arguments).value_or(0);
    rules::Configuration at;
    at.state = static_cast<std::uint8_t>(cells[module.cell(use.state, copy)]);
    for (std::size_t k = 0; k < use.variables.size(); ++k) {
      if (use.variables[k] >= 0)
        at.environment[k] = cells[module.cell(use.variables[k], copy)];
      else if (!one.inputs[k].nodes.empty())
        at.environment[k] = evaluator_->value_of(one.inputs[k], cells, arguments).value_or(0);
    }
    const rules::Step step = steppers_[one.use](*use.machine, at, one.event);
    if (step.row != one.row)
      throw Disagreement(fmt::format("{}: machine {} in {} answers {} by row {} where the module has row {}",
                                     module.actions[variant].name, use.name, text.states[at.state],
                                     text.events[one.event], step.row, one.row));
    into.push_back({module.cell(use.state, copy), step.next.state});
    for (std::size_t k = 0; k < use.variables.size(); ++k)
      if (use.variables[k] >= 0)
        into.push_back({module.cell(use.variables[k], copy), step.next.environment[k]});
  }
}

}  // namespace portolan::sim::run
