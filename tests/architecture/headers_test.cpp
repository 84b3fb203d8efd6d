// SPDX-License-Identifier: Apache-2.0
//
// How a file opens: a header with one paragraph that says what this is and what it promises, before its first
// line of code. That each header compiles alone takes a compiler, and scripts/hygiene holds it (`headers`);
// here each .cpp includes its own header first, which makes the ordinary build hold most of them.

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

constexpr std::string_view licence = "// SPDX-License-Identifier: Apache-2.0";
constexpr std::size_t paragraph_words_min = 8;

std::size_t words_of(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    words += c != ' ' && !inside ? 1 : 0;
    inside = c != ' ';
  }
  return words;
}

/// Words of the comment that begins on line `at` (from 0), up to its first empty line.
std::size_t words_of_paragraph(const Source& source, std::size_t at) {
  std::size_t words = 0;
  for (; at < source.lines.size() && source.lines[at].starts_with("// "); ++at)
    words += words_of(source.lines[at].substr(3));
  return words;
}

std::string line_of(const Source& source, std::size_t at) {
  return at < source.lines.size() ? source.lines[at] : std::string();
}

Findings opening(const Source& source) {
  if (!source.header()) {
    if (line_of(source, 0) == licence) return {};
    return {{place(source.path, 1), "'" + line_of(source, 0) + "'", "'" + std::string(licence) + "'",
             "begin with it"}};
  }
  if (line_of(source, 0) != "#pragma once")
    return {{place(source.path, 1), "'" + line_of(source, 0) + "'", "'#pragma once'", "begin with it"}};
  if (line_of(source, 1) != licence)
    return {{place(source.path, 2), "'" + line_of(source, 1) + "'", "'" + std::string(licence) + "'",
             "put it here"}};
  const std::size_t words = line_of(source, 2) == "//" ? words_of_paragraph(source, 3) : 0;
  if (words >= paragraph_words_min) return {};
  return {{place(source.path, 4), "a first paragraph of " + std::to_string(words) + " words",
           "one of at least " + std::to_string(paragraph_words_min) + ", after a line with // alone",
           "say what this is, what it promises, and where the rule comes from"}};
}

/// A .cpp whose header stands beside it includes that header before anything else.
Findings own_header_later(const Source& source, std::span<const Source> all) {
  if (source.header()) return {};
  const std::string own = idea_of(source.path) + ".hpp";
  const bool has_one =
      std::any_of(all.begin(), all.end(), [&](const Source& other) { return other.path == own; });
  if (!has_one || (!source.includes.empty() && source.includes.front().to == own)) return {};
  return {{place(source.path, source.includes.empty() ? 1 : source.includes.front().line),
           "its first include is not its own header", "#include \"" + own + "\"",
           "put it first, so that the header shows that it includes what it uses"}};
}

TEST(Headers, SayWhatTheyAreBeforeTheirFirstLineOfCode) {
  Findings findings;
  for (const Source& source : sources()) {
    const auto more = opening(source);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Headers, AreTheFirstIncludeOfTheirOwnText) {
  Findings findings;
  for (const Source& source : sources()) {
    const auto more = own_header_later(source, sources());
    findings.insert(findings.end(), more.begin(), more.end());
  }
  EXPECT_THAT(findings, testing::IsEmpty());
}

const std::string start = "#pragma once\n" + std::string(licence) + "\n";

TEST(HeaderChecks, TakeAParagraph) {
  EXPECT_THAT(
      opening(source_of("a.hpp", start + "//\n// What this is, and what it promises to\n// everybody.\n")),
      testing::IsEmpty());
  EXPECT_THAT(opening(source_of("a.cpp", std::string(licence) + "\n")), testing::IsEmpty());
}

TEST(HeaderChecks, FindWhatIsMissing) {
  EXPECT_EQ(opening(source_of("a.hpp", std::string(licence) + "\n#pragma once\n")).front().place, "a.hpp:1");
  EXPECT_EQ(opening(source_of("a.hpp", "#pragma once\n//\n")).front().place, "a.hpp:2");
  EXPECT_EQ(opening(source_of("a.hpp", start + "\n#include <string>\n")).front().found,
            "a first paragraph of 0 words");
  EXPECT_EQ(opening(source_of("a.hpp", start + "//\n// Things.\n")).front().found,
            "a first paragraph of 1 words");
  EXPECT_EQ(opening(source_of("a.cpp", "#include <string>\n")).front().place, "a.cpp:1");
  EXPECT_EQ(opening(source_of("a.hpp", "")).size(), 1u);
}

TEST(HeaderChecks, FindAnOwnHeaderThatIsNotFirst) {
  const std::vector<Source> all = {source_of("a.hpp", ""), source_of("b.cpp", "#include <string>\n"),
                                   source_of("a.cpp", "#include <string>\n#include \"a.hpp\"\n")};
  EXPECT_THAT(own_header_later(all[0], all), testing::IsEmpty());
  EXPECT_THAT(own_header_later(all[1], all), testing::IsEmpty());
  EXPECT_EQ(own_header_later(all[2], all).size(), 1u);
}

}  // namespace

}  // namespace portolan::architecture
