// SPDX-License-Identifier: Apache-2.0
#include "cli/report/story.hpp"

#include "model/rules/footprint.hpp"

namespace portolan::cli {

void tell(const rules::Module& module, const rules::Event& event, const rules::Cells& before,
          const rules::Cells& after, std::size_t number, Output& output) {
  const rules::Action& action = module.actions[event.action];
  output.print("  {:>2}. {}{}\n", number, output.bold(rules::to_string(module, event)),
               action.fault ? output.bad("  [fault]") : "");
  std::string rule;
  for (const std::string& source : action.sources)
    if (rule.find(source) == std::string::npos) rule += (rule.empty() ? "" : "; ") + source;
  if (!action.meaning.empty() || !rule.empty())
    output.print("      {}\n",
                 output.faint(action.meaning + (action.meaning.empty() || rule.empty() ? "" : " — ") + rule));
  for (std::size_t cell : rules::changed_cells(before, after)) {
    const rules::Variable& variable = module.variables[rules::variable_of(module, cell)];
    output.print("      {}: {} -> {}\n", rules::cell_name(module, cell),
                 rules::shown(module, variable, before[cell]), rules::shown(module, variable, after[cell]));
  }
}

void tell(const rules::Module& module, const rules::Trace& trace, Output& output) {
  const rules::Cells* before = &trace.start;
  std::size_t number = 0;
  for (const rules::Trace::Step& step : trace.steps) {
    tell(module, step.event, *before, step.after, ++number, output);
    before = &step.after;
  }
}

Json json_of(const rules::Module& module, const rules::Trace& trace) {
  Json steps = Json::array();
  const rules::Cells* before = &trace.start;
  for (const rules::Trace::Step& step : trace.steps) {
    const rules::Action& action = module.actions[step.event.action];
    Json arguments = Json::array(), changes = Json::object();
    for (std::size_t p = 0; p < action.parameters.size(); ++p)
      arguments.push_back(module.sorts[static_cast<std::size_t>(action.parameters[p].sort)]
                              .elements[static_cast<std::size_t>(step.event.arguments[p])]);
    for (std::size_t cell : rules::changed_cells(*before, step.after)) {
      const rules::Variable& variable = module.variables[rules::variable_of(module, cell)];
      changes[rules::cell_name(module, cell)] = {{"from", rules::shown(module, variable, (*before)[cell])},
                                                 {"to", rules::shown(module, variable, step.after[cell])}};
    }
    steps.push_back({{"action", action.name},
                     {"arguments", arguments},
                     {"fault", action.fault},
                     {"rules", action.sources},
                     {"changes", changes}});
    before = &step.after;
  }
  return steps;
}

}  // namespace portolan::cli
