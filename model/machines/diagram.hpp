#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Diagrams of machines, walked from their rows: Mermaid for documents, dot for graphviz.

#include <functional>
#include <string>

#include "model/rules/machine.hpp"

namespace portolan::machines {

enum class DiagramFormat { mermaid, dot };

/// One edge for each row that `wanted` admits (all rows when it is empty): event, guard and update as its
/// label.
std::string diagram(const rules::Machine& machine, DiagramFormat format,
                    const std::function<bool(const rules::Row&)>& wanted = {});

}  // namespace portolan::machines
