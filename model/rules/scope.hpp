#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What goes into the parser of the rule language and what comes out: the names that an expression may use, as
// borrowed views, and the nodes or faults that it is read as. parse.hpp reads, print.hpp writes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/expression.hpp"

namespace portolan::rules {

/// A sort or enumeration. `elements` may be empty where only the size will be known later (hosts of a
/// scenario).
struct SortView {
  std::string_view name;
  std::span<const std::string_view> elements;
};

/// A variable, indexed by up to two sorts (-1: not indexed).
struct VariableView {
  std::string_view name;
  Type type;
  std::int16_t index_sorts[2] = {-1, -1};
};

/// An action parameter; it occupies the slot of its position, quantified elements follow.
struct BoundView {
  std::string_view name;
  Type type;
};

/// The names that an expression may use.
struct Scope {
  std::span<const SortView> sorts;
  std::span<const VariableView> variables;
  std::span<const BoundView> bound;
};

struct ParseFault {
  FaultCode code = FaultCode::syntax;
  std::uint32_t column = 1;  ///< 1-based, bytes, in the text
  std::string finding, expectation, remedy;
};

struct Parsed {
  std::vector<Node> nodes;
  std::vector<std::string> strings;
  std::vector<ParseFault> faults;  ///< the first syntax fault, or every unknown name and type error
};

}  // namespace portolan::rules
