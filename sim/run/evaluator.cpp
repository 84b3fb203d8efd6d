// SPDX-License-Identifier: Apache-2.0
#include "sim/run/evaluator.hpp"

#include <algorithm>

namespace portolan::sim::run {

using rules::Expression;
using rules::Node;
using rules::Op;

namespace {

/// The meaning of `rules::Integers` without its containers.
class Walk {
 public:
  Walk(const rules::Module& module, const Expression& expression, const rules::Cells& cells,
       std::span<const std::int64_t> arguments)
      : module_(module), nodes_(expression.nodes.data()), cells_(cells.data()) {
    assert(arguments.size() <= slots_.size());
    for (const std::int64_t argument : arguments) slots_[depth_++] = argument;
  }

  bool undefined = false;

  std::int64_t visit(std::int32_t index) {
    const Node& node = nodes_[static_cast<std::size_t>(index)];
    switch (node.op) {
      case Op::boolean: return node.number != 0;
      case Op::integer:
        return node.number <= 0x7fffffffffffffffull ? static_cast<std::int64_t>(node.number) : fail();
      case Op::text: return fail();
      case Op::element: return static_cast<std::int64_t>(node.number);
      case Op::none: return -1;
      case Op::variable: {
        const auto s = static_cast<std::size_t>(node.symbol);
        std::int64_t cell = 0;
        if (node.a >= 0) cell = visit(node.a);
        bool bad = cell < 0;
        if (node.b >= 0) {
          const std::int64_t second = visit(node.b);
          bad |= second < 0;
          cell = cell * module_.strides[s] + second;
        }
        return bad || cell >= module_.widths[s] ? fail() : cells_[module_.offsets[s] + cell];
      }
      case Op::bound: return slots_[static_cast<std::size_t>(node.symbol)];
      case Op::negation: return !visit(node.a);
      case Op::conjunction: return visit(node.a) != 0 && visit(node.b) != 0;
      case Op::disjunction: return visit(node.a) != 0 || visit(node.b) != 0;
      case Op::implication: return visit(node.a) == 0 || visit(node.b) != 0;
      case Op::conditional: return visit(node.a) != 0 ? visit(node.b) : visit(node.c);
      case Op::member: {
        const std::int64_t element = visit(node.a);
        bool found = false;
        for (std::int32_t i = node.b; i >= 0;) {
          const Node& item = nodes_[static_cast<std::size_t>(i)];
          const std::int64_t low = visit(item.a);
          const std::int64_t high = item.b >= 0 ? visit(item.b) : low;
          found |= low <= element && element <= high;
          i = item.c;
        }
        return found;
      }
      case Op::for_all:
      case Op::exists:
      case Op::count:
      case Op::sum: {
        assert(depth_ < slots_.size() && "more elements are bound than a scenario can write");
        const std::size_t slot = depth_++;
        std::int64_t number = 0, result = node.op == Op::for_all;
        const std::int32_t size = module_.sort_sizes[static_cast<std::size_t>(node.symbol)];
        for (std::int64_t e = 0; e < size; ++e) {
          slots_[slot] = e;
          const std::int64_t one = visit(node.a);
          const bool yes = one != 0;
          if (__builtin_add_overflow(number, node.op == Op::sum ? one : yes, &number)) number = fail();
          if (node.op == Op::for_all && !yes) {
            result = 0;
            break;
          }
          if (node.op == Op::exists && yes) {
            result = 1;
            break;
          }
        }
        --depth_;
        return node.op == Op::count || node.op == Op::sum ? number : result;
      }
      case Op::item: assert(false && "an item stands only in a set"); return fail();
      default: {
        const std::int64_t a = visit(node.a), b = visit(node.b);
        std::int64_t result = 0;
        if (node.op == Op::plus) return __builtin_add_overflow(a, b, &result) ? fail() : result;
        if (node.op == Op::minus) return __builtin_sub_overflow(a, b, &result) ? fail() : result;
        if (node.op == Op::times) return __builtin_mul_overflow(a, b, &result) ? fail() : result;
        return rules::compare(node.op, a, b);
      }
    }
  }

 private:
  const rules::Module& module_;
  const Node* nodes_;
  const std::int64_t* cells_;
  std::array<std::int64_t, 32> slots_{};
  std::size_t depth_ = 0;

  std::int64_t fail() {
    undefined = true;
    return 0;
  }
};

/// How many of the first parameters an expression needs.
std::size_t level_of(const Expression& expression, std::int32_t root, std::size_t parameters) {
  if (root < 0) return 0;
  const Node& node = expression.nodes[static_cast<std::size_t>(root)];
  std::size_t level = 0;
  if (node.op == Op::bound && static_cast<std::size_t>(node.symbol) < parameters)
    level = static_cast<std::size_t>(node.symbol) + 1;
  for (const std::int32_t child : {node.a, node.b, node.c})
    level = std::max(level, level_of(expression, child, parameters));
  return level;
}

}  // namespace

Evaluator::Evaluator(const rules::Module& module) : module_(&module) {
  for (std::size_t a = 0; a < module.actions.size(); ++a) {
    const rules::Action& action = module.actions[a];
    if (groups_.empty() || module.actions[groups_.back().first].text != action.text) {
      ActionGroup& group = groups_.emplace_back();
      group.name = action.name;
      group.first = a;
      group.actor = action.actor;
      for (const rules::ActionParameter& parameter : action.parameters) {
        group.sorts.push_back(parameter.sort);
        group.sizes.push_back(module.sort_sizes[static_cast<std::size_t>(parameter.sort)]);
      }
    }
    groups_.back().last = a + 1;
    auto& parts = conjuncts_.emplace_back();
    for (const Expression& guard : action.guards) {
      const auto split = [&](const auto& self, std::int32_t root) -> void {
        const Node& node = guard.nodes[static_cast<std::size_t>(root)];
        if (node.op == Op::conjunction) {
          self(self, node.a);
          self(self, node.b);
        } else
          parts.push_back({&guard, root, level_of(guard, root, action.parameters.size())});
      };
      if (!guard.nodes.empty()) split(split, guard.view().root());
    }
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Conjunct& a1, const Conjunct& a2) { return a1.level < a2.level; });
  }
}

