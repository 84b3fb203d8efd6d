// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/schemes.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/support/named.hpp"
#include "solver/schemes/by_parameter.hpp"
#include "solver/schemes/space.hpp"

namespace portolan::solver::schemes {

using compat::Configuration;
using compat::Decision;
using compat::DeviceModel;
using compat::End;
using compat::NamedScheme;
using compat::Verdict;

namespace {

constexpr auto failure_kind_names =
    enumerator_names<FailureKind>({{FailureKind::false_accept, "false-accept"},
                                   {FailureKind::false_reject, "false-reject"},
                                   {FailureKind::one_way, "one-way"}});

/// An ordered pair whose models can be compared at all.
struct Crossing {
  std::size_t source_index, destination_index;
  End source, destination;
};

std::vector<Crossing> pairs_of(const compat::Catalogue& catalogue, bool across_models) {
  std::vector<Crossing> pairs;
  const auto& all = catalogue.implementations;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& [name, model] : all[i].info.models) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (i == j) continue;
        const DeviceModel* there = all[j].model(name);
        if (there == nullptr && across_models && all[i].info.models.size() == 1 &&
            all[j].info.models.size() == 1)
          there = &all[j].info.models.begin()->second;
        if (there != nullptr) pairs.push_back({i, j, {&all[i], &model}, {&all[j], there}});
      }
    }
  }
  return pairs;
}

/// Absences by model, made once.
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

/// One scheme while the pairs go by.
class Judging {
 public:
  explicit Judging(NamedScheme scheme) { judgement_.scheme = scheme; }

  void begin_pair() { told_ = {}; }

  /// What is known of the next configuration, where nothing has to be said about it that was not said before.
  /// False: it has to be asked.
  bool counts(const Facts& facts) {
    if (has_news(facts)) return false;
    ++count_of(facts.decision);
    return true;
  }

  void ask(const compat::SchemeQuestion& question, const compat::Truth& shared) {
    const Verdict verdict = judge(judgement_.scheme, question);
    ++count_of(verdict.decision);
    if (verdict.decision == Decision::undetermined) return;
    const bool accepted = verdict.decision == Decision::accept;
    const bool own_truth =
        compat::is_for_profiles(judgement_.scheme) || judgement_.scheme == NamedScheme::subsections;
    const compat::Truth truth = own_truth ? truth_under(judgement_.scheme, question, verdict) : shared;
    if (truth.outcome == compat::MigrationOutcome::undetermined)
      open(accepted ? judgement_.sound : judgement_.complete, truth.why);
    if (accepted && truth.outcome == compat::MigrationOutcome::fails)
      tell(FailureKind::false_accept, question, {}, truth.why);
    if (!accepted && truth.outcome == compat::MigrationOutcome::works)
      tell(FailureKind::false_reject, question, verdict.reasons.front().rule,
           verdict.reasons.front().message);
    if (accepted && truth.made && can_exist(question.destination, truth.given))
      way_back(question, truth.given);
  }

  void left_out(const std::string& why) {
    for (SchemeClaim* claim : {&judgement_.sound, &judgement_.complete, &judgement_.directional})
      open(*claim, why);
  }

