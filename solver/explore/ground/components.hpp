#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// States as a few small numbers. The cells of a state fall into *components* (all that belongs to one VM; all
// hosts together, where that is little), and the values that a component takes together are numbered as a
// search meets them: a virtual machine with fifty bits of machines, settings and places takes a few thousand
// values, so that twelve bits say which. A *state* of a search is those numbers side by side in 64-bit words;
// a *raw* state is the cells themselves (packing.hpp), by which terms are evaluated.
//
// The number of a value depends on the order in which values were met, its `hash` on the value alone.

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "solver/explore/ground/packing.hpp"

namespace portolan::solver::explore {

/// What one permutation makes of a value: the number in the component to which it is taken and its hash
/// there; where components are sorted, the hash by which they are.
struct Image {
  std::uint64_t hash = 0;
  std::uint32_t value = 0;
};

/// One value of a component. `slots`, `gates`: what the readers of the component want to know of the value,
/// in an order that the owner decides. Without initial values, so that the places of a table for values that
/// never come cost nothing.
struct ComponentValue {
  std::uint64_t hash;
  const std::uint32_t* slots;
  const Word* const* gates;
  const Word* raw;             ///< all words of a raw state, 0 outside the component
  const Image* images;         ///< by permutation, where there is a symmetry (symmetry.hpp)
  const std::uint32_t* least;  ///< of the component by which images are compared first: how many permutations
                               ///< give the least hash, and which
};

inline constexpr std::size_t components_max = 128;

/// The values of a state's components, looked up once.
struct Seen {
  std::array<const ComponentValue*, components_max> at;
};

class Components {
 public:
  explicit Components(const Packing& packing, const rules::Module& module);

  std::size_t count() const { return components_.size(); }
  std::size_t raw_words() const { return raw_words_; }
  /// The component of a cell, or -1 for a cell that never changes.
  int of(std::size_t cell) const { return of_cell_[cell]; }
  unsigned raw_bits(std::size_t component) const { return components_[component].raw_bits; }
  /// Bits of a component's number; it has room for 2^width values.
  unsigned width(std::size_t component) const { return components_[component].width; }
  std::uint32_t known(std::size_t component) const {
    return static_cast<std::uint32_t>(components_[component].values.size());
  }
  const std::vector<Word>& mask(std::size_t component) const { return components_[component].mask; }

  std::size_t words() const { return words_; }  ///< of a state, at least 1
  unsigned bits() const { return bits_; }       ///< of a state; with one word all of them are at the bottom

  struct Place {
    std::uint32_t word;
    std::uint8_t shift;
    Word mask;
  };
  const Place& place(std::size_t component) const { return places_[component]; }
  std::uint32_t number(std::size_t component, const Word* state) const {
    const Place& p = places_[component];
    return static_cast<std::uint32_t>((state[p.word] >> p.shift) & p.mask);
  }
  const ComponentValue& value(std::size_t component, std::uint32_t number) const {
    return tables_[component][number];
  }
  const ComponentValue& value(std::size_t component, const Word* state) const {
    return value(component, number(component, state));
  }
  Seen see(const Word* state) const {
    Seen seen;
    for (std::size_t c = 0, n = places_.size(); c < n; ++c) seen.at[c] = &value(c, state);
    return seen;
  }
  ComponentValue& value_to_fill(std::size_t component, std::uint32_t number) {
    return tables_[component][number];
  }

  /// The number of the component's value in a raw state, or `unknown`.
  static constexpr std::uint32_t unknown = ~std::uint32_t{0};
  std::uint32_t find(std::size_t component, const Word* raw) const;
  /// The same; a value that is new gets the next number and `fresh` is set. `unknown` when there is no room
  /// for it. Not thread-safe.
  std::uint32_t intern(std::size_t component, const Word* raw, bool& fresh);

  void raw(const Word* state, Word* into) const;
  std::uint64_t hash(const Word* state) const {
    std::uint64_t result = 0;
    for (std::size_t c = 0; c < places_.size(); ++c) result ^= value(c, state).hash;
    return result;
  }

  /// New widths; values keep their numbers. Every state made before means nothing from here on.
  void lay_out(const std::vector<unsigned>& widths);
  /// Gives the values numbers in an order that depends on them alone. Components of one group number their
  /// values alike before and after.
  void sort(const std::vector<std::vector<std::size_t>>& groups = {});
  /// No value is known from here on.
  void forget();
  /// The widths with which the values known so far fit.
  std::vector<unsigned> tight() const;

  std::uint64_t bytes() const;

 private:
  struct HashWords {
    std::size_t operator()(const std::vector<Word>& words) const {
      std::uint64_t h = 0;
      for (const Word word : words) h = (h ^ word ^ (h >> 29)) * 0x9e3779b97f4a7c15u;
      return static_cast<std::size_t>(h ^ (h >> 32));
    }
  };
  struct Component {
    std::vector<Word> mask;
    unsigned raw_bits = 0, width = 0;
    std::vector<std::unique_ptr<Word[]>> values;  ///< raw words, by number
    std::unordered_map<std::vector<Word>, std::uint32_t, HashWords> numbers;
  };
  std::vector<Component> components_;
  std::vector<int> of_cell_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<ComponentValue[]>> tables_;
  std::size_t raw_words_ = 1, words_ = 1;
  unsigned bits_ = 0;

  std::vector<Word> masked(std::size_t component, const Word* raw) const;
  std::uint64_t hash_of(std::size_t component, const Word* raw) const;
  void tabulate(std::size_t component);
  void reorder(std::size_t component, const std::vector<std::uint32_t>& order);
};

}  // namespace portolan::solver::explore
