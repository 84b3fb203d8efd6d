// SPDX-License-Identifier: Apache-2.0

#include "model/support/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace portolan {
namespace {

/// One character at `text[at]`: its code point and length; length 0 when the bytes there are no well-formed
/// UTF-8 (Unicode table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
struct Character {
  std::uint32_t code = 0;
  std::size_t length = 0;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[at + k]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint8_t low = 0x80, high = 0xBF;  // bounds of the second byte
  if (first >= 0xC2 && first <= 0xDF)
    length = 2;
  else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  if (text.size() - at < length || byte(1) < low || byte(1) > high) return {};
  std::uint32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0u) != 0x80u) return {};
    code = code << 6 | (byte(k) & 0x3Fu);
  }
  return {code, length};
}

/// Characters that change how the rest of a line is shown, or are not shown at all.
bool hidden(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0xAD || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
         (code >= 0xE0000 && code <= 0xE0FFF) ||
         // spaces that look like a space and are none
         code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

std::string written(std::string_view text, std::size_t characters_max, bool escape_quotes) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size(); ++count) {
    if (count == characters_max) return out + "…";
    const Character character = character_at(text, at);
    if (character.length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[at]));
      at += 1;
      continue;
    }
    if (character.code == '\n')
      out += "\\n";
    else if (character.code == '\r')
      out += "\\r";
    else if (character.code == '\t')
      out += "\\t";
    else if (character.code < 0x80 && hidden(character.code))
      out += fmt::format("\\x{:02x}", character.code);
    else if (hidden(character.code))
      out += fmt::format("\\u{{{:x}}}", character.code);
    else {
      if (escape_quotes && (character.code == '"' || character.code == '\\')) out += '\\';
      out.append(text.substr(at, character.length));
    }
    at += character.length;
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return written(text, std::string_view::npos, false); }
std::string shortened(std::string_view text, std::size_t characters_max) {
  return written(text, characters_max, false);
}
std::string in_quotes(std::string_view text, std::size_t characters_max) {
  return '"' + written(text, characters_max, true) + '"';
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (character.length == 0)
      out += "\xEF\xBF\xBD";
    else if (character.code == '"' || character.code == '\\')
      (out += '\\') += text[at];
    else if (character.code == '\n')
      out += "\\n";
    else if (character.code == '\t')
      out += "\\t";
    else if (character.code == '\r')
      out += "\\r";
    else if (character.code < 0x20 || character.code == 0x7F)
      out += fmt::format("\\u{:04x}", character.code);
    else
      out.append(text.substr(at, character.length));
    at += character.length == 0 ? 1 : character.length;
  }
  return out += '"';
}

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t word = 0;
    if (text.size() - at >= sizeof word) {  // nearly all text is ASCII: eight bytes at a time
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080u) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const Character character = character_at(text, at);
    if (character.length == 0) return at;
    at += character.length;
  }
  return std::string_view::npos;
}

std::string listed(const std::vector<std::string>& items, std::size_t items_max) {
  std::string out;
  for (std::size_t k = 0; k < items.size() && k < items_max; ++k)
    out += (k ? ", " : "") + printable(items[k]);
  if (items.size() > items_max) out += fmt::format(" and {} more", items.size() - items_max);
  return out;
}

std::size_t edit_distance(std::string_view one, std::string_view other) {
  constexpr std::size_t longest = 64;
  if (one.size() > longest || other.size() > longest) return longest + 1;
  // With one row of the table: insert, delete, replace.
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t k = 1; k < row.size(); ++k) {
      const std::size_t replaced = diagonal + (one[i - 1] != other[k - 1]);
      diagonal = row[k];
      row[k] = std::min({row[k] + 1, row[k - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 1;  // further away is another word, not a slip
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view best = nearest(word, candidates);
  return best.empty() ? std::string() : fmt::format("did you mean {}?", in_quotes(best));
}

namespace {

/// The length of the colour sequence that the text begins with; 0 where there is none.
std::size_t colour_at_begin(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != text.npos && text[end] == 'm' ? end + 1 : 0;
}

/// Where the lines go on that a line is broken into: under the last of its cells that begins in its first
/// half, or a little further in than the line itself.
std::size_t hanging_indent(std::string_view line, std::size_t columns) {
  constexpr std::size_t further_in = 4;
  std::size_t at = std::min(line.find_first_not_of(' '), line.size());
  std::size_t indent = at + further_in;
  for (std::size_t gap = line.find("  ", at); gap != line.npos; gap = line.find("  ", at)) {
    at = line.find_first_not_of(' ', gap);
    if (at == line.npos) break;
    const std::size_t column = columns_of(line.substr(0, at));
    if (column > columns / 2) break;
    indent = column;
  }
  return indent;
}

void fold_line(std::string_view line, std::size_t columns, std::string& out) {
  const std::string indent(hanging_indent(line, columns), ' ');
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {  // the spaces before a word, and the word
    const std::size_t word = std::min(line.find_first_not_of(' ', at), line.size());
    const std::size_t end = std::min(line.find(' ', word), line.size());
    const std::size_t wide = columns_of(line.substr(word, end - word));
    if (at > 0 && word < line.size() && column + (word - at) + wide > columns) {
      out += '\n' + indent;
      column = indent.size();
    } else {
      out += line.substr(at, word - at);
      column += word - at;
    }
    out += line.substr(word, end - word);
    column += wide;
    at = end;
  }
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t colour = colour_at_begin(text.substr(at)); colour > 0) {
      at += colour;
      continue;
    }
    columns += (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;  // not inside a character
    ++at;
  }
  return columns;
}

std::string folded(std::string_view text, std::size_t columns) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (line.size() <= columns)
      out += line;
    else
      fold_line(line, columns, out);
    if (end < text.size()) out += '\n';
    begin = end + 1;
  }
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

}  // namespace portolan
