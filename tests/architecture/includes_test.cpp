// SPDX-License-Identifier: Apache-2.0
//
// The structure that the documentation promises: cli -> {solver, sim, vfio, db} -> model, an order of the
// folders inside model, and each third-party library only where it is wrapped.

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace {

namespace fs = std::filesystem;

const fs::path root = PORTOLAN_SOURCE_DIR;

struct Include {
  fs::path from;  ///< relative to the root
  std::string to;
  bool ours = false;
};

bool is_source(const fs::path& file) { return file.extension() == ".hpp" || file.extension() == ".cpp"; }

std::vector<Include> includes_below(const std::vector<std::string>& folders) {
  std::vector<Include> includes;
  for (const auto& folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
        const std::string directive = "#include";
        if (line.rfind(directive, 0) != 0 || line.size() <= directive.size()) continue;
        const auto first = directive.size() + 1, last = line.find_first_of(">\"", first);
        if (last != std::string::npos)
          includes.push_back(
              {fs::relative(entry.path(), root), line.substr(first, last - first), line[first - 1] == '"'});
      }
    }
  }
  return includes;
}

const std::vector<std::string> product = {"model", "solver", "sim", "vfio", "db", "cli"};

std::string top(const fs::path& file) { return file.begin()->string(); }
std::string subfolder(const fs::path& file) { return std::next(file.begin())->string(); }

// What each folder may include besides itself.
const std::map<std::string, std::set<std::string>> arrows = {
    {"model", {}},       {"solver", {"model"}}, {"sim", {"model"}},
    {"vfio", {"model"}}, {"db", {"model"}},     {"cli", {"model", "solver", "sim", "vfio", "db"}},
};

TEST(Includes, FollowTheArrowsBetweenFolders) {
  const auto includes = includes_below(product);
  ASSERT_GT(includes.size(), 100u) << "the sources were not found";
  for (const auto& include : includes) {
    if (!include.ours) continue;
    const auto from = top(include.from), to = top(include.to);
    EXPECT_TRUE(from == to || arrows.at(from).contains(to)) << include.from << " includes " << include.to;
  }
}

TEST(Includes, AreWrittenFromTheRootOfTheProject) {
  for (const auto& include : includes_below(product)) {
    if (!include.ours) continue;
    EXPECT_TRUE(fs::exists(root / include.to))
        << include.from << " includes \"" << include.to << "\", which is no path from the root";
  }
}

// model/support knows nobody; files and rules know support; compat knows those three; machines know support
// and rules; a port says what it needs in the words of support, machines and compat; fleet knows them all.
const std::map<std::string, std::set<std::string>> inside_model = {
    {"support", {}},
    {"files", {"support"}},
    {"rules", {"support"}},
    {"compat", {"support", "files", "rules"}},
    {"machines", {"support", "rules"}},
    {"fleet", {"support", "files", "rules", "compat", "machines", "ports"}},
    {"ports", {"support", "machines", "compat"}},
};

TEST(Includes, FollowTheOrderInsideTheModel) {
  for (const auto& include : includes_below({"model"})) {
    if (!include.ours) continue;
    const auto from = subfolder(include.from), to = subfolder(include.to);
    ASSERT_TRUE(inside_model.contains(from))
        << include.from << " is in a folder without a place in the order";
    EXPECT_TRUE(from == to || inside_model.at(from).contains(to))
        << include.from << " includes " << include.to;
  }
}

// A header of a library, by how its name begins, and the only product folders that may name it. Tests may use
// a library where they hold the product against it.
struct Wrapped {
  std::string prefix;
  std::vector<std::string> folders;
};
const std::vector<Wrapped> wrapped = {
    {"z3", {"solver/"}},
    {"sqlite3.h", {"db/"}},
    {"sodium", {"model/support/"}},
    {"CLI/", {"cli/"}},
    {"boost/msm", {"model/machines/"}},
    {"yaml-cpp", {"model/files/", "model/compat/"}},
    {"rapidjson", {"model/files/"}},
};

TEST(Includes, NameEachLibraryOnlyInTheFolderThatWrapsIt) {
  for (const auto& include : includes_below(product)) {
    if (include.ours) continue;
    for (const auto& library : wrapped) {
      if (include.to.rfind(library.prefix, 0) != 0) continue;
      bool allowed = false;
      for (const auto& folder : library.folders) allowed |= include.from.string().rfind(folder, 0) == 0;
      EXPECT_TRUE(allowed) << include.from << " includes <" << include.to << ">, which belongs in "
                           << library.folders.front();
    }
  }
}

TEST(Includes, MakeNoCycle) {
  std::map<std::string, std::vector<std::string>> graph;
  for (const auto& include : includes_below(product)) {
    if (include.ours) graph[include.from.string()].push_back(include.to);
  }
  enum class Seen { no, open, done };
  std::map<std::string, Seen> seen;
  std::vector<std::string> path;
  const auto visit = [&](const auto& self, const std::string& file) -> bool {
    if (seen[file] == Seen::done) return true;
    path.push_back(file);
    if (seen[file] == Seen::open) return false;
    seen[file] = Seen::open;
    for (const auto& next : graph[file]) {
      if (!self(self, next)) return false;
    }
    seen[file] = Seen::done;
    path.pop_back();
    return true;
  };
  std::vector<std::string> files;
  for (const auto& [file, unused] : graph) files.push_back(file);
  for (const auto& file : files) {
    if (visit(visit, file)) continue;
    FAIL() << "a cycle of includes: " << testing::PrintToString(path);
  }
}

TEST(Sources, OpenAsTheHouseStyleSays) {
  for (const auto& folder : product) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::ifstream in(entry.path());
      std::string first, second;
      std::getline(in, first);
      std::getline(in, second);
      const std::string licence = "// SPDX-License-Identifier: Apache-2.0";
      if (entry.path().extension() == ".hpp") {
        EXPECT_EQ(first, "#pragma once") << entry.path();
        EXPECT_EQ(second, licence) << entry.path();
      } else {
        EXPECT_EQ(first, licence) << entry.path();
      }
    }
  }
}

}  // namespace
