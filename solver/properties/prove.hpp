#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The properties of compatibility.md §5 that speak of all configurations and are not the levels
// (properties.hpp): 4, 6 to 13, 17, 17a, 17b, 17c and 18, each for every configuration that the constraints
// allow and for every ordered pair of implementations of a model.
//
// Implementations that describe a model in the same words are judged once for all. Every witness is confirmed
// by the reference (model/compat/judgement.hpp) before it is shown. One finding for each thing that goes
// wrong in a model; it says for how many pairs it stands.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "model/compat/properties.hpp"
#include "solver/engine.hpp"
#include "solver/properties/answers.hpp"

namespace portolan::solver::properties {

struct PropertyProofOptions {
  Engine engine = Engine::automatic;  ///< as of the matrix: `automatic` enumerates small groups of parameters
                                      ///< and leaves the others to Z3
  std::uint32_t z3_milliseconds_max = 5000;     ///< for each query
  std::uint64_t enumerated_max = 4096;          ///< combinations of classes in a group that `automatic` tries
  std::uint64_t enumerated_direct_max = 65536;  ///< the same for `direct` and `both`
  std::size_t ways_max = 100'000;  ///< ways over a third implementation that are looked at (path-independent)
  std::optional<std::filesystem::path> smtlib;  ///< the folder for the queries as SMT-LIB 2; it must exist
};

struct Proofs {
  compat::Examination examination;
  std::size_t questions = 0;  ///< that had to be solved
  std::size_t disagreements =
      0;                  ///< between the procedures (`both`), or with the reference: an error of ours
  std::size_t files = 0;  ///< written to `smtlib`
};

/// `off-equals-absence`, `no-surprise`, `loads`, `interface-constant`, `round-trip`, `path-independent`,
/// `revertible`, `constraint-hole`, `ambiguous-type`, `representation-without-parameter`, `incomplete-state`,
/// `runtime-interface-constant`, `open-type`, `baseline`, in this order.
Proofs prove(const compat::Catalogue& catalogue, const PropertyProofOptions& options = {});

/// The answer to one question by the engine of the options: what `prove` uses for each.
class Answers {
 public:
  explicit Answers(const PropertyProofOptions& options)
      : options_(options), z3_(options.z3_milliseconds_max) {}
  Answer answer(const Question& question);
  std::size_t questions() const { return questions_; }
  std::size_t disagreements() const { return disagreements_; }
  Z3Answers& z3() { return z3_; }

 private:
  PropertyProofOptions options_;
  Z3Answers z3_;
  std::size_t questions_ = 0, disagreements_ = 0;
};

/// Values of the source's parameters out of a witness.
compat::Configuration configuration_of(const Question& question, const compat::End& source,
                                       const std::vector<compat::Value>& witness);

/// Everything that a description of a model says, as text: equal for implementations that no property of this
/// file can tell apart.
std::string description_of(const compat::End& end);

}  // namespace portolan::solver::properties
