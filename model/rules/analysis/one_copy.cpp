// SPDX-License-Identifier: Apache-2.0
#include "model/rules/analysis/one_copy.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace portolan::rules {

namespace {

constexpr Type truth_type{};

Expression leaf(Node node) {
  Expression made;
  made.nodes.push_back(node);
  return made;
}
Expression constant(bool value) { return leaf({Op::boolean, truth_type, -1, -1, -1, -1, 1, value}); }
bool is(const Expression& e, bool value) {
  return e.nodes.size() == 1 && e.nodes[0].op == Op::boolean && (e.nodes[0].number != 0) == value;
}

Expression joined_by(Op op, Type type, const Expression& a, const Expression& b) {
  Expression made;
  const std::int32_t left = splice(made, a.view()), right = splice(made, b.view());
  made.nodes.push_back({op, type, -1, left, right, -1, 1, 0});
  return made;
}
Expression both(const Expression& a, const Expression& b) {
  if (is(a, false) || is(b, true)) return a;
  if (is(b, false) || is(a, true)) return b;
  return joined_by(Op::conjunction, truth_type, a, b);
}
Expression either(const Expression& a, const Expression& b) {
  if (is(a, true) || is(b, false)) return a;
  if (is(b, true) || is(a, false)) return b;
  return joined_by(Op::disjunction, truth_type, a, b);
}
Expression opposite(const Expression& a) {
  if (is(a, true) || is(a, false)) return constant(is(a, false));
  Expression made = a;
  made.nodes.push_back(
      {Op::negation, truth_type, -1, static_cast<std::int32_t>(a.nodes.size()) - 1, -1, -1, 1, 0});
  return made;
}

}  // namespace

/// What a condition says where only one element is known: it can only be true where `may`, and surely is
/// where `must`.
class Approximation {
 public:
  struct Condition {
    Expression may, must;
    bool exact = true;
  };
  using Value = std::optional<Expression>;  ///< of a number or an element; empty: not known

  /// `slot` is where the element is bound.
  Approximation(const OneCopy& copy, const Expression& from, std::int16_t slot)
      : copy_(copy), from_(from), slot_(slot) {}

  Condition condition() const { return condition(from_.view().root()); }
  Condition condition_below_quantifier() const { return condition(from_.nodes.back().a); }
  Value value() const { return value(from_.view().root()); }

 private:
  const OneCopy& copy_;
  const Expression& from_;
  std::int16_t slot_;

  const Node& node(std::int32_t index) const { return from_.nodes[static_cast<std::size_t>(index)]; }
  static Condition exactly(Expression e) { return {e, e, true}; }
  static Condition open() { return {constant(true), constant(false), false}; }
  Type some() const {
    return {TypeKind::element, true, static_cast<std::int16_t>(copy_.abstract_.sorts.size() - 1)};
  }
  bool told_apart(const Type& type) const {
    return type.kind != TypeKind::element ||
           (type.sort >= 0 && copy_.kept_[static_cast<std::size_t>(type.sort)]);
  }

  Value read(const Node& n) const {
    const std::int16_t own = copy_.own_[static_cast<std::size_t>(n.symbol)];
    if (own < 0 || n.a < 0 || node(n.a).op != Op::bound || node(n.a).symbol != slot_) return std::nullopt;
    return leaf(
        {Op::variable, copy_.abstract_.variables[static_cast<std::size_t>(own)].type, own, -1, -1, -1, 1, 0});
  }

  Value value(std::int32_t index) const {
    const Node& n = node(index);
    switch (n.op) {
      case Op::integer: return leaf(n);
      case Op::element:
        return told_apart(n.type) ? leaf(n) : leaf({Op::element, some(), some().sort, -1, -1, -1, 1, 0});
      case Op::none: return leaf(n);
      case Op::bound: return leaf({Op::element, some(), some().sort, -1, -1, -1, 1, 0});
      case Op::variable: return read(n);
      case Op::plus:
      case Op::minus:
      case Op::times: {
        const Value a = value(n.a), b = value(n.b);
        return a && b ? Value(joined_by(n.op, n.type, *a, *b)) : std::nullopt;
      }
      case Op::conditional: {
        const Condition c = condition(n.a);
        const Value a = value(n.b), b = value(n.c);
        if (!c.exact || !a || !b) return std::nullopt;
        Expression made;
        const std::int32_t i = splice(made, c.may.view()), j = splice(made, a->view()),
                           k = splice(made, b->view());
        made.nodes.push_back({Op::conditional, n.type, -1, i, j, k, 1, 0});
        return made;
      }
      default: return std::nullopt;  // counts
    }
  }

