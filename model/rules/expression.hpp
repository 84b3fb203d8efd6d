#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Expressions of the rule language (rules.md §rules): typed trees over variables, action parameters and
// quantified elements. The same expressions are constraints over migration parameters, guards and updates of
// machines and fleet actions, and properties. They are plain data, usable in constant evaluation, and carry
// no meaning of their own: every reader walks them with `fold` over an algebra (evaluate.hpp for values,
// print.hpp for text, solver/ for Z3). `splice` copies one into another.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/support/fault.hpp"

namespace portolan::rules {

enum class Op : std::uint8_t {
  boolean,      ///< literal; `number` is 0 or 1
  integer,      ///< literal; `number`
  text,         ///< literal; `number` indexes the expression's strings
  element,      ///< constant of an enumeration or sort; `number` is its position
  none,         ///< the absent element of an optional sort
  variable,     ///< `symbol` is the variable; up to two indices in a and b
  bound,        ///< action parameter or quantified element; `symbol` is its slot
  negation,     ///< !a
  conjunction,  ///< a && b, left to right; b is not looked at when a is false
  disjunction,  ///< a || b, left to right
  implication,  ///< a => b, left to right
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  plus,
  minus,
  times,        ///< over mathematical integers: nothing wraps around
  member,       ///< a in {items}: b is the first `item` node, or -1 for the empty set
  item,         ///< one value (a) or range a..b of a set; c is the next item
  conditional,  ///< if a then b else c
  for_all,
  exists,  ///< over the elements of sort `symbol`, bound to slot `number`; a is the body
  count,   ///< how many elements of sort `symbol` make the body a true
  sum,     ///< the integers that the body a is for the elements of sort `symbol`, added up
};

enum class TypeKind : std::uint8_t { boolean, integer, text, element };

/// Whether the operation binds an element of a sort.
constexpr bool is_quantified(Op op) {
  return op == Op::for_all || op == Op::exists || op == Op::count || op == Op::sum;
}

/// Type of an expression. For elements, `sort` numbers the sort or enumeration and `optional` admits `none`.
struct Type {
  TypeKind kind = TypeKind::boolean;
  bool optional = false;
  std::int16_t sort = -1;
  friend constexpr bool operator==(const Type&, const Type&) = default;
};

/// One node. Children come before their parent, so the root is the last node.
struct Node {
  Op op = Op::boolean;
  Type type;
  std::int16_t symbol = -1;
  std::int32_t a = -1, b = -1, c = -1;
  std::uint32_t column = 0;  ///< 1-based byte column in the source text
  std::uint64_t number = 0;
};

/// A borrowed expression. No nodes at all means "always true" (a row without a guard).
struct ExpressionView {
  std::span<const Node> nodes;
  std::span<const std::string> strings;
  constexpr bool always() const { return nodes.empty(); }
  constexpr std::int32_t root() const { return static_cast<std::int32_t>(nodes.size()) - 1; }
};

/// An expression that owns its nodes, for text that is read at run time.
struct Expression {
  std::vector<Node> nodes;
  std::vector<std::string> strings;
  std::string source;  ///< as written
  Place place;         ///< of the first character of `source`

  constexpr ExpressionView view() const { return {nodes, strings}; }
};

/// Copies `from` behind `out`, replacing nodes on the way: `replace(node)` gives the root of what stands
/// there instead, already appended to `out`, or -1 to copy the node as it is.
template <class Replace>
constexpr std::int32_t splice(Expression& out, ExpressionView from, std::int32_t root,
                              const Replace& replace) {
  if (root < 0) return -1;
  const Node& node = from.nodes[static_cast<std::size_t>(root)];
  if (const std::int32_t other = replace(node); other >= 0) return other;
  Node copy = node;
  copy.c = splice(out, from, node.c, replace);
  copy.a = splice(out, from, node.a, replace);
  copy.b = splice(out, from, node.b, replace);
  if (copy.op == Op::text) {
    out.strings.push_back(from.strings[static_cast<std::size_t>(node.number)]);
    copy.number = out.strings.size() - 1;
  }
  out.nodes.push_back(copy);
  return out.nodes.size() - 1 <= 0x7fffffff ? static_cast<std::int32_t>(out.nodes.size()) - 1 : -1;
}
/// The same for a plain copy: of what is below `root`, or of everything.
constexpr std::int32_t splice(Expression& out, ExpressionView from, std::int32_t root) {
  return splice(out, from, root, [](const Node&) { return -1; });
}
constexpr std::int32_t splice(Expression& out, ExpressionView from) { return splice(out, from, from.root()); }

}  // namespace portolan::rules
