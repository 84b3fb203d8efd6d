// SPDX-License-Identifier: Apache-2.0
#include "tests/architecture/cites.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "tests/architecture/scanner.hpp"

namespace portolan::architecture {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view section_sign = "\xC2\xA7";

bool alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool in_name(char c) { return alphanumeric(c) || c == '_' || c == '-'; }
bool in_path(char c) { return in_name(c) || c == '.' || c == '/'; }

std::string_view while_(std::string_view text, std::size_t at, bool (*belongs)(char)) {
  std::size_t end = at;
  while (end < text.size() && belongs(text[end])) ++end;
  return text.substr(at, end - at);
}

/// What stands behind the name of a page: `#heading`, or `§heading` after a space or a line break.
std::string heading_at(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '#') return std::string(while_(text, at + 1, in_name));
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '/' || text[at] == '`'))
    ++at;
  if (text.substr(at, section_sign.size()) != section_sign) return {};
  return std::string(while_(text, at + section_sign.size(), in_name));
}

/// Calls f(number, line) for each line.
template <class F>
void for_each_line(std::string_view text, F f) {
  std::size_t number = 0;
  for (const std::string& line : lines_of(text)) f(++number, std::string_view(line));
}

}  // namespace

std::vector<Cite> cites_of(std::string_view text) {
  constexpr std::string_view extension = ".md";
  std::vector<Cite> cites;
  std::size_t line = 1, counted = 0;
  for (auto at = text.find(extension); at != npos; at = text.find(extension, at + 1)) {
    const auto end = at + extension.size();
    std::size_t begin = at;
    while (begin > 0 && in_path(text[begin - 1])) --begin;
    const std::string page(text.substr(begin, end - begin));
    const bool whole = end == text.size() || !in_name(text[end]);
    if (begin == at || !whole || page.starts_with("//")) continue;  // `*.md`, `.mdx`, an address
    line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                                                text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted = at;
    cites.push_back({line, page, heading_at(text, end)});
  }
  return cites;
}

std::vector<Cite> links_of(std::string_view markdown) {
  std::vector<Cite> links;
  for_each_line(markdown, [&](std::size_t number, std::string_view line) {
    for (auto at = line.find("]("); at != npos; at = line.find("](", at + 1)) {
      const auto close = line.find(')', at);
      if (close == npos) continue;
      const std::string_view target = line.substr(at + 2, close - at - 2);
      if (target.find("://") != npos || target.starts_with("mailto:") || target.find(' ') != npos) continue;
      const auto hash = std::min(target.find('#'), target.size());
      links.push_back({number, std::string(target.substr(0, hash)),
                       std::string(target.substr(std::min(hash + 1, target.size())))});
    }
  });
  return links;
}

std::vector<Cite> rule_ids_of(std::string_view text) {
  std::vector<Cite> ids;
  for_each_line(text, [&](std::size_t number, std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!in_name(line[i]) || (i > 0 && in_name(line[i - 1]))) continue;
      const std::string_view word = while_(line, i, in_name);
      std::size_t digits = 1;
      while (digits < word.size() && std::isdigit(static_cast<unsigned char>(word[digits])) != 0) ++digits;
      const bool letter =
          digits + 1 == word.size() && std::islower(static_cast<unsigned char>(word[digits])) != 0;
      if ((word[0] == 'R' || word[0] == 'C') && digits > 1 && (digits == word.size() || letter))
        ids.push_back({number, "docs/rules.md", std::string(word)});
    }
  });
  return ids;
}

std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (std::size_t i = 0; i < heading.size(); ++i) {
    const char c = heading[i];
    if (heading.substr(i, section_sign.size()) == section_sign) {
      i += section_sign.size() - 1;
    } else if (c == ' ') {
      anchor += '-';
    } else if (in_name(c) || static_cast<unsigned char>(c) >= 0x80) {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return anchor;
}

std::set<std::string> headings_of(std::string_view markdown) {
  std::set<std::string> headings;
  std::map<std::string, int> times;
  bool fenced = false;
  for_each_line(markdown, [&](std::size_t, std::string_view line) {
    if (line.starts_with("```")) fenced = !fenced;
    const auto level = line.find_first_not_of('#');
    if (fenced || level == 0 || level == npos || line[level] != ' ') return;
    const std::string anchor = anchor_of(line.substr(level + 1));
    const int before = times[anchor]++;
    headings.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
  });
  return headings;
}

}  // namespace portolan::architecture
