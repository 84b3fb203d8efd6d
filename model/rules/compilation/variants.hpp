#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From an action with steps of machines to actions with guards and updates only: one variant for each
// combination of rows that may answer its events. A row's own expressions are lifted into the module: its
// variables become the stepped copy's, its inputs what the step gives. Rows are tried in their order, so the
// variant of a row is guarded against the earlier rows that could answer in its place. For compile.hpp alone.

#include <utility>
#include <vector>

#include "model/rules/compilation/declarations.hpp"
#include "model/rules/compilation/precedence.hpp"
#include "model/rules/compilation/steps.hpp"

namespace portolan::rules::compilation {

class Variants {
 public:
  constexpr Variants(const Module& module, const std::vector<StepRequest>& steps, std::vector<Action>& into)
      : module_(module), steps_(steps), into_(into) {}

  /// Appends the variants of an action whose steps are still missing.
  constexpr void expand(const Action& action) { expand(action, 0, 0); }

 private:
  const Module& module_;
  const std::vector<StepRequest>& steps_;
  std::vector<Action>& into_;

  /// `states_asked`: how many guards at the front ask where a machine is.
  constexpr void expand(const Action& so_far, std::size_t next, std::ptrdiff_t states_asked) {
    if (next == steps_.size()) {
      into_.push_back(so_far);
      return;
    }
    const StepRequest& step = steps_[next];
    // Named, because GCC 12 destroys a temporary string twice in constant evaluation.
    if (step.event == "new") {
      const Action variant = renewed(so_far, step);
      return expand(variant, next + 1, states_asked);
    }
    if (step.event == "take") {
      const Action variant = replaced(so_far, step);
      return expand(variant, next + 1, states_asked);
    }
    const Machine& machine = *module_.machines[step.use].machine;
    const auto event = static_cast<std::uint8_t>(index_of(machine.text->events, step.event));
    for (std::size_t r = 0; r < machine.rows.size(); ++r)
      if (machine.rows[r].event == event && !always_preceded(machine, r)) {
        const Action variant = answered(so_far, step, r, states_asked);
        expand(variant, next + 1, states_asked + 1);
      }
  }

  /// Whether an earlier row answers wherever this one would.
  static constexpr bool always_preceded(const Machine& machine, std::size_t r) {
    for (std::size_t q = 0; q < r; ++q)
      if (machine.rows[q].guard.view().always() && stands_before(machine, q, r)) return true;
    return false;
  }

  constexpr const Type& type_of(std::int16_t variable) const {
    return module_.variables[static_cast<std::size_t>(variable)].type;
  }
  static constexpr Node constant(Type type, std::int64_t number) {
    const Op op = type.kind == TypeKind::boolean   ? Op::boolean
                  : type.kind == TypeKind::integer ? Op::integer
                                                   : Op::element;
    return {op, type, type.sort, -1, -1, -1, 1, static_cast<std::uint64_t>(number)};
  }
  static constexpr Expression constant_value(Type type, std::int64_t number) {
    Expression value;
    value.nodes.push_back(constant(type, number));
    return value;
  }
  static constexpr std::int32_t append(Expression& into, const Node& node) {
    into.nodes.push_back(node);
    return static_cast<std::int32_t>(into.nodes.size()) - 1;
  }
  /// `variable[index]` behind `into`; no index where the machine has none.
  constexpr std::int32_t cell_of(Expression& into, std::int16_t variable, const Expression* index) const {
    const std::int32_t at = index == nullptr ? -1 : splice(into, index->view());
    return append(into, {Op::variable, type_of(variable), variable, at, -1, -1, 1, 0});
  }
  static constexpr const Expression* index_of_copy(const StepRequest& step) {
    return step.index.nodes.empty() ? nullptr : &step.index;
  }

  /// The stepped copy's variable gets the value.
  constexpr void assign(Action& action, const StepRequest& step, std::int16_t variable,
                        Expression&& value) const {
    Assignment assignment;
    assignment.variable = variable;
    if (!step.index.nodes.empty()) splice(assignment.indices.emplace_back(), step.index.view());
    assignment.value = std::move(value);
    action.assignments.push_back(std::move(assignment));
  }

