#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states that a search has come to, each once, exact, in parts by hash: a thread works on a part alone, so nothing is
// locked, and what a part touches at a time is small enough for a cache. A part keeps its states in the order in which they
// came, hence by level, and an open-addressing table of their positions with a few bits of hash beside. Order within a part
// depends on the order of insertion alone, not on which thread inserted.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "solver/packing.hpp"

namespace portolan::solver {

/// Mixes all bits of a state. The top bits choose the part, others the place in its table.
template <unsigned W>
inline std::uint64_t hash_of(const Word* state, std::size_t words) {
  std::uint64_t h = 0;
  const std::size_t n = W > 0 ? W : words;
  for (std::size_t w = 0; w < n; ++w) {
    h ^= state[w];
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    h ^= h >> 32;
  }
  return h;
}

/// W: number of words, 0 where it is known at run time only.
template <unsigned W>
class VisitedPart {
 public:
  static constexpr std::uint32_t absent = ~std::uint32_t{0};
  static constexpr std::uint32_t states_max = (1u << 26) - 2;

  explicit VisitedPart(std::size_t words) : words_(words), places_(64) {}

  std::uint32_t size() const { return size_; }
  const Word* state(std::uint32_t position) const { return segments_[position >> segment_bits].get() + (position & (segment_states - 1)) * words(); }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&places_[place(hash)]); }
  std::uint32_t find(const Word* state, std::uint64_t hash) const {
    for (std::size_t at = place(hash);; at = at + 1 == places_.size() ? 0 : at + 1) {
      const std::uint32_t entry = places_[at];
      if (entry == 0) return absent;
      if (entry >> 26 == tag(hash) && same(position(entry), state)) return position(entry);
    }
  }

  /// True when the state is new; it then has the last position.
  bool insert(const Word* state, std::uint64_t hash) {
    std::size_t at = place(hash);
    for (;; at = at + 1 == places_.size() ? 0 : at + 1) {
      const std::uint32_t entry = places_[at];
      if (entry == 0) break;
      if (entry >> 26 == tag(hash) && same(position(entry), state)) return false;
    }
    if ((size_ & (segment_states - 1)) == 0) segments_.push_back(std::make_unique_for_overwrite<Word[]>(segment_states * words()));
    std::memcpy(segments_.back().get() + (size_ & (segment_states - 1)) * words(), state, words() * sizeof(Word));
    ++size_;
    places_[at] = (tag(hash) << 26) | size_;
    if (size_ > places_.size() - places_.size() / 5) grow();
    return true;
  }

  /// The states from `begin` on are of `level`; levels come in increasing order.
  void begin_level(std::uint32_t level) {
    if (!levels_.empty() && levels_.back().begin == size_) levels_.back().level = level;
    else levels_.push_back({level, size_});
  }
  struct Range { std::uint32_t begin, end; };
  /// Positions of the states of a level; empty where there are none.
  Range level(std::uint32_t level) const {
    const auto at = std::lower_bound(levels_.begin(), levels_.end(), level, [](const Level& l, std::uint32_t wanted) { return l.level < wanted; });
    if (at == levels_.end() || at->level != level) return {0, 0};
    return {at->begin, at + 1 == levels_.end() ? size_ : (at + 1)->begin};
  }
  std::uint32_t level_of(std::uint32_t position) const {
    const auto after = std::upper_bound(levels_.begin(), levels_.end(), position, [](std::uint32_t p, const Level& l) { return p < l.begin; });
    return std::prev(after)->level;
  }

  std::uint64_t bytes() const {
    return segments_.size() * (segment_states * words() * sizeof(Word) + 16 + sizeof(void*)) + places_.capacity() * sizeof(std::uint32_t) +
           levels_.capacity() * sizeof(Level);
  }
  /// More that the next so many insertions can take.
  std::uint64_t bytes_for(std::uint64_t insertions) const {
    const std::uint64_t segments = (insertions + segment_states - 1) / segment_states * (segment_states * words() * sizeof(Word));
    const bool grows = size_ + insertions > places_.size() - places_.size() / 5;
    return segments + (grows ? places_.size() * 3 / 2 * sizeof(std::uint32_t) : 0);
  }

 private:
  static constexpr unsigned segment_bits = 9;
  static constexpr std::uint32_t segment_states = 1u << segment_bits;
  struct Level { std::uint32_t level, begin; };

  std::size_t words_;
  std::uint32_t size_ = 0;
  std::vector<std::uint32_t> places_;  ///< 6 bits of hash, 26 of position + 1; 0 is empty
  std::vector<std::unique_ptr<Word[]>> segments_;
  std::vector<Level> levels_;

  std::size_t words() const { return W > 0 ? W : words_; }
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash & 63); }
  static std::uint32_t position(std::uint32_t entry) { return (entry & ((1u << 26) - 1)) - 1; }
  std::size_t place(std::uint64_t hash) const { return (((hash >> 6) & 0xffffffffu) * places_.size()) >> 32; }
  bool same(std::uint32_t at, const Word* wanted) const {
    if constexpr (W == 1) return *state(at) == *wanted;
    return std::memcmp(state(at), wanted, words() * sizeof(Word)) == 0;
  }
  void grow() {
    // States that were put in this order into the wider table would be found as before; the old places only have to be refilled.
    places_.assign(places_.size() + places_.size() / 2, 0);
    for (std::uint32_t p = 0; p < size_; ++p) {
      const std::uint64_t hash = hash_of<W>(state(p), words());
      std::size_t at = place(hash);
      while (places_[at] != 0) at = at + 1 == places_.size() ? 0 : at + 1;
      places_[at] = (tag(hash) << 26) | (p + 1);
    }
  }
};

template <unsigned W>
class Visited {
 public:
  static constexpr unsigned part_bits = 7;
  static constexpr std::size_t parts = std::size_t{1} << part_bits;

  explicit Visited(std::size_t words) : words_(words) {
    parts_.reserve(parts);
    for (std::size_t p = 0; p < parts; ++p) parts_.emplace_back(words);
  }

  static std::size_t part_of(std::uint64_t hash) { return hash >> (64 - part_bits); }
  VisitedPart<W>& part(std::size_t p) { return parts_[p]; }
  const VisitedPart<W>& part(std::size_t p) const { return parts_[p]; }

  struct Found { std::uint32_t part, position; };
  /// Where the state is; the position is VisitedPart::absent where it is not.
  Found find(const Word* state) const {
    const std::uint64_t hash = hash_of<W>(state, words_);
    const std::size_t p = part_of(hash);
    return {static_cast<std::uint32_t>(p), parts_[p].find(state, hash)};
  }

  std::uint64_t size() const {
    std::uint64_t result = 0;
    for (const auto& part : parts_) result += part.size();
    return result;
  }
  std::uint64_t bytes() const {
    std::uint64_t result = 0;
    for (const auto& part : parts_) result += part.bytes();
    return result;
  }

 private:
  std::size_t words_;
  std::vector<VisitedPart<W>> parts_;
};

}  // namespace portolan::solver
