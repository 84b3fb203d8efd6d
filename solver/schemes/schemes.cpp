// SPDX-License-Identifier: Apache-2.0
#include "solver/schemes/schemes.hpp"

#include <algorithm>
#include <array>
#include <utility>

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

/// One configuration of a pair, made when somebody asks for it.
class Asked {
 public:
  Asked(const Crossing& pair, const Space& space, std::size_t number, const compat::Absence& absence)
      : pair_(pair), absence_(absence), space_(&space), number_(number) {}
  Asked(const Crossing& pair, Configuration configuration, const std::string& profile,
        const compat::Absence& absence)
      : pair_(pair), absence_(absence) {
    question_ =
        compat::SchemeQuestion{pair.source, std::move(configuration), pair.destination, profile, &absence_};
  }

  const compat::SchemeQuestion& question() {
    if (!question_)
      question_ = compat::SchemeQuestion{
          pair_.source, space_->configuration(number_), pair_.destination, {}, &absence_};
    return *question_;
  }
  /// What really happens under the usual list (R4).
  const compat::Truth& truth() {
    if (!truth_)
      truth_ = compat::truth(question(), parameter_list(*pair_.source.model, question().configuration));
    return *truth_;
  }
  compat::Truth truth_under(NamedScheme scheme, const Verdict& verdict) {
    const bool usual = !compat::is_for_profiles(scheme) && scheme != NamedScheme::subsections;
    return usual ? truth() : compat::truth_under(scheme, question(), verdict);
  }
  Verdict back(NamedScheme scheme, const Configuration& given) {
    return judge(scheme, {pair_.destination, given, pair_.source, question().profile, &absence_});
  }

 private:
  const Crossing& pair_;
  const compat::Absence& absence_;
  const Space* space_ = nullptr;
  std::size_t number_ = 0;
  std::optional<compat::SchemeQuestion> question_;
  std::optional<compat::Truth> truth_;
};

/// By the reference. The way back is looked at where that is `wanted`.
Facts facts_of(NamedScheme scheme, Asked& asked, bool wanted) {
  Facts facts;
  const Verdict verdict = judge(scheme, asked.question());
  facts.decision = verdict.decision;
  if (verdict.decision == Decision::undetermined) return facts;
  const compat::Truth truth = asked.truth_under(scheme, verdict);
  facts.outcome = truth.outcome;
  if (wanted && verdict.decision == Decision::accept && truth.made &&
      can_have(asked.question().destination, truth.given))
    facts.back = asked.back(scheme, truth.given).decision;
  return facts;
}

std::string why_unknown(NamedScheme scheme, Asked& asked, bool on_the_way_back) {
  const compat::Truth truth = asked.truth_under(scheme, judge(scheme, asked.question()));
  return on_the_way_back
             ? "the way back is undetermined: " + asked.back(scheme, truth.given).reasons.front().message
             : truth.why;
}

/// One scheme while the pairs go by.
class Judging {
 public:
  explicit Judging(NamedScheme scheme) { judgement_.scheme = scheme; }

  NamedScheme scheme() const { return judgement_.scheme; }
  void begin_pair() { told_ = {}; }
  /// A pair that is known to go one way only is not looked at again.
  bool wants_way_back() const { return !told_[place_of(FailureKind::one_way)]; }

  void hear(const Facts& facts, Asked& asked) {
    ++count_of(facts.decision);
    if (facts.decision == Decision::undetermined) return;
    const bool accepted = facts.decision == Decision::accept;
    if (facts.outcome == compat::MigrationOutcome::undetermined)
      open(accepted ? FailureKind::false_accept : FailureKind::false_reject,
           [&] { return why_unknown(scheme(), asked, false); });
    if (accepted && facts.outcome == compat::MigrationOutcome::fails) tell(FailureKind::false_accept, asked);
    if (!accepted && facts.outcome == compat::MigrationOutcome::works) tell(FailureKind::false_reject, asked);
    if (!accepted || !facts.back || !wants_way_back()) return;
    if (*facts.back == Decision::reject) tell(FailureKind::one_way, asked);
    if (*facts.back == Decision::undetermined)
      open(FailureKind::one_way, [&] { return why_unknown(scheme(), asked, true); });
  }

