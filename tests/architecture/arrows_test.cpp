// SPDX-License-Identifier: Apache-2.0
//
// The arrows that the documentation promises: cli -> {solver, sim, vfio, db} -> model, and an order of the
// chapters inside each of them. An include is judged on one level: where the paths of its two files part.

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/graph.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

/// A chapter is a folder of the level. The files that stand in the level's folder itself are the chapter `.`,
/// but for those (a header with its .cpp) that have a row of their own.
struct Arrows {
  std::string_view level, chapter, may_include;  ///< the last: names of chapters, separated by spaces
};

// A level with a row has a row for each of its chapters. A level without one is held by `MakeNoCircle` alone.
// clang-format off
constexpr Arrows arrows[] = {
  // level           chapter         may include
  { "",               "model",       "" },
  { "",               "solver",      "model" },
  { "",               "sim",         "model" },
  { "",               "vfio",        "model" },
  { "",               "db",          "model" },
  { "",               "cli",         "model solver sim vfio db" },

  { "model",          "support",     "" },
  { "model",          "files",       "support" },
  { "model",          "rules",       "support" },
  { "model",          "compat",      "support files rules" },
  { "model",          "machines",    "support rules" },
  { "model",          "ports",       "support compat machines" },
  { "model",          "fleet",       "support files rules compat machines ports" },
  { "model",          "traces",      "support files rules fleet" },

  { "model/rules",    ".",           "compilation" },
  { "model/rules",    "compilation", "." },
  { "model/rules",    "exports",     "." },
  { "model/rules",    "analysis",    "." },

  { "model/compat",   ".",           "" },
  { "model/compat",   "judging",     "." },
  { "model/compat",   "audit",       ". judging" },

  { "model/fleet",    ".",           "" },
  { "model/fleet",    "building",    "." },
  { "model/fleet",    "plans",       "." },

  { "solver",         "engine",      "" },
  { "solver",         "smt",         "" },
  { "solver",         "answering",   "engine smt" },
  { "solver",         "matrix",      "engine smt answering" },
  { "solver",         "properties",  "engine smt answering matrix" },
  { "solver",         "advice",      "engine answering matrix properties" },
  { "solver",         "schemes",     "engine matrix" },
  { "solver",         "explore",     "" },
  { "solver",         "unbounded",   "engine smt explore" },
  { "solver",         "planning",    "explore" },

  { "solver/matrix",  "definitions", "" },
  { "solver/matrix",  "coupling",    "definitions" },
  { "solver/matrix",  ".",           "definitions coupling" },

  { "solver/explore", "ground",      "" },
  { "solver/explore", "model",       "ground" },
  { "solver/explore", "search",      "ground model" },
  { "solver/explore", ".",           "ground model search" },

  { "sim",            "time",        "" },
  { "sim",            "run",         "time" },
  { "sim",            "own_model",   "time run" },
  { "sim",            "fleets",      "time run" },
  { "sim",            ".",           "time run own_model fleets" },

  { "vfio",           "user",        "" },
  { "vfio",           "emulated",    "user" },
  { "vfio",           "execution",   "" },
  { "vfio",           ".",           "user" },

  { "cli",            "frame",       "" },
  { "cli",            "report",      "frame" },
  { "cli",            "commands",    "frame report" },
  { "cli",            ".",           "frame commands" },
};
// clang-format on

/// An include of ours, seen on the level where the two files part.
struct Step {
  std::string level, from, to;
  bool from_file = false, to_file = false;  ///< that end stands in the level's folder itself
  std::string place;
};

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream in(idea_of(path));
  for (std::string part; std::getline(in, part, '/');) parts.push_back(part);
  return parts;
}

/// Empty where both files are one idea.
std::vector<Step> step_of(const Source& source, const Include& include) {
  const auto from = parts_of(source.path), to = parts_of(include.to);
  std::size_t common = 0;
  std::string level;
  for (; common < from.size() && common < to.size() && from[common] == to[common]; ++common)
    level += (level.empty() ? "" : "/") + from[common];
  if (common == from.size() || common == to.size()) return {};
  return {{level, from[common], to[common], common + 1 == from.size(), common + 1 == to.size(),
           place(source.path, include.line)}};
}

std::vector<Step> steps_of(std::span<const Source> all) {
  std::vector<Step> steps;
  for (const Source& source : all) {
    if (!source.of_the_product()) continue;
    for (const Include& include : source.includes) {
      if (!include.ours) continue;
      const auto one = step_of(source, include);
      steps.insert(steps.end(), one.begin(), one.end());
    }
  }
  return steps;
}

