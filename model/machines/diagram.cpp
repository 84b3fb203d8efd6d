// SPDX-License-Identifier: Apache-2.0
#include "model/machines/diagram.hpp"

#include <vector>

#include <fmt/format.h>

namespace portolan::machines {

std::string diagram(const rules::Machine& machine, DiagramFormat format,
                    const std::function<bool(const rules::Row&)>& wanted) {
  const rules::MachineText& text = *machine.text;
  std::string edges;
  std::vector<bool> shown(text.states.size(), false);
  shown[machine.initial] = true;
  for (std::size_t r = 0; r < machine.rows.size(); ++r) {
    if (wanted && !wanted(machine.rows[r])) continue;
    const rules::RowText& row = text.rows[r];
    shown[machine.rows[r].from] = shown[machine.rows[r].to] = true;
    std::string label(row.event);
    if (!row.guard.empty()) label += fmt::format(" [{}]", row.guard);
    // A semicolon ends a statement in Mermaid, so updates are joined by commas there.
    std::string update(row.update);
    for (char& c : update)
      if (c == ';') c = ',';
    if (!update.empty()) label += " / " + update;
    if (format == DiagramFormat::mermaid)
      edges += fmt::format("    {} --> {} : {}\n", row.from, row.to, label);
    else
      edges +=
          fmt::format("  {} -> {} [label=\"{}\", tooltip=\"{}\"];\n", row.from, row.to, label, row.source);
  }
  if (format == DiagramFormat::mermaid)
    return fmt::format("stateDiagram-v2\n    [*] --> {}\n{}", text.initial, edges);
  std::string nodes;
  for (std::size_t s = 0; s < shown.size(); ++s)
    if (shown[s])
      nodes += fmt::format("  {}{};\n", text.states[s], s == machine.initial ? " [peripheries=2]" : "");
  return fmt::format("digraph {} {{\n  node [shape=box, style=rounded];\n{}{}}}\n", text.name, nodes, edges);
}

}  // namespace portolan::machines