int Evaluator::group(std::string_view name) const {
  for (std::size_t g = 0; g < groups_.size(); ++g)
    if (groups_[g].name == name) return static_cast<int>(g);
  return -1;
}

std::size_t Evaluator::variable_of(std::size_t cell) const {
  const auto after =
      std::upper_bound(module_->offsets.begin(), module_->offsets.end(), static_cast<std::int32_t>(cell));
  // Variables without cells share an offset with the next one; the last of them has the cell.
  return static_cast<std::size_t>(after - module_->offsets.begin()) - 1;
}

std::optional<std::int64_t> Evaluator::value_of(const Expression& expression, const rules::Cells& cells,
                                                std::span<const std::int64_t> arguments) const {
  Walk walk(*module_, expression, cells, arguments);
  const std::int64_t value = walk.visit(expression.view().root());
  return walk.undefined ? std::nullopt : std::optional(value);
}

int Evaluator::enabled(std::size_t group, std::span<const std::int64_t> arguments, const rules::Cells& cells,
                       bool& defined) const {
  for (std::size_t v = groups_[group].first; v < groups_[group].last; ++v) {
    const Guards guards = holds_all(v, arguments, cells);
    if (guards == Guards::hold) return static_cast<int>(v);
    if (guards == Guards::undefined) {
      defined = false;
      return -1;
    }
  }
  return -1;
}

Evaluator::Guards Evaluator::holds_all(std::size_t variant, std::span<const std::int64_t> arguments,
                                       const rules::Cells& cells) const {
  for (const Expression& guard : module_->actions[variant].guards) {
    const auto value = value_of(guard, cells, arguments);
    if (!value) return Guards::undefined;
    if (*value == 0) return Guards::fail;
  }
  return Guards::hold;
}

rules::Firing Evaluator::writes(std::size_t variant, std::span<const std::int64_t> arguments,
                                const rules::Cells& cells, std::vector<Write>& into) const {
  into.clear();
  const auto assign = [&](const rules::Assignment& assignment, std::span<const std::int64_t> bound) {
    const auto v = static_cast<std::size_t>(assignment.variable);
    std::int64_t indices[2] = {0, 0};
    for (std::size_t i = 0; i < assignment.indices.size(); ++i) {
      const auto index = value_of(assignment.indices[i], cells, bound);
      if (!index || *index < 0) return false;
      indices[i] = *index;
    }
    const auto value = value_of(assignment.value, cells, bound);
    if (!value || *value < module_->variables[v].low || *value > module_->variables[v].high) return false;
    const std::size_t cell = module_->cell(assignment.variable, indices[0], indices[1]);
    for (const Write& earlier : into)
      if (earlier.cell == cell && earlier.value != *value) return false;
    into.push_back({cell, *value});
    return true;
  };
  for (const rules::Assignment& assignment : module_->actions[variant].assignments) {
    if (assignment.for_sort < 0) {
      if (!assign(assignment, arguments)) return rules::Firing::undefined;
      continue;
    }
    rules::Arguments bound(arguments.begin(), arguments.end());
    bound.push_back(0);
    for (std::int64_t e = 0; e < module_->sort_sizes[static_cast<std::size_t>(assignment.for_sort)]; ++e) {
      bound.back() = e;
      if (!assign(assignment, bound)) return rules::Firing::undefined;
    }
  }
  return rules::Firing::fired;
}

bool Evaluator::search(std::size_t variant, const rules::Cells& cells, time::Stream& stream,
                       rules::Arguments& arguments, std::size_t level,
                       const std::function<bool(std::size_t, std::int64_t)>& welcome) const {
  for (const Conjunct& part : conjuncts_[variant]) {
    if (part.level < level) continue;
    if (part.level > level) break;
    // A part without a value may be one that a later part of the guard's text is not asked before: the whole
    // decides below.
    Walk walk(*module_, *part.expression, cells, arguments);
    if (walk.visit(part.root) == 0 && !walk.undefined) return false;
  }
  if (level == arguments.size()) return holds_all(variant, arguments, cells) == Guards::hold;
  const auto size = static_cast<std::uint64_t>(
      module_->sort_sizes[static_cast<std::size_t>(module_->actions[variant].parameters[level].sort)]);
  if (size == 0) return false;
  const std::uint64_t start = size == 1 ? 0 : stream.below(size);
  for (std::uint64_t k = 0; k < size; ++k) {
    const auto element = static_cast<std::int64_t>((start + k) % size);
    if (welcome && !welcome(level, element)) continue;
    arguments[level] = element;
    if (search(variant, cells, stream, arguments, level + 1, welcome)) return true;
  }
  return false;
}

bool Evaluator::choose(std::size_t group, const rules::Cells& cells, time::Stream& stream,
                       rules::Arguments& arguments,
                       const std::function<bool(std::size_t, std::int64_t)>& welcome) const {
  const ActionGroup& one = groups_[group];
  const std::uint64_t variants = one.last - one.first, start = variants == 1 ? 0 : stream.below(variants);
  for (std::uint64_t k = 0; k < variants; ++k) {
    arguments.assign(one.sizes.size(), 0);
    if (search(one.first + (start + k) % variants, cells, stream, arguments, 0, welcome)) return true;
  }
  return false;
}

}  // namespace portolan::sim::run
