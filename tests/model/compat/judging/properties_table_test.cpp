// SPDX-License-Identifier: Apache-2.0
//
// The table of properties is the only place that says what they mean: docs/rules.md holds it between two
// markers, made from it. UPDATE_GOLDEN=1 writes the page anew.

#include "model/compat/judging/properties_table.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "model/compat/judging/judgement.hpp"

namespace {

using namespace portolan::compat;

const std::string rules_page = std::string(PORTOLAN_SOURCE_DIR) + "/docs/rules.md";

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string properties_as_markdown() {
  std::string text = "| cited as | property | holds when | a finding is |\n|---|---|---|---|\n";
  for (const PropertyRow& row : properties_table)
    text += fmt::format("| {} | `{}` | {} | {} |\n", row.rule, row.name, row.holds_when,
                        row.decided_by == DecidedBy::levels ? "a note, or an error (`--level`)"
                                                            : fmt::format("{}", name_of(row.severity)));
  return text;
}

std::string remarks_as_markdown() {
  std::string text = "| finding | says |\n|---|---|\n";
  for (const RemarkRow& row : remarks_table) text += fmt::format("| `{}` | {} |\n", row.name, row.meaning);
  return text;
}

/// The page holds `block` between the markers of that name.
void expect_block(const std::string& name, const std::string& block) {
  const std::string begin = fmt::format("<!-- {}: begin -->\n", name);
  const std::string end = fmt::format("<!-- {}: end -->\n", name);
  std::string page = text_of(rules_page);
  const std::size_t from = page.find(begin), to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos && from < to)
      << "docs/rules.md has no place for the table: " << begin << end;
  const std::size_t first = from + begin.size();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    page.replace(first, to - first, block);
    std::ofstream(rules_page) << page;
    return;
  }
  EXPECT_EQ(page.substr(first, to - first), block)
      << "the table of docs/rules.md differs; UPDATE_GOLDEN=1 writes it anew";
}

TEST(PropertiesTable, IsTheTableOfTheRulesPage) { expect_block("properties", properties_as_markdown()); }

TEST(PropertiesTable, IsTheListOfRemarksOfTheRulesPage) { expect_block("remarks", remarks_as_markdown()); }

TEST(PropertiesTable, SaysEverythingOfEachRowAndNamesItOnce) {
  std::set<std::string_view> names;
  for (const PropertyRow& row : properties_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.rule.starts_with("§5.")) << row.name;
    for (const std::string_view text : {row.meaning, row.holds_when, row.vacuous})
      EXPECT_FALSE(text.empty()) << row.name;
  }
  for (const RemarkRow& row : remarks_table) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

TEST(PropertiesTable, GivesToTheReferenceOnlyWhatIsProved) {
  for (const PropertyRow& row : properties_table) {
    if (is_judged(row.property)) {
      EXPECT_EQ(row.decided_by, DecidedBy::proof) << row.name;
    }
  }
}

}  // namespace
