#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The states that a search has come to, each once, exact, in parts by hash: a thread works on a part alone,
// so nothing is locked, and what a part touches at a time is small enough for a cache. A part keeps its
// states in the order in which they came, hence by level. Order within a part depends on the order of
// insertion alone, not on which thread inserted.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "solver/explore/ground/packing.hpp"

namespace portolan::solver::explore {

/// Mixes all bits of a state, for its place in the table of a part. The part follows from the hash of one or
/// all of the values behind the numbers (components.hpp): numbers are given in the order in which threads
/// come to values, and what a part holds must not depend on it.
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

/// Where the levels of a part begin; they come in increasing order.
class Levels {
 public:
  struct Range {
    std::uint32_t begin, end;
  };

  /// The states from `begin` on are of `level`.
  void begin_level(std::uint32_t level, std::uint32_t begin) {
    if (!levels_.empty() && levels_.back().begin == begin)
      levels_.back().level = level;
    else
      levels_.push_back({level, begin});
  }
  /// Positions of the states of a level, of `size` states in all; empty where there are none.
  Range level(std::uint32_t level, std::uint32_t size) const {
    const auto at = std::lower_bound(levels_.begin(), levels_.end(), level,
                                     [](const Level& l, std::uint32_t wanted) { return l.level < wanted; });
    if (at == levels_.end() || at->level != level) return {0, 0};
    return {at->begin, at + 1 == levels_.end() ? size : (at + 1)->begin};
  }
  std::uint32_t level_of(std::uint32_t position) const {
    const auto after = std::upper_bound(levels_.begin(), levels_.end(), position,
                                        [](std::uint32_t p, const Level& l) { return p < l.begin; });
    return std::prev(after)->level;
  }
  std::uint64_t bytes() const { return levels_.capacity() * sizeof(Level); }

 private:
  struct Level {
    std::uint32_t level, begin;
  };
  std::vector<Level> levels_;
};

/// States in the order in which they came, in segments that never move.
class StateList {
 public:
  explicit StateList(std::size_t words) : words_(words) {}
  std::uint32_t size() const { return size_; }
  const Word* operator[](std::uint32_t position) const {
    return segments_[position >> segment_bits].get() + (position & (segment_states - 1)) * words_;
  }
  void push_back(const Word* state) {
    if ((size_ & (segment_states - 1)) == 0)
      segments_.push_back(std::make_unique_for_overwrite<Word[]>(segment_states * words_));
    std::memcpy(segments_.back().get() + (size_ & (segment_states - 1)) * words_, state,
                words_ * sizeof(Word));
    ++size_;
  }
  std::uint64_t bytes() const {
    return segments_.size() * (segment_bytes() + 16) + segments_.capacity() * sizeof(void*);
  }
  std::uint64_t bytes_for(std::uint64_t more) const {
    return (more + segment_states - 1) / segment_states * segment_bytes();
  }

 private:
  static constexpr unsigned segment_bits = 9;
  static constexpr std::uint32_t segment_states = 1u << segment_bits;
  std::size_t words_;
  std::uint32_t size_ = 0;
  std::vector<std::unique_ptr<Word[]>> segments_;
  std::size_t segment_bytes() const { return segment_states * words_ * sizeof(Word); }
};

/// A table that grows where it lies when the system lets it: what a page costs is paid once.
template <class Entry>
class Places {
 public:
  explicit Places(std::size_t size) { grow(size); }
  std::size_t size() const { return size_; }
  Entry& operator[](std::size_t at) { return entries_.get()[at]; }
  const Entry& operator[](std::size_t at) const { return entries_.get()[at]; }
  /// To a larger size, all entries 0.
  void grow(std::size_t size) {
    void* larger = std::realloc(entries_.get(), size * sizeof(Entry));
    if (larger == nullptr) throw std::bad_alloc();
    static_cast<void>(entries_.release());
    entries_.reset(static_cast<Entry*>(larger));
    size_ = size;
    std::memset(larger, 0, size * sizeof(Entry));
  }

