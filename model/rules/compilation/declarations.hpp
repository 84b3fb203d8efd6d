#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a module declares, from its text: sorts, variables, copies of machines, where each cell lies and what
// it holds at the beginning. `declarations` returns all of it, finished; actions and properties are read
// against it and change nothing in it. For compile.hpp alone.

#include <string>
#include <utility>
#include <vector>

#include "model/rules/compilation/text.hpp"

namespace portolan::rules::compilation {

constexpr Sort sort_of_states(const Machine& machine) {
  Sort made{std::string(machine.text->name), {}};
  for (std::string_view state : machine.text->states) made.elements.emplace_back(state);
  return made;
}

/// The sorts of the text, and one for the states of each machine, of the machine's name.
constexpr std::vector<Sort> sorts_of(const ModuleText& text, ModuleFaults& faults) {
  std::vector<Sort> sorts;
  for (std::size_t s = 0; s < text.sorts.size(); ++s) {
    const SortText& sort = text.sorts[s];
    if (!plain(sort.name)) faults.no_name({"sorts", s, "name"}, sort.name, "letters, digits, _ and -");
    if (sort_named(sorts, sort.name) >= 0) faults.given_twice({"sorts", s, "name"}, "sort", sort.name);
    Sort made{std::string(sort.name), {}};
    for (std::string_view element : sort.elements) {
      for (const std::string& other : made.elements)
        if (other == element) faults.given_twice({"sorts", s, "elements"}, "element", element);
      made.elements.emplace_back(element);
    }
    sorts.push_back(std::move(made));
  }
  for (std::size_t m = 0; m < text.machines.size(); ++m) {
    const MachineUseText& use = text.machines[m];
    if (!use.has_machine()) continue;  // told where the machines are read
    const std::string_view name = use.machine->text->name;
    for (const SortText& sort : text.sorts)
      if (sort.name == name)
        faults.add({"machines", m, "name"}, FaultCode::duplicate,
                   "the machine " + std::string(name) + " has the name of a sort", "another name",
                   "its states are a sort of its name");
    if (sort_named(sorts, name) < 0) sorts.push_back(sort_of_states(*use.machine));
  }
  return sorts;
}

/// Every variable (those of machines behind the module's own), and the copies of machines.
struct Variables {
  std::vector<Variable> variables;
  std::vector<MachineUse> machines;
};

class VariableReader {
 public:
  constexpr VariableReader(const ModuleText& text, const std::vector<Sort>& sorts, ModuleFaults& faults)
      : text_(text), sorts_(sorts), faults_(faults) {}

  constexpr Variables read() {
    for (std::size_t v = 0; v < text_.variables.size(); ++v) variable(v);
    for (std::size_t m = 0; m < text_.machines.size(); ++m) machine(m);
    return std::move(out_);
  }

 private:
  const ModuleText& text_;
  const std::vector<Sort>& sorts_;
  ModuleFaults& faults_;
  Variables out_;

  /// Adds a variable and returns its position.
  constexpr std::int16_t add(std::string_view section, std::size_t item, Variable&& variable) {
    for (const Variable& other : out_.variables)
      if (other.name == variable.name)
        faults_.given_twice({section, item, "name"}, "variable", variable.name);
    out_.variables.push_back(std::move(variable));
    return static_cast<std::int16_t>(out_.variables.size() - 1);
  }

  constexpr void index(std::string_view section, std::size_t item, std::string_view text, Variable& into,
                       std::size_t most) {
    std::size_t position = 0;
    for (const Piece& piece : pieces(text, ',')) {
      const int sort = sort_named(sorts_, piece.text);
      if (position == most)
        return faults_.add_at(piece.begin, {section, item, "index"}, FaultCode::limit, "too many index sorts",
                              most == 1 ? "at most one" : "at most two");
      if (sort < 0) {
        faults_.add_at(piece.begin, {section, item, "index"}, FaultCode::unknown_name,
                       "unknown sort " + ModuleFaults::quoted(piece.text), sort_list(sorts_));
        continue;
      }
      into.index_sorts[position++] = static_cast<std::int16_t>(sort);
    }
  }

  constexpr bool domain(std::string_view text, Variable& into) const {
    if (text == "bool") {
      into.type = {};
      return true;
    }
    if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
      into.type = {TypeKind::integer, false, -1};
      return number(text.substr(0, dots), into.low) && number(text.substr(dots + 2), into.high) &&
             into.low <= into.high;
    }
    const bool optional = !text.empty() && text.back() == '?';
    const int sort = sort_named(sorts_, optional ? text.substr(0, text.size() - 1) : text);
    if (sort < 0) return false;
    into.type = {TypeKind::element, optional, static_cast<std::int16_t>(sort)};
    into.low = optional ? -1 : 0;
    into.high = sorts_[static_cast<std::size_t>(sort)].size() - 1;
    return true;
  }

  constexpr void variable(std::size_t v) {
    const ModuleVariableText& text = text_.variables[v];
    Variable made;
    made.name = text.name;
    made.meaning = text.meaning;
    made.fixed = text.role == Role::fixed;
    if (!plain(text.name)) faults_.no_name({"variables", v, "name"}, text.name, "letters, digits, _ and -");
    index("variables", v, text.index, made, 2);
    if (!domain(text.domain, made))
      faults_.add({"variables", v, "domain"}, FaultCode::unknown_name,
                  ModuleFaults::quoted(text.domain) + " is no domain",
                  "bool, low..high, a sort, or a sort with ?; sorts are " + sort_list(sorts_));
    add("variables", v, std::move(made));
  }

