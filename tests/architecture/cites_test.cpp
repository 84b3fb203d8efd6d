// SPDX-License-Identifier: Apache-2.0
//
// Whoever reads a cite, in the code, in an answer or on a page, finds what it names: a page that exists, with
// a heading of that name.

#include "tests/architecture/cites.hpp"

#include <functional>
#include <map>
#include <optional>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

/// The text of a page at a path from the root; empty where there is none.
using Pages = std::function<std::optional<std::string>(const std::string& path)>;

/// `docs/../README.md` is `README.md`.
std::string tidied(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path + "/") {
    if (c != '/') {
      part += c;
    } else if (part == ".." && !parts.empty()) {
      parts.pop_back(), part.clear();
    } else {
      if (!part.empty() && part != ".") parts.push_back(part);
      part.clear();
    }
  }
  std::string tidy;
  for (const std::string& one : parts) tidy += (tidy.empty() ? "" : "/") + one;
  return tidy;
}

/// What each page has, read once.
class Library {
 public:
  explicit Library(Pages pages) : pages_(std::move(pages)) {}

  /// The headings of the first of these that is there.
  const std::optional<std::set<std::string>>& headings(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      const auto& found = headings_at(path);
      if (found) return found;
    }
    return nothing_;
  }

 private:
  const std::optional<std::set<std::string>>& headings_at(const std::string& path) {
    const auto [at, fresh] = known_.try_emplace(path);
    if (fresh) {
      if (const auto text = pages_(path)) at->second = headings_of(*text);
    }
    return at->second;
  }

  Pages pages_;
  std::map<std::string, std::optional<std::set<std::string>>> known_;
  const std::optional<std::set<std::string>> nothing_;
};

std::string shown(const Cite& cite) {
  return "it cites " + cite.page + (cite.heading.empty() ? "" : " \xC2\xA7" + cite.heading);
}

/// `wanted`: where the page may stand. Of files that are no pages, links ask only whether they are there.
Findings against(Library& library, const std::string& path, const Cite& cite,
                 const std::vector<std::string>& wanted) {
  const auto& headings = library.headings(wanted);
  if (!headings)
    return {{place(path, cite.line), shown(cite), "a page of this project",
             "cite rules.md with one of its headings: what the page of that name said stands there"}};
  if (cite.heading.empty() || headings->contains(anchor_of(cite.heading))) return {};
  return {{place(path, cite.line), shown(cite), "a heading of that page",
           "name the heading, or give the page one"}};
}

/// Where a page that is cited by its name may stand: beside who cites it, or where the project has pages.
std::vector<std::string> places_of(const std::string& path, const std::string& page) {
  std::vector<std::string> places;
  for (const std::string& folder : {folder_of(path), std::string(), std::string("docs"),
                                    std::string("docs/formats"), std::string("docs/internals")})
    places.push_back(tidied(folder + "/" + page));
  return places;
}