  Condition equal(std::int32_t left, std::int32_t right) const {
    if (node(left).type.kind == TypeKind::boolean && node(left).op != Op::none) {
      const Condition a = condition(left), b = condition(right);
      return a.exact && b.exact ? exactly(joined_by(Op::equal, truth_type, a.may, b.may)) : open();
    }
    const Value a = value(left), b = value(right);
    if (!a || !b) return open();
    const Expression same = joined_by(Op::equal, truth_type, *a, *b);
    const bool nothing = node(left).op == Op::none || node(right).op == Op::none;
    if (nothing || (told_apart(node(left).type) && told_apart(node(right).type))) return exactly(same);
    // Two elements that are both something may be the same or not.
    const Expression none = leaf({Op::none, some(), -1, -1, -1, -1, 1, 0});
    return {same,
            both(joined_by(Op::equal, truth_type, *a, none), joined_by(Op::equal, truth_type, *b, none)),
            false};
  }

  Condition condition(std::int32_t index) const {
    const Node& n = node(index);
    switch (n.op) {
      case Op::boolean: return exactly(constant(n.number != 0));
      case Op::variable: {
        const Value known = read(n);
        return known ? exactly(*known) : open();
      }
      case Op::negation: {
        const Condition a = condition(n.a);
        return {opposite(a.must), opposite(a.may), a.exact};
      }
      case Op::conjunction:
      case Op::disjunction:
      case Op::implication: {
        const Condition a = condition(n.a), b = condition(n.b);
        const bool exact = a.exact && b.exact;
        if (n.op == Op::conjunction) return {both(a.may, b.may), both(a.must, b.must), exact};
        if (n.op == Op::disjunction) return {either(a.may, b.may), either(a.must, b.must), exact};
        return {either(opposite(a.must), b.may), either(opposite(a.may), b.must), exact};
      }
      case Op::equal: return equal(n.a, n.b);
      case Op::not_equal: {
        const Condition same = equal(n.a, n.b);
        return {opposite(same.must), opposite(same.may), same.exact};
      }
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal: {
        const Value a = value(n.a), b = value(n.b);
        return a && b ? exactly(joined_by(n.op, truth_type, *a, *b)) : open();
      }
      case Op::member: {
        Condition found = exactly(constant(false));
        for (std::int32_t i = n.b; i >= 0; i = node(i).c) {
          Condition one = open();
          if (node(i).b < 0)
            one = equal(n.a, node(i).a);
          else if (const Value a = value(n.a), low = value(node(i).a), high = value(node(i).b);
                   a && low && high)
            one = exactly(both(joined_by(Op::less_equal, truth_type, *low, *a),
                               joined_by(Op::less_equal, truth_type, *a, *high)));
          found = {either(found.may, one.may), either(found.must, one.must), found.exact && one.exact};
        }
        return found;
      }
      case Op::conditional: {
        const Condition c = condition(n.a), a = condition(n.b), b = condition(n.c);
        return {either(both(c.may, a.may), both(opposite(c.must), b.may)),
                either(both(c.must, a.must), both(opposite(c.may), b.must)), c.exact && a.exact && b.exact};
      }
      default: return open();  // quantifiers
    }
  }
};

OneCopy::OneCopy(const Module& module, std::int16_t sort) : module_(module), sort_(sort) {
  variables();
  for (const Action& action : module.actions)
    if (obstacle_.empty()) this->action(action);
  if (!obstacle_.empty()) return;
  for (std::int64_t e = 0; e < module.sort_sizes[static_cast<std::size_t>(sort)]; ++e) {
    Cells begins = seen_at(module.initial, e);
    if (std::find(beginnings_.begin(), beginnings_.end(), begins) == beginnings_.end())
      beginnings_.push_back(std::move(begins));
  }
  if (beginnings_.empty())
    obstacle_ = "there is no " + module.sorts[static_cast<std::size_t>(sort)].name;
  else
    abstract_.initial = beginnings_.front();
}

void OneCopy::variables() {
  abstract_.name = module_.name;
  abstract_.sorts = module_.sorts;
  // Sorts that index nothing and are chosen by no action are those of machines' states, whose elements mean
  // something by themselves.
  kept_.assign(module_.sorts.size(), false);
  for (const MachineUse& use : module_.machines)
    kept_[static_cast<std::size_t>(module_.variables[static_cast<std::size_t>(use.state)].type.sort)] = true;
  for (const Variable& v : module_.variables)
    for (const std::int16_t index : v.index_sorts)
      if (index >= 0) kept_[static_cast<std::size_t>(index)] = false;
  for (const Action& a : module_.actions)
    for (const ActionParameter& p : a.parameters) kept_[static_cast<std::size_t>(p.sort)] = false;
  abstract_.sorts.push_back({"some", {"some"}});
  for (const Sort& sort : abstract_.sorts)
    abstract_.sort_sizes.push_back(static_cast<std::int32_t>(sort.elements.size()));
  own_.assign(module_.variables.size(), -1);
  for (std::size_t v = 0; v < module_.variables.size(); ++v) {
    const Variable& from = module_.variables[v];
    if (from.index_sorts[0] != sort_ || from.index_sorts[1] >= 0) continue;
    own_[v] = static_cast<std::int16_t>(abstract_.variables.size());
    Variable made = from;
    made.index_sorts[0] = -1;
    if (made.type.kind == TypeKind::element && !kept_[static_cast<std::size_t>(made.type.sort)]) {
      made.type.sort = static_cast<std::int16_t>(abstract_.sorts.size() - 1);
      made.high = 0;
    }
    abstract_.offsets.push_back(static_cast<std::int32_t>(abstract_.variables.size()));
    abstract_.strides.push_back(1);
    abstract_.widths.push_back(1);
    abstract_.variables.push_back(std::move(made));
  }
}

