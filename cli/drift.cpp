// SPDX-License-Identifier: Apache-2.0
#include "cli/drift.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

using compat::Decision;
using compat::Finding;
using solver::matrix::RelationKind;

constexpr std::size_t changes_shown_max = 20;

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

Key key_of(const solver::matrix::Matrix& matrix, const solver::matrix::Pair& pair) {
  return {matrix.models()[pair.model], matrix.catalogue().implementations[pair.source].label,
          matrix.catalogue().implementations[pair.destination].label};
}

std::vector<VerdictChange> changes(const compat::Catalogue& before, const compat::Catalogue& after) {
  const solver::matrix::Matrix old(before), fresh(after);
  std::map<Key, Cell> cells;
  for (const auto& pair : old.pairs()) cells.emplace(key_of(old, pair), Cell{pair.fresh, pair.relation});
  std::vector<VerdictChange> changed;
  for (const auto& pair : fresh.pairs()) {
    const Key key = key_of(fresh, pair);
    const auto at = cells.find(key);
    const Cell now{pair.fresh, pair.relation};
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

std::string text_of(const Cell& cell) {
  return fmt::format("{}, {} over all configurations", compat::name_of(cell.fresh), name_of(cell.relation));
}

Json cell_json(const Cell& cell) {
  return {{"fresh", compat::name_of(cell.fresh)}, {"relation", name_of(cell.relation)}};
}

}  // namespace

bool Drift::worse() const {
  return std::any_of(verdicts.begin(), verdicts.end(), [](const VerdictChange& one) { return one.worse; }) ||
         std::any_of(found.begin(), found.end(),
                     [](const Finding& one) { return one.severity == compat::Severity::error; });
}

compat::Catalogue published(const compat::Catalogue& now, const compat::Catalogue& publication,
                            Drift& drift) {
  compat::Catalogue after = now;
  auto& all = after.implementations;
  for (const compat::Implementation& one : publication.implementations) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const compat::Implementation& other) {
      return other.label == one.label;
    });
    if (same != all.end()) {
      *same = one;
      drift.replaced.push_back(one.label);
      continue;
    }
    drift.added.push_back(one.label);
    // A new type of an entry stands beside the others of that entry, for they are of one age.
    const auto entry = std::find_if(all.rbegin(), all.rend(), [&](const compat::Implementation& other) {
      return !one.version.empty() && other.name == one.name && other.version == one.version;
    });
    all.insert(entry == all.rend() ? all.end() : entry.base(), one);
  }
  after.lints.insert(after.lints.end(), publication.lints.begin(), publication.lints.end());
  return after;
}

Drift drift_of(const compat::Catalogue& now, const std::vector<Finding>& found_now,
               const compat::Catalogue& publication,
               const std::function<std::vector<Finding>(const compat::Catalogue&)>& findings_of) {
  Drift drift;
  drift.file = publication.file;
  const compat::Catalogue after = published(now, publication, drift);
  drift.verdicts = changes(now, after);
  const std::vector<Finding> found_after = findings_of(after);
  drift.found = only_in(found_after, found_now);
  drift.gone = only_in(found_now, found_after);
  return drift;
}

Json drift_json(const Drift& drift) {
  const auto list = [](const std::vector<Finding>& findings) {
    Json array = Json::array();
    const auto prints = compat::fingerprints(findings);
    for (std::size_t k = 0; k < findings.size(); ++k)
      array.push_back(finding_json(findings[k], prints[k], nullptr));
    return array;
  };
  Json json = {{"file", drift.file},      {"worse", drift.worse()},    {"replaced", drift.replaced},
               {"added", drift.added},    {"verdicts", Json::array()}, {"found", list(drift.found)},
               {"gone", list(drift.gone)}};
  for (const VerdictChange& one : drift.verdicts) {
    json["verdicts"].push_back({{"model", one.model},
                                {"source", one.source},
                                {"destination", one.destination},
                                {"before", cell_json(one.before)},
                                {"after", cell_json(one.after)},
                                {"worse", one.worse},
                                {"witness", one.witness ? json_of(*one.witness) : Json(nullptr)}});
  }
  return json;
}

void print_drift(const Drift& drift, bool whole, Output& output) {
  output.print("\n{}\n", output.bold("If " + printable(drift.file) + " were published"));
  if (!drift.replaced.empty()) output.print("  it takes the place of {}\n", listed(drift.replaced, 6));
  if (!drift.added.empty()) output.print("  it adds {}\n", listed(drift.added, 6));
  std::vector<const VerdictChange*> changed;
  for (const bool worse : {true, false})
    for (const VerdictChange& one : drift.verdicts)
      if (one.worse == worse) changed.push_back(&one);
  if (changed.empty()) output.print("  no verdict changes between implementations that are there already\n");
  const std::size_t shown = whole ? changed.size() : std::min(changed.size(), changes_shown_max);
  for (std::size_t k = 0; k < shown; ++k) {
    const VerdictChange& one = *changed[k];
    output.print("  {} {}: {} -> {}: {}; before: {}\n",
                 one.worse ? output.bad("worse") : output.good("better"), printable(one.model),
                 printable(one.source), printable(one.destination), text_of(one.after), text_of(one.before));
  }
  if (shown < changed.size()) output.print("  and {}\n", counted(changed.size() - shown, "further verdict"));
  for (const auto& [findings, word] : {std::pair(&drift.found, "new"), std::pair(&drift.gone, "gone")}) {
    std::size_t told = 0, all = 0;
    for (const Finding& one : *findings) {
      if (one.severity == compat::Severity::info) continue;
      ++all;
      if (!whole && told >= changes_shown_max) continue;
      ++told;
      output.print("  {}: {} {}: {}\n", word, compat::name_of(one.severity), one.rule,
                   printable(one.message));
    }
    if (told < all)
      output.print("  and {} that {}\n", counted(all - told, "further finding"),
                   std::string_view(word) == "new" ? "are new" : "are gone");
  }
}

}  // namespace portolan::cli
