#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What changes for everybody when an implementation publishes something new. The publication takes the place
// of the implementations of the same name, version and type; what is new stands at the end, as the newest.
// Verdicts are those of the matrix (rfc-v3); where a relation stays, the set that is accepted may have shrunk
// all the same, and what is replaced is held against what takes its place, for its instances run now.
// Findings are told apart by fingerprint.

#include <functional>
#include <string>
#include <vector>

#include "model/compat/catalogue.hpp"
#include "model/compat/judging/accepted.hpp"
#include "solver/matrix/matrix.hpp"

namespace portolan::solver::advice {

struct PairVerdict {
  compat::Decision fresh = compat::Decision::accept;
  matrix::RelationKind relation = matrix::RelationKind::all;
  friend bool operator==(const PairVerdict&, const PairVerdict&) = default;
};

struct VerdictChange {
  std::string model, source, destination;
  PairVerdict before, after;
  std::optional<compat::Configuration> witness;  ///< a configuration that is rejected now
  bool worse = false;                            ///< less is accepted than before
};

struct PublicationImpact {
  std::string file;
  std::vector<std::string> replaced, added;  ///< labels
  std::vector<VerdictChange> verdicts;       ///< of pairs that were there before, in the order of the matrix
  std::vector<compat::Finding> found, gone;
  /// A pair that accepts less, or an error that was not there.
  bool worse() const;
};

/// The catalogue as it would be after the publication; `replaced` and `added` are filled in.
compat::Catalogue published(const compat::Catalogue& now, const compat::Catalogue& publication,
                            PublicationImpact& impact);

/// `findings_of` says what a check finds in a catalogue.
PublicationImpact impact_of(
    const compat::Catalogue& now, const std::vector<compat::Finding>& found_now,
    const compat::Catalogue& publication,
    const std::function<std::vector<compat::Finding>(const compat::Catalogue&)>& findings_of);

}  // namespace portolan::solver::advice