void OneCopy::action(const Action& from) {
  std::vector<std::int16_t> slots;
  for (std::size_t p = 0; p < from.parameters.size(); ++p)
    if (from.parameters[p].sort == sort_) slots.push_back(static_cast<std::int16_t>(p));
  std::vector<const Assignment*> own;
  for (const Assignment& assignment : from.assignments) {
    if (own_[static_cast<std::size_t>(assignment.variable)] < 0) continue;
    const Expression& at = assignment.indices.front();
    const bool at_parameter = slots.size() == 1 && assignment.for_sort < 0 && at.nodes.size() == 1 &&
                              at.nodes[0].op == Op::bound && at.nodes[0].symbol == slots[0];
    if (!at_parameter) {
      obstacle_ = fmt::format("{} changes {} elsewhere than at its own {}", from.name,
                              module_.variables[static_cast<std::size_t>(assignment.variable)].name,
                              module_.sorts[static_cast<std::size_t>(sort_)].name);
      return;
    }
    own.push_back(&assignment);
  }
  if (own.empty()) return;  // no element notices
  Action made;
  made.name = from.name;
  made.text = from.text;
  made.meaning = from.meaning;
  made.actor = from.actor;
  made.fault = from.fault;
  made.sources = from.sources;
  Expression guard = constant(true);
  for (const Expression& one : from.guards)
    guard = both(guard, Approximation(*this, one, slots[0]).condition().may);
  if (is(guard, false)) return;
  made.guards.push_back(std::move(guard));
  std::vector<Action> variants{std::move(made)};
  for (const Assignment* assignment : own) {
    const std::int16_t variable = own_[static_cast<std::size_t>(assignment->variable)];
    const Variable& target = abstract_.variables[static_cast<std::size_t>(variable)];
    const Approximation approximation(*this, assignment->value, slots[0]);
    std::vector<Expression> values;
    if (target.type.kind == TypeKind::boolean) {
      const Approximation::Condition known = approximation.condition();
      if (known.exact) values.push_back(known.may);
    } else if (const auto known = approximation.value())
      values.push_back(*known);
    if (values.empty()) {
      if (target.high - target.low > 16) {
        obstacle_ = fmt::format("{} gives {} a number of which nothing is known", from.name, target.name);
        return;
      }
      const Op op = target.type.kind == TypeKind::boolean   ? Op::boolean
                    : target.type.kind == TypeKind::integer ? Op::integer
                                                            : Op::element;
      for (std::int64_t value = target.low; value <= target.high; ++value) {
        if (value < 0 && op == Op::integer) {
          obstacle_ = fmt::format("{} gives {} a number of which nothing is known", from.name, target.name);
          return;
        }
        values.push_back(value < 0 ? leaf({Op::none, target.type, -1, -1, -1, -1, 1, 0})
                                   : leaf({op, target.type, target.type.sort, -1, -1, -1, 1,
                                           static_cast<std::uint64_t>(value)}));
      }
    }
    std::vector<Action> more;
    for (const Action& variant : variants)
      for (const Expression& value : values) {
        more.push_back(variant);
        Assignment& own_assignment = more.back().assignments.emplace_back();
        own_assignment.variable = variable;
        own_assignment.value = value;
      }
    variants = std::move(more);
  }
  for (Action& variant : variants) abstract_.actions.push_back(std::move(variant));
}

Cells OneCopy::seen_at(const Cells& cells, std::int64_t element) const {
  Cells seen;
  for (std::size_t v = 0; v < module_.variables.size(); ++v) {
    if (own_[v] < 0) continue;
    const Variable& variable = module_.variables[v];
    const std::int64_t value = cells[module_.cell(static_cast<int>(v), element)];
    const bool kept =
        variable.type.kind != TypeKind::element || kept_[static_cast<std::size_t>(variable.type.sort)];
    seen.push_back(kept ? value : value < 0 ? -1 : 0);
  }
  return seen;
}

std::optional<Expression> OneCopy::at_one(const Expression& condition, bool& exact) const {
  if (condition.nodes.empty() || condition.nodes.back().op != Op::for_all ||
      condition.nodes.back().symbol != sort_)
    return std::nullopt;
  // A condition without a value does not hold, and where an index may be none that could be: then nothing
  // follows.
  for (const Node& node : condition.nodes)
    for (const std::int32_t index : {node.a, node.b})
      if (node.op == Op::variable && index >= 0 &&
          condition.nodes[static_cast<std::size_t>(index)].type.optional) {
        exact = false;
        return constant(false);
      }
  Approximation::Condition found = Approximation(*this, condition, 0).condition_below_quantifier();
  exact = found.exact;
  found.must.source = condition.source;
  return std::move(found.must);
}

}  // namespace portolan::rules
