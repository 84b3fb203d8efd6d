// SPDX-License-Identifier: Apache-2.0
//
// How large a line, a function, a file and a folder may be, so that two files stand side by side, a function
// is seen whole, a file is one idea and a folder a chapter. What is larger is a table: exceptions.hpp.

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "tests/architecture/exceptions.hpp"
#include "tests/architecture/finding.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

constexpr std::size_t columns_max = 120;        // of a line
constexpr std::size_t function_lines_max = 80;  // from its declaration to its closing brace
constexpr std::size_t file_lines_max = 600;
constexpr std::size_t folder_ideas_max = 15;  // a header with its .cpp is one

/// What is over a limit, and the row of exceptions.hpp that would excuse it.
struct Excess {
  Limit limit;
  std::string path, function;
  Finding finding;
};

std::string of_at_most(std::size_t number, std::string_view what) {
  return "at most " + std::to_string(number) + " " + std::string(what);
}

/// Characters, not bytes: of UTF-8, what continues a character does not count.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<Excess> long_lines(const Source& source) {
  std::vector<Excess> found;
  bool table = false;
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string& line = source.lines[i];
    if (line.find("// clang-format off") != std::string::npos) table = true;
    if (line.find("// clang-format on") != std::string::npos) table = false;
    if (table || columns_of(line) <= columns_max) continue;
    found.push_back(
        {Limit::columns,
         source.path,
         {},
         {place(source.path, i + 1), "a line of " + std::to_string(columns_of(line)) + " columns",
          of_at_most(columns_max, "columns"),
          "scripts/hygiene format; break a long literal, or put a table between `clang-format off` "
          "and `clang-format on`"}});
  }
  return found;
}

std::vector<Excess> long_functions(const Source& source) {
  std::vector<Excess> found;
  for (const Function& function : source.functions) {
    if (function.lines() <= function_lines_max) continue;
    found.push_back(
        {Limit::lines_of_function,
         source.path,
         function.name,
         {place(source.path, function.first_line),
          function.name + " has " + std::to_string(function.lines()) + " lines",
          of_at_most(function_lines_max, "lines"), "give its steps functions with names of their own"}});
  }
  return found;
}

std::vector<Excess> long_file(const Source& source) {
  if (source.lines.size() <= file_lines_max) return {};
  return {{Limit::lines_of_file,
           source.path,
           {},
           {source.path, std::to_string(source.lines.size()) + " lines", of_at_most(file_lines_max, "lines"),
            "part it: a file is one idea"}}};
}

std::vector<Excess> full_folders(std::span<const Source> all) {
  std::map<std::string, std::set<std::string>> ideas;
  for (const Source& source : all) {
    if (source.of_the_product()) ideas[folder_of(source.path)].insert(idea_of(source.path));
  }
  std::vector<Excess> found;
  for (const auto& [folder, of_it] : ideas) {
    if (of_it.size() <= folder_ideas_max) continue;
    found.push_back({Limit::ideas_of_folder,
                     folder,
                     {},
                     {folder, std::to_string(of_it.size()) + " ideas", of_at_most(folder_ideas_max, "ideas"),
                      "part it into chapters, each a folder with a namespace"}});
  }
  return found;
}

std::vector<Excess> excesses(std::span<const Source> all) {
  std::vector<Excess> found = full_folders(all);
  for (const Source& source : all) {
    for (const auto& check : {long_lines, long_functions, long_file}) {
      const auto more = check(source);
      found.insert(found.end(), more.begin(), more.end());
    }
  }
  return found;
}

bool excuses(const Exception& row, const Excess& excess) {
  return row.limit == excess.limit && row.path == excess.path && row.function == excess.function;
}

Findings not_excused(std::span<const Excess> found, std::span<const Exception> rows) {
  Findings findings;
  for (const Excess& excess : found) {
    if (std::none_of(rows.begin(), rows.end(), [&](const Exception& row) { return excuses(row, excess); }))
      findings.push_back(excess.finding);
  }
  return findings;
}

Findings not_needed(std::span<const Excess> found, std::span<const Exception> rows) {
  Findings findings;
  for (const Exception& row : rows) {
    if (std::any_of(found.begin(), found.end(), [&](const Excess& excess) { return excuses(row, excess); }))
      continue;
    findings.push_back(
        {"tests/architecture/exceptions.hpp",
         std::string(row.path) + (row.function.empty() ? "" : ", " + std::string(row.function)) +
             " is excused from the limit on " + std::string(name_of(row.limit)) + " and keeps it",
         "rows that are needed", "delete the row"});
  }
  return findings;
}

