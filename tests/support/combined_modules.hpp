#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Several modules as one, so that a peer which has to be compiled for each model is compiled once for many:
// the first event chooses one of them, and from then on only that one moves. The reachable states are those
// of all of them together and one more, the events likewise, and each property is asked where its module was
// chosen.

#include <span>
#include <string>
#include <vector>

#include "model/rules/module.hpp"

namespace portolan::test {

class CombinedModules {
 public:
  explicit CombinedModules(std::span<const rules::Module* const> parts) {
    module.name = "combined";
    rules::Variable which;
    which.name = "which";
    which.type = {rules::TypeKind::integer, false, -1};
    which.high = static_cast<std::int64_t>(parts.size());
    add(which, 0, 1, 1);
    module.initial.push_back(0);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      rules::Action choose;
      choose.name = "choose-" + std::to_string(k + 1);
      choose.guards.push_back(chosen(0));
      rules::Assignment assignment;
      assignment.variable = 0;
      assignment.value.nodes.push_back({rules::Op::integer, which.type, -1, -1, -1, -1, 1, k + 1});
      choose.assignments.push_back(std::move(assignment));
      module.actions.push_back(std::move(choose));
    }
    for (std::size_t k = 0; k < parts.size(); ++k) part(*parts[k], k + 1);
    if (!seen_.nodes.empty())
      module.properties.push_back({"seen", rules::Verb::sometimes, std::move(seen_), "", ""});
  }

  rules::Module module;

 private:
  rules::Expression seen_;  ///< some part's *sometimes*

  void add(rules::Variable variable, std::int32_t offset, std::int32_t stride, std::int32_t width) {
    module.variables.push_back(std::move(variable));
    module.offsets.push_back(offset);
    module.strides.push_back(stride);
    module.widths.push_back(width);
  }
  static rules::Expression chosen(std::size_t k) {
    const rules::Type number{rules::TypeKind::integer, false, -1};
    rules::Expression made;
    made.nodes.push_back({rules::Op::variable, number, 0, -1, -1, -1, 1, 0});
    made.nodes.push_back({rules::Op::integer, number, -1, -1, -1, -1, 1, k});
    made.nodes.push_back({rules::Op::equal, {}, -1, 0, 1, -1, 1, 0});
    return made;
  }
  /// `a op b`
  static rules::Expression joined(rules::Op op, const rules::Expression& a, const rules::Expression& b) {
    rules::Expression made;
    const std::int32_t left = rules::splice(made, a.view()), right = rules::splice(made, b.view());
    made.nodes.push_back({op, {}, -1, left, right, -1, 1, 0});
    return made;
  }

  void part(const rules::Module& from, std::size_t k) {
    const auto sorts = static_cast<std::int16_t>(module.sorts.size()),
               variables = static_cast<std::int16_t>(module.variables.size());
    const auto cells = static_cast<std::int32_t>(module.initial.size());
    const std::string prefix = "m" + std::to_string(k) + "-";
    const auto moved_type = [&](rules::Type type) {
      if (type.sort >= 0) type.sort = static_cast<std::int16_t>(type.sort + sorts);
      return type;
    };
    const auto moved = [&](rules::Expression expression) {
      for (rules::Node& node : expression.nodes) {
        node.type = moved_type(node.type);
        if (node.op == rules::Op::variable) node.symbol = static_cast<std::int16_t>(node.symbol + variables);
        if (node.op == rules::Op::element || rules::is_quantified(node.op))
          node.symbol = static_cast<std::int16_t>(node.symbol + sorts);
      }
      return expression;
    };
    const auto moved_sort = [&](std::int16_t sort) {
      return sort < 0 ? sort : static_cast<std::int16_t>(sort + sorts);
    };
    for (rules::Sort sort : from.sorts) {
      sort.name = prefix + sort.name;
      module.sort_sizes.push_back(static_cast<std::int32_t>(sort.elements.size()));
      module.sorts.push_back(std::move(sort));
    }
    for (std::size_t v = 0; v < from.variables.size(); ++v) {
      rules::Variable variable = from.variables[v];
      variable.name = prefix + variable.name;
      variable.type = moved_type(variable.type);
      for (std::int16_t& sort : variable.index_sorts) sort = moved_sort(sort);
      add(std::move(variable), from.offsets[v] + cells, from.strides[v], from.widths[v]);
    }
    module.initial.insert(module.initial.end(), from.initial.begin(), from.initial.end());
    for (rules::Action action : from.actions) {
      action.name = prefix + action.name;
      action.steps.clear();
      for (rules::ActionParameter& parameter : action.parameters) parameter.sort = moved_sort(parameter.sort);
      for (rules::Expression& guard : action.guards) guard = moved(std::move(guard));
      action.guards.insert(action.guards.begin(), chosen(k));
      for (rules::Assignment& assignment : action.assignments) {
        assignment.for_sort = moved_sort(assignment.for_sort);
        assignment.variable = static_cast<std::int16_t>(assignment.variable + variables);
        for (rules::Expression& index : assignment.indices) index = moved(std::move(index));
        assignment.value = moved(std::move(assignment.value));
      }
      module.actions.push_back(std::move(action));
    }
    for (const rules::Property& property : from.properties) {
      if (property.verb == rules::Verb::eventually) continue;
      const rules::Expression condition = moved(property.condition);
      if (property.verb == rules::Verb::always) {
        module.properties.push_back({prefix + property.name, property.verb,
                                     joined(rules::Op::implication, chosen(k), condition), "", ""});
        continue;
      }
      const rules::Expression here = joined(rules::Op::conjunction, chosen(k), condition);
      seen_ = seen_.nodes.empty() ? here : joined(rules::Op::disjunction, seen_, here);
    }
  }
};

}  // namespace portolan::test
