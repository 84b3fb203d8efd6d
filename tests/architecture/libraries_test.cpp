// SPDX-License-Identifier: Apache-2.0
//
// Each library of others is named where it is wrapped and nowhere else, so that another one could take its
// place. Tests may use a library where they hold the product against it.

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/architecture/finding.hpp"
#include "tests/architecture/sources.hpp"

namespace portolan::architecture {

namespace {

/// A header of a library, by how its name begins, and the folders of the product that may name it.
struct Wrapped {
  std::string_view prefix;
  std::vector<std::string_view> folders;
};

const std::vector<Wrapped> libraries = {
    {"z3", {"solver/"}},
    {"boost/unordered", {"solver/"}},
    {"boost/msm", {"model/machines/"}},
    {"boost/mp11", {"model/machines/"}},
    {"boost/multiprecision", {"model/compat/"}},
    {"tl/expected", {"model/support/"}},
    {"yaml-cpp", {"model/files/"}},
    {"rapidjson", {"model/files/"}},
    {"sqlite3.h", {"db/"}},
    {"sodium", {"db/", "vfio/", "model/support/"}},
    {"CLI/", {"cli/"}},
    {"linux/vfio.h", {"vfio/"}},
};

bool begins_with_one_of(std::string_view path, std::span<const std::string_view> folders) {
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view f) { return path.starts_with(f); });
}

Findings outside_their_folders(std::span<const Source> all, std::span<const Wrapped> wrapped) {
  Findings findings;
  for (const Source& source : all) {
    if (!source.of_the_product()) continue;
    for (const Include& include : source.includes) {
      for (const Wrapped& library : wrapped) {
        if (include.ours || !include.to.starts_with(library.prefix)) continue;
        if (begins_with_one_of(source.path, library.folders)) continue;
        findings.push_back({place(source.path, include.line), "it includes <" + include.to + ">",
                            "only in " + testing::PrintToString(library.folders),
                            "use what wraps the library there"});
      }
    }
  }
  return findings;
}

/// Rows of the table that allow what nobody does.
Findings rows_for_nobody(std::span<const Source> all, std::span<const Wrapped> wrapped) {
  Findings findings;
  for (const Wrapped& library : wrapped) {
    const bool used = std::any_of(all.begin(), all.end(), [&](const Source& source) {
      return source.of_the_product() &&
             std::any_of(source.includes.begin(), source.includes.end(),
                         [&](const Include& include) { return include.to.starts_with(library.prefix); });
    });
    if (!used)
      findings.push_back({"tests/architecture/libraries_test.cpp",
                          "a row for " + std::string(library.prefix) + ", which nobody includes",
                          "a row for each library that is used", "delete it"});
  }
  return findings;
}

TEST(Libraries, AreNamedOnlyInTheFolderThatWrapsThem) {
  EXPECT_THAT(outside_their_folders(sources(), libraries), testing::IsEmpty());
}

TEST(Libraries, OfTheTableAreAllUsed) {
  EXPECT_THAT(rows_for_nobody(sources(), libraries), testing::IsEmpty());
}

TEST(LibraryChecks, FindALibraryOutsideItsFolder) {
  const std::vector<Source> all = {source_of("solver/z3/terms.hpp", "#include <z3++.h>\n"),
                                   source_of("sim/run.cpp", "// fast\n#include <z3++.h>\n")};
  const auto found = outside_their_folders(all, libraries);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "sim/run.cpp:2");
}

TEST(LibraryChecks, FindARowThatNobodyNeeds) {
  const std::vector<Wrapped> table = {{"z3", {"solver/"}}, {"lua", {"cli/"}}};
  const std::vector<Source> all = {source_of("solver/z3/terms.hpp", "#include <z3++.h>\n")};
  EXPECT_EQ(rows_for_nobody(all, table).size(), 1u);
}

}  // namespace

}  // namespace portolan::architecture
