// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/representative.hpp"

#include <algorithm>

namespace portolan::solver::explore {

Representatives::Representatives(std::shared_ptr<const Symmetry> symmetry, Components& components)
    : symmetry_(std::move(symmetry)), components_(components), sorted_group_(components.count(), -1) {
  for (std::size_t g = 0; g < symmetry_->sorted().size(); ++g)
    for (const std::size_t c : symmetry_->sorted()[g]) sorted_group_[c] = static_cast<int>(g);
  const std::vector<std::size_t>& settled = symmetry_->settled();
  if (settled.empty()) return;
  first_settled_ = static_cast<int>(settled.front());
  for (std::size_t p = 0; p < symmetry_->permutations(); ++p)
    if (symmetry_->component(p, settled.front()) != settled.front()) first_settled_ = -1;
}

std::span<const std::size_t> Representatives::sorted_with(std::size_t component) const {
  const int group = sorted_group_[component];
  return group < 0 ? std::span<const std::size_t>{} : symmetry_->sorted()[static_cast<std::size_t>(group)];
}

/// How many permutations give the least hash, then which.
std::unique_ptr<std::uint32_t[]> Representatives::least_of(const Image* images) const {
  std::vector<std::uint32_t> least;
  for (std::uint32_t p = 0; p < symmetry_->permutations(); ++p) {
    if (!least.empty() && images[p].hash > images[least.front()].hash) continue;
    if (!least.empty() && images[p].hash < images[least.front()].hash) least.clear();
    least.push_back(p);
  }
  auto list = std::make_unique<std::uint32_t[]>(least.size() + 1);
  list[0] = static_cast<std::uint32_t>(least.size());
  std::copy(least.begin(), least.end(), list.get() + 1);
  return list;
}

void Representatives::note_images(const Intern& intern) {
  const std::size_t permutations = symmetry_->permutations();
  std::vector<Word> raw(components_.raw_words());
  while (!without_images_.empty()) {
    const auto [component, value] = without_images_.back();
    without_images_.pop_back();
    auto images = std::make_unique<Image[]>(permutations);
    for (std::size_t p = 0; p < permutations; ++p) {
      const std::size_t to = symmetry_->component(p, component);
      symmetry_->image(p, component, components_.value(component, value).raw, raw.data());
      const std::uint32_t number = intern(to, raw.data());
      if (number == Components::unknown) {
        without_images_.clear();
        return;
      }  // the search begins again with more room
      // Members of a sorted group are compared by what they would be in its first place.
      const std::span<const std::size_t> group = sorted_with(component);
      images[p] = {components_.value(group.empty() ? to : group.front(), number).hash, number};
    }
    ComponentValue& noted = components_.value_to_fill(component, value);
    noted.images = images.get();
    if (first_settled_ == static_cast<int>(component)) {
      least_.push_back(least_of(images.get()));
      noted.least = least_.back().get();
    }
    images_.push_back(std::move(images));
  }
}

void Representatives::arrange(std::size_t permutation, const Seen& seen, Arranged& into) const {
  for (const std::size_t c : symmetry_->settled()) {
    const Image& image = seen.at[c]->images[permutation];
    const std::size_t to = symmetry_->component(permutation, c);
    into.hashes[to] = image.hash;
    into.values[to] = image.value;
  }
  for (const std::vector<std::size_t>& group : symmetry_->sorted()) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const Image& image = seen.at[group[i]]->images[permutation];
      std::size_t at = i;
      for (; at > 0 && into.hashes[group[at - 1]] > image.hash; --at) {
        into.hashes[group[at]] = into.hashes[group[at - 1]];
        into.values[group[at]] = into.values[group[at - 1]];
      }
      into.hashes[group[at]] = image.hash;
      into.values[group[at]] = image.value;
    }
  }
}

/// Members of a group count alike, so that nothing has to be sorted.
inline std::uint64_t Representatives::sum(std::size_t permutation, const Seen& seen) const {
  std::uint64_t result = 0;
  for (const std::size_t c : symmetry_->settled())
    result += seen.at[c]->images[permutation].hash * (2 * symmetry_->component(permutation, c) + 3);
  for (const std::vector<std::size_t>& group : symmetry_->sorted())
    for (const std::size_t c : group) result += seen.at[c]->images[permutation].hash;
  return result;
}

/// Least is least of the component for which `least` is known, then by a sum, then by everything in order.
void Representatives::represent(Word* state, std::uint64_t& hash) const {
  const Seen seen = components_.see(state);
  const std::size_t count = components_.count();
  const std::uint32_t* least =
      first_settled_ < 0 ? nullptr : seen.at[static_cast<std::size_t>(first_settled_)]->least;
  const std::size_t candidates = least != nullptr ? least[0] : symmetry_->permutations();
  Arranged arranged[2];
  unsigned best = 0;
  std::size_t chosen = least != nullptr ? least[1] : 0;
  bool is_arranged = false;
  if (candidates > 1) {
    std::uint64_t least_sum = sum(chosen, seen);
    for (std::size_t i = 1; i < candidates; ++i) {
      const std::size_t permutation = least != nullptr ? least[i + 1] : i;
      const std::uint64_t here = sum(permutation, seen);
      if (here > least_sum) continue;
      if (here < least_sum) {
        least_sum = here;
        chosen = permutation;
        is_arranged = false;
        continue;
      }
      if (!is_arranged) arrange(chosen, seen, arranged[best]);
      is_arranged = true;
      arrange(permutation, seen, arranged[1 - best]);
      if (!std::lexicographical_compare(
              arranged[1 - best].hashes.begin(),
              arranged[1 - best].hashes.begin() + static_cast<std::ptrdiff_t>(count),
              arranged[best].hashes.begin(),
              arranged[best].hashes.begin() + static_cast<std::ptrdiff_t>(count)))
        continue;
      best = 1 - best;
      chosen = permutation;
    }
  }
  if (!is_arranged) arrange(chosen, seen, arranged[best]);
  for (std::size_t w = 0; w < components_.words(); ++w) state[w] = 0;
  hash = 0;
  for (std::size_t c = 0; c < count; ++c) {
    const std::uint32_t value = arranged[best].values[c];
    const Components::Place& place = components_.place(c);
    state[place.word] |= Word{value} << place.shift;
    hash ^= components_.value(c, value).hash;
  }
}

}  // namespace portolan::solver::explore