const Arrows* row_of(std::span<const Arrows> table, std::string_view level, std::string_view chapter) {
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const Arrows& a) { return a.level == level && a.chapter == chapter; });
  return row == table.end() ? nullptr : &*row;
}

bool names(std::string_view list, const std::string& name) {
  std::istringstream in{std::string(list)};
  for (std::string word; in >> word;) {
    if (word == name) return true;
  }
  return false;
}

/// The chapter that the table has for one end of a step.
std::string chapter_of(std::span<const Arrows> table, const Step& step, const std::string& end,
                       bool is_file) {
  return is_file && row_of(table, step.level, end) == nullptr ? "." : end;
}

Findings against_the_arrows(std::span<const Source> all, std::span<const Arrows> table) {
  Findings findings;
  for (const Step& step : steps_of(all)) {
    const bool has_rows =
        std::any_of(table.begin(), table.end(), [&](const Arrows& a) { return a.level == step.level; });
    if (!has_rows) continue;
    const std::string from = chapter_of(table, step, step.from, step.from_file),
                      to = chapter_of(table, step, step.to, step.to_file),
                      here = step.level.empty() ? "the project" : step.level;
    const Arrows* row = row_of(table, step.level, from);
    if (row == nullptr) {
      findings.push_back({step.place, "the chapter " + from + " has no place in the order of " + here,
                          "a row for it in tests/architecture/arrows_test.cpp", "give it one"});
    } else if (from != to && !names(row->may_include, to)) {
      findings.push_back({step.place, from + " includes " + to,
                          "of " + here + " it includes only [" + std::string(row->may_include) + "]",
                          "move what both need to a chapter below, or hand it in as an argument"});
    }
  }
  return findings;
}

Findings circles(std::span<const Source> all) {
  std::map<std::string, Graph> levels;
  for (const Step& step : steps_of(all)) {
    if (!step.from_file || !step.to_file) levels[step.level][step.from].insert(step.to);
  }
  Findings findings;
  for (const auto& [level, graph] : levels) {
    const auto circle = circle_in(graph);
    if (circle.empty()) continue;
    std::string shown;
    for (const std::string& name : circle) shown += (shown.empty() ? "" : " -> ") + name;
    findings.push_back({level.empty() ? "the project" : level, "its chapters include each other: " + shown,
                        "an order", "move what makes the arrow back to the chapter that it belongs to"});
  }
  return findings;
}

Findings circles_of_files(std::span<const Source> all) {
  Graph graph;
  for (const Source& source : all) {
    for (const Include& include : source.includes) {
      if (include.ours) graph[source.path].insert(include.to);
    }
  }
  const auto circle = circle_in(graph);
  if (circle.empty()) return {};
  return {{circle.front(), "it includes itself, by way of " + testing::PrintToString(circle), "no circle",
           "part the type that both need from them"}};
}

Findings includes_of_nothing(std::span<const Source> all) {
  Findings findings;
  for (const Source& source : all) {
    for (const Include& include : source.includes) {
      if (!include.ours || exists(include.to)) continue;
      findings.push_back({place(source.path, include.line), "it includes \"" + include.to + "\"",
                          "a path from the root of the project", "write the whole path"});
    }
  }
  return findings;
}

const std::vector<Source> a_small_project = {
    source_of("model/support/text.hpp", "#include <string>\n"),
    source_of("model/rules/parse.hpp", "#include \"model/support/text.hpp\"\n"),
    source_of("solver/z3/terms.cpp",
              "#include \"solver/z3/terms.hpp\"\n#include \"model/rules/parse.hpp\"\n"),
};
std::vector<Source> with(Source more) {
  std::vector<Source> all = a_small_project;
  all.push_back(std::move(more));
  return all;
}

TEST(Arrows, AreFollowed) {
  ASSERT_GT(steps_of(sources()).size(), 100u) << "the sources were not found";
  EXPECT_THAT(against_the_arrows(sources(), arrows), testing::IsEmpty());
}

TEST(Arrows, HaveAChapterAtBothEnds) {
  for (const Arrows& row : arrows) {
    const std::string path =
        (row.level.empty() ? "" : std::string(row.level) + "/") + std::string(row.chapter);
    EXPECT_TRUE(exists(path) || exists(path + ".hpp"))
        << "tests/architecture/arrows_test.cpp has a row for " << path << ", which is no chapter: delete it";
    std::istringstream in{std::string(row.may_include)};
    for (std::string to; in >> to;)
      EXPECT_NE(row_of(arrows, row.level, to), nullptr)
          << path << " may include " << to << ", which has no row";
  }
}

