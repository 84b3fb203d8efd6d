// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/property_watches.hpp"

namespace portolan::solver::explore {

using rules::Verb;

namespace {

rules::Expression part_of(const rules::Expression& whole, std::int32_t root) {
  rules::Expression part;
  rules::splice(part, whole.view(), root, [](const rules::Node&) { return -1; });
  return part;
}

/// Calls f(left side) for `a => b`, for every element where quantifiers stand before it; false for any other
/// form.
bool for_each_left_side(const rules::Module& module, const rules::Expression& condition, std::int32_t root,
                        rules::Arguments& bound,
                        const std::function<void(const rules::Expression&, const rules::Arguments&)>& f) {
  const rules::Node& node = condition.nodes[static_cast<std::size_t>(root)];
  if (node.op == rules::Op::implication) {
    f(part_of(condition, node.a), bound);
    return true;
  }
  if (node.op != rules::Op::for_all) return false;
  // The form is the same for every element; an empty sort has no left side that could be true.
  const std::int32_t size = module.sort_sizes[static_cast<std::size_t>(node.symbol)];
  if (size == 0) {
    rules::Arguments none = bound;
    none.push_back(0);
    return for_each_left_side(module, condition, node.a, none,
                              [](const rules::Expression&, const rules::Arguments&) {});
  }
  bool implication = true;
  for (std::int64_t e = 0; e < size && implication; ++e) {
    bound.push_back(e);
    implication = for_each_left_side(module, condition, node.a, bound, f);
    bound.pop_back();
  }
  return implication;
}

/// The left sides that can be true at all; none where the condition is no implication.
std::optional<std::vector<Predicate>> left_sides(const rules::Module& module,
                                                 const rules::Expression& condition, ModelBuilder& builder) {
  if (condition.nodes.empty()) return std::nullopt;
  std::vector<Predicate> sides;
  rules::Arguments bound;
  const bool implication =
      for_each_left_side(module, condition, condition.view().root(), bound,
                         [&](const rules::Expression& left, const rules::Arguments& elements) {
                           const TermId term = builder.terms().ground(left, elements);
                           if (!builder.terms().is_false(term)) sides.push_back(builder.predicate(term));
                         });
  if (!implication) return std::nullopt;
  return sides;
}

}  // namespace

Predicate predicate_of(ModelBuilder& builder, const rules::Expression& condition) {
  return builder.predicate(condition.nodes.empty() ? builder.terms().constant(1)
                                                   : builder.terms().ground(condition, {}));
}

PropertyWatches watch_properties(const rules::Module& module, ModelBuilder& builder, bool stop_at_violation) {
  PropertyWatches made;
  const auto add = [&](std::vector<Predicate> predicates, bool when, bool ends, bool traced) {
    made.watches.push_back({.predicates = std::move(predicates),
                            .when = when,
                            .ends = ends,
                            .traced = traced,
                            .found = {},
                            .trace = {}});
    return made.watches.size() - 1;
  };
  for (const rules::Property& property : module.properties) {
    PropertyWatch& watch = made.properties.emplace_back();
    watch.condition = predicate_of(builder, property.condition);
    const bool always = property.verb == Verb::always;
    if (always) builder.cover(watch.condition);
    if (property.verb != Verb::eventually)
      watch.witness = add({watch.condition}, !always, always && stop_at_violation, true);
    if (property.verb == Verb::sometimes) continue;
    if (auto sides = left_sides(module, property.condition, builder))
      watch.left_side = add(std::move(*sides), true, false, false);
  }
  return made;
}

}  // namespace portolan::solver::explore
