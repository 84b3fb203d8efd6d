#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Schemes over all configurations (docs/rules.md §schemes): every scheme judged against the behaviour that a
// catalogue declares, and the matrix of a scheme that value sets do not decide. Configurations are enumerated
// (space.hpp), nearest to the init values first, so that the first witness is a smallest one; what was not
// asked leaves the answer `undetermined`, with the number, and a witness that was found counts all the same.
//
// All verdicts are those of the reference (model/compat/judging/schemes.hpp); nothing here decides on its
// own.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/compat/judging/examination.hpp"
#include "model/compat/judging/schemes.hpp"
#include "solver/matrix/matrix.hpp"

namespace portolan::solver::schemes {

struct SchemeLimits {
  std::uint64_t configurations_max = 4096;  ///< for each ordered pair
  std::uint64_t configurations_all_max =
      400'000;  ///< over all pairs, parted evenly; each pair gets at least one
};

/// What absence counts as in a catalogue, by model; each is made once.
class Absences {
 public:
  explicit Absences(const compat::Catalogue& catalogue) : catalogue_(catalogue) {}
  const compat::Absence& of(const std::string& model) {
    return made_.try_emplace(model, catalogue_, model).first->second;
  }

 private:
  const compat::Catalogue& catalogue_;
  std::map<std::string, compat::Absence> made_;
};

enum class FailureKind : std::uint8_t { false_accept, false_reject, one_way };
std::string_view name_of(FailureKind kind);

/// One ordered pair on which a scheme is wrong, or goes one way only, with a smallest configuration that
/// shows it.
struct SchemeFailure {
  FailureKind kind = FailureKind::false_accept;
  compat::End source, destination;
  std::string profile;            ///< for schemes that are for profiles
  compat::Configuration witness;  ///< of the source
  std::size_t away = 0;           ///< parameters away from init
};

/// What a failure is told with. There may be a hundred thousand failures, of which a reader sees a few.
struct FailureWords {
  std::string rule;  ///< for rejections: what refused (`C4`, `semver`); of the way back for one_way
  std::string why;   ///< what really happens, or what the way back says
};
class FailureWording {
 public:
  /// The catalogue that was judged, which must outlive it.
  explicit FailureWording(const compat::Catalogue& catalogue) : absences_(catalogue) {}
  FailureWords of(compat::NamedScheme scheme, const SchemeFailure& failure);

 private:
  Absences absences_;
};

struct SchemeClaim {
  compat::PropertyVerdict verdict = compat::PropertyVerdict::vacuous;
  std::size_t pairs = 0;  ///< on which it is violated
  std::string reason;     ///< for undetermined and vacuous
};

struct SchemeJudgement {
  compat::NamedScheme scheme = compat::NamedScheme::none;
  SchemeClaim sound;        ///< accepted: set-up succeeds, the state loads, the interface is unchanged
  SchemeClaim complete;     ///< what would work is never rejected
  SchemeClaim directional;  ///< `holds`: what is accepted one way is accepted back
  std::uint64_t accepted = 0, rejected = 0, undetermined = 0;  ///< configurations that were asked
  std::vector<SchemeFailure>
      failures;  ///< smallest first, then in the order of the pairs; one for each kind and pair
};

/// Every scheme, in the order of `every_scheme`. The catalogue must outlive the result. Ordered pairs are
/// those of implementations that describe the same model, and of those that describe one model each (E9: the
/// same hardware under two names).
std::vector<SchemeJudgement> judge_schemes(const compat::Catalogue& catalogue,
                                           const SchemeLimits& limits = {});

/// One cell of the matrix of a scheme.
struct SchemePair {
  std::string model;
  std::size_t source = 0, destination = 0;  ///< positions in the catalogue
  compat::Decision fresh = compat::Decision::accept;
  matrix::RelationKind relation = matrix::RelationKind::all;
  std::optional<compat::Configuration> witness;  ///< smallest rejected one
  std::string reason;                            ///< for undetermined
};

/// Every ordered pair and every model that both describe. For schemes that are for profiles only the
/// configuration of `profile` is asked: fresh and relation are both about it, and pairs of which an end does
/// not know the profile are undetermined.
std::vector<SchemePair> scheme_matrix(const compat::Catalogue& catalogue, compat::NamedScheme scheme,
                                      const std::string& profile, const SchemeLimits& limits = {});
/// The same of each implementation that is judged against itself, too (rules.md §observed); with a profile, of
/// those that know it, and of whoever rejects itself there.
std::vector<SchemePair> scheme_matrix_to_themselves(const compat::Catalogue& catalogue,
                                                    compat::NamedScheme scheme, const std::string& profile,
                                                    const SchemeLimits& limits = {});

}  // namespace portolan::solver::schemes
