// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/ground/symmetry.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace portolan::solver::explore {

namespace {

void each_expression(const rules::Module& module, const std::function<void(const rules::Expression&)>& f) {
  for (const rules::Action& action : module.actions) {
    for (const rules::Expression& guard : action.guards) f(guard);
    for (const rules::Assignment& assignment : action.assignments) {
      for (const rules::Expression& index : assignment.indices) f(index);
      f(assignment.value);
    }
  }
  for (const rules::Property& property : module.properties) f(property.condition);
}

bool compares_order(rules::Op op) {
  return op == rules::Op::less || op == rules::Op::less_equal || op == rules::Op::greater ||
         op == rules::Op::greater_equal;
}

/// By sort, the elements that stay as they are: those that are named, and all where the order of a sort
/// matters.
std::vector<std::vector<bool>> told_apart(const rules::Module& module,
                                          std::span<const rules::Expression* const> observed) {
  std::vector<std::vector<bool>> named(module.sorts.size());
  for (std::size_t s = 0; s < module.sorts.size(); ++s)
    named[s].assign(module.sorts[s].elements.size(), false);
  const auto fix = [&](const rules::Type& type, std::int64_t element) {
    if (type.kind != rules::TypeKind::element || type.sort < 0 ||
        static_cast<std::size_t>(type.sort) >= named.size())
      return;
    std::vector<bool>& of = named[static_cast<std::size_t>(type.sort)];
    if (element < 0)
      of.assign(of.size(), true);
    else if (static_cast<std::size_t>(element) < of.size())
      of[static_cast<std::size_t>(element)] = true;
  };
  const auto look = [&](const rules::Expression& expression) {
    for (const rules::Node& node : expression.nodes) {
      if (node.op == rules::Op::element) fix(node.type, static_cast<std::int64_t>(node.number));
      // A range of elements, and any comparison by order, tells by position.
      const bool range = node.op == rules::Op::item && node.b >= 0;
      if (compares_order(node.op) || range) fix(expression.nodes[static_cast<std::size_t>(node.a)].type, -1);
    }
  };
  each_expression(module, look);
  for (const rules::Expression* expression : observed) look(*expression);
  return named;
}

}  // namespace

Symmetry::Symmetry(const rules::Module& module, const Packing& packing, const Components& components,
                   std::span<const rules::Expression* const> observed, std::function<void()> tick)
    : module_(module),
      packing_(packing),
      tick_(std::move(tick)),
      cells_(components.count()),
      variable_of_(module.initial.size()) {
  for (std::size_t v = 0; v < module.variables.size(); ++v)
    for (std::int32_t i = 0; i < module.widths[v]; ++i)
      variable_of_[static_cast<std::size_t>(module.offsets[v] + i)] = v;
  for (std::size_t cell = 0; cell < module.initial.size(); ++cell)
    if (components.of(cell) >= 0) cells_[static_cast<std::size_t>(components.of(cell))].push_back(cell);

  permutations_.push_back({std::vector<Permutation>(module.sorts.size()), {}, {}});
  std::vector<bool> is_sorted(components.count());
  for (Group& group : interchangeable(told_apart(module, observed))) {
    if (const auto sortable = sortable_components(group, components)) {
      for (const std::size_t c : *sortable) is_sorted[c] = true;
      sorted_.push_back(*sortable);
    } else if (!write_out(group, components)) {
      continue;
    }
    groups_.push_back(group);
  }
  for (Whole& whole : permutations_) keeps_components(whole.of_sorts, components, whole);
  for (std::size_t c = 0; c < components.count(); ++c)
    if (!is_sorted[c]) settled_.push_back(c);
}

/// Elements that can be swapped with the first of their group.
std::vector<Symmetry::Group> Symmetry::interchangeable(const std::vector<std::vector<bool>>& fixed) const {
  std::vector<Group> groups;
  for (std::size_t s = 0; s < module_.sorts.size(); ++s) {
    std::vector<bool> taken = fixed[s];
    const auto size = static_cast<std::int64_t>(taken.size());
    for (std::int64_t a = 0; a < size; ++a) {
      if (taken[static_cast<std::size_t>(a)]) continue;
      Group group{s, {a}};
      for (std::int64_t b = a + 1; b < size; ++b) {
        if (taken[static_cast<std::size_t>(b)] || !maps_to_itself(s, a, b)) continue;
        taken[static_cast<std::size_t>(b)] = true;
        group.elements.push_back(b);
      }
      if (group.elements.size() > 1) groups.push_back(std::move(group));
    }
  }
  return groups;
}

