// SPDX-License-Identifier: Apache-2.0
#include "model/traces/sequence.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "model/rules/footprint.hpp"
#include "model/support/text.hpp"

namespace portolan::traces {

namespace {

using rules::Cells;
using rules::Module;

/// Text that Mermaid shows as it is: a semicolon would end the statement, a number sign begins a character's
/// code.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == ';')
      safe += "#59;";
    else if (c == '#')
      safe += "#35;";
    else if (c == '<')
      safe += "#lt;";
    else if (c == '>')
      safe += "#gt;";
    else
      safe += c;
  }
  return safe;
}

class Diagram {
 public:
  Diagram(const Module& module, bool is_fleet) : module_(module), fleet_(is_fleet) {}

  std::string draw(const rules::Trace& trace, const std::vector<rules::Trace::Step>* loop,
                   const std::string& title, const std::string& ending) {
    const Cells* before = &trace.start;
    for (const rules::Trace::Step& step : trace.steps) {
      arrow(step, *before);
      before = &step.after;
    }
    if (loop != nullptr && !loop->empty()) {
      body_ += "  loop for ever\n";
      for (const rules::Trace::Step& step : *loop) {
        arrow(step, *before);
        before = &step.after;
      }
      body_ += "  end\n";
    }
    if (names_.empty()) lifeline(module_.name);
    const std::string all = names_.size() == 1 ? id(0) : id(0) + "," + id(names_.size() - 1);
    if (loop != nullptr && loop->empty())
      body_ += fmt::format("  Note over {}: and there nothing has to happen any more\n", all);
    std::string text = "sequenceDiagram\n  title " + escaped(title) + "\n  autonumber\n";
    for (std::size_t i = 0; i < names_.size(); ++i)
      text += fmt::format("  participant {} as {}\n", id(i), escaped(names_[i]));
    return text + body_ + fmt::format("  Note over {}: {}\n", all, escaped(ending));
  }

 private:
  const Module& module_;
  bool fleet_;
  std::vector<std::string> names_;
  std::string body_;

  static std::string id(std::size_t lifeline) { return fmt::format("p{}", lifeline + 1); }
  std::size_t lifeline(const std::string& name) {
    const std::size_t at =
        static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
    if (at == names_.size()) names_.push_back(name);
    return at;
  }

  void arrow(const rules::Trace::Step& step, const Cells& before) {
    const rules::Action& action = module_.actions[step.event.action];
    const auto [from, to] = fleet_ ? ends_in_fleet(step, before) : ends(step.event);
    std::string about = rules::to_string(module_, step.event);
    if (!action.meaning.empty()) about += ": " + action.meaning;
    body_ += fmt::format("  {}{}{}: {}{}\n", id(from), action.fault ? "-x" : "->>", id(to),
                         action.fault ? "[fault] " : "", escaped(about));
    std::string changes;
    for (const std::size_t cell : rules::changed_cells(before, step.after)) {
      const rules::Variable& variable = module_.variables[rules::variable_of(module_, cell)];
      changes += (changes.empty() ? "" : "<br/>") +
                 escaped(fmt::format("{}: {} → {}", rules::cell_name(module_, cell),
                                     rules::shown(module_, variable, before[cell]),
                                     rules::shown(module_, variable, step.after[cell])));
    }
    if (!changes.empty())
      body_ +=
          fmt::format("  Note over {}: {}\n",
                      from == to ? id(from) : id(std::min(from, to)) + "," + id(std::max(from, to)), changes);
  }

  std::string argument(const rules::Event& event, std::size_t parameter) const {
    const auto sort = static_cast<std::size_t>(module_.actions[event.action].parameters[parameter].sort);
    return module_.sorts[sort].elements[static_cast<std::size_t>(event.arguments[parameter])];
  }
  /// Elements that have a state of their own take part; values that are only handed over do not.
  bool takes_part(std::int16_t sort) const {
    return std::any_of(module_.variables.begin(), module_.variables.end(), [&](const rules::Variable& v) {
      return !v.fixed && (v.index_sorts[0] == sort || v.index_sorts[1] == sort);
    });
  }

  std::array<std::size_t, 2> ends(const rules::Event& event) {
    std::vector<std::size_t> found;
    const auto& parameters = module_.actions[event.action].parameters;
    for (std::size_t p = 0; p < parameters.size(); ++p)
      if (takes_part(parameters[p].sort)) found.push_back(lifeline(argument(event, p)));
    if (found.empty()) found.push_back(lifeline(module_.name));
    return {found.front(), found.size() > 1 ? found[1] : found.front()};
  }

  std::array<std::size_t, 2> ends_in_fleet(const rules::Trace::Step& step, const Cells& before) {
    const rules::Action& action = module_.actions[step.event.action];
    std::optional<std::string> host, place, target;
    for (std::size_t p = 0; p < action.parameters.size(); ++p) {
      const std::string& sort = module_.sorts[static_cast<std::size_t>(action.parameters[p].sort)].name;
      if (sort == "host" && !host) host = argument(step.event, p);
      if (sort != "vm") continue;
      place = host_in("place", step.event.arguments[p], before);
      target = host_in("target", step.event.arguments[p], before);
    }
    const std::optional<std::string> anywhere = host ? host : place ? place : target;
    const std::size_t here = lifeline(anywhere ? *anywhere : module_.name);
    if (action.actor == rules::Actor::decision) return {lifeline("operator"), here};
    if (!place || !target || action.actor != rules::Actor::session) return {here, here};
    bool at_source = false, at_destination = false;
    for (const std::size_t cell : rules::changed_cells(before, step.after)) {
      const std::string& name = module_.variables[rules::variable_of(module_, cell)].name;
      at_source |= name.starts_with("source") || name.starts_with("instance");
      at_destination |= name.starts_with("destination") || name.starts_with("replica");
    }
    if (at_source == at_destination) return {lifeline(*place), lifeline(*target)};
    const std::size_t one = lifeline(at_source ? *place : *target);
    return {one, one};
  }
  std::optional<std::string> host_in(std::string_view variable, std::int64_t vm, const Cells& cells) const {
    const int v = module_.variable(variable);
    const std::int64_t host = v < 0 ? -1 : cells[module_.cell(v, vm)];
    return host < 0
               ? std::nullopt
               : std::optional(rules::shown(module_, module_.variables[static_cast<std::size_t>(v)], host));
  }
};

}  // namespace

std::string sequence_diagram(const Module& module, const rules::Trace& trace,
                             const std::vector<rules::Trace::Step>* loop, const std::string& title,
                             const std::string& ending, bool is_fleet) {
  return Diagram(module, is_fleet).draw(trace, loop, title, ending);
}

}  // namespace portolan::traces
