// SPDX-License-Identifier: Apache-2.0
//
// What foreign text may not do in any output: control a terminal, or be a formula in a table.
#include "cli/frame/output.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "cli/frame/csv.hpp"
#include "tests/cli/transcript.hpp"

namespace portolan::cli {
namespace {

TEST(Outputs, HaveNoControlCharacterOfForeignText) {
  for (const Format format : {Format::text, Format::mermaid}) {
    std::ostringstream out, err;
    const Streams streams{out, err, true};
    Output output(streams, format, true);
    output.print("{} a\x1b]0;x\x07 b\r\n", output.bad("word"));
    output.note("c\x1b[2J d");
    output.rewrite_line("e\x1b[31m f");
    ASSERT_TRUE(output.flush());
    const std::string word = format == Format::text ? "\x1b[31mword\x1b[0m" : "word";
    EXPECT_EQ(out.str(), word + " a\\x1b]0;x\\x07 b\\r\n");
    EXPECT_EQ(err.str(), "c\\x1b[2J d\n\r\x1b[Ke\\x1b[31m f");
  }
}

TEST(Outputs, OfAWrongCommandLineHaveNone) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"a\x1b[31m"},
                                                {"check", "--a\x1b[31m"},
                                                {"plan", "show", "a\x1b[31m"},
                                                {"status", "--journal", "a\x1b[31m"}}) {
    const auto ran = test::run_here(words);
    EXPECT_EQ(ran.status, 2) << words[0];
    EXPECT_EQ((ran.out + ran.err).find('\x1b'), std::string::npos) << words[0];
    EXPECT_THAT(ran.err, testing::HasSubstr("\\x1b")) << words[0];
  }
}

TEST(Outputs, LeaveJsonAsItIs) {
  std::ostringstream out, err;
  const Streams streams{out, err};
  Output output(streams, Format::json, false);
  output.note_json(R"({"said":"a\u001b"})");
  EXPECT_EQ(err.str(), "{\"said\":\"a\\u001b\"}\n");
}

TEST(Outputs, AreFoldedAtTheWidthOfTheTerminal) {
  for (const std::size_t columns : {40, 60, 120}) {
    std::ostringstream out, err;
    Streams streams{out, err, true};
    streams.columns = columns;
    Output output(streams, Format::text, true);
    output.print("  {} ", output.bad("error"));  // in pieces
    for (int k = 0; k < 40; ++k) output.print("{}  word-{}", k % 7 == 0 ? "" : " –", k);
    output.print("\n");
    output.write(std::string(200, 'x') + " as it is\n");
    output.print("short\n\n{} end\n", std::string(130, 'y'));
    ASSERT_TRUE(output.flush());
    std::istringstream lines(out.str());
    std::size_t long_lines = 0;
    for (std::string line; std::getline(lines, line);) long_lines += columns_of(line) > columns;
    EXPECT_EQ(long_lines, 2) << out.str();  // what was written as it is, and the word that no line holds
    EXPECT_THAT(out.str(), testing::HasSubstr(std::string(200, 'x') + " as it is\nshort\n\n"));
    for (int k = 0; k < 40; ++k) EXPECT_THAT(out.str(), testing::HasSubstr(fmt::format("word-{}", k)));
  }
}

TEST(Outputs, OfAProgramAreNotFolded) {
  std::ostringstream out, err;
  const Streams streams{out, err};
  Output output(streams, Format::csv, false);
  output.print("{} {}\n", std::string(100, 'a'), std::string(100, 'b'));
  ASSERT_TRUE(output.flush());
  EXPECT_EQ(out.str(), std::string(100, 'a') + ' ' + std::string(100, 'b') + '\n');
}

TEST(CsvCells, AreTextAndNoFormula) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
  for (const char* begin : {"=", "+", "-", "@"})
    EXPECT_EQ(csv_cell(std::string(begin) + "1"), std::string("'") + begin + "1");
  EXPECT_EQ(csv_cell("\t=1"), "'\\t=1");
  EXPECT_EQ(csv_cell("\r=1"), "'\\r=1");
  EXPECT_EQ(csv_cell("=1,2"), "\"'=1,2\"");
  EXPECT_EQ(csv_cell("a\x1b[31m\nb"), "a\\x1b[31m\\nb");
}

}  // namespace
}  // namespace portolan::cli
