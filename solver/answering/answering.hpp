#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Chooses who answers a question: the direct procedure, Z3, the one where the other gives up, or both, held
// against each other. Limits come in with the options.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "solver/answering/answers.hpp"
#include "solver/engine.hpp"

namespace portolan::solver::answering {

struct PropertyProofOptions {
  Engine engine = Engine::automatic;  ///< as of the matrix: `automatic` enumerates small groups of parameters
                                      ///< and leaves the others to Z3
  std::uint32_t z3_milliseconds_max = 5000;     ///< for each query
  std::uint64_t enumerated_max = 4096;          ///< combinations of classes in a group that `automatic` tries
  std::uint64_t enumerated_direct_max = 65536;  ///< the same for `direct` and `both`
  std::size_t ways_max = 100'000;  ///< ways over a third implementation that are looked at (path-independent)
  std::optional<std::filesystem::path> smtlib;  ///< the folder for the queries as SMT-LIB 2; it must exist
};

/// The answer to one question by the engine of the options.
class Answers {
 public:
  explicit Answers(const PropertyProofOptions& options)
      : options_(options), z3_(options.z3_milliseconds_max) {}
  Answer answer(const Question& question);
  std::size_t questions() const { return questions_; }          ///< that were answered
  std::size_t disagreements() const { return disagreements_; }  ///< between the procedures: an error of ours
  Z3Answers& z3() { return z3_; }

 private:
  PropertyProofOptions options_;
  Z3Answers z3_;
  std::size_t questions_ = 0, disagreements_ = 0;
};

/// Values of the source's parameters out of a witness.
compat::Configuration configuration_of(const Question& question, const compat::End& source,
                                       const std::vector<compat::Value>& witness);

}  // namespace portolan::solver::answering
