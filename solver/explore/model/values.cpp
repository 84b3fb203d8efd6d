// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/values.hpp"

#include <cassert>

namespace portolan::solver::explore {

Values::Values(Components& components, ValueNotes& notes, std::shared_ptr<const Symmetry> symmetry)
    : components_(components), notes_(notes) {
  if (symmetry != nullptr)
    representatives_ = std::make_unique<Representatives>(std::move(symmetry), components);
}

void Values::begin() {
  for (std::size_t c = 0; c < components_.count(); ++c)
    for (std::uint32_t v = 0, known = components_.known(c); v < known; ++v) {
      notes_.describe(c, v);
      if (representatives_) representatives_->add(c, v);
    }
  if (representatives_) note_images();
  grew_ = false;
}

std::uint32_t Values::intern(std::size_t component, const Word* raw) {
  const std::uint32_t number = intern_without_images(component, raw);
  if (representatives_ && !representatives_->complete()) note_images();
  return number;
}

void Values::note_images() {
  representatives_->note_images(
      [this](std::size_t component, const Word* raw) { return intern_without_images(component, raw); });
}

/// In all components of its sorted group at once.
std::uint32_t Values::intern_without_images(std::size_t component, const Word* raw) {
  bool fresh = false;
  const std::uint32_t number = components_.intern(component, raw, fresh);
  if (number == Components::unknown) overflowed_.store(true, std::memory_order_relaxed);
  if (!fresh) return number;
  notes_.describe(component, number);
  grew_.store(true, std::memory_order_relaxed);
  if (!representatives_) return number;
  representatives_->add(component, number);
  std::vector<Word> moved(components_.raw_words());
  for (const std::size_t other : representatives_->sorted_with(component)) {
    if (other == component) continue;
    representatives_->symmetry().moved(component, other, raw, moved.data());
    bool new_there = false;
    [[maybe_unused]] const std::uint32_t there = components_.intern(other, moved.data(), new_there);
    assert(there == number && new_there);
    notes_.describe(other, number);
    representatives_->add(other, number);
  }
  return number;
}

}  // namespace portolan::solver::explore
