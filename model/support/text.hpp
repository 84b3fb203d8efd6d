#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Foreign text inside our own messages. What comes out of a file, a command line or a program is not trusted:
// printed as it is, it could move the cursor, recolour the terminal, reverse the reading direction or fill
// the screen. Everything here gives one line of valid UTF-8 without such characters.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portolan {

/// The text with control characters, direction marks and invalid bytes written as `\n`, `\x1b`, `\u{202e}`.
/// Doing it twice changes nothing more.
std::string printable(std::string_view text);
/// `printable`, and cut after that many characters with `…` in place of the rest.
std::string shortened(std::string_view text, std::size_t characters_max = 60);
/// `shortened` in double quotes, with `"` and `\` escaped: `"2.x"`.
std::string in_quotes(std::string_view text, std::size_t characters_max = 60);
/// A JSON string: every character is kept, only what JSON wants escaped is; invalid bytes become U+FFFD.
std::string json_quoted(std::string_view text);

/// Offset of the first byte that is not part of well-formed UTF-8; `npos` when there is none.
std::size_t first_invalid_utf8(std::string_view text);

/// `a, b, c`, each whole; after `items_max` of them `and 12 more`.
std::string listed(const std::vector<std::string>& items, std::size_t items_max = 20);
/// How many letters have to be put in, taken out or replaced to make one word of the other; of words with
/// more than 64 bytes more than that.
std::size_t edit_distance(std::string_view one, std::string_view other);
/// The candidate that a mistyped word most likely meant; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
/// `; did you mean "init_value"?` as a remedy (without the semicolon), or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// How many columns a terminal needs for one line of text: one for each character, none for our colours.
std::size_t columns_of(std::string_view text);
/// The lines of a text, each that is longer than `columns` broken at spaces. What is broken goes on under its
/// last cell (cells are two spaces apart), or four columns further in than it began. A word is never broken:
/// one that is longer than a line stands out.
std::string folded(std::string_view text, std::size_t columns);

/// `188,232`.
std::string grouped(std::uint64_t number);
/// `1 pair`, `2 pairs`, `188,232 pairs`.
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace portolan
