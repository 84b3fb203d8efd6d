#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A compiled module of the rule language: everything is resolved to positions, every expression is typed, and
// every value lies in a known domain. It is made by `compile` (compile.hpp) and read by all: what its actions
// do is told in firing.hpp, which every engine is held to.
//
// A machine in a module is a family of copies, one for each element of its index. Its state is a variable of
// the machine's name for itself, its own variables are `name.variable`. An action *steps* a copy by an event;
// compilation makes one variant of the action for each row of the machine that may answer, so that readers
// see guards and updates only, each with the citation of its row, while `MachineStep` still tells which
// generated machine the simulator and the executor have to step.

#include <optional>
#include <string>
#include <vector>

#include "model/rules/module_text.hpp"

namespace portolan::rules {

struct Sort {
  std::string name;
  std::vector<std::string> elements;
  constexpr std::int64_t size() const { return static_cast<std::int64_t>(elements.size()); }
};

/// Booleans are 0 and 1, elements their position, `none` is -1: every value lies in [low, high].
struct Variable {
  std::string name;
  Type type;
  std::int64_t low = 0, high = 1;
  std::int16_t index_sorts[2] = {-1, -1};
  bool fixed = false;
  std::string meaning;
};

struct ActionParameter {
  std::string name;
  std::int16_t sort = -1;
};

/// `for every element of for_sort` (or once, where it is -1; the element's slot follows the action's
/// parameters): variable[a, b] := value. Expressions are over the old values.
struct Assignment {
  std::int16_t for_sort = -1;
  std::int16_t variable = -1;
  std::vector<Expression> indices;  ///< one for each index sort of the variable
  Expression value;
};

/// A step of the copy at `index` of machine `use` by `event` over `row` (-1: the copy is replaced, by a new
/// one or by another copy). `inputs` are the machine's input variables, in their order among all of its
/// variables; other places are empty.
struct MachineStep {
  std::size_t use = 0;
  Expression index;
  std::uint8_t event = 0;
  int row = -1;
  std::vector<Expression> inputs;
};

struct MachineUse {
  std::string name;
  std::int16_t index_sort = -1;
  const Machine* machine = nullptr;
  std::int16_t state = -1;              ///< the variable that holds the state
  std::vector<std::int16_t> variables;  ///< of the machine's variables, in order; -1 for inputs
};

/// One variant of an action: the parameters and the text it came from are shared by all its variants, and in
/// one state and for one choice of arguments at most one of them is enabled, so that name and arguments say
/// which event it was.
struct Action {
  std::string name;
  std::size_t text = 0;  ///< position in ModuleText::actions
  std::vector<ActionParameter> parameters;
  /// All must hold, in order; a later one is looked at only where the earlier ones hold: first where the
  /// machines are, then the action's own guard, then those of the rows.
  std::vector<Expression> guards;
  std::vector<MachineStep> steps;
  std::vector<Assignment> assignments;
  std::vector<std::string> sources;  ///< of the action, then of the rows
  std::string meaning;
  Actor actor = Actor::decision;
  bool fault = false;  ///< actor == Actor::fault
};

struct Property {
  std::string name;
  Verb verb = Verb::always;
  Expression condition;
  std::string source, meaning;
  /// Of *eventually* alone. Without it: from every reachable state some way without a fault leads to the
  /// condition. With it: every run comes to the condition again and again, as long as none of these actions
  /// (positions) stays enabled for ever without being taken, each for its arguments; nothing else has to
  /// happen.
  std::optional<std::vector<std::size_t>> fair = std::nullopt;
  std::string remedy = {};  ///< of *sometimes*: what to change where no state has the condition; may be empty
};

/// Cells of all variables: variable v begins at offsets[v], row-major over its index sorts.
using Cells = std::vector<std::int64_t>;

struct Module {
  std::string name;
  std::vector<Sort> sorts;
  std::vector<Variable> variables;
  std::vector<MachineUse> machines;
  std::vector<Action> actions;
  std::vector<Property> properties;
  std::vector<std::int32_t> offsets, strides, widths, sort_sizes;
  Cells initial;

  /// Positions by name, or -1.
  int sort(std::string_view wanted) const;
  int variable(std::string_view wanted) const;
  int property(std::string_view wanted) const;
  std::size_t cell(int variable, std::int64_t i = 0, std::int64_t j = 0) const;
};

/// `host2`, `true`, `none`, `4`.
std::string shown(const Module& module, const Variable& variable, std::int64_t value);
/// `place[vm1]`.
std::string cell_name(const Module& module, std::size_t variable, std::size_t cell_in_variable);

/// The names of sorts and variables as expressions see them. Borrows both.
class ModuleScope {
 public:
  constexpr ModuleScope(const std::vector<Sort>& sorts, const std::vector<Variable>& variables) {
    for (const Sort& sort : sorts) elements_.emplace_back(sort.elements.begin(), sort.elements.end());
    for (std::size_t s = 0; s < sorts.size(); ++s) sorts_.push_back({sorts[s].name, elements_[s]});
    for (const Variable& v : variables)
      variables_.push_back({v.name, v.type, {v.index_sorts[0], v.index_sorts[1]}});
  }
  ModuleScope(const ModuleScope&) = delete;
  ModuleScope& operator=(const ModuleScope&) = delete;
  constexpr Scope scope(std::span<const BoundView> bound = {}) const { return {sorts_, variables_, bound}; }

 private:
  std::vector<std::vector<std::string_view>> elements_;
  std::vector<SortView> sorts_;
  std::vector<VariableView> variables_;
};

/// Parses a condition over the variables of a module, for goals and properties that come with a scenario.
Parsed parse_condition(const Module& module, std::string_view text);

}  // namespace portolan::rules
