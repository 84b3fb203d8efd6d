// SPDX-License-Identifier: Apache-2.0
//
// The corpus: every file below corpus/ has beside it, in NAME.expect, exactly what reading it says: one line
// for each fault (its code, then the message that a person sees, with line and column), or for each lint of a
// file that is legal, or `good`. A new way to be wrong is a new file; UPDATE_GOLDEN=1 writes what is said
// today, to be read before it is committed.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "model/compat/catalogue.hpp"
#include "model/support/text.hpp"

namespace portolan {
namespace {

const std::filesystem::path corpus = std::filesystem::path(PORTOLAN_SOURCE_DIR) / "tests/model/corpus";

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Paths as seen from the folder of the file.
std::string relative(std::string text, const std::filesystem::path& folder) {
  const std::string prefix = folder.string() + '/';
  for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

std::string said_about(const std::filesystem::path& file) {
  const auto read = compat::read_catalogue(file);
  std::string said;
  if (!read) {
    for (const Fault& fault : read.error())
      said += std::string(name_of(fault.code)) + ' ' + to_string(fault) + '\n';
  } else {
    for (const compat::Lint& lint : read->lints) {
      said += "lint " + lint.rule + ' ' + to_string(lint.place) + ": " + lint.message + "; " + lint.remedy;
      if (!lint.model.empty())
        said += " [" + printable(lint.model + (lint.parameter.empty() ? "" : " " + lint.parameter)) + ']';
      said += '\n';
    }
    if (read->lints.empty()) said = "good\n";
  }
  return relative(said, file.parent_path());
}

std::vector<std::string> files_of_corpus() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus))
    if (entry.is_regular_file() && entry.path().extension() != ".expect")
      files.push_back(relative(entry.path().string(), corpus));
  std::sort(files.begin(), files.end());
  return files;
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, SaysWhereAndWhatIsWrong) {
  const auto file = corpus / GetParam();
  const auto expectation = file.string() + ".expect";
  const std::string said = said_about(file);
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(expectation, std::ios::binary) << said;
    GTEST_SKIP() << "wrote " << expectation;
  }
  ASSERT_TRUE(std::filesystem::exists(expectation)) << "UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(said, content(expectation)) << "UPDATE_GOLDEN=1 writes it anew";
}

INSTANTIATE_TEST_SUITE_P(Files, Corpus, testing::ValuesIn(files_of_corpus()), [](const auto& one) {
  std::string name = one.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(CorpusAsAWhole, HoldsEveryKindOfFaultThatAFileCanHave) {
  std::set<std::string> codes;
  for (const std::string& file : files_of_corpus()) {
    std::istringstream lines(content((corpus / file).string() + ".expect"));
    for (std::string line; std::getline(lines, line);) codes.insert(line.substr(0, line.find(' ')));
  }
  for (const FaultCodeEntry& entry : fault_code_table()) {
    constexpr FaultCode not_of_files[] = {FaultCode::usage,   FaultCode::storage,  FaultCode::unreachable,
                                          FaultCode::timeout, FaultCode::protocol, FaultCode::refused};
    if (std::find(std::begin(not_of_files), std::end(not_of_files), entry.code) != std::end(not_of_files))
      continue;
    EXPECT_TRUE(codes.contains(std::string(entry.name))) << entry.name;
  }
}

TEST(CorpusAsAWhole, GivesEveryFaultOfAFileItsLineAndColumn) {
  for (const std::string& file : files_of_corpus()) {
    const auto read = compat::read_catalogue(corpus / file);
    if (read) continue;
    for (const Fault& fault : read.error()) {
      EXPECT_NE(fault.place.mark.line, 0u) << to_string(fault);
      EXPECT_NE(fault.place.mark.column, 0u) << to_string(fault);
    }
  }
}

}  // namespace
}  // namespace portolan
