#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Transcripts: text in which each line `$ portolan …` is followed by what that command prints, and by `[exit
// N]` where the status is not 0. Running one gives the same text with today's output, so that a golden file,
// and the session in the README, is its own test case. Paths are relative to the root of the project.

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "tests/support/process.hpp"

namespace portolan::test {

/// Words as a shell splits them: spaces part, single quotes keep together.
inline std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, begun = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

/// The command line in this process: all of the program but its main(), without the cost of starting a
/// sanitized binary. Tests of what only a process has (signals, permissions, closed pipes) start the binary.
inline Ended run_here(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int status = cli::run(arguments, {out, err, false});
  return {status, out.str(), err.str()};
}

inline std::string run_transcript(const std::string& transcript) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(PORTOLAN_SOURCE_DIR);
  const std::string prompt = "$ portolan ";
  std::istringstream in(transcript);
  std::string result;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(prompt, 0) != 0) continue;
    std::ostringstream out, err;
    const int status = cli::run(words_of(line.substr(prompt.size())), {out, err, false});
    result += line + "\n" + out.str() + err.str();
    if (status != 0) result += "[exit " + std::to_string(status) + "]\n";
  }
  std::filesystem::current_path(before);
  return result;
}

}  // namespace portolan::test
