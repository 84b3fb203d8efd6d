// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/grounding.hpp"

namespace portolan::solver::explore {

GroundModel::GroundModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits,
                         const std::function<void(std::uint64_t)>& tick)
    : terms(module) {
  if (tick)
    terms.tick = [this, tick](std::uint64_t bytes) {
      constexpr std::uint64_t guards_and_writes = 64;  // of an action, about
      tick(bytes + actions.size() * (sizeof(GroundAction) + guards_and_writes));
    };
  std::vector<std::optional<std::int64_t>> constants(module.initial.begin(), module.initial.end());
  for (bool changed = true; changed;) {
    terms.restart(constants);
    actions.clear();
    ground(module, admits);
    changed = false;
    for (const GroundAction& action : actions)
      for (const GroundWrite& write : action.writes)
        written_cells(write, [&](std::size_t cell) {
          if (!constants[cell] ||
              (terms.is_constant(write.value) && terms[write.value].number == *constants[cell]))
            return;
          constants[cell].reset();
          changed = true;
        });
  }
  terms.tick = {};
}

void GroundModel::written_cells(const GroundWrite& write, const std::function<void(std::size_t)>& f) const {
  const rules::Module& module = terms.module();
  const auto v = write.variable;
  const std::int64_t stride = write.j >= 0 ? module.strides[v] : 1;
  std::int64_t begin = 0, end = module.widths[v], step = 1;
  if (write.i >= 0 && terms.is_constant(write.i))
    begin = terms[write.i].number * stride, end = std::min(end, begin + stride);
  if (write.j >= 0 && terms.is_constant(write.j)) begin += terms[write.j].number, step = stride;
  if (begin < 0) return;  // an index is none: the write is undefined
  for (std::int64_t c = begin; c < end; c += step) f(static_cast<std::size_t>(module.offsets[v] + c));
}

void GroundModel::ground(const rules::Module& module,
                         const std::function<bool(const rules::Action&)>& admits) {
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    const rules::Action& action = module.actions[a];
    if (admits && !admits(action)) continue;
    rules::for_each_choice(module, action, [&](std::span<const std::int64_t> arguments) {
      GroundAction made{{a, {arguments.begin(), arguments.end()}}, action.fault, {}, {}};
      if (ground(module, action, made)) actions.push_back(std::move(made));
    });
  }
}

/// False when the action is disabled in every state.
bool GroundModel::ground(const rules::Module& module, const rules::Action& action, GroundAction& into) {
  bool partial = false;
  for (const rules::Expression& guard : action.guards) {
    for (const TermId conjunct : terms.conjuncts(terms.ground(guard, into.event.arguments))) {
      if (terms.is_true(conjunct)) continue;
      if (terms.is_false(conjunct) && !partial) return false;
      into.guards.push_back(conjunct);
      partial = partial || terms[conjunct].partial;
      if (terms.is_constant(conjunct) || terms[conjunct].op == TermOp::undefined)
        return true;  // nothing behind it is looked at
    }
  }
  const auto add = [&](const rules::Assignment& assignment, std::span<const std::int64_t> bound) {
    GroundWrite write{.variable = static_cast<std::size_t>(assignment.variable)};
    if (!assignment.indices.empty()) write.i = terms.ground(assignment.indices[0], bound);
    if (assignment.indices.size() > 1) write.j = terms.ground(assignment.indices[1], bound);
    write.value = terms.ground(assignment.value, bound);
    into.writes.push_back(write);
  };
  for (const rules::Assignment& assignment : action.assignments) {
    if (assignment.for_sort < 0) {
      add(assignment, into.event.arguments);
      continue;
    }
    rules::Arguments bound = into.event.arguments;
    bound.push_back(0);
    for (bound.back() = 0; bound.back() < module.sort_sizes[static_cast<std::size_t>(assignment.for_sort)];
         ++bound.back())
      add(assignment, bound);
  }
  return true;
}

}  // namespace portolan::solver::explore
