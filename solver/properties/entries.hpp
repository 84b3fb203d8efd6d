#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Entries of a catalogue, which may have several types, against each other: whether a type of one entry can
// give each of its configurations to the other entry. Its namesake there decides alone; where there is none,
// any type may take an instance, and a configuration is refused when all of them refuse it (rules.md §R10a).

#include <optional>
#include <string>
#include <vector>

#include "solver/answering/answering.hpp"
#include "solver/matrix/matrix.hpp"

namespace portolan::solver::properties {

/// The pairs of one model, which stand together in the matrix, and who is in them.
struct ModelEntries {
  std::size_t first = 0;
  std::vector<std::uint32_t> members;             ///< implementations, in the order of the catalogue
  std::vector<std::vector<std::size_t>> entries;  ///< of the catalogue, oldest first: positions in `members`

  std::size_t pair(std::size_t source, std::size_t destination) const {
    return first + source * (members.size() - 1) + destination - (destination > source ? 1 : 0);
  }
};

/// One type of an entry against another entry: its namesake, or all types where there is none. Never empty.
using Choice = std::vector<matrix::Pair>;

struct EntryVerdict {
  /// `some` and `none` are certain: some configuration, or each, is refused by all types of the choice.
  matrix::RelationKind relation = matrix::RelationKind::all;
  matrix::Pair pair;  ///< that shows it; the first of the choice where only all together do
  std::optional<compat::Configuration> witness;  ///< of several types; of one alone the matrix has it
  std::string reason;                            ///< why it is undetermined
};

/// By the scheme of the matrix, which it borrows.
class EntryJudge {
 public:
  explicit EntryJudge(const matrix::Matrix& matrix);

  /// Every model that two implementations or more describe, in the order of the matrix.
  const std::vector<ModelEntries>& models() const { return models_; }
  /// `source`: a position in the members of the model; `entry`: one of its entries.
  Choice choice(const ModelEntries& model, std::size_t source, const std::vector<std::size_t>& entry) const;
  EntryVerdict judge(const Choice& choice);

 private:
  struct Together {
    bool broken = false;
    std::optional<compat::Configuration> witness;
  };

  const matrix::Pair* broken_pair(const Choice& choice, std::optional<compat::Configuration>& witness) const;
  std::optional<Together> decided_together(const Choice& choice);
  std::optional<Together> at_profiles(const Choice& choice) const;
  bool each(const Choice& choice, const compat::Configuration& configuration,
            compat::Decision decision) const;
  std::string reason_of(const Choice& choice) const;

  const matrix::Matrix& matrix_;
  std::vector<ModelEntries> models_;
  answering::Answers answers_{answering::PropertyProofOptions{}};
};

}  // namespace portolan::solver::properties