  /// Not everything about a pair was asked; `why` is made where nothing was open before.
  template <class Why>
  void left_out(const Why& why) {
    for (const FailureKind kind :
         {FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way})
      open(kind, why);
  }

  SchemeJudgement result() {
    const std::uint64_t asked = judgement_.accepted + judgement_.rejected;
    const std::string nothing =
        judgement_.undetermined > 0 ? "it decides nothing here" : "there is no pair to ask about";
    close(FailureKind::false_accept, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    close(FailureKind::false_reject, asked > 0, nothing);
    close(FailureKind::one_way, judgement_.accepted > 0, asked > 0 ? "it accepts nothing" : nothing);
    std::stable_sort(judgement_.failures.begin(), judgement_.failures.end(),
                     [](const SchemeFailure& a, const SchemeFailure& b) {
                       return std::pair(a.kind, a.away) < std::pair(b.kind, b.away);
                     });
    return std::move(judgement_);
  }

 private:
  static std::size_t place_of(FailureKind kind) { return static_cast<std::size_t>(kind); }

  std::uint64_t& count_of(Decision decision) {
    return decision == Decision::accept   ? judgement_.accepted
           : decision == Decision::reject ? judgement_.rejected
                                          : judgement_.undetermined;
  }

  SchemeClaim& claim_of(FailureKind kind) {
    return kind == FailureKind::false_accept   ? judgement_.sound
           : kind == FailureKind::false_reject ? judgement_.complete
                                               : judgement_.directional;
  }

  template <class Why>
  void open(FailureKind kind, const Why& why) {
    if (std::exchange(open_[place_of(kind)], true)) return;  // the first reason is told
    claim_of(kind).reason = why();
  }

  void tell(FailureKind kind, Asked& asked) {
    if (std::exchange(told_[place_of(kind)], true)) return;  // the first of a pair is the smallest
    ++claim_of(kind).pairs;
    const compat::SchemeQuestion& question = asked.question();
    judgement_.failures.push_back({kind, question.source, question.destination, question.profile,
                                   question.configuration,
                                   away_from_init(*question.source.model, question.configuration)});
  }

  void close(FailureKind kind, bool looked_at, const std::string& nothing) {
    SchemeClaim& claim = claim_of(kind);
    if (claim.pairs > 0) {
      claim.verdict = compat::PropertyVerdict::violated;
      claim.reason.clear();
    } else if (open_[place_of(kind)]) {
      claim.verdict = compat::PropertyVerdict::undetermined;
    } else {
      claim.verdict = looked_at ? compat::PropertyVerdict::holds : compat::PropertyVerdict::vacuous;
      claim.reason = looked_at ? std::string() : nothing;
    }
  }

  SchemeJudgement judgement_;
  std::array<bool, 3> told_{}, open_{};  ///< by kind of failure
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
    if (can_have(source, values)) made.emplace_back(name, std::move(values));
  }
  return made;
}

/// Every scheme that is not for profiles about the configurations of one pair.
void ask_all(std::vector<Judging>& schemes, const Crossing& pair, const Space& space,
             const std::optional<ByParameter::Pair>& parameters, const compat::Absence& absence) {
  for (std::size_t number = 0; number < space.configurations.size(); ++number) {
    Asked asked(pair, space, number, absence);
    if (parameters) {
      const auto facts = parameters->facts(space.configurations[number]);
      for (std::size_t k = 0; k < schemes.size(); ++k)
        if (!compat::is_for_profiles(schemes[k].scheme())) schemes[k].hear(facts[k], asked);
      continue;
    }
    for (Judging& one : schemes)
      if (!compat::is_for_profiles(one.scheme()))
        one.hear(facts_of(one.scheme(), asked, one.wants_way_back()), asked);
  }
}

/// Every scheme that is for profiles about those of one pair.
void ask_at_profiles(std::vector<Judging>& schemes, const Crossing& pair, const compat::Absence& absence) {
  if (pair.source.model->name != pair.destination.model->name)
    return;  // a profile of another model is another thing of the same name
  for (auto& [profile, configuration] : profiles_of(pair.source)) {
    Asked asked(pair, std::move(configuration), profile, absence);
    for (Judging& one : schemes)
      if (compat::is_for_profiles(one.scheme()))
        one.hear(facts_of(one.scheme(), asked, one.wants_way_back()), asked);
  }
}

}  // namespace

