// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include "model/support/fault.hpp"

namespace {

TEST(ErrorsPage, ListsEveryKindOfFaultWithAllThatIsSaidOfIt) {
  std::ifstream in(PORTOLAN_SOURCE_DIR "/docs/errors.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  std::string table = "| code | meaning | example | what to do |\n|---|---|---|---|\n";
  for (const auto& entry : portolan::fault_code_table()) {
    table += "| `" + std::string(entry.name) + "` | " + std::string(entry.meaning) + " | " +
             std::string(entry.example) + " | " + std::string(entry.remedy) + " |\n";
  }
  EXPECT_THAT(page, testing::EndsWith(table)) << "docs/errors.md ends with the table; it should be:\n"
                                              << table;
}

}  // namespace
