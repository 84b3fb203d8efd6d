// SPDX-License-Identifier: Apache-2.0
#include "solver/advice/publication.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace portolan::solver::advice {

namespace {

using compat::Decision;
using compat::Finding;
using matrix::RelationKind;

/// How far from accepting everything.
int rank(Decision decision) {
  return decision == Decision::accept ? 0 : decision == Decision::undetermined ? 1 : 2;
}
int rank(RelationKind relation) {
  switch (relation) {
    case RelationKind::all: return 0;
    case RelationKind::undetermined: return 1;
    case RelationKind::some: return 2;
    case RelationKind::none: return 3;
  }
  return 3;
}

using Key = std::tuple<std::string, std::string, std::string>;

Key key_of(const matrix::Matrix& matrix, const matrix::Pair& pair) {
  return {matrix.models()[pair.model], matrix.catalogue().implementations[pair.source].label,
          matrix.catalogue().implementations[pair.destination].label};
}

std::vector<VerdictChange> changes(const compat::Catalogue& before, const compat::Catalogue& after) {
  const matrix::Matrix old(before), fresh(after);
  std::map<Key, PairVerdict> cells;
  for (const auto& pair : old.pairs())
    cells.emplace(key_of(old, pair), PairVerdict{pair.fresh, pair.relation});
  std::vector<VerdictChange> changed;
  for (const auto& pair : fresh.pairs()) {
    const Key key = key_of(fresh, pair);
    const auto at = cells.find(key);
    const PairVerdict now{pair.fresh, pair.relation};
    if (at == cells.end() || at->second == now) continue;
    const bool worse =
        rank(now.fresh) > rank(at->second.fresh) || rank(now.relation) > rank(at->second.relation);
    changed.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), at->second, now, fresh.witness(pair), worse});
  }
  return changed;
}

/// Those of `a` that are not in `b`, by fingerprint.
std::vector<Finding> only_in(const std::vector<Finding>& a, const std::vector<Finding>& b) {
  const auto own = compat::fingerprints(a), others = compat::fingerprints(b);
  const std::set<std::string> known(others.begin(), others.end());
  std::vector<Finding> left;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!known.contains(own[k])) left.push_back(a[k]);
  return left;
}

}  // namespace

bool PublicationImpact::worse() const {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const VerdictChange& one) { return one.worse; }) ||
         std::any_of(found.begin(), found.end(),
                     [](const Finding& one) { return one.severity == compat::Severity::error; });
}

compat::Catalogue published(const compat::Catalogue& now, const compat::Catalogue& publication,
                            PublicationImpact& impact) {
  compat::Catalogue after = now;
  auto& all = after.implementations;
  for (const compat::Implementation& one : publication.implementations) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const compat::Implementation& other) {
      return other.label == one.label;
    });
    if (same != all.end()) {
      *same = one;
      impact.replaced.push_back(one.label);
      continue;
    }
    impact.added.push_back(one.label);
    // A new type of an entry stands beside the others of that entry, for they are of one age.
    const auto entry = std::find_if(all.rbegin(), all.rend(), [&](const compat::Implementation& other) {
      return !one.version.empty() && other.name == one.name && other.version == one.version;
    });
    all.insert(entry == all.rend() ? all.end() : entry.base(), one);
  }
  after.lints.insert(after.lints.end(), publication.lints.begin(), publication.lints.end());
  return after;
}

PublicationImpact impact_of(
    const compat::Catalogue& now, const std::vector<Finding>& found_now, const compat::Catalogue& publication,
    const std::function<std::vector<Finding>(const compat::Catalogue&)>& findings_of) {
  PublicationImpact impact;
  impact.file = publication.file;
  const compat::Catalogue after = published(now, publication, impact);
  impact.verdicts = changes(now, after);
  const std::vector<Finding> found_after = findings_of(after);
  impact.found = only_in(found_after, found_now);
  impact.gone = only_in(found_now, found_after);
  return impact;
}

}  // namespace portolan::solver::advice