std::string_view name_of(FailureKind kind) { return failure_kind_names[kind]; }

FailureWords FailureWording::of(NamedScheme scheme, const SchemeFailure& failure) {
  const Crossing pair{0, 0, failure.source, failure.destination};
  Asked asked(pair, failure.witness, failure.profile, absences_.of(failure.source.model->name));
  const Verdict verdict = judge(scheme, asked.question());
  if (failure.kind == FailureKind::false_reject)
    return {verdict.reasons.front().rule, verdict.reasons.front().message};
  const compat::Truth truth = asked.truth_under(scheme, verdict);
  if (failure.kind == FailureKind::false_accept) return {{}, truth.why};
  const Verdict back = asked.back(scheme, truth.given);
  return {back.reasons.front().rule, "the way back is rejected: " + back.reasons.front().message};
}

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
    const Space space = space_of(
        pair.source, parameters ? parameters->axes() : axes_of(pair.source, pair.destination), share);
    ask_all(schemes, pair, space, parameters, absence);
    ask_at_profiles(schemes, pair, absence);
    if (space.complete) continue;
    for (Judging& scheme : schemes)
      if (!compat::is_for_profiles(scheme.scheme()))
        scheme.left_out([&] {
          return fmt::format("{} -> {}: {}", pair.source.implementation->label,
                             pair.destination.implementation->label, space.why);
        });
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

/// One cell of the matrix of a scheme on its way.
class Cell {
 public:
  Cell(NamedScheme scheme, const Crossing& pair, const std::string& profile, const compat::Absence& absence)
      : scheme_(scheme), pair_(pair), profile_(profile), absence_(absence) {
    cell_.model = pair.source.model->name;
    cell_.source = pair.source_index;
    cell_.destination = pair.destination_index;
    cell_.fresh = Decision::undetermined;
    cell_.relation = matrix::RelationKind::undetermined;
  }

  SchemePair at_profile() && {
    auto values = values_at(pair_.source, profile_);
    const bool only_observed = scheme_ == NamedScheme::declared && is_only_observed(pair_.source, profile_);
    if (only_observed) values = fresh(*pair_.source.model);  // nobody looks at them
    if (values) {
      const Verdict verdict = judged(*values);
      add(verdict.decision, [&] { return *values; });
      cell_.fresh = verdict.decision;
      cell_.reason = fmt::format("{}", fmt::join(messages_of(verdict), "; "));
    } else {
      cell_.reason =
          fmt::format("{} does not know the profile {}", pair_.source.implementation->label, profile_);
    }
    relate(true, {});
    if (only_observed) cell_.witness.reset();
    return std::move(cell_);
  }

  SchemePair by_names() && {
    const Configuration init = fresh(*pair_.source.model);
    const Verdict verdict = judged(init);
    cell_.fresh = verdict.decision;
    add(verdict.decision, [&] { return init; });
    if (verdict.decision == Decision::undetermined) cell_.reason = verdict.reasons.front().message;
    conclude(true, {});
    return std::move(cell_);
  }

  SchemePair over(const Space& space, const std::optional<ByParameter::Pair>& parameters) && {
    cell_.fresh = judged(fresh(*pair_.source.model)).decision;
    for (std::size_t number = 0; number < space.configurations.size(); ++number) {
      std::optional<Verdict> verdict;
      if (!parameters) verdict = judged(space.configuration(number));
      const Decision decision =
          verdict
              ? verdict->decision
              : parameters->facts(space.configurations[number])[static_cast<std::size_t>(scheme_)].decision;
      add(decision, [&] { return space.configuration(number); });
      if (decision != Decision::undetermined || !cell_.reason.empty()) continue;
      if (!verdict) verdict = judged(space.configuration(number));
      cell_.reason = verdict->reasons.front().message;
    }
    conclude(space.complete, space.why);
    return std::move(cell_);
  }

 private:
  Verdict judged(const Configuration& configuration) const {
    return judge(scheme_, {pair_.source, configuration, pair_.destination, profile_, &absence_});
  }

  template <class Made>
  void add(Decision decision, const Made& configuration) {
    ++(decision == Decision::accept ? accepted_ : decision == Decision::reject ? rejected_ : undetermined_);
    if (decision == Decision::reject && rejected_ == 1) cell_.witness = configuration();  // the smallest
  }

