// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/predicates.hpp"

#include <algorithm>

namespace portolan::solver::explore {

/// Notes what one component says alone; the rest is for tests.
std::vector<TermId> PredicateList::split_off_facts(const std::vector<TermId>& conjuncts, bool inverted) {
  std::map<std::size_t, std::vector<TermId>>& alone = facts_.emplace_back();
  // "All are true" may be asked in any order, "the first that is not true is false" only where none is
  // without a value.
  const bool ordered = inverted && std::any_of(conjuncts.begin(), conjuncts.end(),
                                               [&](TermId c) { return terms_[c].partial; });
  std::vector<TermId> rest;
  for (const TermId conjunct : conjuncts) {
    const int one = reader_.component_of(conjunct);
    if (reader_.always_holds(conjunct)) continue;
    if (one >= 0 && !ordered)
      alone[static_cast<std::size_t>(one)].push_back(conjunct);
    else
      rest.push_back(conjunct);
  }
  if (ordered) return rest;
  std::map<std::vector<std::size_t>, std::vector<TermId>> alike;  // by the components that they read
  for (const TermId conjunct : rest) {
    Readings read;
    reader_.collect(conjunct, read);
    std::vector<std::size_t> components;
    for (const auto& [component, reading] : read) components.push_back(component);
    alike[components].push_back(conjunct);
  }
  rest.clear();
  for (const auto& [components, some] : alike) rest.insert(rest.end(), some.begin(), some.end());
  return rest;
}

Predicate PredicateList::of(TermId condition) {
  // A disjunction holds where the conjunction of the opposites does not: either way the first decisive part
  // ends it.
  const bool inverted = terms_[condition].op == TermOp::disjunction;
  const std::vector<TermId> conjuncts = terms_.conjuncts(inverted ? terms_.negation(condition) : condition);
  const auto [at, fresh] = predicates_.try_emplace({conjuncts, inverted});
  if (!fresh) return at->second;
  Predicate& made = at->second;
  made.inverted = inverted;
  made.fact = static_cast<std::uint32_t>(facts_.size());
  made.tests = tests_.tests_of(split_off_facts(conjuncts, inverted), true);
  to_cover_.push_back(false);
  return made;
}

void PredicateList::cover(const Predicate& predicate) {
  if (!predicate.inverted) to_cover_[predicate.fact] = true;
}

std::vector<std::uint32_t> PredicateList::tests() const {
  std::vector<std::uint32_t> result;
  for (const auto& [key, predicate] : predicates_)
    result.insert(result.end(), predicate.tests.begin(), predicate.tests.end());
  return result;
}

/// Whether states of one row of the cluster agree in the test.
bool PredicateList::row_tells(const ClusterPlan& cluster, const TestList::Test& test,
                              const Components& components) const {
  return std::all_of(test.readings.begin(), test.readings.end(), [&](const auto& reading) {
    const auto known = cluster.readings.find(reading.first);
    if (known == cluster.readings.end()) return reader_.bits(reading.first, reading.second) == 0;
    if (known->second.whole || reader_.bits(reading.first, known->second) == components.width(reading.first))
      return true;
    const std::vector<TermId>& there = known->second.subterms;
    return !reading.second.whole && std::includes(there.begin(), there.end(), reading.second.subterms.begin(),
                                                  reading.second.subterms.end());
  });
}

/// Gives each part of the conditions to the first cluster whose rows can tell.
Coverage PredicateList::coverage_by(const std::vector<ClusterPlan>& clusters,
                                    const Components& components) const {
  Coverage result{std::vector<bool>(facts_.size()), std::vector<RowConditions>(clusters.size())};
  const auto first = [&](const auto& can_tell) {
    return static_cast<std::size_t>(std::find_if(clusters.begin(), clusters.end(), can_tell) -
                                    clusters.begin());
  };
  for (const auto& [key, predicate] : predicates_) {
    if (!to_cover_[predicate.fact]) continue;
    bool whole = true;
    std::vector<std::pair<std::size_t, std::uint32_t>> tests;
    std::vector<std::pair<std::size_t, std::size_t>> facts;  // cluster and component
    for (const std::uint32_t test : predicate.tests) {
      tests.emplace_back(
          first([&](const ClusterPlan& cluster) { return row_tells(cluster, tests_[test], components); }),
          test);
      whole = whole && tests.back().first < clusters.size();
    }
    for (const auto& [component, conjuncts] : facts_[predicate.fact]) {
      facts.emplace_back(first([&](const ClusterPlan& cluster) {
                           return std::find(cluster.written.begin(), cluster.written.end(), component) !=
                                  cluster.written.end();
                         }),
                         component);
      whole = whole && facts.back().first < clusters.size();
    }
    if (!whole) continue;
    result.covered[predicate.fact] = true;
    for (const auto& [cluster, test] : tests) result.of_clusters[cluster].tests.push_back(test);
    for (const auto& [cluster, component] : facts)
      result.of_clusters[cluster].facts.emplace_back(component, predicate.fact);
  }
  return result;
}

}  // namespace portolan::solver::explore
