#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The cites of a text and what they may lead to. A cite is the name of a page with a heading behind it
// (`rules.md §session`, `docs/schemes.md#what-is-bad-about-it`), the name of a page alone, a link of a page
// to another, or the id of a rule (`R9`, `C4`), which leads to the heading of that name in docs/rules.md.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::architecture {

struct Cite {
  std::size_t line = 0;  ///< from 1
  std::string page;      ///< as written; empty where the page is the citing one
  std::string heading;   ///< behind `§` or `#`; empty where the whole page is cited
};

/// Names of pages, with the headings behind them.
std::vector<Cite> cites_of(std::string_view text);

/// Markdown's `[text](page#heading)` to files of this project; those to the rest of the world are left out.
std::vector<Cite> links_of(std::string_view markdown);

/// `R9`, `R10a`, `C4`, each with its line in `heading`; `page` is docs/rules.md.
std::vector<Cite> rule_ids_of(std::string_view text);

/// What a link may name behind `#`: `## The device, live` is `the-device-live`, and `### §words` is `words`.
/// A second heading of one text is `…-1`. What stands between fences is no heading.
std::set<std::string> headings_of(std::string_view markdown);

/// The same of a heading's own text: `§words`, `R9` give `words`, `r9`.
std::string anchor_of(std::string_view heading);

}  // namespace portolan::architecture
