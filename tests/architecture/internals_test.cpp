// SPDX-License-Identifier: Apache-2.0
//
// The pages for contributors and the comments are true of the tree: each path that they name is there, the
// layout names each folder with code, and a recipe ("how to add …") lists the files to touch, no more of them
// than is promised.

#include <algorithm>
#include <iterator>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/scanner.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

/// What a path of this project begins with, where it has a slash.
constexpr std::string_view top_folders[] = {"model", "solver", "sim",     "vfio",      "db",   "cli",
                                            "tests", "docs",   "scripts", "scenarios", "bench"};

const std::string layout_page = "docs/internals/layout.md";

/// What a recipe's list may hold at most, besides tests and golden texts.
struct Recipe {
  std::string_view page;
  std::size_t files_max;
};
constexpr Recipe recipes[] = {
    {"docs/internals/adding-a-property.md", 4},
    {"docs/internals/adding-an-action.md", 4},
    {"docs/internals/adding-a-command.md", 3},
    {"docs/internals/adding-a-machine.md", 4},
};

struct Word {
  std::size_t line = 0;  ///< from 1
  std::string text;
};

/// Everything between backticks, outside fences.
std::vector<Word> quoted_words(std::string_view markdown) {
  std::vector<Word> words;
  bool fenced = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(markdown)) {
    ++number;
    if (line.starts_with("```")) fenced = !fenced;
    if (fenced) continue;
    for (auto open = line.find('`'); open != std::string::npos;) {
      const auto close = line.find('`', open + 1);
      if (close == std::string::npos) break;
      words.push_back({number, line.substr(open + 1, close - open - 1)});
      open = line.find('`', close + 1);
    }
  }
  return words;
}

/// Whether it looks like a path of this project: `solver/matrix/definitions/relation.hpp`. A pattern (`*`) is
/// none.
bool is_path(std::string_view word) {
  const auto slash = word.find('/');
  if (slash == std::string_view::npos || word.find_first_of(" *{}<>()\"$,") != std::string_view::npos)
    return false;
  return std::find(std::begin(top_folders), std::end(top_folders), word.substr(0, slash)) !=
         std::end(top_folders);
}

/// A word in capitals stands for a name that is to be chosen: `cli/commands/NAME.cpp`.
bool has_placeholder(std::string_view path) { return path.find("NAME") != std::string_view::npos; }

template <class Exists>
Findings paths_of_nothing(const Text& page, const Exists& is_there) {
  Findings findings;
  for (const Word& word : quoted_words(page.text)) {
    if (!is_path(word.text) || has_placeholder(word.text) || is_there(word.text)) continue;
    findings.push_back({place(page.path, word.line), "it names " + word.text, "a file or folder that exists",
                        "name where that is now, or leave it out"});
  }
  return findings;
}

/// Of the C++ files that comments name: with a folder, as it is included; without, the name of any file.
template <class Exists>
Findings files_of_nothing(const Source& source, const Exists& is_there) {
  static const std::regex name("(^|[ (`,])((?:[a-z_0-9]+/)*[a-z_0-9]+\\.[hc]pp)\\b");
  Findings findings;
  for (std::size_t number = 1; number <= source.lines.size(); ++number) {
    const std::string& line = source.lines[number - 1];
    const auto begin = line.find("//");
    if (begin == std::string::npos) continue;
    const auto from = line.begin() + static_cast<std::ptrdiff_t>(begin);
    for (std::sregex_iterator found(from, line.end(), name), none; found != none; ++found) {
      const std::string file = (*found)[2];
      if (!is_there(file))
        findings.push_back({place(source.path, number), "it names " + file, "a file that exists, by its path",
                            "name where that is now, or leave it out"});
    }
  }
  return findings;
}

Findings folders_not_named(const Text& page, std::span<const Source> all) {
  std::set<std::string> named;
  for (const Word& word : quoted_words(page.text)) {
    std::string path = word.text;
    while (path.ends_with('/')) path.pop_back();
    named.insert(path);
  }
  std::set<std::string> folders;
  for (const Source& source : all) {
    // What stands in a folder of the top beside its chapters is their door, and named as a file.
    const std::string folder = folder_of(source.path);
    if (source.of_the_product() && folder.find('/') != std::string::npos) folders.insert(folder);
  }
  Findings findings;
  for (const std::string& folder : folders) {
    if (!named.contains(folder))
      findings.push_back({page.path, "it does not name " + folder, "a line for each folder with code",
                          "say what a reader looks for there"});
  }
  return findings;
}

/// The lines below `## Files`, up to the next heading.
std::vector<Word> list_of_files(std::string_view markdown) {
  std::vector<Word> lines;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : lines_of(markdown)) {
    ++number;
    if (line.starts_with("#"))
      inside = line == "## Files";
    else if (inside && !line.empty())
      lines.push_back({number, line});
  }
  return lines;
}

/// `1. `path`: what goes into it`; what such a line continues on is indented.
bool is_item(std::string_view line, std::size_t number) {
  const std::string opening = std::to_string(number) + ". `";
  return line.starts_with(opening) &&
         is_path(line.substr(opening.size(), line.find('`', opening.size()) - opening.size()));
}