  SchemeJudgement result() {
    const std::uint64_t asked = judgement_.accepted + judgement_.rejected;
    const std::string nothing =
        judgement_.undetermined > 0 ? "it decides nothing here" : "there is no pair to ask about";
    close(judgement_.sound, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    close(judgement_.complete, asked > 0, nothing);
    close(judgement_.directional, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    std::stable_sort(judgement_.failures.begin(), judgement_.failures.end(),
                     [](const SchemeFailure& a, const SchemeFailure& b) {
                       return std::pair(a.kind, a.away) < std::pair(b.kind, b.away);
                     });
    return std::move(judgement_);
  }

 private:
  std::uint64_t& count_of(Decision decision) {
    return decision == Decision::accept   ? judgement_.accepted
           : decision == Decision::reject ? judgement_.rejected
                                          : judgement_.undetermined;
  }

  /// Whether `ask` would tell a failure or leave a claim open for the first time.
  bool has_news(const Facts& facts) const {
    if (facts.decision == Decision::undetermined) return false;
    const bool accepted = facts.decision == Decision::accept;
    if (facts.outcome == compat::MigrationOutcome::undetermined &&
        !open_.contains(accepted ? &judgement_.sound : &judgement_.complete))
      return true;
    if (accepted && facts.outcome == compat::MigrationOutcome::fails &&
        !told_.contains(FailureKind::false_accept))
      return true;
    if (!accepted && facts.outcome == compat::MigrationOutcome::works &&
        !told_.contains(FailureKind::false_reject))
      return true;
    if (!accepted || !facts.back || told_.contains(FailureKind::one_way)) return false;
    return *facts.back == Decision::reject ||
           (*facts.back == Decision::undetermined && !open_.contains(&judgement_.directional));
  }

  SchemeClaim& claim_of(FailureKind kind) {
    return kind == FailureKind::false_accept   ? judgement_.sound
           : kind == FailureKind::false_reject ? judgement_.complete
                                               : judgement_.directional;
  }

  void open(SchemeClaim& claim, const std::string& why) {
    open_.insert(&claim);
    if (claim.reason.empty()) claim.reason = why;
  }

  void tell(FailureKind kind, const compat::SchemeQuestion& question, std::string rule, std::string why) {
    if (!told_.insert(kind).second) return;  // the first of a pair is the smallest
    ++claim_of(kind).pairs;
    judgement_.failures.push_back(
        {kind, question.source, question.destination,
         compat::is_for_profiles(judgement_.scheme) ? question.profile : std::string(),
         question.configuration, away_from_init(*question.source.model, question.configuration),
         std::move(rule), std::move(why)});
  }

  void way_back(const compat::SchemeQuestion& question, const Configuration& given) {
    if (told_.contains(FailureKind::one_way)) return;
    const Verdict back = judge(judgement_.scheme, {question.destination, given, question.source,
                                                   question.profile, question.absence});
    if (back.decision == Decision::reject)
      tell(FailureKind::one_way, question, back.reasons.front().rule,
           "the way back is rejected: " + back.reasons.front().message);
    if (back.decision == Decision::undetermined)
      open(judgement_.directional, "the way back is undetermined: " + back.reasons.front().message);
  }

  void close(SchemeClaim& claim, bool looked_at, const std::string& nothing) {
    if (claim.pairs > 0) {
      claim.verdict = compat::PropertyVerdict::violated;
      claim.reason.clear();
    } else if (open_.contains(&claim)) {
      claim.verdict = compat::PropertyVerdict::undetermined;
    } else {
      claim.verdict = looked_at ? compat::PropertyVerdict::holds : compat::PropertyVerdict::vacuous;
      claim.reason = looked_at ? std::string() : nothing;
    }
  }

  SchemeJudgement judgement_;
  std::set<FailureKind> told_;
  std::set<const SchemeClaim*> open_;
};

std::uint64_t share_of(const SchemeLimits& limits, std::size_t pairs) {
  return std::min(limits.configurations_max, std::max<std::uint64_t>(1, limits.configurations_all_max /
                                                                            std::max<std::size_t>(pairs, 1)));
}

/// The profiles of the source with their configurations, as far as the source can make them.
std::vector<std::pair<std::string, Configuration>> profiles_of(const End& source) {
  std::vector<std::pair<std::string, Configuration>> made;
  for (const auto& [name, profile] : notes_of(source).profiles) {
    Configuration values = *values_at(source, name);
    if (can_exist(source, values)) made.emplace_back(name, std::move(values));
  }
  return made;
}

/// Every scheme that is not for profiles about one configuration.
void ask_all(std::vector<Judging>& schemes, const Crossing& pair, const Space& space, std::size_t number,
             const std::optional<ByParameter::Pair>& parameters, const compat::Absence& absence) {
  const auto facts =
      parameters ? std::optional(parameters->facts(space.configurations[number])) : std::nullopt;
  std::optional<compat::SchemeQuestion> question;
  compat::Truth shared;
  for (std::size_t k = 0; k < schemes.size(); ++k) {
    if (compat::is_for_profiles(compat::every_scheme[k]) || (facts && schemes[k].counts((*facts)[k])))
      continue;
    if (!question) {
      question = compat::SchemeQuestion{pair.source, space.configuration(number), pair.destination, {},
                                        &absence};
      shared = truth(*question, parameter_list(*pair.source.model, question->configuration));
    }
    schemes[k].ask(*question, shared);
  }
}

}  // namespace

std::string_view name_of(FailureKind kind) { return failure_kind_names[kind]; }

std::vector<SchemeJudgement> judge_schemes(const compat::Catalogue& catalogue, const SchemeLimits& limits) {
  const std::vector<Crossing> pairs = pairs_of(catalogue, true);
  const std::uint64_t share = share_of(limits, pairs.size());
  Absences absences(catalogue);
  std::vector<Judging> schemes(compat::every_scheme.begin(), compat::every_scheme.end());
  ByParameter by_parameter(catalogue);
  for (const Crossing& pair : pairs) {
    const compat::Absence& absence = absences.of(pair.source.model->name);
    for (Judging& scheme : schemes) scheme.begin_pair();
    const auto parameters =
        by_parameter.pair(pair.source, pair.source_index, pair.destination, pair.destination_index);
    const Space space =
        space_of(pair.source, parameters ? parameters->axes() : axes_of(pair.source, pair.destination), share);
    for (std::size_t number = 0; number < space.configurations.size(); ++number)
      ask_all(schemes, pair, space, number, parameters, absence);
    const bool same_model = pair.source.model->name == pair.destination.model->name;
    for (const auto& [profile, configuration] : profiles_of(pair.source)) {
      if (!same_model) continue;  // a profile of another model is another thing of the same name
      for (std::size_t k = 0; k < schemes.size(); ++k)
        if (compat::is_for_profiles(compat::every_scheme[k]))
          schemes[k].ask({pair.source, configuration, pair.destination, profile, &absence}, {});
    }
    if (space.complete) continue;
    for (std::size_t k = 0; k < schemes.size(); ++k)
      if (!compat::is_for_profiles(compat::every_scheme[k]))
        schemes[k].left_out(fmt::format("{} -> {}: {}", pair.source.implementation->label,
                                        pair.destination.implementation->label, space.why));
  }
  std::vector<SchemeJudgement> judgements;
  for (Judging& scheme : schemes) judgements.push_back(scheme.result());
  return judgements;
}

namespace {

std::vector<std::string> messages_of(const Verdict& verdict) {
  std::vector<std::string> messages;
  for (const compat::Reason& one : verdict.reasons) messages.push_back(one.message);
  return messages;
}

/// The decisions on the configurations of a pair.
struct Seen {
  std::size_t accepted = 0, rejected = 0, undetermined = 0;
  void add(Decision decision) {
    ++(decision == Decision::accept ? accepted : decision == Decision::reject ? rejected : undetermined);
  }
};

}  // namespace

std::vector<SchemePair> scheme_matrix(const compat::Catalogue& catalogue, NamedScheme scheme,
                                      const std::string& profile, const SchemeLimits& limits) {
  std::vector<Crossing> pairs = pairs_of(catalogue, false);
  std::stable_sort(pairs.begin(), pairs.end(), [](const Crossing& a, const Crossing& b) {
    return a.source.model->name < b.source.model->name;
  });
  const std::uint64_t share = share_of(limits, pairs.size());
  Absences absences(catalogue);
  ByParameter by_parameter(catalogue);
  const bool one_profile = compat::is_for_profiles(scheme) || !profile.empty();
  std::vector<SchemePair> cells;
  for (const Crossing& pair : pairs) {
    SchemePair cell{pair.source.model->name,
                    pair.source_index,
                    pair.destination_index,
                    Decision::undetermined,
                    matrix::RelationKind::undetermined,
                    {},
                    {}};
    const auto verdict_of = [&](const Configuration& configuration) {
      return judge(scheme, {pair.source, configuration, pair.destination, profile,
                            &absences.of(pair.source.model->name)});
    };
    if (!one_profile) cell.fresh = verdict_of(fresh(*pair.source.model)).decision;
    Seen seen;
    Space space;
    if (one_profile) {
      if (const auto values = values_at(pair.source, profile)) {
        const Verdict verdict = verdict_of(*values);
        seen.add(verdict.decision);
        cell.fresh = verdict.decision;
        if (verdict.decision == Decision::reject) cell.witness = *values;
        cell.reason = fmt::format("{}", fmt::join(messages_of(verdict), "; "));
      } else {
        cell.reason =
            fmt::format("{} does not know the profile {}", pair.source.implementation->label, profile);
      }
    } else if (compat::ignores_configuration(scheme)) {
      seen.add(cell.fresh);
      if (cell.fresh == Decision::reject) cell.witness = fresh(*pair.source.model);
      if (cell.fresh == Decision::undetermined)
        cell.reason = verdict_of(fresh(*pair.source.model)).reasons.front().message;
    } else {
      const auto parameters =
          by_parameter.pair(pair.source, pair.source_index, pair.destination, pair.destination_index);
      space = space_of(pair.source, parameters ? parameters->axes() : axes_of(pair.source, pair.destination),
                       share);
      for (std::size_t number = 0; number < space.configurations.size(); ++number) {
        std::optional<Verdict> verdict;
        if (!parameters) verdict = verdict_of(space.configuration(number));
        const Decision decision =
            verdict ? verdict->decision
                    : parameters->facts(space.configurations[number])[static_cast<std::size_t>(scheme)].decision;
        seen.add(decision);
        if (decision == Decision::reject && !cell.witness) cell.witness = space.configuration(number);
        if (decision != Decision::undetermined || !cell.reason.empty()) continue;
        if (!verdict) verdict = verdict_of(space.configuration(number));
        cell.reason = verdict->reasons.front().message;
      }
    }
    // What was not asked leaves `all` and `none` open; `some` needs one of each only.
    const bool whole = space.complete && seen.undetermined == 0;
    if (seen.accepted > 0 && seen.rejected > 0)
      cell.relation = matrix::RelationKind::some;
    else if (whole && seen.accepted > 0)
      cell.relation = matrix::RelationKind::all;
    else if (whole && seen.rejected > 0)
      cell.relation = matrix::RelationKind::none;
    if (cell.relation != matrix::RelationKind::undetermined) {
      if (!one_profile) cell.reason.clear();
    } else {
      if (!space.complete && cell.reason.empty()) cell.reason = space.why;
      if (cell.reason.empty())
        cell.reason = fmt::format(
            "{} can have no configuration: no value of a parameter, or no combination that its constraints "
            "allow",
            pair.source.implementation->label);
      cell.witness.reset();
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace portolan::solver::schemes
