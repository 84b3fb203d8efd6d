// SPDX-License-Identifier: Apache-2.0
#include "model/rules/analysis/configurations.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace portolan::rules {
namespace {

std::string valued(const MachineVariable& variable, std::int64_t value) {
  return variable.boolean() ? fmt::format("{}={}", variable.name, value != 0)
                            : fmt::format("{}={}", variable.name, value);
}

template <class Wanted>
std::string listed_values(const MachineText& text, const Environment& environment, Wanted wanted) {
  std::string values;
  for (std::size_t v = 0; v < text.variables.size(); ++v)
    if (wanted(v)) values += (values.empty() ? "" : ", ") + valued(text.variables[v], environment[v]);
  return values;
}

/// The variables that decide what an event does in a state.
std::vector<bool> looked_at(const Machine& machine, std::uint8_t state, std::uint8_t event) {
  std::vector<bool> looked(machine.text->variables.size(), false);
  const auto look = [&looked](ExpressionView expression) {
    for (const Node& node : expression.nodes)
      if (node.op == Op::variable) looked[static_cast<std::size_t>(node.symbol)] = true;
  };
  for (const Row& row : machine.rows) {
    if (row.from != state || row.event != event) continue;
    look(row.guard.view());
    for (const Update& update : row.update_list()) look(update.value.view());
  }
  return looked;
}

}  // namespace

ConfigurationScope::ConfigurationScope(const MachineText& text)
    : states_{"state", text.states}, variables_(views_of(text.variables)) {
  variables_.push_back({"state", {TypeKind::element, false, 0}});
}

Parsed parse_sentence(const MachineText& text, std::string_view sentence) {
  const ConfigurationScope names(text);
  const Type truth{};
  return parse_expression(sentence, names.scope(), &truth);
}

bool sentence_holds(ExpressionView sentence, const Machine& machine, const Configuration& at) {
  if (sentence.always()) return true;
  std::array<std::int64_t, max_variables + 1> cells{};
  const std::size_t count = machine.text->variables.size();
  std::copy_n(at.environment.begin(), count, cells.begin());
  cells[count] = at.state;
  const std::int32_t states[] = {static_cast<std::int32_t>(machine.text->states.size())};
  Integers integers{.cells = cells, .sort_sizes = states};
  const bool holds = fold(sentence, integers) != 0;
  assert(!integers.undefined);
  return holds;
}

Configuration without_inputs(const Machine& machine, Configuration at) {
  const auto& variables = machine.text->variables;
  for (std::size_t v = 0; v < variables.size(); ++v)
    if (variables[v].role == Role::input) at.environment[v] = variables[v].low;
  return at;
}

std::vector<Configuration> initial_configurations(const Machine& machine) {
  const auto& variables = machine.text->variables;
  std::vector<Configuration> all;
  for_each_environment(*machine.text, [&](const Environment& environment) {
    for (std::size_t v = 0; v < variables.size(); ++v)
      if (variables[v].role != Role::fixed && environment[v] != variables[v].low) return;
    all.push_back({machine.initial, environment});
  });
  return all;
}

Reach::Reach(const Machine& machine) : machine_(machine) {
  const auto visit = [this](const Configuration& at, std::size_t from, const Move& move) {
    if (!number_.try_emplace(at, found_.size()).second) return;
    found_.push_back(at);
    came_.push_back({from, move});
  };
  constexpr std::size_t nowhere = ~std::size_t{0};
  for (const Configuration& start : initial_configurations(machine)) visit(start, nowhere, {});
  for (std::size_t head = 0; head < found_.size(); ++head) {
    for_each_input(machine_, Configuration(found_[head]), [&](const Configuration& at) {
      for (std::uint8_t event = 0; event < machine_.text->events.size(); ++event) {
        const Step taken = step(machine_, at, event);
        visit(without_inputs(machine_, taken.next), head, {at, event, taken});
      }
    });
  }
}

MachineRun Reach::way_to(const Configuration& at) const {
  MachineRun trace;
  std::size_t number = number_.at(without_inputs(machine_, at));
  for (; came_[number].from < found_.size(); number = came_[number].from)
    trace.moves.push_back(came_[number].move);
  trace.start = found_[number];
  std::reverse(trace.moves.begin(), trace.moves.end());
  return trace;
}

std::optional<MachineRun> Reach::counterexample(ExpressionView sentence) const {
  for (const Configuration& at : found_) {
    std::optional<Configuration> broken;
    for_each_input(machine_, at, [&](const Configuration& with_inputs) {
      if (!broken && !sentence_holds(sentence, machine_, with_inputs)) broken = with_inputs;
    });
    if (!broken) continue;
    MachineRun trace = way_to(at);
    (trace.moves.empty() ? trace.start : trace.moves.back().step.next) = *broken;
    return trace;
  }
  return std::nullopt;
}

std::string to_string(const Machine& machine, const Configuration& at) {
  const std::string values = listed_values(*machine.text, at.environment, [](std::size_t) { return true; });
  return std::string(machine.text->states[at.state]) + (values.empty() ? "" : ": " + values);
}

std::string to_string(const Machine& machine, const MachineRun& trace) {
  const MachineText& text = *machine.text;
  const std::string values = listed_values(
      text, trace.start.environment, [&](std::size_t v) { return text.variables[v].role != Role::input; });
  std::string told =
      std::string(text.states[trace.start.state]) + (values.empty() ? "\n" : ": " + values + '\n');
  for (std::size_t i = 0; i < trace.moves.size(); ++i) {
    const auto& [at, event, step] = trace.moves[i];
    const std::vector<bool> looked = looked_at(machine, at.state, event);
    const auto decides = [&](std::size_t v) { return text.variables[v].role == Role::input && looked[v]; };
    const std::string inputs = listed_values(text, at.environment, decides);
    std::string changes =
        step.next.state == at.state ? "" : "-> " + std::string(text.states[step.next.state]);
    const std::string updated = listed_values(text, step.next.environment, [&](std::size_t v) {
      return text.variables[v].role == Role::state && step.next.environment[v] != at.environment[v];
    });
    if (!updated.empty()) changes += (changes.empty() ? "" : ", ") + updated;
    told += fmt::format("{}. {}{}: {}", i + 1, text.events[event], inputs.empty() ? "" : " (" + inputs + ")",
                        changes.empty() ? "nothing changes" : changes);
    told += step.row < 0 ? std::string(" (no row answers)\n")
                         : fmt::format("  [{}]\n", text.rows[static_cast<std::size_t>(step.row)].source);
  }
  return told;
}

}  // namespace portolan::rules
