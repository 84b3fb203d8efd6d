// SPDX-License-Identifier: Apache-2.0
#include "solver/advice/publication.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "solver/answering/answering.hpp"

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

const compat::Implementation* labelled(const compat::Catalogue& catalogue, const std::string& label) {
  const auto at = std::ranges::find(catalogue.implementations, label, &compat::Implementation::label);
  return at == catalogue.implementations.end() ? nullptr : &*at;
}

/// The smallest configuration of the source that one end certainly accepted and the other certainly refuses
/// (C1–C3); `before` null: every configuration counts.
std::optional<compat::Configuration> refused_now(answering::Answers& answers, const compat::End& source,
                                                 const compat::End* before, const compat::End& after) {
  answering::Question asked = answering::about(source);
  const auto terms = answering::terms_of(source);
  if (before != nullptr)
    for (const answering::Failure& one : answering::hop(source, terms, *before).accepted) {
      asked.condition.push_back(one.formula);
      asked.possible.push_back(one.formula);
    }
  promises(asked, answering::hop(source, terms, after).possibly_accepted);
  finish(asked);
  if (asked.failures.empty()) return std::nullopt;
  const answering::Answer answer = answers.answer(asked);
  if (answer.outcome != answering::Answer::Outcome::broken || !answer.witness) return std::nullopt;
  return configuration_of(asked, source, *answer.witness);
}

/// Where the relation stays as it was (*some* before and after), less may be accepted all the same.
void shrunk(const compat::Catalogue& before, const matrix::Matrix& fresh, const matrix::Pair& pair,
            answering::Answers& answers, std::vector<VerdictChange>& changed) {
  const compat::End source = fresh.source(pair), now = fresh.destination(pair);
  const compat::Implementation* then = labelled(before, now.implementation->label);
  const compat::DeviceModel* model = then == nullptr ? nullptr : then->model(now.model->name);
  if (model == nullptr) return;
  const compat::End was{then, model};
  auto witness = refused_now(answers, source, &was, now);
  const PairVerdict cell{pair.fresh, pair.relation};
  if (witness)
    changed.push_back({now.model->name, source.implementation->label, now.implementation->label, cell, cell,
                       std::move(witness), true});
}

/// Instances of what is replaced run now: what takes its place has to take them.
void against_predecessor(const compat::Catalogue& before, const compat::Catalogue& after,
                         const std::vector<std::string>& replaced, answering::Answers& answers,
                         std::vector<VerdictChange>& changed) {
  for (const std::string& label : replaced) {
    const compat::Implementation *then = labelled(before, label), *now = labelled(after, label);
    for (const auto& [name, model] : then->info.models) {
      const compat::DeviceModel* there = now->model(name);
      if (there == nullptr) continue;
      const compat::End was{then, &model}, is{now, there};
      auto witness = refused_now(answers, was, nullptr, is);
      if (!witness) continue;
      const compat::Decision init = check(compat::Scheme::rfc_v3, was, compat::fresh(model), is).decision;
      changed.push_back({name, label + " (as it runs now)", label, PairVerdict{},
                         PairVerdict{init, RelationKind::some}, std::move(witness), true});
    }
  }
}

std::vector<VerdictChange> changes(const compat::Catalogue& before, const compat::Catalogue& after,
                                   const std::vector<std::string>& replaced) {
  const matrix::Matrix old(before), fresh(after);
  answering::Answers answers{answering::PropertyProofOptions{}};
  std::map<Key, PairVerdict> cells;
  for (const auto& pair : old.pairs())
    cells.emplace(key_of(old, pair), PairVerdict{pair.fresh, pair.relation});
  std::vector<VerdictChange> changed;
  for (const auto& pair : fresh.pairs()) {
    const Key key = key_of(fresh, pair);
    const auto at = cells.find(key);
    const PairVerdict now{pair.fresh, pair.relation};
    if (at == cells.end()) continue;
    if (at->second == now) {
      if (std::ranges::find(replaced, std::get<2>(key)) != replaced.end())
        shrunk(before, fresh, pair, answers, changed);
      continue;
    }
    const bool worse =
        rank(now.fresh) > rank(at->second.fresh) || rank(now.relation) > rank(at->second.relation);
    changed.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), at->second, now, fresh.witness(pair), worse});
  }
  against_predecessor(before, after, replaced, answers, changed);
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
  impact.verdicts = changes(now, after, impact.replaced);
  const std::vector<Finding> found_after = findings_of(after);
  impact.found = only_in(found_after, found_now);
  impact.gone = only_in(found_now, found_after);
  return impact;
}

}  // namespace portolan::solver::advice
