// SPDX-License-Identifier: Apache-2.0
//
// What a scenario asks of its module, and expects: goal, properties with their fairness, names of
// expectations; looked up in the finished module, every fault at once.
#include <algorithm>

#include <fmt/format.h>

#include "model/fleet/scenario_reading.hpp"
#include "model/support/text.hpp"

namespace portolan::fleet {

namespace {

class Questions {
 public:
  explicit Questions(LoadedScenario& loaded) : scenario_(loaded.scenario), loaded_(loaded) {}

  Faults put() {
    for (const PropertyAsked& asked : scenario_.properties) property(asked);
    if (scenario_.goal) goal(*scenario_.goal);
    for (const auto& [name, verdict] : scenario_.expect.verdicts) expected(name, "verdicts");
    for (const auto& [name, trace] : scenario_.expect.traces) expected(name, "traces");
    return std::move(faults_);
  }

 private:
  const Scenario& scenario_;
  LoadedScenario& loaded_;
  Faults faults_;

  rules::Module& module() { return loaded_.module; }

  void unknown(const Place& place, std::string finding, const std::string& name,
               const std::vector<std::string>& known) {
    faults_.push_back({FaultCode::unknown_name, place, std::move(finding), "one of " + listed(known, 40),
                       did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()))});
  }

  rules::Expression condition(const Placed& placed) {
    rules::Parsed parsed = rules::parse_condition(module(), placed.text);
    for (const rules::ParseFault& fault : parsed.faults) faults_.push_back(fault_in(placed, fault));
    return {std::move(parsed.nodes), std::move(parsed.strings), placed.text, placed.place};
  }

  void property(const PropertyAsked& asked) {
    if (module().property(asked.name) >= 0) {
      faults_.push_back({FaultCode::duplicate,
                         asked.condition.place,
                         fmt::format("there is a property {} already", in_quotes(asked.name)),
                         "another name",
                         {}});
      return;
    }
    module().properties.push_back(
        {asked.name, asked.verb, condition(asked.condition), "the scenario's own", asked.meaning});
    if (asked.fairness) module().properties.back().fair = fair_actions(*asked.fairness);
  }

  void goal(const Placed& text) {
    loaded_.goal = condition(text);
    if (!faults_.empty()) return;
    module().properties.push_back({"goal-is-reachable", rules::Verb::sometimes, *loaded_.goal,
                                   "rules.md §fleet", "the goal can be reached"});
    module().properties.push_back({"goal-stays-reachable", rules::Verb::eventually, *loaded_.goal,
                                   "rules.md §fleet",
                                   "from every state a way to the goal is left (no upgrade deadlock)"});
  }

  void expected(const std::string& name, std::string_view member) {
    if (module().property(name) >= 0 || name == "well-defined") return;
    std::vector<std::string> names;
    for (const rules::Property& one : module().properties) names.push_back(one.name);
    unknown(scenario_.expect.place, fmt::format("{}: there is no property {}", member, in_quotes(name)), name,
            names);
  }

  /// Positions of the actions of these names; `migrate_step` stands for all of its steps.
  std::vector<std::size_t> fair_actions(const std::vector<Placed>& names) {
    std::vector<std::size_t> result;
    for (const Placed& name : names) {
      std::vector<std::string> known;
      bool found = false;
      for (std::size_t a = 0; a < module().actions.size(); ++a) {
        const rules::Action& action = module().actions[a];
        if (std::find(known.begin(), known.end(), action.name) == known.end()) known.push_back(action.name);
        if (!stands_for(name.text, action.name)) continue;
        found = true;
        if (action.fault)
          faults_.push_back({FaultCode::usage, name.place, fmt::format("{} is a fault", name.text),
                             "actions that somebody sees to", "nobody has to wait for a fault: remove it"});
        else
          result.push_back(a);
      }
      if (!found)
        unknown(name.place, fmt::format("there is no action {}", in_quotes(name.text)), name.text, known);
    }
    return result;
  }
};

}  // namespace

Faults put_questions(LoadedScenario& loaded) { return Questions(loaded).put(); }

}  // namespace portolan::fleet
