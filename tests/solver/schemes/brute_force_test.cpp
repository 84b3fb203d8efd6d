// SPDX-License-Identifier: Apache-2.0
//
// Judging every scheme held to brute force: every configuration of the source asked one by one, by the
// reference function of the scheme and of what really happens. On random catalogues that say everything a
// catalogue can say (R13), second names too; with parameters whose values are too many to be asked one by
// one; and where nothing but parameters is known, which is judged parameter by parameter.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "model/compat/judging/truth.hpp"
#include "solver/schemes/schemes.hpp"
#include "solver/schemes/space.hpp"
#include "tests/support/annotated_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan::test;
using namespace portolan::solver::schemes;
using portolan::compat::every_scheme;
using portolan::compat::MigrationOutcome;
using portolan::compat::NamedScheme;
using portolan::compat::PropertyVerdict;
using portolan::compat::SchemeQuestion;
using portolan::compat::Truth;

/// A failure of one pair, the smallest of its kind: away from init, then least values.
using Shown = std::tuple<std::size_t, Configuration, std::string, std::string>;

struct Reference {
  std::uint64_t accepted = 0, rejected = 0, undetermined = 0;
  std::map<std::pair<FailureKind, const Implementation*>, Shown> failures;  ///< by source: there are two ends
  std::set<FailureKind> open;

  void tell(FailureKind kind, const SchemeQuestion& asked, const std::string& rule, const std::string& why) {
    Shown shown{distance_from_init(*asked.source.model, asked.configuration), asked.configuration, rule, why};
    const auto [at, added] = failures.try_emplace({kind, asked.source.implementation}, shown);
    if (!added && shown < at->second) at->second = std::move(shown);
  }

  void ask(NamedScheme scheme, const SchemeQuestion& asked) {
    const Verdict verdict = judge(scheme, asked);
    ++(verdict.decision == Decision::accept   ? accepted
       : verdict.decision == Decision::reject ? rejected
                                              : undetermined);
    if (verdict.decision == Decision::undetermined) return;
    const bool accepts = verdict.decision == Decision::accept;
    const Truth truth = truth_under(scheme, asked, verdict);
    if (truth.outcome == MigrationOutcome::undetermined)
      open.insert(accepts ? FailureKind::false_accept : FailureKind::false_reject);
    if (accepts && truth.outcome == MigrationOutcome::fails)
      tell(FailureKind::false_accept, asked, {}, truth.why);
    if (!accepts && truth.outcome == MigrationOutcome::works)
      tell(FailureKind::false_reject, asked, verdict.reasons.front().rule, verdict.reasons.front().message);
    if (!accepts || !truth.made) return;
    const auto& there = asked.destination;
    for (const auto& [name, value] : truth.given)
      if (there.model->parameters.at(name).accepts(value) != Acceptance::accepted) return;
    if (!failed_constraints(notes_of(there), truth.given).empty()) return;
    const Verdict back = judge(scheme, {there, truth.given, asked.source, asked.profile, asked.absence});
    if (back.decision == Decision::reject)
      tell(FailureKind::one_way, asked, back.reasons.front().rule,
           "the way back is rejected: " + back.reasons.front().message);
    if (back.decision == Decision::undetermined) open.insert(FailureKind::one_way);
  }
};

const SchemeClaim& claim_of(const SchemeJudgement& judgement, FailureKind kind) {
  return kind == FailureKind::false_accept   ? judgement.sound
         : kind == FailureKind::false_reject ? judgement.complete
                                             : judgement.directional;
}

/// What was met, so that a comparison of nothing is seen.
struct Met {
  std::size_t catalogues = 0, whole = 0, parts = 0;
  std::map<std::pair<NamedScheme, FailureKind>, std::size_t> failures;
};