/// The components of the elements of a group that is interchanged by sorting them: no variable has the sort
/// as its values or as its second index, and every element has one component.
std::optional<std::vector<std::size_t>> Symmetry::sortable_components(const Group& group,
                                                                      const Components& components) const {
  const auto sort = static_cast<std::int16_t>(group.sort);
  for (const rules::Variable& variable : module_.variables)
    if (!variable.fixed && ((variable.type.kind == rules::TypeKind::element && variable.type.sort == sort) ||
                            variable.index_sorts[1] == sort))
      return std::nullopt;
  std::vector<std::size_t> of_elements;
  // Each element needs a component of its own, so that more of them cannot be sorted.
  if (group.elements.size() > components.count()) return std::nullopt;
  for (const std::int64_t element : group.elements) {
    std::optional<std::size_t> home;
    for (std::size_t c = 0; c < components.count(); ++c) {
      std::size_t own = 0;
      for (const std::size_t cell : cells_[c]) {
        const std::size_t v = variable_of_[cell];
        const auto i = (static_cast<std::int64_t>(cell) - module_.offsets[v]) / module_.strides[v];
        own += module_.variables[v].index_sorts[0] == sort && i == element;
      }
      if (own == 0) continue;
      if (own != cells_[c].size() || home) return std::nullopt;
      home = c;
    }
    if (!home) return std::nullopt;
    of_elements.push_back(*home);
  }
  return of_elements;
}

/// Writes out the permutations of a group, on top of what is written out so far; of a group with too many
/// only of its first elements. False where nothing is written out.
bool Symmetry::write_out(Group& group, const Components& components) {
  while (group.elements.size() > 1) {
    std::size_t count = permutations_.size();
    // Ends when it is too many: n! of 66 elements and more is 0 in 64 bits.
    for (std::size_t n = 2; n <= group.elements.size() && count <= permutations_max; ++n) count *= n;
    if (count <= permutations_max) break;
    group.elements.pop_back();
  }
  if (group.elements.size() < 2) return false;
  std::vector<Whole> more;
  bool keeps = true;
  std::vector<std::int64_t> order = group.elements;
  do {
    Permutation permutation(module_.sorts[group.sort].elements.size());
    std::iota(permutation.begin(), permutation.end(), 0);
    for (std::size_t e = 0; e < order.size(); ++e)
      permutation[static_cast<std::size_t>(group.elements[e])] = order[e];
    for (const Whole& before : permutations_) {
      Whole whole{before.of_sorts, {}, {}};
      whole.of_sorts[group.sort] = whole.of_sorts[group.sort].empty() ? permutation : [&] {
        Permutation both(permutation.size());
        for (std::size_t e = 0; e < both.size(); ++e)
          both[e] = permutation[static_cast<std::size_t>(before.of_sorts[group.sort][e])];
        return both;
      }();
      keeps = keeps && keeps_components(whole.of_sorts, components, whole);
      more.push_back(std::move(whole));
    }
  } while (std::next_permutation(order.begin(), order.end()));
  if (keeps) permutations_ = std::move(more);
  return keeps;
}

std::int64_t Symmetry::mapped_value(const std::vector<Permutation>& by, std::size_t variable,
                                    std::int64_t value) const {
  const rules::Type& type = module_.variables[variable].type;
  if (type.kind != rules::TypeKind::element || type.sort < 0 || value < 0) return value;
  const Permutation& permutation = by[static_cast<std::size_t>(type.sort)];
  return permutation.empty() ? value : permutation[static_cast<std::size_t>(value)];
}

