// SPDX-License-Identifier: Apache-2.0
//
// docs/formats/timing.md holds the usual times between markers, made from their tables. UPDATE_GOLDEN=1
// writes the page anew.

#include <gtest/gtest.h>

#include <string>

#include "model/fleet/usual_times.hpp"
#include "tests/support/page_block.hpp"

namespace portolan::fleet {
namespace {

constexpr const char* timing_page = "docs/formats/timing.md";

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

TEST(TimingPage, ListsTheUsualDurationsRatesAndWeights) {
  tests::expect_page_block(timing_page, "durations", durations_as_markdown());
  tests::expect_page_block(timing_page, "rates", rates_as_markdown());
  tests::expect_page_block(timing_page, "weights", weights_as_markdown());
}

}  // namespace
}  // namespace portolan::fleet