 private:
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };
  std::unique_ptr<Entry[], Free> entries_;
  std::size_t size_ = 0;
};

/// One part of the visited states, with an open-addressing table of their positions and a few bits of hash,
/// which spare most comparisons with other states. W: number of words, 0 where it is known at run time only.
template <unsigned W>
class VisitedPart {
 public:
  static constexpr std::uint32_t absent = ~std::uint32_t{0};
  static constexpr std::uint32_t states_max = (1u << 26) - 2;

  explicit VisitedPart(std::size_t words) : words_(words), list_(words), places_(64) {}

  std::uint32_t size() const { return list_.size(); }
  const Word* state(std::uint32_t position) const { return list_[position]; }
  /// The state's position, or `absent`.
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
    list_.push_back(state);
    places_[at] = (tag(hash) << 26) | size();
    if (size() > places_.size() - places_.size() / 5) grow();
    return true;
  }
  /// Before `find` or `insert`, in this order and with other work between: the place in the table, then the
  /// state that it may name.
  void prefetch_place(std::uint64_t hash) const { __builtin_prefetch(&places_[place(hash)]); }
  void prefetch_state(std::uint64_t hash) const {
    std::size_t at = place(hash);
    for (int tries = 0; tries < 4; ++tries, at = at + 1 == places_.size() ? 0 : at + 1) {
      const std::uint32_t entry = places_[at];
      if (entry == 0) return;
      if (entry >> 26 != tag(hash)) continue;
      __builtin_prefetch(state(position(entry)));
      return;
    }
  }

  void begin_level(std::uint32_t level) { levels_.begin_level(level, size()); }
  Levels::Range level(std::uint32_t level) const { return levels_.level(level, size()); }
  std::uint32_t level_of(std::uint32_t position) const { return levels_.level_of(position); }
  std::uint64_t bytes() const {
    return list_.bytes() + places_.size() * sizeof(std::uint32_t) + levels_.bytes();
  }
  /// More that the next so many insertions can take.
  std::uint64_t bytes_for(std::uint64_t insertions) const {
    const bool grows = size() + insertions > places_.size() - places_.size() / 5;
    return list_.bytes_for(insertions) + (grows ? places_.size() * 3 / 2 * sizeof(std::uint32_t) : 0);
  }

 private:
  std::size_t words_;
  StateList list_;
  Places<std::uint32_t> places_;  ///< 6 bits of hash, 26 of position + 1; 0 is empty
  Levels levels_;

  std::size_t words() const { return W > 0 ? W : words_; }
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash & 63); }
  static std::uint32_t position(std::uint32_t entry) { return (entry & ((1u << 26) - 1)) - 1; }
  std::size_t place(std::uint64_t hash) const { return (((hash >> 6) & 0xffffffffu) * places_.size()) >> 32; }
  bool same(std::uint32_t at, const Word* wanted) const {
    return std::memcmp(state(at), wanted, words() * sizeof(Word)) == 0;
  }
  void grow() {
    places_.grow(places_.size() + places_.size() / 2);
    for (std::uint32_t p = 0; p < size(); ++p) {
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

  explicit Visited(std::size_t words) {
    parts_.reserve(parts);
    for (std::size_t p = 0; p < parts; ++p) parts_.emplace_back(words);
  }

  static std::size_t part_of(std::uint64_t hash) { return hash >> (64 - part_bits); }
  VisitedPart<W>& part(std::size_t p) { return parts_[p]; }
  const VisitedPart<W>& part(std::size_t p) const { return parts_[p]; }

  std::uint64_t bytes() const {
    std::uint64_t result = 0;
    for (const auto& part : parts_) result += part.bytes();
    return result;
  }

 private:
  std::vector<VisitedPart<W>> parts_;
};

}  // namespace portolan::solver::explore