TEST(Arrows, OfTheTableItselfMakeNoCircle) {
  std::map<std::string_view, Graph> levels;
  for (const Arrows& row : arrows) {
    if (row.chapter == ".") continue;  // of several files, each with an order of its own: `MakeNoCircle`
    std::istringstream in{std::string(row.may_include)};
    for (std::string to; in >> to;) levels[row.level][std::string(row.chapter)].insert(to);
  }
  for (const auto& [level, graph] : levels) EXPECT_THAT(circle_in(graph), testing::IsEmpty()) << level;
}

TEST(Arrows, MakeNoCircle) { EXPECT_THAT(circles(sources()), testing::IsEmpty()); }

TEST(Arrows, BetweenFilesMakeNoCircle) { EXPECT_THAT(circles_of_files(sources()), testing::IsEmpty()); }

TEST(Arrows, AreWrittenFromTheRootOfTheProject) {
  EXPECT_THAT(includes_of_nothing(sources()), testing::IsEmpty());
}

// The checks see what they are there for.

TEST(ArrowChecks, FindNothingInASmallProjectInOrder) {
  EXPECT_THAT(against_the_arrows(a_small_project, arrows), testing::IsEmpty());
  EXPECT_THAT(circles(a_small_project), testing::IsEmpty());
  EXPECT_THAT(circles_of_files(a_small_project), testing::IsEmpty());
}

TEST(ArrowChecks, FindAnArrowBetweenTheFourInTheMiddle) {
  const auto found =
      against_the_arrows(with(source_of("sim/run.cpp", "#include \"solver/z3/terms.hpp\"\n")), arrows);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "sim/run.cpp:1");
  EXPECT_EQ(found[0].found, "sim includes solver");
}

TEST(ArrowChecks, FindAnArrowAgainstTheOrderInsideTheModel) {
  const auto found = against_the_arrows(
      with(source_of("model/support/fault.hpp", "\n#include \"model/rules/parse.hpp\"\n")), arrows);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "model/support/fault.hpp:2");
}

TEST(ArrowChecks, FindAChapterWithoutAPlace) {
  const auto found = against_the_arrows(
      with(source_of("model/other/x.hpp", "#include \"model/rules/parse.hpp\"\n")), arrows);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].found, "the chapter other has no place in the order of model");
}

TEST(ArrowChecks, LetFilesBesideTheChaptersHaveOneRow) {
  const Arrows table[] = {{"db", ".", "rows"}, {"db", "rows", ""}};
  std::vector<Source> all = {
      source_of("db/store.cpp", "#include \"db/runs.hpp\"\n#include \"db/rows/a.hpp\"\n")};
  EXPECT_THAT(against_the_arrows(all, table), testing::IsEmpty());
  all.push_back(source_of("db/rows/a.hpp", "#include \"db/runs.hpp\"\n"));
  const auto found = against_the_arrows(all, table);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].found, "rows includes .");
}

TEST(ArrowChecks, FindACircleOfChaptersWhoseFilesMakeNone) {
  auto all = with(source_of("solver/matrix/rows.hpp", "#include \"solver/z3/terms.hpp\"\n"));
  EXPECT_THAT(circles(all), testing::IsEmpty());
  all.push_back(source_of("solver/z3/limits.hpp", "#include \"solver/matrix/rows.hpp\"\n"));
  const auto found = circles(all);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].found, "its chapters include each other: matrix -> z3 -> matrix");
  EXPECT_THAT(circles_of_files(all), testing::IsEmpty());
}

TEST(ArrowChecks, FindACircleWithAFileThatStandsBesideAFolder) {
  auto all = with(source_of("solver/engine.hpp", "#include \"solver/z3/terms.hpp\"\n"));
  all.push_back(source_of("solver/z3/limits.hpp", "#include \"solver/engine.hpp\"\n"));
  EXPECT_EQ(circles(all).size(), 1u);
}

TEST(ArrowChecks, FindACircleOfFiles) {
  auto all = with(source_of("db/a.hpp", "#include \"db/b.hpp\"\n"));
  all.push_back(source_of("db/b.hpp", "#include \"db/a.hpp\"\n"));
  EXPECT_EQ(circles_of_files(all).size(), 1u);
}

TEST(ArrowChecks, FindAnIncludeFromBeside) {
  const std::vector<Source> all = {source_of("db/store.hpp", "#include \"sqlite.hpp\"\n#include <string>\n")};
  EXPECT_EQ(includes_of_nothing(all).size(), 1u);
}

}  // namespace

}  // namespace portolan::architecture
