// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <string>

#include "model/fleet/usual_times.hpp"

namespace portolan::fleet {
namespace {

TEST(TimingPage, ListsTheUsualDurationsRatesAndWeights) {
  std::ifstream in(PORTOLAN_SOURCE_DIR "/docs/formats/timing.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  std::string durations = "| action | ns | messages |\n|---|---|---|\n",
              rates = "| fault | mean ns | for each |\n|---|---|---|\n",
              weights = "| action | weight |\n|---|---|\n";
  for (const auto& row : usual::durations)
    durations += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.ns) + " | " +
                 std::to_string(row.messages) + " |\n";
  for (const auto& row : usual::rates)
    rates += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.ns) + " | " +
             std::string(row.each.name()) + " |\n";
  for (const auto& row : usual::weights)
    weights += "| `" + std::string(row.action.name()) + "` | " + std::to_string(row.weight) + " |\n";
  for (const auto& table : {durations, rates, weights}) EXPECT_THAT(page, testing::HasSubstr(table));
}

}  // namespace
}  // namespace portolan::fleet