/// `cut`: some parameter has too many values to be asked one by one, so that numbers of configurations are
/// others, and that it may be said that not everything was asked.
void hold_to_brute_force(const Catalogue& catalogue, bool cut, Met& met) {
  const End ends[] = {end_of(catalogue.implementations[0]), end_of(catalogue.implementations[1])};
  const std::vector<Configuration> all[] = {every_configuration(ends[0]), every_configuration(ends[1])};
  if (all[0].size() + all[1].size() > 1200) return;  // too slow for a comparison one by one
  ++met.catalogues;
  bool whole = true;
  for (const int from : {0, 1})
    whole = whole && space_of(ends[from], axes_of(ends[from], ends[1 - from]), 4096).complete;
  ++(whole ? met.whole : met.parts);
  const portolan::compat::Absence absence(catalogue, model_name);
  FailureWording wording(catalogue);
  for (const SchemeJudgement& judgement : judge_schemes(catalogue)) {
    if (portolan::compat::is_for_profiles(judgement.scheme)) continue;
    SCOPED_TRACE(name_of(judgement.scheme));
    Reference reference;
    for (const int from : {0, 1})
      for (const Configuration& configuration : all[from])
        reference.ask(judgement.scheme, {ends[from], configuration, ends[1 - from], {}, &absence});
    std::map<std::pair<FailureKind, const Implementation*>, Shown> found;
    for (const SchemeFailure& one : judgement.failures) {
      const FailureWords words = wording.of(judgement.scheme, one);
      found.emplace(std::pair(one.kind, one.source.implementation),
                    Shown{one.away, one.witness, words.rule, words.why});
      ++met.failures[{judgement.scheme, one.kind}];
    }
    if (!whole) {  // what was found is so; what was not found is open
      for (const auto& [which, shown] : found) EXPECT_TRUE(reference.failures.contains(which));
      for (const FailureKind kind :
           {FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way})
        EXPECT_THAT(claim_of(judgement, kind).verdict,
                    testing::AnyOf(PropertyVerdict::violated, PropertyVerdict::undetermined));
      continue;
    }
    EXPECT_EQ(found, reference.failures);
    if (!cut) {
      EXPECT_EQ(judgement.accepted, reference.accepted);
      EXPECT_EQ(judgement.rejected, reference.rejected);
      EXPECT_EQ(judgement.undetermined, reference.undetermined);
    }
    for (const FailureKind kind :
         {FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way}) {
      const bool broken =
          std::ranges::any_of(reference.failures, [&](const auto& one) { return one.first.first == kind; });
      const bool looked_at =
          reference.accepted > 0 || (kind == FailureKind::false_reject && reference.rejected > 0);
      const PropertyVerdict expected = broken                          ? PropertyVerdict::violated
                                       : reference.open.contains(kind) ? PropertyVerdict::undetermined
                                       : looked_at                     ? PropertyVerdict::holds
                                                                       : PropertyVerdict::vacuous;
      EXPECT_EQ(claim_of(judgement, kind).verdict, expected) << name_of(kind);
    }
  }
}

/// A parameter that one end lacks becomes a second name of another of the same type there.
void second_names(Catalogue& catalogue, std::mt19937_64& random) {
  for (const std::size_t from : {std::size_t{0}, std::size_t{1}}) {
    const auto& here = catalogue.implementations[from].info.models.at(model_name).parameters;
    Implementation& other = catalogue.implementations[1 - from];
    const auto& there = other.info.models.at(model_name).parameters;
    for (const auto& [name, parameter] : here) {
      if (there.contains(name) || random() % 3 == 0) continue;
      for (const auto& [own, described] : there)
        if (described.type == parameter.type) other.annotations[model_name].aliases.emplace(name, own);
    }
  }
}

/// One number gets more values than are asked one by one, and something is said of values among them.
class Widening {
 public:
  explicit Widening(std::uint64_t seed) : random_(seed) {}

  bool widen(Catalogue& catalogue, bool annotated) {
    for (const auto& [name, like] : catalogue.implementations.front().info.models.at(model_name).parameters) {
      if (like.type != ValueType::integer) continue;
      const std::string parameter = name;
      for (Implementation& one : catalogue.implementations) {
        auto& parameters = one.info.models.at(model_name).parameters;
        const auto own = parameters.find(parameter);
        if (own == parameters.end() || !own->second.allowed || own->second.type != ValueType::integer)
          continue;
        own->second.allowed->add(portolan::compat::Range{0, 70});
        if (annotated) say(one.annotations[model_name], parameter, parameters);
      }
      return true;
    }
    return false;
  }

 private:
  std::uint64_t within() { return 10 + random_() % 50; }