Findings only(Limit limit, Findings (*judge)(std::span<const Excess>, std::span<const Exception>)) {
  std::vector<Excess> found = excesses(sources());
  std::erase_if(found, [&](const Excess& excess) { return excess.limit != limit; });
  return judge(found, std::span<const Exception>(exceptions));
}

TEST(Shape, LinesFitBesideEachOther) { EXPECT_THAT(only(Limit::columns, not_excused), testing::IsEmpty()); }

TEST(Shape, FunctionsAreSeenWhole) {
  EXPECT_THAT(only(Limit::lines_of_function, not_excused), testing::IsEmpty());
}

TEST(Shape, FilesAreOneIdea) { EXPECT_THAT(only(Limit::lines_of_file, not_excused), testing::IsEmpty()); }

TEST(Shape, FoldersAreChapters) {
  EXPECT_THAT(only(Limit::ideas_of_folder, not_excused), testing::IsEmpty());
}

TEST(Shape, ExceptionsAreNeeded) {
  EXPECT_THAT(not_needed(excesses(sources()), exceptions), testing::IsEmpty());
}

TEST(Shape, ExceptionsSayWhy) {
  for (const Exception& row : exceptions) EXPECT_GT(row.reason.size(), 20u) << row.path;
}

// The checks see what they are there for, and stop at the limit.

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ShapeChecks, FindALineOverTheLimitAndNoneAtIt) {
  EXPECT_EQ(long_lines(source_of("a.hpp", std::string(120, 'x') + "\n")).size(), 0u);
  const auto found = long_lines(source_of("a.hpp", "\n" + std::string(121, 'x') + "\n"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.place, "a.hpp:2");
  EXPECT_EQ(long_lines(source_of("a.hpp", repeated("\xC3\xA4", 120))).size(), 0u) << "characters count";
}

TEST(ShapeChecks, LetTablesBeAsWideAsTheyAre) {
  const std::string wide(200, 'x');
  EXPECT_EQ(long_lines(source_of("a.hpp", "// clang-format off\n" + wide + "\n// clang-format on\n")).size(),
            0u);
  EXPECT_EQ(long_lines(source_of("a.hpp", "// clang-format off\n// clang-format on\n" + wide + "\n")).size(),
            1u);
}

TEST(ShapeChecks, FindAFunctionOverTheLimitAndNoneAtIt) {
  const auto with_lines = [](std::size_t lines) {
    return source_of("a.cpp", "namespace a {\nint f() {\n" + repeated("  g();\n", lines - 2) + "}\n}\n");
  };
  EXPECT_EQ(long_functions(with_lines(80)).size(), 0u);
  const auto found = long_functions(with_lines(81));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.place, "a.cpp:2");
  EXPECT_EQ(found[0].function, "f");
}

TEST(ShapeChecks, FindAFileOverTheLimitAndNoneAtIt) {
  EXPECT_EQ(long_file(source_of("a.cpp", repeated("\n", 600))).size(), 0u);
  EXPECT_EQ(long_file(source_of("a.cpp", repeated("\n", 601))).size(), 1u);
}

TEST(ShapeChecks, FindAFolderOverTheLimitAndCountAHeaderWithItsText) {
  std::vector<Source> all;
  for (char c = 'a'; c < 'a' + 15; ++c) {
    all.push_back(source_of(std::string("db/x/") + c + ".hpp", ""));
    all.push_back(source_of(std::string("db/x/") + c + ".cpp", ""));
  }
  EXPECT_EQ(full_folders(all).size(), 0u);
  all.push_back(source_of("db/x/z.cpp", ""));
  EXPECT_EQ(full_folders(all).size(), 1u);
}

TEST(ShapeChecks, AskForExactlyTheExceptionsThatAreNeeded) {
  const std::vector<Source> all = {source_of("a.cpp", repeated("\n", 601))};
  const Exception right{Limit::lines_of_file, "a.cpp", "", "a table"};
  const Exception other{Limit::columns, "a.cpp", "", "a table"};
  const auto found = excesses(all);
  EXPECT_EQ(not_excused(found, {}).size(), 1u);
  EXPECT_EQ(not_excused(found, {&right, 1}).size(), 0u);
  EXPECT_EQ(not_excused(found, {&other, 1}).size(), 1u);
  EXPECT_EQ(not_needed(found, {&right, 1}).size(), 0u);
  EXPECT_EQ(not_needed(found, {&other, 1}).size(), 1u);
}

}  // namespace

}  // namespace portolan::architecture
