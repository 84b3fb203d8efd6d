#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What goes into the parser of the rule language and what comes out: the names that an expression may use, as
// borrowed views, and the nodes or faults that it is read as. parse.hpp reads, print.hpp writes.

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/rules/expression.hpp"
#include "model/support/text.hpp"

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

/// The name that is nearest, as the remedy of a fault that has none. A built-in text with a fault does not
/// compile anyway.
constexpr void suggest(ParseFault& fault, const std::string& name,
                       const std::vector<std::string_view>& names) {
  if (!fault.remedy.empty() || name.size() < 3) return;  // of two letters nothing can be said
  if (!std::is_constant_evaluated()) fault.remedy = did_you_mean(name, names);
}
/// The same where an element of a sort has to stand: its elements are what is expected, not every name.
constexpr void expect_element(ParseFault& fault, const std::string& name,
                              std::span<const std::string_view> elements) {
  if (elements.empty()) return;
  fault.expectation.clear();
  for (const std::string_view element : elements)
    fault.expectation += (fault.expectation.empty() ? "one of " : ", ") + std::string(element);
  ParseFault of_elements = fault;
  of_elements.remedy.clear();
  suggest(of_elements, name, {elements.begin(), elements.end()});
  if (!of_elements.remedy.empty()) fault.remedy = std::move(of_elements.remedy);
}

/// `one of host, vm`; `a sort` where there is none.
constexpr std::string one_of(std::span<const SortView> sorts) {
  std::string known;
  for (const SortView& one : sorts) known += (known.empty() ? "one of " : ", ") + std::string(one.name);
  return known.empty() ? "a sort" : known;
}

struct Parsed {
  std::vector<Node> nodes;
  std::vector<std::string> strings;
  std::vector<ParseFault> faults;  ///< the first syntax fault, or every unknown name and type error
};

}  // namespace portolan::rules
