#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Conditions over states, taken apart: what the components say of a condition, each alone, is a *fact*, a bit
// beside every value (value_notes.hpp); what they say together is left to tests (truth_tables.hpp). Where the
// rows of clusters can tell all that a condition asks, they *cover* it: a row in which a part of it fails is
// suspect, and nobody has to ask every state.

#include <span>

#include "solver/explore/model/clusters.hpp"

namespace portolan::solver::explore {

/// A condition over states, compiled.
struct Predicate {
  std::uint32_t fact = 0;            ///< what the components say of it, each alone
  std::vector<std::uint32_t> tests;  ///< what they say together; all must hold, in order
  bool inverted = false;
};

/// Conditions that nearly every state satisfies, asked together.
struct Expected {
  std::vector<std::uint32_t> facts;  ///< a bit for each
  std::vector<std::uint32_t> tests;
};

/// What the rows of one cluster say of conditions that are covered.
struct RowConditions {
  std::vector<std::uint32_t> tests;
  std::vector<std::pair<std::size_t, std::uint32_t>> facts;  ///< component and fact
};

/// Which conditions are covered, and by which clusters.
struct Coverage {
  std::vector<bool> covered;               ///< by fact
  std::vector<RowConditions> of_clusters;  ///< by cluster
};

class PredicateList {
 public:
  PredicateList(Terms& terms, TermReader& reader, TestList& tests)
      : terms_(terms), reader_(reader), tests_(tests) {}

  Predicate of(TermId condition);
  /// Rows shall cover the condition, if they can.
  void cover(const Predicate& predicate);

  const FactConjuncts& facts() const { return facts_; }
  /// The tests of all predicates, some more than once.
  std::vector<std::uint32_t> tests() const;
  Coverage coverage_by(const std::vector<ClusterPlan>& clusters, const Components& components) const;

 private:
  Terms& terms_;
  TermReader& reader_;
  TestList& tests_;
  FactConjuncts facts_;
  std::map<std::pair<std::vector<TermId>, bool>, Predicate>
      predicates_;              ///< by conjuncts, and whether inverted
  std::vector<bool> to_cover_;  ///< by fact

  std::vector<TermId> split_off_facts(const std::vector<TermId>& conjuncts, bool inverted);
  bool row_tells(const ClusterPlan& cluster, const TestList::Test& test, const Components& components) const;
};

}  // namespace portolan::solver::explore
