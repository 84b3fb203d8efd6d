// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/blocks.hpp"

#include <cassert>
#include <utility>
#include <vector>

#include "model/compat/evaluation.hpp"
#include "model/compat/observed.hpp"
#include "model/rules/evaluate.hpp"

namespace portolan::compat {
namespace {

Evaluated evaluated(const Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth;
  if (const std::uint64_t* number = std::get_if<std::uint64_t>(&value)) return Integer(*number);
  return std::get<std::string>(value);
}

/// The rule language over values of which some are not known.
struct Known {
  using value = std::optional<Evaluated>;
  std::vector<value> variables;

  static std::optional<bool> truth(const value& of) {
    return of ? std::optional(std::get<bool>(*of)) : std::nullopt;
  }
  value boolean(bool v) const { return v; }
  value integer(std::uint64_t v) const { return Integer(v); }
  value text(const std::string& v) const { return v; }
  value element(int, std::uint64_t) const { return no_sorts(); }
  value none() const { return no_sorts(); }
  value variable(int symbol, std::span<const value>) const {
    return variables[static_cast<std::size_t>(symbol)];
  }
  value negation(const value& a) const { return a ? value(!std::get<bool>(*a)) : std::nullopt; }
  template <class A, class B>
  value logical(rules::Op op, A a, B b) const {
    auto left = truth(a());
    const auto right = truth(b());
    if (op == rules::Op::implication && left) left = !*left;
    const bool settles = op != rules::Op::conjunction;  // what one operand says for both
    if (left == settles || right == settles) return settles;
    return left && right ? value(!settles) : std::nullopt;
  }
  template <class C, class A, class B>
  value conditional(C c, A a, B b) const {
    if (const auto condition = truth(c())) return *condition ? a() : b();
    const value left = a(), right = b();
    return left && right && *left == *right ? left : std::nullopt;
  }
  value binary(rules::Op op, const value& a, const value& b) const {
    if (!a || !b) return std::nullopt;
    if (!rules::is_arithmetic(op)) return rules::compare(op, *a, *b);
    const Integer &left = std::get<Integer>(*a), &right = std::get<Integer>(*b);
    return op == rules::Op::plus    ? Evaluated(Integer(left + right))
           : op == rules::Op::minus ? Evaluated(Integer(left - right))
                                    : Evaluated(Integer(left * right));
  }
  value member(const value& a, const std::vector<std::pair<value, std::optional<value>>>& items) const {
    if (!a) return std::nullopt;
    bool open = false;
    for (const auto& [low, high] : items) {
      if (!low || (high && !*high)) {
        open = true;
      } else if (high ? *low <= *a && *a <= **high : *a == *low) {
        return true;
      }
    }
    return open ? std::nullopt : value(false);
  }
  template <class Body>
  value quantified(rules::Op, int, Body) const {
    return no_sorts();
  }

 private:
  static value no_sorts() {
    assert(false && "parameter expressions have no sorts");
    return std::nullopt;
  }
};

/// A value as a variable of that type has it.
std::optional<Evaluated> as_variable(const Value& value, ValueType type) {
  if (type_of(value) == type) return evaluated(value);
  const auto number = number_of(value);
  if (!number || type == ValueType::string) return std::nullopt;
  if (type == ValueType::integer) return Evaluated(Integer(*number));
  return *number <= 1 ? std::optional<Evaluated>(*number == 1) : std::nullopt;
}

/// Rewrites a condition to one that says no more (`certain`) or no less than it, whatever the variables are
/// that the model does not have.
class Bound {
 public:
  Bound(const Block& block, const DeviceModel& model) : from_(block.when.view()) {
    for (const auto& [name, variable] : block.variables) {
      const auto own = model.parameters.find(name);
      position_.push_back(own == model.parameters.end()
                              ? -1
                              : static_cast<std::int16_t>(std::distance(model.parameters.begin(), own)));
    }
  }

  rules::Expression make(const rules::Expression& condition, bool certain) {
    out_ = {};
    out_.source = condition.source;
    out_.place = condition.place;
    visit(from_.root(), certain);
    return std::move(out_);
  }

 private:
  using Op = rules::Op;

  const rules::Node& node(std::int32_t index) const { return from_.nodes[static_cast<std::size_t>(index)]; }

  bool is_known(std::int32_t index) const {
    if (index < 0) return true;
    const rules::Node& one = node(index);
    if (one.op == Op::variable && position_[static_cast<std::size_t>(one.symbol)] < 0) return false;
    return is_known(one.a) && is_known(one.b) && is_known(one.c);
  }

