#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How the schemes and the behaviour judge many configurations of a pair of which nothing is known but the
// published parameters. Each condition (C2 to C5, R2, R7) then speaks of one parameter, so that a
// configuration fares as its worst parameter does. The reference (model/compat/judging/schemes.hpp) is asked
// about each distinct pair of definitions once, as two ends that have this parameter alone; of every
// configuration only what is away from the first values is counted anew.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/compat/judging/truth.hpp"
#include "solver/matrix/definitions/group.hpp"
#include "solver/schemes/space.hpp"

namespace portolan::solver::schemes {

/// What is known of one configuration under one scheme, without a word about why.
struct Facts {
  compat::Decision decision = compat::Decision::accept;
  compat::MigrationOutcome outcome = compat::MigrationOutcome::undetermined;
  /// Of the way back, from what the destination was given; empty: there is no instance that could go.
  std::optional<compat::Decision> back;
};

class ByParameter {
  static constexpr std::size_t schemes = compat::every_scheme.size();
  static constexpr std::size_t set_up = 2 * schemes;  ///< before it: each scheme, there and back
  static constexpr std::size_t exists = set_up + 1;   ///< whether what is given can be had
  static constexpr std::size_t questions = exists + 1;

  /// To each question what one parameter says: 0 yes, 1 not known, 2 no.
  using Answers = std::array<std::uint8_t, questions>;
  /// How many parameters say so.
  struct Counts {
    std::array<std::uint32_t, questions> unknown{}, no{};
    void add(const Answers& answers);
    void remove(const Answers& answers);
    std::uint8_t worst(std::size_t question) const {
      return no[question] > 0 ? 2 : unknown[question] > 0 ? 1 : 0;
    }
  };
  /// Of a pair of definitions; one of them may be absent.
  struct Fares {
    std::shared_ptr<const Axis> axis;  ///< null where the source lacks the parameter
    std::vector<Answers> answers;      ///< by value of the axis, or the only one
  };

 public:
  /// One ordered pair.
  class Pair {
   public:
    const Axes& axes() const { return axes_; }
    /// Of schemes that are not for profiles.
    std::array<Facts, schemes> facts(const std::vector<Step>& steps) const;

   private:
    friend class ByParameter;
    Axes axes_;
    std::vector<const Fares*> fares_;  ///< by parameter of the source
    Counts base_;                      ///< where every parameter has the first value of its axis
  };

  /// The catalogue must outlive it.
  explicit ByParameter(const compat::Catalogue& catalogue);

  /// Ends by their positions in the catalogue. Empty where more than parameters has a say: other models,
  /// constraints, or annotations of either end.
  std::optional<Pair> pair(const compat::End& source, std::size_t source_index,
                           const compat::End& destination, std::size_t destination_index);

 private:
  /// What names alone say, which is the same for every model of two implementations.
  const Answers& by_names(const compat::End& source, std::size_t source_index, const compat::End& destination,
                          std::size_t destination_index);
  const Fares& fares(matrix::DefinitionId source, matrix::DefinitionId destination, const compat::End& here,
                     const compat::End& there);

  matrix::ParameterVerdicts definitions_;  ///< numbers them
  std::vector<matrix::Group> groups_;
  std::unordered_map<std::uint64_t, Fares> fares_;
  std::unordered_map<std::uint64_t, Answers> names_;
};

}  // namespace portolan::solver::schemes