  /// Calls f(position) for every variable of a machine that its rows may update.
  template <class F>
  static constexpr void for_each_own(const MachineUse& use, F f) {
    for (std::size_t k = 0; k < use.variables.size(); ++k)
      if (use.variables[k] >= 0 && use.machine->text->variables[k].role == Role::state) f(k);
  }

  constexpr Action renewed(const Action& so_far, const StepRequest& step) const {
    const MachineUse& use = module_.machines[step.use];
    Action variant = so_far;
    assign(variant, step, use.state, constant_value(type_of(use.state), use.machine->initial));
    for_each_own(use, [&](std::size_t k) {
      assign(variant, step, use.variables[k],
             constant_value(type_of(use.variables[k]), initial_value(use, k)));
    });
    variant.steps.push_back({step.use, step.index, 0, -1, {}});
    return variant;
  }

  constexpr Action replaced(const Action& so_far, const StepRequest& step) const {
    const MachineUse &use = module_.machines[step.use], &other = module_.machines[step.other];
    const Expression* index = step.inputs.empty() ? nullptr : &step.inputs[0];
    Action variant = so_far;
    const auto take = [&](std::int16_t to, std::int16_t from) {
      Expression value;
      cell_of(value, from, index);
      assign(variant, step, to, std::move(value));
    };
    take(use.state, other.state);
    for_each_own(use, [&](std::size_t k) { take(use.variables[k], other.variables[k]); });
    variant.steps.push_back({step.use, step.index, 0, -1, {}});
    return variant;
  }

  constexpr Expression lifted(const FixedExpression& from, const StepRequest& step) const {
    const MachineUse& use = module_.machines[step.use];
    Expression into;
    splice(into, from.view(), from.view().root(), [&](const Node& node) -> std::int32_t {
      if (node.op != Op::variable) return -1;
      const auto k = static_cast<std::size_t>(node.symbol);
      if (use.variables[k] >= 0) return cell_of(into, use.variables[k], index_of_copy(step));
      if (!step.inputs[k].nodes.empty()) return splice(into, step.inputs[k].view());
      return append(into, constant(node.type, 0));  // an input that is not given is false
    });
    return into;
  }

  constexpr Action answered(const Action& so_far, const StepRequest& step, std::size_t r,
                            std::ptrdiff_t states_asked) const {
    const MachineUse& use = module_.machines[step.use];
    const Row& row = use.machine->rows[r];
    const Type state_type = type_of(use.state);
    Action variant = so_far;
    Expression at;
    const std::int32_t state = cell_of(at, use.state, index_of_copy(step));
    const std::int32_t from = append(at, constant(state_type, row.from));
    append(at, {Op::equal, {}, -1, state, from, -1, 1, 0});
    // Where the copies are is asked first: it is always defined, and the action's own guard may rely on it.
    variant.guards.insert(variant.guards.begin() + states_asked, std::move(at));
    for (std::size_t q = 0; q < r; ++q)
      if (stands_before(*use.machine, q, r)) {
        Expression refuses = lifted(use.machine->rows[q].guard, step);
        append(refuses, {Op::negation, {}, -1, refuses.view().root(), -1, -1, 1, 0});
        variant.guards.push_back(std::move(refuses));
      }
    if (!row.guard.view().always()) variant.guards.push_back(lifted(row.guard, step));
    if (row.to != row.from) assign(variant, step, use.state, constant_value(state_type, row.to));
    for (const Update& update : row.update_list())
      assign(variant, step, use.variables[update.variable], lifted(update.value, step));
    variant.steps.push_back({step.use, step.index, row.event, static_cast<int>(r), step.inputs});
    variant.sources.emplace_back(use.machine->text->rows[r].source);
    return variant;
  }
};

}  // namespace portolan::rules::compilation
