#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Two procedures that answer a question (questions.hpp) for every configuration.
//
// *Direct*: variables that no condition or expression ties together are decided apart and joined. A set of
// values is cut at every value that anything compares it with, and one value stands for all between two cuts;
// so 2^64 values are a few classes. Where a number takes part in arithmetic, or meets another parameter,
// every value of it is tried; too many of them, and the answer is `unknown`.
//
// *Z3*: the whole question at once, numbers as mathematical integers between 0 and 2^64-1, so that nothing
// wraps around, a text as its position among all that occur. What Z3 does not decide in its time is
// `unknown`. A run-time setting that mends everything ("for some values …") is sought by counterexamples:
// each one found narrows what is left. Questions with products of parameters are answered in a process of
// their own, which can be stopped.
//
// A witness is the smallest: fewest parameters away from their init values, then the least values in name
// order.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "solver/answering/questions.hpp"

namespace portolan::solver::answering {

struct Answer {
  enum class Outcome : std::uint8_t {
    never,    ///< no configuration breaks the promise
    broken,   ///< one does, for certain
    open,     ///< none does for certain, but one may: R2
    unknown,  ///< the procedure cannot tell; `reason` says why
  };
  Outcome outcome = Outcome::never;
  bool applies = false;  ///< some configuration meets the condition for certain
  std::optional<std::vector<compat::Value>>
      witness;  ///< of `broken` and `open`, by variable; empty where it was not asked for or not found
  std::string reason;

  /// Unknown agrees with everything.
  bool agrees_with(const Answer& other) const;
};

/// What a witness breaks: `what` of each failure that is true there, in order, each once.
std::vector<std::string> broken_by(const Question& question, const std::vector<compat::Value>& witness);

/// `enumerated_max`: combinations of classes of one group of tied parameters.
Answer answer_directly(const Question& question, std::uint64_t enumerated_max);

class Z3Answers {
 public:
  explicit Z3Answers(std::uint32_t milliseconds_max);  ///< for each query
  ~Z3Answers();
  Answer answer(const Question& question);
  /// The queries that decide the question as SMT-LIB 2, each with its status, into files `name-1.smt2` …;
  /// nothing where the question is unknown. The number of files; a fault of the file system is thrown as
  /// std::filesystem::filesystem_error.
  std::size_t write_queries(const Question& question, const std::filesystem::path& folder,
                            const std::string& name);
  std::size_t queries() const;  ///< how many checks were made so far in this process

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::solver::answering