  /// What was not asked leaves `all` and `none` open; `some` needs one of each only.
  void relate(bool complete, const std::string& left_out) {
    const bool whole = complete && undetermined_ == 0;
    if (accepted_ > 0 && rejected_ > 0)
      cell_.relation = matrix::RelationKind::some;
    else if (whole && accepted_ > 0)
      cell_.relation = matrix::RelationKind::all;
    else if (whole && rejected_ > 0)
      cell_.relation = matrix::RelationKind::none;
    if (cell_.relation != matrix::RelationKind::undetermined) return;
    if (!complete && cell_.reason.empty()) cell_.reason = left_out;
    if (cell_.reason.empty())
      cell_.reason = fmt::format(
          "{} can have no configuration: no value of a parameter, or no combination that its constraints "
          "allow",
          pair_.source.implementation->label);
    cell_.witness.reset();
  }

  /// At a profile the reasons are told whatever they come to; else only why nothing is decided.
  void conclude(bool complete, const std::string& left_out) {
    relate(complete, left_out);
    if (cell_.relation != matrix::RelationKind::undetermined) cell_.reason.clear();
  }

  NamedScheme scheme_;
  const Crossing& pair_;
  const std::string& profile_;
  const compat::Absence& absence_;
  std::size_t accepted_ = 0, rejected_ = 0, undetermined_ = 0;
  SchemePair cell_;
};

std::vector<SchemePair> cells_of(const compat::Catalogue& catalogue, std::vector<Crossing> pairs,
                                 NamedScheme scheme, const std::string& profile, const SchemeLimits& limits) {
  std::stable_sort(pairs.begin(), pairs.end(), [](const Crossing& a, const Crossing& b) {
    return a.source.model->name < b.source.model->name;
  });
  const std::uint64_t share = share_of(limits, pairs.size());
  Absences absences(catalogue);
  ByParameter by_parameter(catalogue);
  std::vector<SchemePair> cells;
  for (const Crossing& pair : pairs) {
    Cell cell(scheme, pair, profile, absences.of(pair.source.model->name));
    if (compat::is_for_profiles(scheme) || !profile.empty()) {
      cells.push_back(std::move(cell).at_profile());
    } else if (compat::ignores_configuration(scheme)) {
      cells.push_back(std::move(cell).by_names());
    } else {
      const auto parameters =
          by_parameter.pair(pair.source, pair.source_index, pair.destination, pair.destination_index);
      const Space space = space_of(
          pair.source, parameters ? parameters->axes() : axes_of(pair.source, pair.destination), share);
      cells.push_back(std::move(cell).over(space, parameters));
    }
  }
  return cells;
}

std::vector<Crossing> to_themselves(const compat::Catalogue& catalogue, const std::string& profile) {
  std::vector<Crossing> pairs;
  for (std::size_t i = 0; i < catalogue.implementations.size(); ++i)
    for (const auto& [name, model] : catalogue.implementations[i].info.models) {
      const End end{&catalogue.implementations[i], &model};
      const compat::Annotations& notes = notes_of(end);
      const bool knows =
          profile.empty() || notes.profiles.contains(profile) || is_only_observed(end, profile);
      if (knows && (notes.calls_for_itself() || !profile.empty())) pairs.push_back({i, i, end, end});
    }
  return pairs;
}

}  // namespace

std::vector<SchemePair> scheme_matrix(const compat::Catalogue& catalogue, NamedScheme scheme,
                                      const std::string& profile, const SchemeLimits& limits) {
  return cells_of(catalogue, pairs_of(catalogue, false), scheme, profile, limits);
}

std::vector<SchemePair> scheme_matrix_to_themselves(const compat::Catalogue& catalogue, NamedScheme scheme,
                                                    const std::string& profile, const SchemeLimits& limits) {
  std::vector<SchemePair> cells =
      cells_of(catalogue, to_themselves(catalogue, profile), scheme, profile, limits);
  // What is asked for is told whatever it comes to, all else where it does not go, as `check` has it.
  std::erase_if(cells, [&](const SchemePair& cell) {
    return cell.fresh != Decision::reject &&
           !catalogue.implementations[cell.source].annotations_of(cell.model).calls_for_itself();
  });
  return cells;
}

}  // namespace portolan::solver::schemes
