#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Whether an expression is linear: Z3 decides linear arithmetic, and looks at its limits while it does; where
// variables are multiplied with each other it may do neither (separate_queries.hpp).

#include <cstdint>
#include <vector>

#include "model/rules/expression.hpp"

namespace portolan::solver::smt {

/// Whether some product has variables on both sides. `varies(symbol)`: the others are constants.
template <class Varies>
bool multiplies_variables(rules::ExpressionView expression, const Varies& varies) {
  std::vector<bool> in_node(expression.nodes.size(), false);  // children come before their parent
  for (std::size_t i = 0; i < in_node.size(); ++i) {
    const rules::Node& node = expression.nodes[i];
    const auto child = [&](std::int32_t index) {
      return index >= 0 && in_node[static_cast<std::size_t>(index)];
    };
    if (node.op == rules::Op::times && child(node.a) && child(node.b)) return true;
    in_node[i] = node.op == rules::Op::variable ? varies(node.symbol)
                                                : child(node.a) || child(node.b) || child(node.c);
  }
  return false;
}

}  // namespace portolan::solver::smt
