// SPDX-License-Identifier: Apache-2.0
#include "tests/architecture/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace portolan::architecture {

namespace {

namespace fs = std::filesystem;

const fs::path& root() {
  static const fs::path path = PORTOLAN_SOURCE_DIR;
  return path;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Every file at or below a path from the root, sorted.
std::vector<fs::path> files_at(std::string_view path) {
  const fs::path from = root() / path;
  if (fs::is_regular_file(from)) return {from};
  std::vector<fs::path> files;
  if (!fs::exists(from)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string from_root(const fs::path& file) { return fs::relative(file, root()).generic_string(); }

std::vector<Source> read_sources() {
  std::vector<std::string_view> folders(std::begin(product_folders), std::end(product_folders));
  folders.insert(folders.end(), {"tests", "bench"});
  std::vector<Source> all;
  for (const std::string_view folder : folders) {
    for (const fs::path& file : files_at(folder)) {
      if (file.extension() == ".hpp" || file.extension() == ".cpp")
        all.push_back(source_of(from_root(file), read(file)));
    }
  }
  return all;
}

std::vector<Text> read_texts() {
  static constexpr std::string_view readable[] = {".md", ".yaml", ".json", ".txt", ".dot", ".csv", ".expect"};
  std::vector<Text> all;
  for (const std::string_view from :
       {"README.md", "CONTRIBUTING.md", "docs", "scenarios", "tests", "scripts"}) {
    for (const fs::path& file : files_at(from)) {
      const std::string path = from_root(file), extension = file.extension().string();
      const bool golden = !path.starts_with("tests/") || path.find("/golden/") != std::string::npos;
      const bool known = std::find(std::begin(readable), std::end(readable), extension) != std::end(readable);
      if (golden && (known || extension.empty())) all.push_back({path, read(file)});
    }
  }
  return all;
}

}  // namespace

bool Source::of_the_product() const {
  return std::any_of(std::begin(product_folders), std::end(product_folders), [this](std::string_view folder) {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
  });
}

Source source_of(std::string path, std::string text) {
  Source source{std::move(path), std::move(text), {}, {}, {}};
  source.lines = lines_of(source.text);
  source.includes = includes_of(source.text);
  source.functions = functions_of(source.text);
  return source;
}

std::span<const Source> sources() {
  static const std::vector<Source> all = read_sources();
  return all;
}

std::span<const Text> texts() {
  static const std::vector<Text> all = read_texts();
  return all;
}

std::string read_file(const std::string& path) { return read(root() / path); }

bool exists(const std::string& path) { return fs::exists(root() / path); }

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
}

std::string idea_of(std::string_view path) {
  const auto slash = path.rfind('/'), dot = path.rfind('.');
  const bool extension = dot != std::string_view::npos && (slash == std::string_view::npos || dot > slash);
  return std::string(path.substr(0, extension ? dot : path.size()));
}

std::string place(std::string_view path, std::size_t line) {
  return std::string(path) + ":" + std::to_string(line);
}

}  // namespace portolan::architecture
