// SPDX-License-Identifier: Apache-2.0
//
// Nothing lies about: each header is included by somebody besides its own .cpp, and each .cpp is compiled
// (CMake takes every .cpp below the folders of the product by itself; of tests/ and bench/ it has a list).

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

Findings headers_for_nobody(std::span<const Source> all) {
  Findings findings;
  for (const Source& header : all) {
    if (!header.header()) continue;
    const std::string own = idea_of(header.path) + ".cpp";
    const bool used = std::any_of(all.begin(), all.end(), [&](const Source& other) {
      return other.path != own &&
             std::any_of(other.includes.begin(), other.includes.end(),
                         [&](const Include& include) { return include.to == header.path; });
    });
    if (!used)
      findings.push_back({header.path, "no file but its own .cpp includes it", "a reader",
                          "delete it, or move what is in it into the .cpp"});
  }
  return findings;
}

/// `lists`: the text of both CMakeLists.txt.
Findings texts_for_nobody(std::span<const Source> all, std::string_view lists) {
  Findings findings;
  for (const Source& source : all) {
    if (source.header() || source.of_the_product()) continue;
    const bool test = source.path.starts_with("tests/");
    const std::string under = source.path.substr(source.path.find('/') + 1);
    const std::string mention = test ? "portolan_tests(" + under.substr(0, under.find('/')) : source.path;
    if (lists.find(mention) != std::string_view::npos) continue;
    findings.push_back({source.path, "nobody compiles it",
                        mention + " in " + (test ? "tests/" : "") + "CMakeLists.txt",
                        "add it there, or delete the file"});
  }
  return findings;
}

std::string both_lists() {
  std::string lists;
  for (const char* path : {"CMakeLists.txt", "tests/CMakeLists.txt"}) lists += read_file(path);
  return lists;
}

TEST(DeadFiles, NoHeaderIsForNobody) { EXPECT_THAT(headers_for_nobody(sources()), testing::IsEmpty()); }

TEST(DeadFiles, NoTextIsForNobody) {
  const std::string lists = both_lists();
  EXPECT_THAT(texts_for_nobody(sources(), lists), testing::IsEmpty());
  for (const std::string_view folder : product_folders) {
    const std::string name(folder);
    EXPECT_TRUE(lists.find("portolan_library(" + name) != std::string::npos ||
                lists.find("/" + name + "/*.cpp") != std::string::npos)
        << "CMakeLists.txt takes every .cpp below each folder of the product, but not below " << folder;
  }
}

TEST(DeadFileChecks, FindAHeaderThatOnlyItsOwnTextIncludes) {
  std::vector<Source> all = {source_of("db/a.hpp", ""), source_of("db/a.cpp", "#include \"db/a.hpp\"\n")};
  EXPECT_EQ(headers_for_nobody(all).size(), 1u);
  all.push_back(source_of("db/b.cpp", "#include \"db/a.hpp\"\n"));
  EXPECT_EQ(headers_for_nobody(all).size(), 0u);
}

TEST(DeadFileChecks, FindATextThatNobodyCompiles) {
  const std::vector<Source> all = {source_of("tests/model/a_test.cpp", ""), source_of("bench/a_run.cpp", ""),
                                   source_of("model/a.cpp", "")};
  EXPECT_EQ(texts_for_nobody(all, "portolan_tests(model) bench/a_run.cpp").size(), 0u);
  EXPECT_EQ(texts_for_nobody(all, "portolan_tests(sim) bench/b_run.cpp").size(), 2u);
}

}  // namespace

}  // namespace portolan::architecture
