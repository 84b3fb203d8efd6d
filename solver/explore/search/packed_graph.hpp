#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states of a packed search and their events without faults, for the backward pass; a node is a part and
// a position.

#include "solver/explore/search/packed_states.hpp"

namespace portolan::solver::explore {

template <unsigned W>
class PackedGraph {
 public:
  static constexpr std::size_t parts = PackedStates<W>::parts;

  PackedGraph(const CompiledModel& model, const PackedStates<W>& states)
      : model_(model), states_(states), scratch_(model.words()) {
    for (std::size_t p = 0; p < parts; ++p) marks_[p].resize(states.part(p).size());
  }
  std::uint64_t bytes() const {
    std::uint64_t result = 0;
    for (const auto& marks : marks_) result += marks.capacity();
    return result;
  }
  static std::uint64_t node(std::size_t part, std::uint32_t position) {
    return std::uint64_t{part} << 32 | position;
  }
  std::uint8_t& mark(std::uint64_t node) { return marks_[node >> 32][static_cast<std::uint32_t>(node)]; }
  template <class F>
  void each_next(std::uint64_t node, const F& f) {
    const Word* now = states_.part(node >> 32).state(static_cast<std::uint32_t>(node));
    model_.successors<W>(now, model_.see(now), scratch_.data(),
                         [&](std::uint32_t, std::uint8_t flags, const Word* next, std::uint64_t hash) {
                           if ((flags & (Effect::fault | Effect::undefined)) != 0) return true;
                           const std::size_t part = states_.part_of(next, hash);
                           const std::uint32_t position = states_.find(part, next);
                           return position == PackedStates<W>::absent || f(PackedGraph::node(part, position));
                         });
  }
  /// For each condition the first state without its mark.
  std::vector<std::optional<StateAt>> first_without(std::size_t conditions) {
    std::vector<std::optional<StateAt>> first(conditions);
    for (std::uint32_t p = 0; p < parts; ++p) {
      const VisitedPart<W>& part = states_.part(p);
      unsigned open = (1u << conditions) - 1;  // conditions without a state in this part so far
      for (std::uint32_t position = 0; position < part.size() && open != 0; ++position) {
        const unsigned lost = open & ~mark(node(p, position));
        for (std::size_t c = 0; c < conditions; ++c) {
          if ((lost >> c & 1) == 0) continue;
          const StateAt here{part.level_of(position), p, position};
          if (!first[c] || here < *first[c]) first[c] = here;
        }
        open &= ~lost;
      }
    }
    return first;
  }

 private:
  const CompiledModel& model_;
  const PackedStates<W>& states_;
  std::array<std::vector<std::uint8_t>, parts> marks_;
  std::vector<Word> scratch_;
};

}  // namespace portolan::solver::explore
