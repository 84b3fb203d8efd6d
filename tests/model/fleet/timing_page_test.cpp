// SPDX-License-Identifier: Apache-2.0
//
// docs/formats/timing.md holds the usual times between markers, made from their tables. UPDATE_GOLDEN=1
// writes the page anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "model/fleet/usual_times.hpp"

namespace portolan::fleet {
namespace {

const std::string timing_page = std::string(PORTOLAN_SOURCE_DIR) + "/docs/formats/timing.md";

std::string durations_as_markdown() {
  std::string table = "| action | ns | messages |\n|---|---|---|\n";
  for (const auto& row : usual::durations)
    table += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.ns) + " | " +
             std::to_string(row.messages) + " |\n";
  return table;
}

std::string rates_as_markdown() {
  std::string table = "| fault | mean ns | for each |\n|---|---|---|\n";
  for (const auto& row : usual::rates)
    table += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.ns) + " | " +
             std::string(row.each.name()) + " |\n";
  return table;
}

std::string weights_as_markdown() {
  std::string table = "| action | weight |\n|---|---|\n";
  for (const auto& row : usual::weights)
    table += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.weight) + " |\n";
  return table;
}

/// The page holds the table between the markers of that name.
void expect_table(const std::string& name, const std::string& table) {
  std::ifstream in(timing_page, std::ios::binary);
  std::string page((std::istreambuf_iterator<char>(in)), {});
  const std::string begin = "<!-- " + name + ": begin -->\n", end = "<!-- " + name + ": end -->\n";
  const std::size_t from = page.find(begin), to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos && from < to)
      << "docs/formats/timing.md has no place for the table: " << begin << end;
  const std::size_t first = from + begin.size();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    page.replace(first, to - first, table);
    std::ofstream(timing_page, std::ios::binary) << page;
    return;
  }
  EXPECT_EQ(page.substr(first, to - first), table)
      << "the table of docs/formats/timing.md differs; UPDATE_GOLDEN=1 writes it anew";
}

TEST(TimingPage, ListsTheUsualDurationsRatesAndWeights) {
  expect_table("durations", durations_as_markdown());
  expect_table("rates", rates_as_markdown());
  expect_table("weights", weights_as_markdown());
}

}  // namespace
}  // namespace portolan::fleet
