#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Spin's exhaustive search over Promela text: what it counted and which assertions failed. Everything that
// Spin and the compiler write goes to a folder that is removed at the end. model/rules/exports/promela.hpp
// says what the counts mean.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::test {

struct SpinOptions {
  bool first_error_only = false;  ///< stop there; the counts are then not those of the whole state space
  std::string compiler =
      "tcc -w";  ///< of the verifier; gcc takes fifty times as long, for a third less time in the search
  std::uint64_t depth_max =
      100'000;  ///< longest path; the search is repeated with ten times as much while that is too little
  int table_bits = 20;  ///< slots of the hash table
};

struct SpinRun {
  bool complete = false;  ///< Spin, the compiler and the search all came to their end, over the whole depth
  std::uint64_t states = 0, transitions = 0, errors = 0;  ///< exact below 10^8: Spin prints eight digits
  std::vector<std::string> failed;  ///< `violated_one_fork`: names of assertions that failed, of those that
                                    ///< Spin tells of, each once
  std::string output;               ///< of whatever ran last, for the message of a failing test
};

inline SpinRun run_spin(const std::string& promela, SpinOptions options = {}) {
  const TemporaryFolder folder;
  std::ofstream(folder / "model.pml") << promela;
  const auto shell = [&](const std::string& command) {
    return run_program("/bin/sh", {"-c", "cd '" + folder.path().string() + "' && " + command});
  };
  SpinRun run;
  // As Spin leaves it, the verifier takes states of up to 1024 bytes. A compiler's warnings about generated
  // code say nothing.
  const Ended built = shell("spin -a model.pml && " + options.compiler +
                            " -DSAFETY -DNOREDUCE -DVECTORSZ=65536 -o pan pan.c");
  run.output = built.out + built.err;
  if (built.status != 0) return run;
  for (;; options.depth_max *= 10) {
    const Ended ended = shell("./pan " + std::string(options.first_error_only ? "-c1" : "-c0") + " -m" +
                              std::to_string(options.depth_max) + " -w" + std::to_string(options.table_bits));
    run.output = ended.out + ended.err;
    if (run.output.find("max search depth too small") == std::string::npos ||
        options.depth_max >= 1'000'000'000)
      break;
  }
  const auto number_before = [&](const std::string& words) {
    const std::size_t at = run.output.find(words);
    if (at == std::string::npos) return std::uint64_t{0};
    const std::size_t begin = run.output.rfind('\n', at) + 1;
    return static_cast<std::uint64_t>(std::stod(run.output.substr(begin, at - begin)));
  };
  run.states = number_before(" states, stored");
  run.transitions = number_before(" transitions (=");
  if (const std::size_t at = run.output.find("errors: "); at != std::string::npos)
    run.errors = std::stoull(run.output.substr(at + 8));
  const bool cut = run.output.find("Search not completed") != std::string::npos && !options.first_error_only;
  run.complete = run.states > 0 && !cut && run.output.find("max search depth too small") == std::string::npos;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.find("!(");
    if (line.find("assertion violated") == std::string::npos || open == std::string::npos) continue;
    const std::string name = line.substr(open + 2, line.find(')', open) - open - 2);
    if (std::find(run.failed.begin(), run.failed.end(), name) == run.failed.end()) run.failed.push_back(name);
  }
  return run;
}

}  // namespace portolan::test
