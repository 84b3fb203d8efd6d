// SPDX-License-Identifier: Apache-2.0
//
// docs/schemes.md ends with the worked examples under every scheme, each decided through the command line.

#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "model/compat/judging/schemes.hpp"
#include "model/files/document.hpp"
#include "tests/cli/transcript.hpp"

namespace {

using namespace portolan;

const std::string page_file = PORTOLAN_SOURCE_DIR "/docs/schemes.md";
const std::string examples_folder = PORTOLAN_SOURCE_DIR "/scenarios/examples/";

std::string mark_of(std::vector<std::string> line, const std::string& scheme) {
  line.insert(line.end(), {"--scheme", scheme});
  switch (test::run_here(line).status) {
    case 0: return "+";
    case 1: return "-";
    case 3: return "?";
    default: return " ";
  }
}

std::string table() {
  std::string text = "| example |", rule = "|---|";
  for (const auto scheme : compat::every_scheme) {
    text += fmt::format(" `{}` |", compat::name_of(scheme));
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  const auto document = files::read_document(examples_folder + "cases.yaml");
  if (!document) return to_string(document.error());
  std::map<std::string, bool> told;
  for (const auto& one : document->root.find("cases")->items) {
    const auto text_of = [&](const char* member) {
      return one.find(member) ? one.find(member)->text : std::string();
    };
    std::vector<std::string> line = {"compat", "--from",
                                     examples_folder + "catalogue.yaml#" + text_of("from"), "--to",
                                     examples_folder + "catalogue.yaml#" + text_of("to")};
    for (const char* option : {"type", "to-type"})
      if (one.find(option)) line.insert(line.end(), {std::string("--") + option, text_of(option)});
    std::string set;
    if (const auto* values = one.find("set"))
      for (const auto& value : values->items) {
        line.insert(line.end(), {"--set", value.text});
        set += value.text;
      }
    // The same question under another scheme is the same row.
    if (told[text_of("from") + text_of("to") + text_of("type") + text_of("to-type") + set]) continue;
    told[text_of("from") + text_of("to") + text_of("type") + text_of("to-type") + set] = true;
    text += fmt::format("| {} |", text_of("name"));
    for (const auto scheme : compat::every_scheme)
      text += fmt::format(" {} |", mark_of(line, std::string(compat::name_of(scheme))));
    text += "\n";
  }
  return text;
}

TEST(SlowSchemesPage, EndsWithTheWorkedExamplesUnderEveryScheme) {
  std::ifstream in(page_file, std::ios::binary);
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  const std::string made = table();
  const auto begin = page.find("| example |");
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(page_file, std::ios::binary) << page.substr(0, begin) << made;
    return;
  }
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(page.substr(begin), made)
      << "If this is right: UPDATE_GOLDEN=1 build/dev/test_cli --gtest_filter='*SchemesPage*'";
}

TEST(SchemesPage, SaysOfEachSchemeWhenItAccepts) {
  std::ifstream in(page_file, std::ios::binary);
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  for (const auto scheme : compat::every_scheme)
    EXPECT_THAT(page, testing::HasSubstr(fmt::format("\n| `{}` | ", compat::name_of(scheme))));
}

}  // namespace