Findings wrong_recipe(const Text& page, std::size_t files_max) {
  std::size_t items = 0;
  for (const Word& line : list_of_files(page.text)) {
    if (line.text.starts_with("   ")) continue;
    ++items;
    if (!is_item(line.text, items))
      return {{place(page.path, line.line), "'" + line.text + "'",
               "'" + std::to_string(items) + ". `path`: what goes into it'",
               "a numbered list of files and nothing else stands below ## Files"}};
  }
  if (items == 0)
    return {{page.path, "no list below ## Files", "a numbered list of the files to touch", "write it"}};
  if (items <= files_max) return {};
  return {{page.path, std::to_string(items) + " files", "at most " + std::to_string(files_max),
           "let what is written twice be written once, in the code"}};
}

/// The pages whose paths are held.
std::vector<Text> pages_for_contributors() {
  std::vector<Text> pages;
  for (const Text& text : texts()) {
    const bool held = text.path == "README.md" || text.path == "CONTRIBUTING.md" ||
                      text.path == "docs/architecture.md" || text.path.starts_with("docs/internals/") ||
                      text.path.starts_with("docs/adr/");
    if (held && text.path.ends_with(".md")) pages.push_back(text);
  }
  return pages;
}

Findings& operator+=(Findings& all, const Findings& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Internals, NameOnlyPathsThatExist) {
  const std::vector<Text> pages = pages_for_contributors();
  ASSERT_GT(pages.size(), 10u) << "the pages were not found";
  Findings findings;
  for (const Text& page : pages) findings += paths_of_nothing(page, exists);
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Internals, CommentsNameOnlyFilesThatExist) {
  std::set<std::string> names;
  for (const Source& source : sources()) {
    names.insert(source.path);
    names.insert(source.path.substr(source.path.rfind('/') + 1));
  }
  const auto is_there = [&](const std::string& file) { return names.contains(file); };
  Findings findings;
  for (const Source& source : sources()) {
    if (!source.path.starts_with("tests/architecture/")) findings += files_of_nothing(source, is_there);
  }
  EXPECT_THAT(findings, testing::IsEmpty());
}

TEST(Internals, TheLayoutNamesEachFolderWithCode) {
  EXPECT_THAT(folders_not_named({layout_page, read_file(layout_page)}, sources()), testing::IsEmpty());
}

TEST(Internals, EachRecipeListsItsFilesAndKeepsItsLimit) {
  for (const Recipe& recipe : recipes) {
    const std::string page(recipe.page);
    EXPECT_THAT(wrong_recipe({page, read_file(page)}, recipe.files_max), testing::IsEmpty());
  }
}

TEST(Internals, EachRecipeHasALimit) {
  for (const Text& page : pages_for_contributors()) {
    if (!page.path.starts_with("docs/internals/adding-")) continue;
    EXPECT_TRUE(std::any_of(std::begin(recipes), std::end(recipes),
                            [&](const Recipe& recipe) { return recipe.page == page.path; }))
        << page.path << " has no row in tests/architecture/internals_test.cpp";
  }
}

// The checks see what they are there for.

bool is_relation(const std::string& path) { return path == "solver/matrix/definitions/relation.hpp"; }

TEST(InternalsChecks, FindAPathOfNothing) {
  const auto found = paths_of_nothing(
      {"docs/x.md", "`solver/matrix/definitions/relation.hpp`, `linux/vfio.h`\n`solver/relation.hpp`\n"},
      is_relation);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "docs/x.md:2");
}

TEST(InternalsChecks, FindAFileOfNothingInAComment) {
  const auto found = files_of_nothing(
      source_of("db/x.hpp",
                "#include <a/b.hpp>\n// As gone.hpp says (relation.hpp).\nint a;  // matrix/rows.hpp\n"),
      [](const std::string& file) { return file == "relation.hpp"; });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].place, "db/x.hpp:2");
  EXPECT_EQ(found[1].found, "it names matrix/rows.hpp");
}

TEST(InternalsChecks, TakeWhatIsNoPath) {
  for (const char* text : {"`model/*.hpp`", "`cli/commands/NAME.cpp`", "`solver::matrix`", "model/gone.hpp",
                           "`db`", "```\n`db/gone.hpp`\n```\n", "`sim run/x`"}) {
    EXPECT_THAT(paths_of_nothing({"docs/x.md", text}, is_relation), testing::IsEmpty()) << text;
  }
}

TEST(InternalsChecks, FindAFolderThatIsNotNamed) {
  const std::vector<Source> all = {source_of("solver/matrix/a.hpp", ""), source_of("solver/smt/b.hpp", ""),
                                   source_of("solver/engine.hpp", ""), source_of("tests/solver/c.cpp", "")};
  EXPECT_EQ(folders_not_named({"docs/x.md", "`solver/matrix/`: pairs\n"}, all).size(), 1u);
  EXPECT_EQ(folders_not_named({"docs/x.md", "`solver/matrix`, `solver/smt`\n"}, all).size(), 0u);
}

TEST(InternalsChecks, ReadTheListOfARecipe) {
  const std::string good = "# How\n\n## Files\n\n1. `db/a.cpp`: a row,\n   and its name\n2. `docs/b.md`\n";
  EXPECT_THAT(wrong_recipe({"docs/x.md", good + "\n## More\n\nWords.\n"}, 2), testing::IsEmpty());
  EXPECT_EQ(wrong_recipe({"docs/x.md", good}, 1).front().found, "2 files");
  EXPECT_EQ(wrong_recipe({"docs/x.md", good + "and another\n"}, 4).front().place, "docs/x.md:8");
  EXPECT_EQ(wrong_recipe({"docs/x.md", good + "4. `db/c.cpp`\n"}, 4).size(), 1u);
  EXPECT_EQ(wrong_recipe({"docs/x.md", "# How\n"}, 4).size(), 1u);
}

}  // namespace

}  // namespace portolan::architecture