std::size_t Symmetry::mapped_cell(const std::vector<Permutation>& by, std::size_t cell) const {
  const std::size_t v = variable_of_[cell];
  const rules::Variable& variable = module_.variables[v];
  const auto within = static_cast<std::int64_t>(cell) - module_.offsets[v];
  const auto map = [&](std::int16_t sort, std::int64_t element) {
    return sort < 0 || by[static_cast<std::size_t>(sort)].empty()
               ? element
               : by[static_cast<std::size_t>(sort)][static_cast<std::size_t>(element)];
  };
  const std::int64_t stride = module_.strides[v];
  if (variable.index_sorts[0] < 0) return cell;
  const std::int64_t i = map(variable.index_sorts[0], within / stride);
  const std::int64_t j = variable.index_sorts[1] < 0 ? 0 : map(variable.index_sorts[1], within % stride);
  return static_cast<std::size_t>(module_.offsets[v] + i * stride + j);
}

/// Whether swapping two elements leaves every fixed table as it is, and takes constant cells to constant
/// cells.
bool Symmetry::maps_to_itself(std::size_t sort, std::int64_t a, std::int64_t b) const {
  constexpr std::uint32_t between_ticks = 1024;
  if (tick_ && ++asked_ % between_ticks == 0) tick_();
  std::vector<Permutation> by(module_.sorts.size());
  by[sort].resize(module_.sorts[sort].elements.size());
  std::iota(by[sort].begin(), by[sort].end(), 0);
  std::swap(by[sort][static_cast<std::size_t>(a)], by[sort][static_cast<std::size_t>(b)]);
  for (std::size_t cell = 0; cell < module_.initial.size(); ++cell) {
    const std::size_t v = variable_of_[cell], to = mapped_cell(by, cell);
    const Field &from = packing_.fields()[cell], &at = packing_.fields()[to];
    if (module_.variables[v].fixed) {
      if (mapped_value(by, v, module_.initial[cell]) != module_.initial[to]) return false;
    } else if (from.width != at.width ||
               (from.width == 0 ? mapped_value(by, v, from.low) != at.low : from.low != at.low)) {
      return false;
    }
  }
  return true;
}

bool Symmetry::keeps_components(const std::vector<Permutation>& by, const Components& components,
                                Whole& into) const {
  into.cells.resize(module_.initial.size());
  for (std::size_t cell = 0; cell < into.cells.size(); ++cell) into.cells[cell] = mapped_cell(by, cell);
  into.components.assign(components.count(), 0);
  for (std::size_t c = 0; c < components.count(); ++c) {
    const int to = components.of(into.cells[cells_[c].front()]);
    if (to < 0 || cells_[static_cast<std::size_t>(to)].size() != cells_[c].size()) return false;
    for (const std::size_t cell : cells_[c])
      if (components.of(into.cells[cell]) != to) return false;
    into.components[c] = static_cast<std::size_t>(to);
  }
  return true;
}

void Symmetry::image(std::size_t permutation, std::size_t component, const Word* raw, Word* into) const {
  const Whole& whole = permutations_[permutation];
  std::fill_n(into, packing_.words(), Word{0});
  for (const std::size_t cell : cells_[component]) {
    const Field& to = packing_.fields()[whole.cells[cell]];
    into[to.word] |= to.coded(mapped_value(whole.of_sorts, variable_of_[cell], packing_.read(cell, raw)));
  }
}

void Symmetry::moved(std::size_t from, std::size_t to, const Word* raw, Word* into) const {
  std::fill_n(into, packing_.words(), Word{0});
  // Cells of a component are in the order of variables and second indices, which is the same for every
  // element.
  for (std::size_t i = 0; i < cells_[from].size(); ++i) {
    const Field& there = packing_.fields()[cells_[to][i]];
    into[there.word] |= there.coded(packing_.read(cells_[from][i], raw));
  }
}

std::vector<std::string> Symmetry::told() const {
  std::vector<std::string> result;
  for (const Group& group : groups_) {
    const rules::Sort& sort = module_.sorts[group.sort];
    std::string line = sort.name + ":";
    for (std::size_t e = 0; e < group.elements.size(); ++e)
      line += (e == 0 ? " " : " = ") + sort.elements[static_cast<std::size_t>(group.elements[e])];
    result.push_back(std::move(line));
  }
  return result;
}

}  // namespace portolan::solver::explore