  void say(Annotations& notes, const std::string& name, const Parameters& parameters) {
    if (random_() % 2 == 0) {
      ValueSet takes(ValueType::integer);
      takes.add(portolan::compat::Range{0, within()});
      notes.notes[name].takes = takes;
    }
    if (random_() % 2 == 0) {
      portolan::compat::Block block;
      block.variables = parameters;
      block.when = constraint(fmt::format("`{}` == {}", name, within()), parameters);
      block.text = "it is not saved";
      notes.blocks.push_back(std::move(block));
    }
    if (random_() % 2 == 0) {
      notes.profiles["wide"] = {"wide", {{name, u64(within())}}, {}, {}};
      notes.observed["wide"]["seen"] = Value(u64(random_() % 2));
    }
  }

  std::mt19937_64 random_;
};

void hold_declared(std::uint64_t first, std::uint64_t count, Met& met) {
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    Catalogue random = RandomDeclared(seed).make(2);
    std::mt19937_64 choice(seed);
    second_names(random, choice);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, describe(random)));
    hold_to_brute_force(random, false, met);
  }
}

void hold_wide(std::uint64_t first, std::uint64_t count, Met& met) {
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    Catalogue random = RandomDeclared(seed).make(2);
    std::mt19937_64 choice(seed);
    second_names(random, choice);
    if (!Widening(seed).widen(random, true)) continue;
    SCOPED_TRACE(fmt::format("seed {}, with many values\n{}", seed, describe(random)));
    hold_to_brute_force(random, true, met);
  }
}

void hold_parameters(std::uint64_t first, std::uint64_t count, Met& met) {
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    Catalogue random = RandomCatalogue(seed).make(2);
    for (Implementation& one : random.implementations) {
      one.annotations.clear();
      one.name = "card";
      one.version = seed % 2 == 0 ? "1.0" : one.label.substr(1) + ".0";
    }
    const bool cut = seed % 3 == 0 && Widening(seed).widen(random, false);
    SCOPED_TRACE(fmt::format("seed {}, parameters alone\n{}", seed, describe(random)));
    hold_to_brute_force(random, cut, met);
  }
}

TEST(SchemesByBruteForce, AgreeWhereEverythingIsSaid) {
  Met met;
  hold_declared(1, 30, met);
  EXPECT_GT(met.whole, 20u);
  EXPECT_GT(met.failures.size(), 8u) << "many kinds of failure were met";
}

TEST(SchemesByBruteForce, AgreeWhereValuesAreTooManyToBeAsked) {
  Met met;
  hold_wide(1, 20, met);
  EXPECT_GT(met.whole, 1u);
  EXPECT_GT(met.failures.size(), 5u) << "many kinds of failure were met";
}

TEST(SchemesByBruteForce, AgreeParameterByParameter) {
  Met met;
  hold_parameters(1, 60, met);
  EXPECT_GT(met.catalogues, 40u);
  EXPECT_GT((met.failures[{NamedScheme::rfc_v3, FailureKind::one_way}]), 0u);
}

TEST(SchemeSpace, HasTheConfigurationOfAProfileThatIsKnownToFail) {
  const auto card = [](const std::string& label, bool seen) {
    Parameter n = parameter("n", u64(7), std::nullopt, std::vector<Value>{});
    n.allowed->add(portolan::compat::Range{0, 1000});
    Implementation made = implementation(label, {n});
    Annotations& notes = made.annotations[model_name];
    notes.profiles["p"] = {"p", {{"n", u64(500)}}, {}, {}};
    notes.observed["p"]["ring"] = Value(seen);
    return made;
  };
  const Catalogue two = catalogue({card("a", true), card("b", false)});
  for (const SchemePair& pair : scheme_matrix(two, NamedScheme::declared, {})) {
    EXPECT_EQ(pair.relation, portolan::solver::matrix::RelationKind::some);
    EXPECT_EQ(pair.witness, (Configuration{{"n", u64(500)}}));
  }
}

TEST(SchemesByBruteForceSlow, AgreeOnManyCatalogues) {
  Met met;
  hold_declared(1'000, thorough(30), met);
  hold_wide(10'000, thorough(50), met);
  hold_parameters(100'000, thorough(80), met);
  EXPECT_GT(met.parts, 0u);
  EXPECT_GT((met.failures[{NamedScheme::rfc_v3_strict, FailureKind::false_accept}]), 0u);
  EXPECT_EQ((met.failures[{NamedScheme::declared, FailureKind::false_accept}]), 0u)
      << "it asks for just what happens (R13)";
}

}  // namespace
