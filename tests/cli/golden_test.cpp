// SPDX-License-Identifier: Apache-2.0
//
// Every file in golden/ is a transcript. A new one needs nothing but its `$ portolan …` lines and one run
// with UPDATE_GOLDEN=1.

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/run.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/content.hpp"

namespace {

namespace fs = std::filesystem;
using portolan::tests::content_of;

const fs::path golden_folder = PORTOLAN_SOURCE_DIR "/tests/cli/golden";

std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(golden_folder)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsWhatTheCommandsPrint) {
  const fs::path file = golden_folder / (GetParam() + ".txt");
  const std::string expected = content_of(file);
  const std::string actual = portolan::test::run_transcript(expected);
  ASSERT_FALSE(actual.empty()) << file << " has no line that begins with `$ portolan `";
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, expected) << "If the new output is right: UPDATE_GOLDEN=1 ctest --preset dev -R test_cli";
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(golden_files()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(Golden, HasACaseForEachCommand) {
  std::string all;
  for (const auto& name : golden_files()) all += content_of(golden_folder / (name + ".txt"));
  for (const std::string& command : portolan::cli::command_names()) {
    EXPECT_NE(all.find("$ portolan " + command + " "), std::string::npos) << command;
    EXPECT_NE(all.find("$ portolan " + command + " --help"), std::string::npos) << command << " --help";
  }
}

TEST(Readme, ShowsASessionThatIsTrue) {
  const fs::path file = PORTOLAN_SOURCE_DIR "/README.md";
  const std::string readme = content_of(file);
  const std::string opening = "```console\n";
  const auto begin = readme.find(opening);
  ASSERT_NE(begin, std::string::npos);
  const auto first = begin + opening.size(), end = readme.find("```", first);
  const std::string session = readme.substr(first, end - first);
  const std::string actual = portolan::test::run_transcript(session);
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(file, std::ios::binary) << readme.substr(0, first) + actual + readme.substr(end);
    return;
  }
  EXPECT_EQ(actual, session) << "If the new output is right: UPDATE_GOLDEN=1 ctest --preset dev -R test_cli";
}

}  // namespace
