#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states of a packed search in parts (visited.hpp), and to which part a state belongs: by the hash of all
// its values, or of one, where a component is large. Those that are expanded one after another then agree in
// the component and need the same tables.

#include <array>

#include "solver/explore/search/search.hpp"
#include "solver/explore/search/visited.hpp"

namespace portolan::solver::explore {

template <unsigned W>
class PackedStates {
 public:
  static constexpr std::size_t parts = Visited<W>::parts;
  static constexpr std::uint32_t absent = VisitedPart<W>::absent;
  using Range = Levels::Range;
  using Ranges = std::array<Range, parts>;

  explicit PackedStates(const CompiledModel& model)
      : components_(model.components()), words_(model.words()), visited_(words_) {
    for (std::size_t c = 0; c < components_.count(); ++c)
      if (components_.raw_bits(c) >= large_component_bits &&
          (!large_ || components_.raw_bits(c) > components_.raw_bits(*large_)))
        large_ = c;
  }

  /// `hash`: of all values.
  std::size_t part_of(const Word* state, std::uint64_t hash) const {
    return Visited<W>::part_of(large_ ? components_.value(*large_, state).hash : hash);
  }
  std::size_t part_of(const Word* state) const {
    return part_of(state, large_ ? 0 : components_.hash(state));
  }
  VisitedPart<W>& part(std::size_t p) { return visited_.part(p); }
  const VisitedPart<W>& part(std::size_t p) const { return visited_.part(p); }
  std::uint32_t find(std::size_t part, const Word* state) const {
    return visited_.part(part).find(state, hash_of<W>(state, words_));
  }

  Ranges ranges(std::uint32_t level) const {
    Ranges result;
    for (std::size_t p = 0; p < parts; ++p) result[p] = visited_.part(p).level(level);
    return result;
  }
  static std::uint64_t total(const Ranges& ranges) {
    std::uint64_t result = 0;
    for (const Range& range : ranges) result += range.end - range.begin;
    return result;
  }
  /// f(part, position) for the states number begin..end of the level.
  template <class F>
  static void walk(const Ranges& ranges, std::uint64_t begin, std::uint64_t end, const F& f) {
    std::uint64_t at = 0;
    for (std::size_t p = 0; p < parts && at < end; ++p) {
      const std::uint64_t size = ranges[p].end - ranges[p].begin;
      if (at + size > begin) {
        const auto first = static_cast<std::uint32_t>(ranges[p].begin + (begin > at ? begin - at : 0));
        const auto last = static_cast<std::uint32_t>(ranges[p].begin + std::min(size, end - at));
        for (std::uint32_t position = first; position < last; ++position)
          f(static_cast<std::uint32_t>(p), position);
      }
      at += size;
    }
  }

  // For trace_back.hpp.
  std::vector<Word> state_words(const StateAt& at) const {
    const Word* state = visited_.part(at.part).state(at.position);
    return {state, state + words_};
  }
  template <class GoesOn, class F>
  void each_of_level(std::uint32_t level, const GoesOn& goes_on, const F& f) const {
    const Ranges ranges = this->ranges(level);
    for (std::size_t p = 0; p < parts && goes_on(); ++p)
      for (std::uint32_t position = ranges[p].begin; position < ranges[p].end; ++position)
        if (!f(visited_.part(p).state(position))) return;
  }

  std::uint64_t bytes() const { return visited_.bytes(); }

 private:
  /// Tables for the values of smaller components are in the cache anyway.
  static constexpr unsigned large_component_bits = 16;

  const Components& components_;
  std::size_t words_;
  std::optional<std::size_t> large_;  ///< none: all values decide
  Visited<W> visited_;
};

}  // namespace portolan::solver::explore
