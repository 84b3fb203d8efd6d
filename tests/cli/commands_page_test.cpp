// SPDX-License-Identifier: Apache-2.0
//
// docs/cli.md has a row for each command of the table and none for others; docs/formats has a page for each
// format.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/run.hpp"
#include "model/files/formats.hpp"
#include "tests/support/content.hpp"

namespace {

using portolan::tests::content_of;

/// Of `plan show\|verify PLAN`: `plan show`, `plan verify`. What is no lower-case word ends a command.
std::set<std::string> commands_of(const std::string& usage) {
  std::istringstream words(usage);
  std::set<std::string> all{""};
  for (std::string word; words >> word;) {
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz\\|") != std::string::npos) break;
    std::set<std::string> longer;
    for (std::size_t begin = 0; begin <= word.size();) {
      const std::size_t end = std::min(word.find("\\|", begin), word.size());
      for (const std::string& one : all)
        longer.insert(one + (one.empty() ? "" : " ") + word.substr(begin, end - begin));
      begin = end + 2;
    }
    all = std::move(longer);
  }
  all.erase("");
  return all;
}

/// The commands that the first column of the page's table of commands names.
std::set<std::string> commands_of_page(const std::string& page) {
  std::set<std::string> all;
  std::istringstream lines(page.substr(std::min(page.find("| command |"), page.size())));
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    if (!line.starts_with("| `")) continue;
    // The cell ends at a bar that no backslash stands before.
    std::size_t end = 1;
    while (end < line.size() && !(line[end] == '|' && line[end - 1] != '\\')) ++end;
    const std::string cell = line.substr(1, end - 1);
    for (std::size_t open = cell.find('`'); open != std::string::npos;) {
      const std::size_t close = cell.find('`', open + 1);
      all.merge(commands_of(cell.substr(open + 1, close - open - 1)));
      open = close == std::string::npos ? close : cell.find('`', close + 1);
    }
  }
  return all;
}

TEST(CommandsPage, ReadsARowAsPeopleDo) {
  EXPECT_EQ(commands_of("plan show\\|verify PLAN"), (std::set<std::string>{"plan show", "plan verify"}));
  EXPECT_EQ(
      commands_of_page("| command |\n|---|\n| `a` | q |\n| `b`, `c d FILE` | q |\n\n| `e` | of another |\n"),
      (std::set<std::string>{"a", "b", "c d"}));
}

TEST(CommandsPage, HasARowForEachCommandAndNoOther) {
  const std::vector<std::string> names = portolan::cli::command_names();
  ASSERT_GT(names.size(), 15u);
  const std::set<std::string> told = commands_of_page(content_of(PORTOLAN_SOURCE_DIR "/docs/cli.md"));
  for (const std::string& name : names)
    EXPECT_TRUE(told.contains(name)) << "docs/cli.md: no row for `" << name << "` in the table of commands";
  for (const std::string& name : told)
    EXPECT_TRUE(std::find(names.begin(), names.end(), name) != names.end())
        << "docs/cli.md: a row for `" << name << "`, which is no command";
}

TEST(FormatsPages, DescribeEachFormat) {
  // A document of the note RFC v3 has no member `format`; timing.md describes members of a scenario.
  std::set<std::string> pages{"migration-information.md", "timing.md"};
  const std::filesystem::path folder = PORTOLAN_SOURCE_DIR "/docs/formats";
  for (const portolan::files::Format& format : portolan::files::formats) {
    EXPECT_THAT(content_of(folder / format.page), testing::HasSubstr(std::string(format.name)))
        << "docs/formats/" << format.page << " does not say " << format.name;
    pages.emplace(format.page);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    EXPECT_TRUE(pages.contains(entry.path().filename().string()))
        << entry.path() << " describes no format of model/files/formats.hpp";
}

}  // namespace
