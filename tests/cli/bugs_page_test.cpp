// SPDX-License-Identifier: Apache-2.0
//
// The table of scenarios/bugs/README.md: what `check` says of each collected bug, beside what people did.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/page_block.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;

const std::string bugs_folder = PORTOLAN_SOURCE_DIR "/scenarios/bugs/";

Json read_bug(const std::string& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

std::string in_a_cell(std::string text) {
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

/// By name, those of reported/ behind the others.
std::vector<std::string> bug_names() {
  std::vector<std::string> names;
  for (const std::string folder : {"", "reported/"}) {
    std::set<std::string> sorted;
    for (const auto& entry : std::filesystem::directory_iterator(bugs_folder + folder))
      if (entry.path().extension() == ".json" && read_bug(entry.path()).contains("implementations"))
        sorted.insert(folder + entry.path().stem().string());
    names.insert(names.end(), sorted.begin(), sorted.end());
  }
  return names;
}

std::string remedies_of(const std::string& name) {
  const Json said = Json::parse(test::run_here({"check", bugs_folder + name + ".json", "--json"}).out);
  std::vector<std::string> remedies;
  for (const Json& one : said["findings"]) {
    if (one["severity"] != "error" || one["remedy"].is_null()) continue;
    const std::string remedy = one["remedy"];
    if (std::find(remedies.begin(), remedies.end(), remedy) == remedies.end()) remedies.push_back(remedy);
  }
  if (remedies.empty()) return "nothing is wrong";
  return remedies.size() == 1 ? remedies.front()
                              : fmt::format("{} (and {} more)", remedies.front(), remedies.size() - 1);
}

TEST(BugsPage, SaysWhatCheckOffersAndWhatPeopleDid) {
  const Json mended = read_bug(bugs_folder + "mended.json");
  std::string table = "| bug | cause | `check` offers | people |\n|---|---|---|---|\n";
  std::set<std::string> known;
  for (const std::string& name : bug_names()) {
    known.insert(name);
    const std::string cause = read_bug(bugs_folder + name + ".json").at("description");
    table +=
        fmt::format("| `{}` | {} | {} | {} |\n", name, in_a_cell(cause), in_a_cell(remedies_of(name)),
                    mended.contains(name) ? in_a_cell(mended[name].get<std::string>()) : "not known to us");
  }
  ASSERT_GE(known.size(), 22u);
  for (const auto& [name, text] : mended.items())
    EXPECT_TRUE(known.contains(name)) << name << " is no bug here";
  tests::expect_page_block("scenarios/bugs/README.md", "mended", table);
}

}  // namespace
