#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Every catalogue that comes with the project: the files under scenarios/, and those that the pages under
// docs/ show in full. Of one with very many implementations a few that are spread over it.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "model/compat/catalogue.hpp"

namespace portolan::test {

inline std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Blocks of a page between lines of three backquotes that are whole catalogues in JSON.
inline std::vector<compat::Catalogue> catalogues_of_page(const std::filesystem::path& page) {
  std::vector<compat::Catalogue> found;
  std::istringstream in(text_of_file(page));
  std::string block;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("```", 0) != 0) {
      if (inside) block += line + "\n";
      continue;
    }
    if (inside && block.find("portolan.catalogue/1") != std::string::npos)
      if (auto read = compat::parse_catalogue(block, page.string())) found.push_back(std::move(*read));
    block.clear();
    inside = !inside;
  }
  return found;
}

/// At most `implementations_max` of them, from the first to the last.
inline compat::Catalogue spread(compat::Catalogue catalogue, std::size_t implementations_max) {
  const std::size_t count = catalogue.implementations.size();
  if (count <= implementations_max) return catalogue;
  std::vector<compat::Implementation> kept;
  for (std::size_t k = 0; k < implementations_max; ++k)
    kept.push_back(catalogue.implementations[k * (count - 1) / (implementations_max - 1)]);
  catalogue.implementations = std::move(kept);
  return catalogue;
}

/// In the order of their paths. What is no catalogue (scenarios, models, migration information with nothing
/// beside it) is left out.
inline std::vector<compat::Catalogue> repository_catalogues(std::size_t implementations_max) {
  const std::filesystem::path root = PORTOLAN_SOURCE_DIR;
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"scenarios", "docs"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<compat::Catalogue> all;
  for (const auto& file : files) {
    if (file.extension() == ".md") {
      for (compat::Catalogue& one : catalogues_of_page(file)) all.push_back(std::move(one));
      continue;
    }
    if (file.extension() != ".json" && file.extension() != ".yaml") continue;
    if (text_of_file(file).find("portolan.catalogue/1") == std::string::npos) continue;
    if (auto read = compat::read_catalogue(file))
      all.push_back(spread(std::move(*read), implementations_max));
  }
  return all;
}

}  // namespace portolan::test