Findings wrong_cites(Library& library, const std::string& path, std::string_view text) {
  Findings findings;
  for (const Cite& cite : cites_of(text)) {
    const auto more = against(library, path, cite, places_of(path, cite.page));
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

Findings wrong_links(Library& library, const std::string& path, std::string_view markdown) {
  Findings findings;
  const std::string beside = folder_of(path).empty() ? "" : folder_of(path) + "/";
  for (const Cite& link : links_of(markdown)) {
    const auto more = against(library, path, link, {tidied(link.page.empty() ? path : beside + link.page)});
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

Findings wrong_rule_ids(Library& library, const std::string& path, std::string_view text) {
  Findings findings;
  for (const Cite& id : rule_ids_of(text)) {
    const auto more = against(library, path, id, {id.page});
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

std::optional<std::string> page_of_the_project(const std::string& path) {
  if (!exists(path)) return {};
  return path.ends_with(".md") ? read_file(path) : std::string();
}

/// Calls f(path, text) for every text of the project that may cite.
template <class F>
void for_each_text(F f) {
  for (const Source& source : sources()) {
    if (!source.path.starts_with("tests/architecture/")) f(source.path, source.text);
  }
  for (const Text& text : texts()) f(text.path, text.text);
}

TEST(Cites, LeadToAPageAndAHeading) {
  Library library(page_of_the_project);
  Findings findings;
  for_each_text([&](const std::string& path, const std::string& text) {
    const auto more = wrong_cites(library, path, text);
    findings.insert(findings.end(), more.begin(), more.end());
  });
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Cites, OfRulesByTheirIdHaveAHeading) {
  Library library(page_of_the_project);
  Findings findings;
  for (const Source& source : sources()) {
    if (!source.of_the_product()) continue;
    const auto more = wrong_rule_ids(library, source.path, prose_only(source.text));
    findings.insert(findings.end(), more.begin(), more.end());
  }
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Cites, BetweenPagesLeadSomewhere) {
  Library library(page_of_the_project);
  Findings findings;
  for (const Text& text : texts()) {
    if (!text.path.ends_with(".md")) continue;
    const auto more = wrong_links(library, text.path, text.text);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  EXPECT_THAT(findings, testing::IsEmpty());
}

// The checks see what they are there for.

std::optional<std::string> small_page(const std::string& path) {
  if (path == "docs/rules.md")
    return "# The rules\n## \xC2\xA7session\n### R9\n### R10a\n```\n# no heading\n```\n";
  if (path == "docs/formats/plan.md") return "# Plans\n## What is bad about it\n## Steps\n## Steps\n";
  return {};
}

TEST(CiteChecks, TakeWhatLeadsSomewhere) {
  Library library(small_page);
  for (const char* text :
       {"(rules.md \xC2\xA7session)", "`docs/rules.md`", "docs/rules.md#r9", "rules.md\n\xC2\xA7session",
        "formats/plan.md#what-is-bad-about-it", "plan.md#steps-1", "rules.md \xC2\xA7R10a", "*.md", "x.mdx",
        "https://example.org/rules/other.md"}) {
    EXPECT_THAT(wrong_cites(library, "docs/formats/x.json", text), testing::IsEmpty()) << text;
  }
}

TEST(CiteChecks, FindAPageOrAHeadingThatIsNotThere) {
  Library library(small_page);
  EXPECT_EQ(wrong_cites(library, "sim/run.cpp",
                        "\n// machines.md \xC2\xA7"
                        "2\n")
                .front()
                .place,
            "sim/run.cpp:2");
  for (const char* text : {"compatibility.md",
                           "vfio.md \xC2\xA7"
                           "2",
                           "rules.md \xC2\xA7"
                           "2",
                           "rules.md#no-heading", "docs/formats/other.md", "other.md"}) {
    EXPECT_EQ(wrong_cites(library, "sim/run.cpp", text).size(), 1u) << text;
  }
}

TEST(CiteChecks, FindALinkThatLeadsNowhere) {
  Library library(small_page);
  EXPECT_THAT(
      wrong_links(library, "docs/formats/plan.md", "[a](../rules.md#session) [b](#steps) [c](https://x.org)"),
      testing::IsEmpty());
  EXPECT_EQ(wrong_links(library, "docs/formats/plan.md", "[a](rules.md) [b](../rules.md#no) [c](#no)").size(),
            3u);
}

TEST(CiteChecks, FindARuleWithoutAHeading) {
  Library library(small_page);
  EXPECT_THAT(wrong_rule_ids(library, "a.cpp", "// R9, R10a; CR9 R9x9 C++20 R_1"), testing::IsEmpty());
  EXPECT_EQ(wrong_rule_ids(library, "a.cpp", "// R9/C4: R14").size(), 2u);
}

TEST(CiteChecks, ReadHeadingsAsPagesShowThem) {
  EXPECT_THAT(headings_of("# A b, c!\n## `x` and \xC2\xA7y\n#no\n"),
              testing::ElementsAre("a-b-c", "x-and-y"));
}

}  // namespace

}  // namespace portolan::architecture
