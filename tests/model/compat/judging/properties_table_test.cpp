// SPDX-License-Identifier: Apache-2.0
//
// The table of properties is the only place that says what they mean: docs/rules.md holds it between two
// markers, made from it. UPDATE_GOLDEN=1 writes the page anew.

#include "model/compat/judging/properties_table.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "model/compat/judging/judgement.hpp"
#include "tests/support/page_block.hpp"

namespace {

using namespace portolan::compat;

constexpr const char* rules_page = "docs/rules.md";

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

TEST(PropertiesTable, IsTheTableOfTheRulesPage) {
  portolan::tests::expect_page_block(rules_page, "properties", properties_as_markdown());
}

TEST(PropertiesTable, IsTheListOfRemarksOfTheRulesPage) {
  portolan::tests::expect_page_block(rules_page, "remarks", remarks_as_markdown());
}

TEST(PropertiesTable, SaysEverythingOfEachRowAndNamesItOnce) {
  std::set<std::string_view> names;
  for (const PropertyRow& row : properties_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.rule.starts_with("§5.")) << row.name;
    for (const std::string_view text :
         {row.meaning, row.holds_when, row.vacuous, row.why, row.example, row.remedy})
      EXPECT_FALSE(text.empty()) << row.name;
  }
  for (const RemarkRow& row : remarks_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const std::string_view text : {row.meaning, row.why, row.remedy})
      EXPECT_FALSE(text.empty()) << row.name;
  }
}

TEST(PropertiesTable, GivesToTheReferenceOnlyWhatIsProved) {
  for (const PropertyRow& row : properties_table) {
    if (is_judged(row.property)) {
      EXPECT_EQ(row.decided_by, DecidedBy::proof) << row.name;
    }
  }
}

}  // namespace
