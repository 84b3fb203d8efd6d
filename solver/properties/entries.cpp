// SPDX-License-Identifier: Apache-2.0
#include "solver/properties/entries.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "model/compat/observed.hpp"
#include "solver/answering/declared_hop.hpp"

namespace portolan::solver::properties {

// NOLINTNEXTLINE(google-build-using-namespace): questions and answers are the words of this chapter
using namespace answering;
using compat::Configuration;
using compat::Decision;
using compat::End;
using compat::Implementation;
using matrix::RelationKind;

namespace {

/// Age of each implementation: its catalogue entry's position. Types of one entry stand next to each other.
std::vector<std::uint32_t> ages_of(const compat::Catalogue& catalogue) {
  std::vector<std::uint32_t> ages;
  for (const Implementation& one : catalogue.implementations) {
    const std::size_t i = ages.size();
    const Implementation* last = i == 0 ? nullptr : &catalogue.implementations[i - 1];
    const bool same = last != nullptr && !one.type.empty() && !last->type.empty() && one.name == last->name &&
                      one.version == last->version;
    ages.push_back(i == 0 ? 0 : ages.back() + (same ? 0 : 1));
  }
  return ages;
}

std::vector<ModelEntries> models_of(const matrix::Matrix& matrix) {
  std::vector<ModelEntries> models;
  const std::vector<Implementation>& all = matrix.catalogue().implementations;
  const std::vector<std::uint32_t> ages = ages_of(matrix.catalogue());
  std::size_t first = 0;
  for (const std::string& model : matrix.models()) {
    ModelEntries one{first, {}, {}};
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].model(model) == nullptr) continue;
      if (one.members.empty() || ages[i] != ages[one.members.back()]) one.entries.emplace_back();
      one.entries.back().push_back(one.members.size());
      one.members.push_back(i);
    }
    first += one.members.size() * (one.members.size() - 1);
    if (one.members.size() > 1) models.push_back(std::move(one));
  }
  return models;
}

}  // namespace

EntryJudge::EntryJudge(const matrix::Matrix& matrix) : matrix_(matrix), models_(models_of(matrix)) {}

Choice EntryJudge::choice(const ModelEntries& model, std::size_t source,
                          const std::vector<std::size_t>& entry) const {
  const std::vector<Implementation>& all = matrix_.catalogue().implementations;
  Choice pairs;
  for (const std::size_t destination : entry) {
    const matrix::Pair pair = matrix_.pair(model.pair(source, destination));
    if (all[pair.destination].type == all[pair.source].type) return {pair};
    pairs.push_back(pair);
  }
  return pairs;
}

EntryVerdict EntryJudge::judge(const Choice& choice) {
  EntryVerdict verdict{.pair = choice.front(), .witness = {}, .reason = {}};
  if (std::ranges::any_of(choice, [](const auto& pair) { return pair.relation == RelationKind::all; }))
    return verdict;
  const bool none =
      std::ranges::all_of(choice, [](const auto& pair) { return pair.relation == RelationKind::none; });
  if (const matrix::Pair* broken = broken_pair(choice, verdict.witness)) {
    verdict.pair = *broken;
    verdict.relation = none ? RelationKind::none : RelationKind::some;
  } else if (auto together = decided_together(choice)) {
    if (!together->broken) return verdict;
    verdict.witness = std::move(together->witness);
    verdict.relation = none ? RelationKind::none : RelationKind::some;
  } else {
    verdict.relation = RelationKind::undetermined;
    verdict.reason = reason_of(choice);
  }
  return verdict;
}

/// Whether every type of the choice decides so.
bool EntryJudge::each(const Choice& choice, const Configuration& configuration, Decision decision) const {
  return std::ranges::all_of(choice, [&](const matrix::Pair& pair) {
    return matrix_.judged(pair, configuration).decision == decision;
  });
}

/// The first pair that certainly does not accept everything; null: none. A witness that had to be looked at
/// is kept.
const matrix::Pair* EntryJudge::broken_pair(const Choice& choice,
                                            std::optional<Configuration>& witness) const {
  for (const matrix::Pair& pair : choice) {
    if (pair.relation != matrix::RelationKind::some && pair.relation != matrix::RelationKind::none) continue;
    if (choice.size() == 1) return &pair;
    // R10a: another type may take what this one refuses, so a witness must be refused by all of them.
    witness = matrix_.witness(pair);
    if (witness && each(choice, *witness, Decision::reject)) return &pair;
    witness.reset();
  }
  return nullptr;
}

/// What the pairs one by one leave open, at the configurations of profiles, which R13 judges by more: one
/// that all refuse, or nothing where some type certainly takes each.
std::optional<EntryJudge::Together> EntryJudge::at_profiles(const Choice& choice) const {
  if (matrix_.options().scheme != compat::Scheme::declared) return Together{};
  const End source = matrix_.source(choice.front());
  bool open = false;
  for (const auto& [name, profile] : notes_of(source).profiles) {
    const auto values = compat::values_at(source, name);
    if (!values || !can_have(source, *values)) continue;
    if (each(choice, *values, Decision::reject)) return Together{true, *values};
    open = open || std::ranges::none_of(choice, [&](const matrix::Pair& pair) {
             return matrix_.judged(pair, *values).decision == Decision::accept;
           });
  }
  return open ? std::nullopt : std::optional(Together{});
}

/// What the pairs one by one leave open: a configuration that every type of the destination certainly refuses
/// breaks the level, and it holds where some type certainly takes each (R10a). Empty: neither, or not known.
std::optional<EntryJudge::Together> EntryJudge::decided_together(const Choice& choice) {
  const auto profiles = at_profiles(choice);
  if (profiles && profiles->broken) return profiles;
  const End source = matrix_.source(choice.front());
  std::deque<DeclaredHop> hops;  // whose expressions the formulas borrow
  std::vector<Formula> refused, doubtful;
  for (const matrix::Pair& pair : choice) {
    hops.push_back(hop_by(matrix_.options().scheme, source, matrix_.destination(pair)));
    refused.push_back(hops.back().rejects());
    doubtful.push_back(negation(hops.back().accepts()));
  }
  const auto some = [&](std::vector<Formula> all, Question& question) {
    question = about(source);
    question.failures.push_back({all_of(std::move(all)), "it"});
    finish(question);
    return question.failures.empty() ? Answer{} : answers_.answer(question);
  };
  Question question;
  const Answer broken = some(std::move(refused), question);
  if (broken.outcome == Answer::Outcome::broken && broken.witness) {
    Configuration witness = configuration_of(question, source, *broken.witness);
    // At a profile more is known than the formulas say.
    return each(choice, witness, Decision::reject) ? std::optional(Together{true, std::move(witness)})
                                                   : std::nullopt;
  }
  const bool holds = profiles && broken.outcome == Answer::Outcome::never &&
                     some(std::move(doubtful), question).outcome == Answer::Outcome::never &&
                     some({truth(true)}, question).outcome == Answer::Outcome::broken;
  return holds ? std::optional(Together{}) : std::nullopt;
}

std::string EntryJudge::reason_of(const Choice& choice) const {
  const auto open = std::ranges::find(choice, RelationKind::undetermined, &matrix::Pair::relation);
  return open != choice.end() ? matrix_.reason(*open)
                              : fmt::format("several types together may take every configuration of {}",
                                            matrix_.source(choice.front()).implementation->label);
}

}  // namespace portolan::solver::properties
