#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Of all states that differ by a symmetry (symmetry.hpp), the one that stands for them: the image that is
// least, by hashes, which depend on values alone and not on their numbers. For that the *images* of every
// value are noted when it is met: what each permutation makes of it.

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "solver/explore/ground/components.hpp"
#include "solver/explore/ground/symmetry.hpp"

namespace portolan::solver::explore {

class Representatives {
 public:
  /// Values of any component's: their numbers, or Components::unknown where there is no room.
  using Intern = std::function<std::uint32_t(std::size_t component, const Word* raw)>;

  Representatives(std::shared_ptr<const Symmetry> symmetry, Components& components);

  const Symmetry& symmetry() const { return *symmetry_; }
  /// The components that are sorted together with this one; none where it is not sorted.
  std::span<const std::size_t> sorted_with(std::size_t component) const;

  /// A value that was met, whose images are not noted.
  void add(std::size_t component, std::uint32_t value) { without_images_.emplace_back(component, value); }
  bool complete() const { return without_images_.empty(); }
  /// Notes the images of all that was added. What they are may be new, and is then added by `intern`, until
  /// all that belongs together is known. Where there is no room for one of them the rest is left out.
  void note_images(const Intern& intern);

  /// The state's representative, and its hash. All of its values have images.
  void represent(Word* state, std::uint64_t& hash) const;

 private:
  /// The hashes of a state's image, by component, those of each sorted group in increasing order, and its
  /// values.
  struct Arranged {
    std::array<std::uint64_t, components_max> hashes;
    std::array<std::uint32_t, components_max> values;
  };

  std::shared_ptr<const Symmetry> symmetry_;
  Components& components_;
  int first_settled_ = -1;  ///< the first settled component, where every permutation leaves it in its place
  std::vector<int> sorted_group_;  ///< by component: its sorted group, or -1
  std::vector<std::unique_ptr<Image[]>> images_;
  std::vector<std::unique_ptr<std::uint32_t[]>> least_;
  std::vector<std::pair<std::size_t, std::uint32_t>> without_images_;

  std::unique_ptr<std::uint32_t[]> least_of(const Image* images) const;
  std::uint64_t sum(std::size_t permutation, const Seen& seen) const;
  void arrange(std::size_t permutation, const Seen& seen, Arranged& into) const;
};

}  // namespace portolan::solver::explore