  std::int32_t put(rules::Node made) {
    out_.nodes.push_back(made);
    return static_cast<std::int32_t>(out_.nodes.size()) - 1;
  }
  std::int32_t put(rules::Node made, std::int32_t a, std::int32_t b = -1) {
    made.a = a;
    made.b = b;
    made.c = -1;
    return put(made);
  }
  std::int32_t constant(const rules::Node& like, bool truth) {
    rules::Node made = like;
    made.op = Op::boolean;
    made.symbol = -1;
    made.a = made.b = made.c = -1;
    made.number = truth;
    return put(made);
  }
  /// Parameters have other positions without the aspects.
  std::int32_t copy(std::int32_t index) {
    return rules::splice(out_, from_, index, [this](const rules::Node& one) {
      if (one.op != Op::variable) return std::int32_t{-1};
      rules::Node moved = one;
      moved.symbol = position_[static_cast<std::size_t>(one.symbol)];
      return put(moved);
    });
  }

  std::int32_t visit(std::int32_t index, bool certain) {
    if (is_known(index)) return copy(index);
    const rules::Node& one = node(index);
    switch (one.op) {
      case Op::negation: return put(one, visit(one.a, !certain));
      case Op::conjunction:
      case Op::disjunction: {
        const std::int32_t left = visit(one.a, certain);
        return put(one, left, visit(one.b, certain));
      }
      case Op::implication: {
        const std::int32_t left = visit(one.a, !certain);
        return put(one, left, visit(one.b, certain));
      }
      case Op::conditional: return branches(one, certain);
      default: return constant(one, !certain);
    }
  }

  /// `if c then a else b` as `(c && a) || (!c && b)`, where both may be looked at when c is not known.
  std::int32_t branches(const rules::Node& one, bool certain) {
    const auto both = [&](std::int32_t condition, std::int32_t branch) {
      rules::Node made = one;
      made.op = Op::conjunction;
      return put(made, condition, branch);
    };
    const std::int32_t yes = visit(one.a, certain);
    const std::int32_t first = both(yes, visit(one.b, certain));
    rules::Node negation = one;
    negation.op = Op::negation;
    const std::int32_t no = put(negation, visit(one.a, !certain));
    const std::int32_t second = both(no, visit(one.c, certain));
    rules::Node either = one;
    either.op = Op::disjunction;
    return put(either, first, second);
  }

  rules::ExpressionView from_;
  std::vector<std::int16_t> position_;  ///< of a variable among the model's parameters; -1: an aspect
  rules::Expression out_;
};

}  // namespace

std::optional<bool> holds_of_known(const Block& block, const KnownValues& known) {
  Known reading;
  for (const auto& [name, variable] : block.variables) {
    const auto found = known.find(name);
    reading.variables.push_back(found == known.end() ? std::nullopt
                                                     : as_variable(found->second, variable.type));
  }
  return Known::truth(rules::fold(block.when.view(), reading));
}

KnownValues known_at(const End& end, const Configuration& configuration, const std::string& profile,
                     bool arrived) {
  KnownValues known(configuration.begin(), configuration.end());
  const Annotations& notes = notes_of(end);
  const auto seen = shown_by_source(notes, profile, arrived);
  if (!seen) return known;
  for (const Block& block : notes.blocks) {
    for (const auto& [name, variable] : block.variables) {
      if (known.contains(name) || end.model->find(name) != nullptr) continue;
      const auto entry = seen->find(name);
      if (entry == seen->end() ? notes.reports(name) : !entry->second) {
        known.emplace(name, absent_like(variable.type == ValueType::boolean   ? Value(false)
                                        : variable.type == ValueType::integer ? Value(std::uint64_t{0})
                                                                              : Value(std::string())));
      } else if (entry != seen->end() && entry->second->value() != nullptr) {
        known.emplace(name, *entry->second->value());
      }
    }
  }
  return known;
}

std::vector<Refused> refusals_to_save(const End& source, const Configuration& configuration,
                                      const std::string& profile, bool arrived) {
  std::vector<Refused> refused;
  const Annotations& notes = notes_of(source);
  if (notes.blocks.empty()) return refused;
  const KnownValues known = known_at(source, configuration, profile, arrived);
  for (const Block& block : notes.blocks)
    if (const auto holds = holds_of_known(block, known); holds != std::optional(false))
      refused.push_back({&block, holds.has_value()});
  return refused;
}

BlockBounds bounds_of(const Block& block, const DeviceModel& model) {
  Bound bound(block, model);
  return {bound.make(block.when, true), bound.make(block.when, false)};
}

}  // namespace portolan::compat
