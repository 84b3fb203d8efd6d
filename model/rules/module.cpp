// SPDX-License-Identifier: Apache-2.0
#include "model/rules/module.hpp"

namespace portolan::rules {

namespace {

template <class List>
int position(const List& list, std::string_view wanted) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].name == wanted) return static_cast<int>(i);
  return -1;
}

Integers integers_of(const Module& module, const Cells& cells) {
  return {cells, module.offsets, module.strides, module.widths, module.sort_sizes};
}

}  // namespace

int Module::sort(std::string_view wanted) const { return position(sorts, wanted); }
int Module::variable(std::string_view wanted) const { return position(variables, wanted); }
int Module::property(std::string_view wanted) const { return position(properties, wanted); }

std::size_t Module::cell(int variable, std::int64_t i, std::int64_t j) const {
  const auto v = static_cast<std::size_t>(variable);
  return static_cast<std::size_t>(offsets[v] + (variables[v].index_sorts[1] >= 0 ? i * strides[v] + j : i));
}

Parsed parse_condition(const Module& module, std::string_view text) {
  std::vector<std::vector<std::string_view>> elements;
  for (const Sort& sort : module.sorts) elements.emplace_back(sort.elements.begin(), sort.elements.end());
  std::vector<SortView> sorts;
  for (std::size_t s = 0; s < module.sorts.size(); ++s) sorts.push_back({module.sorts[s].name, elements[s]});
  std::vector<VariableView> variables;
  for (const Variable& v : module.variables)
    variables.push_back({v.name, v.type, {v.index_sorts[0], v.index_sorts[1]}});
  const Type boolean{};
  return parse_expression(text, {sorts, variables, {}}, &boolean);
}

std::optional<std::int64_t> value_of(const Module& module, const Expression& expression, const Cells& cells,
                                     std::span<const std::int64_t> arguments) {
  Integers integers = integers_of(module, cells);
  const std::int64_t value = fold(expression.view(), integers, arguments);
  return integers.undefined ? std::nullopt : std::optional(value);
}

bool holds(const Module& module, const Expression& condition, const Cells& cells,
           std::span<const std::int64_t> arguments) {
  return value_of(module, condition, cells, arguments).value_or(0) != 0;
}

Firing fire(const Module& module, const Action& action, std::span<const std::int64_t> arguments,
            const Cells& now, Cells& next) {
  for (const Expression& guard : action.guards) {
    const auto value = value_of(module, guard, now, arguments);
    if (!value) return Firing::undefined;
    if (*value == 0) return Firing::disabled;
  }
  next = now;
  std::vector<std::size_t> written;
  const auto assign = [&](const Assignment& assignment, std::span<const std::int64_t> bound) {
    const auto v = static_cast<std::size_t>(assignment.variable);
    std::int64_t indices[2] = {0, 0};
    for (std::size_t i = 0; i < assignment.indices.size(); ++i) {
      const auto index = value_of(module, assignment.indices[i], now, bound);
      if (!index || *index < 0) return false;
      indices[i] = *index;
    }
    const auto value = value_of(module, assignment.value, now, bound);
    if (!value || *value < module.variables[v].low || *value > module.variables[v].high) return false;
    const std::size_t cell = module.cell(assignment.variable, indices[0], indices[1]);
    if (std::find(written.begin(), written.end(), cell) != written.end() && next[cell] != *value)
      return false;
    written.push_back(cell);
    next[cell] = *value;
    return true;
  };
  for (const Assignment& assignment : action.assignments) {
    if (assignment.for_sort < 0) {
      if (!assign(assignment, arguments)) return Firing::undefined;
      continue;
    }
    Arguments bound(arguments.begin(), arguments.end());
    bound.push_back(0);
    for (std::int64_t e = 0; e < module.sort_sizes[static_cast<std::size_t>(assignment.for_sort)]; ++e) {
      bound.back() = e;
      if (!assign(assignment, bound)) return Firing::undefined;
    }
  }
  return Firing::fired;
}

std::vector<Successor> successors(const Module& module, const Cells& now) {
  std::vector<Successor> result;
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    for_each_choice(module, module.actions[a], [&](std::span<const std::int64_t> arguments) {
      Cells next;
      const Firing firing = fire(module, module.actions[a], arguments, now, next);
      if (firing != Firing::disabled)
        result.push_back(
            {{a, {arguments.begin(), arguments.end()}}, std::move(next), firing == Firing::fired});
    });
  }
  return result;
}

std::string shown(const Module& module, const Variable& variable, std::int64_t value) {
  switch (variable.type.kind) {
    case TypeKind::boolean: return value != 0 ? "true" : "false";
    case TypeKind::element:
      if (value < 0) return "none";
      return module.sorts[static_cast<std::size_t>(variable.type.sort)]
          .elements[static_cast<std::size_t>(value)];
    default: return std::to_string(value);
  }
}

std::string cell_name(const Module& module, std::size_t variable, std::size_t cell_in_variable) {
  const Variable& v = module.variables[variable];
  if (v.index_sorts[0] < 0) return v.name;
  const auto element = [&](int i, std::size_t at) {
    return module.sorts[static_cast<std::size_t>(v.index_sorts[i])].elements[at];
  };
  if (v.index_sorts[1] < 0) return v.name + "[" + element(0, cell_in_variable) + "]";
  const auto stride = static_cast<std::size_t>(module.strides[variable]);
  return v.name + "[" + element(0, cell_in_variable / stride) + ", " + element(1, cell_in_variable % stride) +
         "]";
}

std::string to_string(const Module& module, const Event& event) {
  const Action& action = module.actions[event.action];
  std::string text = action.name + "(";
  for (std::size_t p = 0; p < action.parameters.size(); ++p) {
    if (p > 0) text += ", ";
    text += module.sorts[static_cast<std::size_t>(action.parameters[p].sort)]
                .elements[static_cast<std::size_t>(event.arguments[p])];
  }
  return text + ")";
}

std::optional<Successor> find_event(const Module& module, std::string_view action,
                                    std::span<const std::string> arguments, const Cells& now) {
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    const Action& candidate = module.actions[a];
    if (candidate.name != action || candidate.parameters.size() != arguments.size()) continue;
    Event event{a, {}};
    for (std::size_t p = 0; p < arguments.size(); ++p) {
      const auto& elements = module.sorts[static_cast<std::size_t>(candidate.parameters[p].sort)].elements;
      const auto found = std::find(elements.begin(), elements.end(), arguments[p]);
      if (found == elements.end()) return std::nullopt;
      event.arguments.push_back(found - elements.begin());
    }
    Cells next;
    const Firing firing = fire(module, candidate, event.arguments, now, next);
    if (firing != Firing::disabled)
      return Successor{std::move(event), std::move(next), firing == Firing::fired};
  }
  return std::nullopt;
}

}  // namespace portolan::rules