  constexpr void machine(std::size_t m) {
    const MachineUseText& use = text_.machines[m];
    if (!use.has_machine())
      return faults_.add({"machines", m, "machine"}, FaultCode::unknown_name, "unknown machine",
                         "a built-in machine or one of this model");
    MachineUse made;
    made.name = use.name;
    made.machine = use.machine;
    Variable state;
    state.name = use.name;
    const int sort = sort_named(sorts_, use.machine->text->name);
    state.type = {TypeKind::element, false, static_cast<std::int16_t>(sort)};
    state.high = sorts_[static_cast<std::size_t>(sort)].size() - 1;
    index("machines", m, use.index, state, 1);
    made.index_sort = state.index_sorts[0];
    const Variable shape = state;
    made.state = add("machines", m, std::move(state));
    for (const MachineVariable& variable : use.machine->text->variables) {
      if (variable.role == Role::input) {
        made.variables.push_back(-1);
        continue;
      }
      Variable own = shape;
      own.name = std::string(use.name) + "." + std::string(variable.name);
      own.type = variable.type();
      own.low = variable.low;
      own.high = variable.high;
      own.fixed = variable.role == Role::fixed;
      made.variables.push_back(add("machines", m, std::move(own)));
    }
    out_.machines.push_back(std::move(made));
  }
};

/// A copy begins with its own variables at the lowest value that their domain holds, as `Configuration{}`
/// does for 0.
constexpr std::int64_t initial_value(const MachineUse& use, std::size_t variable) {
  const MachineVariable& v = use.machine->text->variables[variable];
  return v.low <= 0 && 0 <= v.high ? 0 : v.low;
}

/// Every cell of a variable gets the value.
constexpr void fill(Module& module, std::size_t variable, std::int64_t value) {
  for (std::int32_t i = 0; i < module.widths[variable]; ++i)
    module.initial[static_cast<std::size_t>(module.offsets[variable] + i)] = value;
}

/// The cells of every variable one after the other; those of machines are as a new copy's.
constexpr Module laid_out(std::string_view name, std::vector<Sort>&& sorts, Variables&& declared) {
  Module module;
  module.name = name;
  module.sorts = std::move(sorts);
  module.variables = std::move(declared.variables);
  module.machines = std::move(declared.machines);
  for (const Sort& sort : module.sorts)
    module.sort_sizes.push_back(static_cast<std::int32_t>(sort.elements.size()));
  std::int32_t offset = 0;
  for (const Variable& variable : module.variables) {
    const auto size = [&](int i) {
      return variable.index_sorts[i] < 0
                 ? 1
                 : module.sort_sizes[static_cast<std::size_t>(variable.index_sorts[i])];
    };
    module.offsets.push_back(offset);
    module.strides.push_back(size(1));
    module.widths.push_back(size(0) * size(1));
    offset += size(0) * size(1);
  }
  module.initial.assign(static_cast<std::size_t>(offset), 0);
  for (const MachineUse& use : module.machines) {
    fill(module, static_cast<std::size_t>(use.state), use.machine->initial);
    for (std::size_t k = 0; k < use.variables.size(); ++k)
      if (use.variables[k] >= 0)
        fill(module, static_cast<std::size_t>(use.variables[k]), initial_value(use, k));
  }
  return module;
}

/// The value that the text gives for every cell of variable v; empty, with the fault reported, where it gives
/// none that can be.
constexpr std::optional<std::int64_t> initial_of(const ModuleText& text, std::size_t v, const Module& module,
                                                 const ModuleScope& names, ModuleFaults& faults) {
  const Variable& variable = module.variables[v];
  const std::string_view source = text.variables[v].initial;
  if (source.empty()) return variable.type.optional ? -1 : variable.low;
  const TextPlace place{"variables", v, "initial"};
  Expression value;
  if (!ExpressionReader(names, faults).read(place, source, 0, {}, &variable.type, value)) return {};
  for (const Node& node : value.nodes)
    if (node.op == Op::variable) {
      faults.add(place, FaultCode::type_error, "an initial value names a variable", "a constant", {},
                 node.column);
      return {};
    }
  Integers integers{.cells = {}, .sort_sizes = module.sort_sizes};
  const std::int64_t number = fold(value.view(), integers);
  // The built-in text has sorts without elements.
  const bool sized = variable.type.kind != TypeKind::element || variable.high >= 0;
  if (!integers.undefined && !(sized && (number < variable.low || number > variable.high))) return number;
  faults.add(place, FaultCode::out_of_range, "the initial value is outside the domain",
             std::string(text.variables[v].domain));
  return {};
}

/// The module without its actions and properties.
constexpr Module declarations(const ModuleText& text, ModuleFaults& faults) {
  std::vector<Sort> sorts = sorts_of(text, faults);
  Variables variables = VariableReader(text, sorts, faults).read();
  Module module = laid_out(text.name, std::move(sorts), std::move(variables));
  const ModuleScope names(module.sorts, module.variables);
  for (std::size_t v = 0; v < text.variables.size(); ++v)
    if (const auto value = initial_of(text, v, module, names, faults)) fill(module, v, *value);
  return module;
}

}  // namespace portolan::rules::compilation
