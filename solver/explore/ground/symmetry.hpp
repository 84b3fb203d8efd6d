#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which elements of a module's sorts are interchangeable: hosts that start alike, VMs that may have the same.
// Swapping two of them in every index and every value maps the module to itself, so that of all states which
// differ by such a swap a search needs one. Nothing is asked of the initial state but that the same cells are
// constant. An element that some action or property names is never swapped.
//
// Elements of a sort that is never the value of a variable, each with a component of its own (VMs), are
// interchanged by sorting the components. For the others (hosts: a VM is *on* one) the permutations are
// written out, as far as they are not too many.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "solver/explore/ground/components.hpp"
#include "solver/explore/ground/terms.hpp"

namespace portolan::solver::explore {

class Symmetry {
 public:
  static constexpr std::size_t permutations_max = 120;

  /// `observed`: further expressions that must not tell merged states apart. `tick` is called now and then;
  /// what it throws ends the construction.
  Symmetry(const rules::Module& module, const Packing& packing, const Components& components,
           std::span<const rules::Expression* const> observed = {}, std::function<void()> tick = {});

  bool trivial() const { return permutations_.size() == 1 && sorted_.empty(); }
  std::size_t permutations() const { return permutations_.size(); }
  /// Components that may be sorted, in groups.
  const std::vector<std::vector<std::size_t>>& sorted() const { return sorted_; }
  /// Components whose place is settled by the permutation alone.
  const std::vector<std::size_t>& settled() const { return settled_; }
  /// Where a permutation takes a component.
  std::size_t component(std::size_t permutation, std::size_t component) const {
    return permutations_[permutation].components[component];
  }
  /// What the permutation makes of the component's value: raw words, for the component to which it is taken.
  void image(std::size_t permutation, std::size_t component, const Word* raw, Word* into) const;
  /// The value of one component of a sorted group as a value of another one.
  void moved(std::size_t from, std::size_t to, const Word* raw, Word* into) const;

  /// `host: host1 = host2 = host3`, one for each set of interchangeable elements.
  std::vector<std::string> told() const;

 private:
  using Permutation = std::vector<std::int64_t>;  ///< of the elements of one sort
  struct Group {
    std::size_t sort = 0;
    std::vector<std::int64_t> elements;
  };
  struct Whole {
    std::vector<Permutation> of_sorts;  ///< empty: identity
    std::vector<std::size_t> components;
    std::vector<std::size_t> cells;
  };
  const rules::Module& module_;
  const Packing& packing_;
  std::function<void()> tick_;
  mutable std::uint32_t asked_ = 0;  ///< how often an image was asked for
  std::vector<Group> groups_;
  std::vector<Whole> permutations_;
  std::vector<std::vector<std::size_t>> sorted_;
  std::vector<std::size_t> settled_;
  std::vector<std::vector<std::size_t>> cells_;  ///< by component
  std::vector<std::size_t> variable_of_;         ///< by cell

  std::vector<Group> interchangeable(const std::vector<std::vector<bool>>& fixed) const;
  std::optional<std::vector<std::size_t>> sortable_components(const Group& group,
                                                              const Components& components) const;
  bool write_out(Group& group, const Components& components);
  std::size_t mapped_cell(const std::vector<Permutation>& by, std::size_t cell) const;
  std::int64_t mapped_value(const std::vector<Permutation>& by, std::size_t variable,
                            std::int64_t value) const;
  bool maps_to_itself(std::size_t sort, std::int64_t a, std::int64_t b) const;
  bool keeps_components(const std::vector<Permutation>& by, const Components& components, Whole& into) const;
};

}  // namespace portolan::solver::explore
