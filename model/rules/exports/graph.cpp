// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/graph.hpp"

#include <map>

#include <fmt/format.h>

#include "model/rules/exports/names.hpp"
#include "model/rules/footprint.hpp"

namespace portolan::rules::exports {

namespace {

std::string node(const Module& module, const Cells& cells, std::size_t number) {
  std::string label = std::to_string(number), style;
  for (const std::size_t cell : changed_cells(module.initial, cells))
    label += "\\n" + escaped(fact(module, cell, cells[cell]));
  for (const Property& property : module.properties) {
    if (property.verb != Verb::always || holds(module, property.condition, cells)) continue;
    label += "\\nviolates " + escaped(property.name);
    style = ", style=filled, fillcolor=\"#f4a6a6\"";
  }
  if (number == 0) style += ", penwidth=3";
  return fmt::format("  s{} [label=\"{}\"{}];\n", number, label, style);
}

}  // namespace

Result<std::string> state_graph(const Module& module, std::size_t states_max) {
  std::map<Cells, std::size_t> numbers{{module.initial, 0}};
  std::vector<Cells> states{module.initial};
  std::string nodes, edges;
  bool undefined = false;
  for (std::size_t at = 0; at < states.size(); ++at) {
    nodes += node(module, states[at], at);
    for (const Successor& s : successors(module, states[at])) {
      const Action& action = module.actions[s.event.action];
      std::string to = "undefined";
      if (s.defined) {
        const auto [place, is_new] = numbers.try_emplace(s.next, states.size());
        if (is_new) states.push_back(s.next);
        if (states.size() > states_max)
          return fail(Fault{
              FaultCode::limit,
              {{}, {}, "--export dot"},
              fmt::format("there are more than {} states", states_max),
              "a graph that can be read",
              "make the scenario smaller, or look at one course of it: --format mermaid, --interactive"});
        to = "s" + std::to_string(place->second);
      } else
        undefined = true;
      edges += fmt::format("  s{} -> {} [label=\"{}\"{}];\n", at, to, escaped(to_string(module, s.event)),
                           action.fault ? ", style=dashed" : "");
    }
  }
  if (undefined)
    nodes += "  undefined [label=\"no meaning\", shape=octagon, style=filled, fillcolor=\"#f4a6a6\"];\n";
  return fmt::format(
      "digraph \"{}\" {{\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n  edge "
      "[fontname=\"sans-serif\", fontsize=9];\n{}{}}}\n",
      escaped(module.name), nodes, edges);
}

}  // namespace portolan::rules::exports
