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

}  // namespace

int Module::sort(std::string_view wanted) const { return position(sorts, wanted); }
int Module::variable(std::string_view wanted) const { return position(variables, wanted); }
int Module::property(std::string_view wanted) const { return position(properties, wanted); }

std::size_t Module::cell(int variable, std::int64_t i, std::int64_t j) const {
  const auto v = static_cast<std::size_t>(variable);
  return static_cast<std::size_t>(offsets[v] + (variables[v].index_sorts[1] >= 0 ? i * strides[v] + j : i));
}

Parsed parse_condition(const Module& module, std::string_view text) {
  const ModuleScope names(module.sorts, module.variables);
  const Type boolean{};
  return parse_expression(text, names.scope(), &boolean);
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

}  // namespace portolan::rules
