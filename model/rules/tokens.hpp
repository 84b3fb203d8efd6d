#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The words of the rule language: names (bare or in backquotes), numbers, texts and symbols, one after the
// other, each with its place. A word that is none (a number that runs into letters, a quote without its end)
// is `bad`; nothing is copied. For parse.hpp alone.

#include <cstdint>
#include <string_view>

namespace portolan::rules {

/// `spelling` is as written, quotes included.
struct Token {
  enum Kind : std::uint8_t { end, name, quoted_name, number, text, symbol, bad } kind = end;
  std::string_view spelling;
  std::uint32_t column = 1;
};

class Tokens {
 public:
  constexpr explicit Tokens(std::string_view text) : text_(text) {}

  /// The next one; `end` behind the last, as often as it is asked.
  constexpr Token next() {
    while (position_ < text_.size() && space(text_[position_])) ++position_;
    const std::size_t begin = position_;
    Token token{Token::end, {}, static_cast<std::uint32_t>(begin + 1)};
    if (begin >= text_.size()) return token;
    const char c = text_[begin];
    token.kind = letter(c) ? name() : digit(c) ? number() : (c == '`' || c == '"') ? quoted(c) : symbol(c);
    token.spelling = text_.substr(begin, position_ - begin);
    return token;
  }

  /// Whether the next one begins with that character.
  constexpr bool followed_by(char c) const {
    std::size_t at = position_;
    while (at < text_.size() && space(text_[at])) ++at;
    return at < text_.size() && text_[at] == c;
  }

  static constexpr bool digit(char c) { return c >= '0' && c <= '9'; }

 private:
  std::string_view text_;
  std::size_t position_ = 0;

  static constexpr bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  static constexpr bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  constexpr char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  constexpr Token::Kind name() {
    // A dash or a dot belongs to the name when a letter, digit or underscore follows it.
    while (letter(peek()) || digit(peek()) ||
           ((peek() == '-' || peek() == '.') && (letter(peek(1)) || digit(peek(1)))))
      ++position_;
    return Token::name;
  }
  constexpr Token::Kind number() {
    while (digit(peek())) ++position_;
    if (!letter(peek()) && !(peek() == '.' && digit(peek(1)))) return Token::number;
    while (letter(peek()) || digit(peek()) || peek() == '.') ++position_;
    return Token::bad;
  }
  /// A backquote inside backquotes is doubled; a backslash in a text takes the next character with it.
  constexpr Token::Kind quoted(char quote) {
    for (++position_; position_ < text_.size(); ++position_) {
      const bool escape =
          quote == '"' ? peek() == '\\' && position_ + 1 < text_.size() : peek() == '`' && peek(1) == '`';
      if (escape)
        ++position_;
      else if (peek() == quote) {
        ++position_;
        return quote == '`' ? Token::quoted_name : Token::text;
      }
    }
    return Token::bad;
  }
  constexpr Token::Kind symbol(char first) {
    constexpr std::string_view pairs[] = {"&&", "||", "=>", "==", "!=", "<=", ">=", ".."};
    for (std::string_view pair : pairs)
      if (text_.substr(position_, 2) == pair) {
        position_ += 2;
        return Token::symbol;
      }
    ++position_;
    constexpr std::string_view single = "!<>+-*(){},:[]";
    return single.find(first) != std::string_view::npos ? Token::symbol : Token::bad;
  }
};

}  // namespace portolan::rules
