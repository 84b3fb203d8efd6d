#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Names of enumerators: the one way in which an enumeration gets its spelling, and gets back from it. A table
// beside the enumeration holds each enumerator with its text, in order; a table that leaves one out, repeats
// one or gives two the same text does not compile. The enumerators are 0, 1, 2, … without gaps.
//
//   enum class Verb : std::uint8_t { always, sometimes, eventually };
//   inline constexpr auto verb_names = enumerator_names<Verb>(
//       {{Verb::always, "always"}, {Verb::sometimes, "sometimes"}, {Verb::eventually, "eventually"}});
//   constexpr std::string_view name_of(Verb verb) { return verb_names[verb]; }
//
// The three stand together, in the namespace of the enumeration, so that `name_of(verb)` is found by its
// argument from everywhere. The way back is `verb_names.find("always")`, which is empty for a word that is no
// name; a fault then lists `verb_names.texts()`. A table may also stand in a .cpp, with `name_of` declared in
// the header, where nobody else wants it at compile time.

#include <array>
#include <cassert>
#include <cstddef>
#include <optional>
#include <string_view>

namespace portolan {

/// One line of a table.
template <class E>
struct Enumerator {
  E value;
  std::string_view text;
};

/// The texts of the enumerators of E, which are the numbers below N. Made by `enumerator_names` alone.
template <class E, std::size_t N>
class EnumeratorNames {
 public:
  consteval explicit EnumeratorNames(const Enumerator<E> (&table)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
      if (static_cast<std::size_t>(table[i].value) != i)
        throw "an enumerator is out of its order, or missing";
      if (table[i].text.empty()) throw "an enumerator has no text";
      for (std::size_t j = 0; j < i; ++j)
        if (texts_[j] == table[i].text) throw "two enumerators have the same text";
      texts_[i] = table[i].text;
    }
  }

  /// The text of an enumerator; no other value of the type is asked for.
  constexpr std::string_view operator[](E value) const {
    assert(static_cast<std::size_t>(value) < N && "no enumerator has this value");
    return texts_[static_cast<std::size_t>(value)];
  }
  /// The enumerator with exactly this text; empty where there is none.
  constexpr std::optional<E> find(std::string_view text) const {
    for (std::size_t i = 0; i < N; ++i)
      if (texts_[i] == text) return static_cast<E>(i);
    return std::nullopt;
  }
  /// Every text, in the order of the enumeration: `texts()[i]` is that of the enumerator i.
  constexpr const std::array<std::string_view, N>& texts() const { return texts_; }
  static constexpr std::size_t size() { return N; }

 private:
  std::array<std::string_view, N> texts_{};
};

/// Whether a value of an enumeration is one of its enumerators: a compiler spells any other as a cast,
/// `(portolan::Verb)3`, in the name of the function.
template <auto Value>
consteval bool is_enumerator() {
  const std::string_view function = __PRETTY_FUNCTION__;
  return function[function.find("Value = ") + 8] != '(';
}

/// The table of E. Does not compile unless every enumerator stands in it once, in order.
template <class E, std::size_t N>
consteval EnumeratorNames<E, N> enumerator_names(const Enumerator<E> (&table)[N]) {
  static_assert(!is_enumerator<static_cast<E>(N)>(), "an enumerator is missing at the end of the table");
  return EnumeratorNames<E, N>(table);
}

}  // namespace portolan
