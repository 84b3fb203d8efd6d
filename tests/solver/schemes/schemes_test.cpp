// SPDX-License-Identifier: Apache-2.0
//
// Every scheme against the behaviour: what is found on the catalogues of scenarios/schemes, each witness
// replayed against the behaviour by other code than that which found it, no smaller one left; and the
// enumeration held to brute force on random catalogues.

#include "solver/schemes/schemes.hpp"
#include "solver/schemes/space.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/compat/judging/behaviour.hpp"
#include "solver/properties/prove.hpp"
#include "tests/support/small_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan::test;
using namespace portolan::solver::schemes;
namespace matrix = portolan::solver::matrix;
using portolan::compat::every_scheme;
using portolan::compat::NamedScheme;
using portolan::compat::PropertyVerdict;
using portolan::solver::properties::prove;

const Catalogue& file(const std::string& name) {
  static std::map<std::string, Catalogue> read;
  const auto at = read.find(name);
  if (at != read.end()) return at->second;
  auto made = portolan::compat::read_catalogue(PORTOLAN_SOURCE_DIR "/scenarios/schemes/" + name + ".yaml");
  if (!made) throw std::runtime_error(to_string(made.error()));
  return read.emplace(name, std::move(*made)).first->second;
}

const std::vector<SchemeJudgement>& judged(const std::string& name) {
  static std::map<std::string, std::vector<SchemeJudgement>> made;
  const auto at = made.find(name);
  return at != made.end() ? at->second : made.emplace(name, judge_schemes(file(name))).first->second;
}

const SchemeJudgement& of(const std::string& name, NamedScheme scheme) {
  return judged(name)[static_cast<std::size_t>(scheme)];
}

// ---- what really happens, told by the behaviour alone

Decision decide(NamedScheme scheme, const Catalogue& catalogue, const End& source,
                const Configuration& configuration, const End& destination, const std::string& profile) {
  const portolan::compat::Absence absence(catalogue, source.model->name);
  return judge(scheme, {source, configuration, destination, profile, &absence}).decision;
}

/// The destination's configuration, or why it has none.
std::pair<std::optional<Configuration>, std::string> set_up(NamedScheme scheme, const End& source,
                                                            const Configuration& configuration,
                                                            const End& destination,
                                                            const std::string& profile) {
  const Annotations& notes = destination.implementation->annotations_of(destination.model->name);
  Configuration given;
  if (!profile.empty()) {
    const auto own = notes.profiles.find(profile);
    if (own == notes.profiles.end()) return {std::nullopt, "no such profile"};
    given = fresh(*destination.model);
    for (const auto& [name, value] : own->second.values) given[name] = value;
  } else {
    for (const auto& [name, parameter] : destination.model->parameters)
      given[name] = parameter.off.value_or(parameter.init);
    if (source.model->name == destination.model->name) {
      const portolan::compat::Absence absence({}, "");
      const auto list = scheme == NamedScheme::subsections
                            ? judge(scheme, {source, configuration, destination, {}, &absence}).list
                            : parameter_list(*source.model, configuration);
      for (const auto& [name, value] : list) {
        if (!given.contains(name)) return {std::nullopt, "unknown parameter " + name};
        given[name] = value;
      }
    }
  }
  for (const auto& [name, value] : given)
    if (destination.model->parameters.at(name).accepts(value) != Acceptance::accepted)
      return {std::nullopt, "refused " + name};
  if (!failed_constraints(notes, given).empty()) return {std::nullopt, "constraint"};
  return {given, {}};
}

bool really_works(NamedScheme scheme, const End& source, const Configuration& configuration,
                  const End& destination, const std::string& profile) {
  const auto [given, why] = set_up(scheme, source, configuration, destination, profile);
  if (!given) return false;
  if (!refused_sections(source, configuration, destination, *given).empty()) return false;
  const auto& here = source.implementation->annotations_of(source.model->name).interface;
  const auto& there = destination.implementation->annotations_of(destination.model->name).interface;
  const auto seen = [](const auto& all, const std::string& aspect, const End& end,
                       const Configuration& at) -> std::string {
    const auto expression = all.find(aspect);
    if (expression == all.end()) return "off";
    const auto value = evaluate(expression->second, end.model->parameters, at);
    if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "on" : "off";
    if (const auto* number = std::get_if<Integer>(&value)) return *number == 0 ? "off" : number->str();
    return std::get<std::string>(value);
  };
  std::set<std::string> aspects;
  for (const auto* side : {&here, &there})
    for (const auto& [aspect, expression] : *side) aspects.insert(aspect);
  return std::all_of(aspects.begin(), aspects.end(), [&](const std::string& aspect) {
    return seen(here, aspect, source, configuration) == seen(there, aspect, destination, *given);
  });
}

/// Whether a configuration shows the failure.
bool shows(const Catalogue& catalogue, NamedScheme scheme, const SchemeFailure& failure,
           const Configuration& configuration) {
  const Decision decision =
      decide(scheme, catalogue, failure.source, configuration, failure.destination, failure.profile);
  if (failure.kind == FailureKind::false_accept)
    return decision == Decision::accept &&
           !really_works(scheme, failure.source, configuration, failure.destination, failure.profile);
  if (failure.kind == FailureKind::false_reject)
    return decision == Decision::reject &&
           really_works(scheme, failure.source, configuration, failure.destination, failure.profile);
  if (decision != Decision::accept) return false;
  const auto [given, why] =
      set_up(scheme, failure.source, configuration, failure.destination, failure.profile);
  return given && decide(scheme, catalogue, failure.destination, *given, failure.source, failure.profile) ==
                      Decision::reject;
}

class EachScheme : public testing::TestWithParam<std::tuple<const char*, NamedScheme>> {};

TEST_P(EachScheme, HasWitnessesThatAreTrueAndSmallest) {
  const auto& [name, scheme] = GetParam();
  const Catalogue& catalogue = file(name);
  FailureWording wording(catalogue);
  for (const SchemeFailure& failure : of(name, scheme).failures) {
    const FailureWords words = wording.of(scheme, failure);
    SCOPED_TRACE(fmt::format("{}: {} {} -> {}: {}", name_of(scheme), name_of(failure.kind),
                             failure.source.implementation->label, failure.destination.implementation->label,
                             words.why));
    EXPECT_TRUE(shows(catalogue, scheme, failure, failure.witness));
    EXPECT_EQ(failure.away, distance_from_init(*failure.source.model, failure.witness));
    EXPECT_FALSE(words.why.empty());
    EXPECT_EQ(words.rule.empty(), failure.kind == FailureKind::false_accept);
    if (!failure.profile.empty()) continue;  // a profile has one configuration
    for (const Configuration& other : every_configuration(failure.source)) {
      const std::size_t away = distance_from_init(*failure.source.model, other);
      if (std::tie(away, other) < std::tie(failure.away, failure.witness)) {
        EXPECT_FALSE(shows(catalogue, scheme, failure, other));
      }
    }
  }
}

TEST_P(EachScheme, FailsOnNoPairThatWasNotNamed) {
  const auto& [name, scheme] = GetParam();
  if (portolan::compat::is_for_profiles(scheme)) return;
  const Catalogue& catalogue = file(name);
  std::set<std::tuple<FailureKind, const Implementation*, const Implementation*>> named;
  for (const SchemeFailure& failure : of(name, scheme).failures)
    named.emplace(failure.kind, failure.source.implementation, failure.destination.implementation);
  for (const Implementation& from : catalogue.implementations) {
    for (const Implementation& to : catalogue.implementations) {
      if (&from == &to) continue;
      const End source{&from, &from.info.models.begin()->second},
          destination{&to, &to.info.models.begin()->second};
      for (const FailureKind kind :
           {FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way}) {
        if (named.contains({kind, &from, &to})) continue;
        const SchemeFailure failure{kind, source, destination, {}, {}, 0};
        for (const Configuration& configuration : every_configuration(source))
          ASSERT_FALSE(shows(catalogue, scheme, failure, configuration))
              << name_of(kind) << " " << from.label << " -> " << to.label;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogues, EachScheme,
                         testing::Combine(testing::Values("nic", "careful"), testing::ValuesIn(every_scheme)),
                         [](const auto& parameter_of) {
                           std::string name = fmt::format("{}_{}", std::get<0>(parameter_of.param),
                                                          name_of(std::get<1>(parameter_of.param)));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Schemes, AreAllWrongSomewhere) {
  const auto kinds = [](NamedScheme scheme) {
    std::string text;
    const SchemeJudgement& one = of("nic", scheme);
    for (const SchemeClaim* claim : {&one.sound, &one.complete, &one.directional})
      text += claim->verdict == PropertyVerdict::violated ? "x"
              : claim->verdict == PropertyVerdict::holds  ? "."
                                                          : "?";
    return text;
  };
  // sound, complete, both ways
  const std::map<NamedScheme, std::string> expected = {
      {NamedScheme::none, "x.."},           {NamedScheme::mdev_type, "xx."},
      {NamedScheme::version_string, "xx."}, {NamedScheme::semver, "xxx"},
      {NamedScheme::profile, "x.."},        {NamedScheme::rfc_v1, "xxx"},
      {NamedScheme::rfc_v3, "xxx"},         {NamedScheme::rfc_v3_strict, "xx."},
      {NamedScheme::subsections, "xxx"},    {NamedScheme::min_max, "xxx"},
      {NamedScheme::observed, "xx."}};
  for (const auto& [scheme, claims] : expected) EXPECT_EQ(kinds(scheme), claims) << name_of(scheme);
}

TEST(Schemes, OwnFailuresOfEachAreFound) {
  const auto has = [](NamedScheme scheme, FailureKind kind, const std::string& source,
                      const std::string& destination) {
    for (const SchemeFailure& one : of("nic", scheme).failures)
      if (one.kind == kind && one.source.implementation->label == source &&
          one.destination.implementation->label == destination)
        return true;
    return false;
  };
  // min-max takes the three queues that lie between two that are allowed.
  EXPECT_TRUE(has(NamedScheme::min_max, FailureKind::false_accept, "nic@1.1/nic-small", "other-nic@1.0"));
  EXPECT_FALSE(has(NamedScheme::rfc_v3, FailureKind::false_accept, "nic@1.1/nic-small", "other-nic@1.0"));
  // rfc-v1 has no off values: an old version never takes what it does not know, though it is off.
  EXPECT_TRUE(has(NamedScheme::rfc_v1, FailureKind::false_reject, "nic@1.1/nic-small", "nic@1.0/nic-small"));
  EXPECT_FALSE(has(NamedScheme::rfc_v3, FailureKind::false_reject, "nic@1.1/nic-small", "nic@1.0/nic-small"));
  // A constraint that rfc-v3 does not look at.
  EXPECT_TRUE(has(NamedScheme::rfc_v3, FailureKind::false_accept, "nic@1.1/nic-small", "nic@2.0/nic-small"));
  EXPECT_FALSE(
      has(NamedScheme::rfc_v3_strict, FailureKind::false_accept, "nic@1.1/nic-small", "nic@2.0/nic-small"));
  // What was not observed, and what was observed and does not matter.
  EXPECT_TRUE(
      has(NamedScheme::observed, FailureKind::false_accept, "nic@2.0/nic-small", "nic@1.0/nic-small"));
  EXPECT_TRUE(
      has(NamedScheme::observed, FailureKind::false_reject, "nic@1.0/nic-small", "nic@1.2/nic-small"));
  // One profile, two meanings.
  EXPECT_TRUE(has(NamedScheme::profile, FailureKind::false_accept, "nic@1.0/nic-small", "nic@1.1/nic-small"));
}

TEST(Schemes, StrictAcceptsNothingThatFailsWhereTheRulesAreKept) {
  const SchemeJudgement& strict = of("careful", NamedScheme::rfc_v3_strict);
  EXPECT_EQ(strict.sound.verdict, PropertyVerdict::holds);
  EXPECT_GT(strict.accepted, 0u);
  std::set<std::string> rules;
  FailureWording wording(file("careful"));
  for (const SchemeFailure& failure : strict.failures)
    rules.insert(wording.of(NamedScheme::rfc_v3_strict, failure).rule);
  EXPECT_THAT(rules, testing::ElementsAre("C1", "C4", "C5")) << "its false rejects, by the rule that refuses";
}

TEST(Schemes, LeaveOpenWhatWasNotAsked) {
  const std::vector<SchemeJudgement> few = judge_schemes(file("careful"), {.configurations_max = 1});
  const SchemeClaim& claim = few[static_cast<std::size_t>(NamedScheme::rfc_v3_strict)].sound;
  EXPECT_EQ(claim.verdict, PropertyVerdict::undetermined);
  EXPECT_THAT(claim.reason, testing::HasSubstr("configurations, and 1 were asked"));
}

TEST(Schemes, LeaveOpenWhatNobodyDeclares) {
  const Catalogue silent =
      catalogue({implementation("a", {parameter("p", u64(1), std::nullopt, {{u64(1)}})}),
                 implementation("b", {parameter("p", u64(1), std::nullopt, {{u64(1)}})})});
  const auto judgements = judge_schemes(silent);
  EXPECT_EQ(judgements[static_cast<std::size_t>(NamedScheme::rfc_v3)].sound.verdict,
            PropertyVerdict::undetermined);
  EXPECT_EQ(judgements[static_cast<std::size_t>(NamedScheme::rfc_v3)].directional.verdict,
            PropertyVerdict::holds);
}

// ---- random catalogues with behaviour: nothing is missed, nothing is invented

/// A few versions of one small card, each with random parameters, constraints, sections and interface.
/// Everything is declared, and nothing is undetermined.
class RandomCards {
 public:
  explicit RandomCards(std::uint64_t seed) : random_(seed) {}

  Catalogue make(std::size_t versions) {
    std::vector<Implementation> made;
    for (std::size_t k = 0; k < versions; ++k) made.push_back(one(fmt::format("1.{}", k)));
    return catalogue(std::move(made));
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool once_in(std::uint64_t number) { return below(number) == 0; }

  Implementation one(const std::string& version) {
    std::vector<Parameter> parameters = {
        parameter("n", u64(1 + below(3)), once_in(2) ? std::nullopt : std::optional<Value>(u64(1)),
                  std::vector<Value>{u64(1), u64(2), u64(3), u64(4 + below(3))})};
    for (const char* name : {"f", "g"})
      if (!once_in(3))
        parameters.push_back(parameter(name, below(2) == 1,
                                       once_in(4) ? std::nullopt : std::optional<Value>(once_in(4)),
                                       std::vector<Value>{false, true}));
    const auto has = [&](const std::string& name) {
      return std::any_of(parameters.begin(), parameters.end(),
                         [&](const Parameter& other) { return other.name == name; });
    };
    std::vector<std::string> constraints;
    if (has("f") && once_in(3)) constraints.emplace_back("f => n > 1");
    Implementation made = implementation("card@" + version, parameters, constraints);
    made.name = "card";
    made.version = version;
    made.type = once_in(3) ? "b" : "a";
    Annotations& notes = made.annotations[model_name];
    const Parameters& described = made.info.models[model_name].parameters;
    notes.state.push_back({"rings", 1 + below(2), {}, false, {}});
    notes.loads.push_back({"rings",
                           once_in(3) ? std::vector<std::uint64_t>{1} : std::vector<std::uint64_t>{1, 2},
                           {},
                           false,
                           {},
                           true,
                           {}});
    if (has("f")) {
      notes.notes["f"].affects = once_in(2) ? Affects::state : Affects::both;
      notes.state.push_back(
          {"extra", 1, constraint(once_in(2) ? "f" : "f && n > 2", described), once_in(4), {}});
      notes.loads.push_back({"extra",
                             {1},
                             once_in(2) ? std::optional(constraint("f", described)) : std::nullopt,
                             false,
                             {},
                             true,
                             {}});
    }
    const auto shows = [&](const char* aspect, const char* text) {
      notes.interface.emplace(
          aspect, *portolan::compat::parse_parameter_expression(text, described, {}, std::nullopt));
    };
    shows("vectors", once_in(4) ? "4" : "n + 1");
    if (has("g")) shows("g", "g");
    for (const char* profile : {"1", "2"}) {
      if (once_in(3)) continue;
      notes.profiles[profile] = {profile,
                                 once_in(2) ? std::map<std::string, Value>{}
                                            : std::map<std::string, Value>{{"n", u64(1 + below(2))}},
                                 {},
                                 {}};
      notes.observed[profile]["vectors"] = Value(u64(2 + below(2)));
    }
    return made;
  }

  std::mt19937_64 random_;
};

void hold_to_behaviour(std::uint64_t seed, std::map<std::pair<NamedScheme, FailureKind>, std::size_t>& met) {
  const Catalogue cards = RandomCards(seed).make(3);
  const auto judgements = judge_schemes(cards);
  for (const SchemeJudgement& judgement : judgements) {
    const NamedScheme scheme = judgement.scheme;
    for (const Implementation& from : cards.implementations) {
      for (const Implementation& to : cards.implementations) {
        if (&from == &to) continue;
        std::map<std::string, std::vector<Configuration>> asked;  // by profile
        if (portolan::compat::is_for_profiles(scheme)) {
          for (const auto& [name, profile] : from.annotations_of(model_name).profiles)
            if (auto values = values_at(end_of(from), name);
                failed_constraints(from.annotations_of(model_name), *values).empty())
              asked[name] = {*values};
        } else
          asked[""] = every_configuration(end_of(from));
        for (const FailureKind kind :
             {FailureKind::false_accept, FailureKind::false_reject, FailureKind::one_way}) {
          std::optional<std::size_t> nearest;
          for (const auto& [profile, configurations] : asked)
            for (const Configuration& configuration : configurations)
              if (shows(cards, scheme, {kind, end_of(from), end_of(to), profile, {}, 0}, configuration))
                nearest =
                    std::min(nearest.value_or(99), distance_from_init(*end_of(from).model, configuration));
          const auto named = std::find_if(judgement.failures.begin(), judgement.failures.end(),
                                          [&](const SchemeFailure& one) {
                                            return one.kind == kind && one.source.implementation == &from &&
                                                   one.destination.implementation == &to;
                                          });
          SCOPED_TRACE(fmt::format("seed {}, {}, {} {} -> {}\n{}", seed, name_of(scheme), name_of(kind),
                                   from.label, to.label, describe(cards)));
          ASSERT_EQ(named != judgement.failures.end(), nearest.has_value());
          if (!nearest) continue;
          ++met[{scheme, kind}];
          EXPECT_TRUE(shows(cards, scheme, *named, named->witness));
          if (!portolan::compat::is_for_profiles(scheme)) {
            EXPECT_EQ(named->away, *nearest);
          }
        }
      }
    }
  }
}

TEST(SchemesAgainstBehaviour, AgreeOnRandomCards) {
  std::map<std::pair<NamedScheme, FailureKind>, std::size_t> met;
  for (std::uint64_t seed = 1; seed <= 4 && !HasFailure(); ++seed) hold_to_behaviour(seed, met);
  EXPECT_GT(met.size(), 8u) << "many kinds of failure were met";
}
TEST(SchemesAgainstBehaviourSlow, AgreeOnManyRandomCards) {
  std::map<std::pair<NamedScheme, FailureKind>, std::size_t> met;
  for (std::uint64_t seed = 100; seed < 100 + thorough(25) && !HasFailure(); ++seed)
    hold_to_behaviour(seed, met);
  for (const NamedScheme scheme :
       {NamedScheme::mdev_type, NamedScheme::semver, NamedScheme::rfc_v1, NamedScheme::rfc_v3,
        NamedScheme::rfc_v3_strict, NamedScheme::subsections, NamedScheme::min_max, NamedScheme::observed})
    EXPECT_GT((met[{scheme, FailureKind::false_accept}]), 0u) << name_of(scheme);
  for (const NamedScheme scheme : {NamedScheme::mdev_type, NamedScheme::semver, NamedScheme::rfc_v1,
                                   NamedScheme::rfc_v3_strict, NamedScheme::observed})
    EXPECT_GT((met[{scheme, FailureKind::false_reject}]), 0u) << name_of(scheme);
  // What C2 and C3 refuse within one model, R7 cannot write either.
  EXPECT_EQ((met[{NamedScheme::rfc_v3, FailureKind::false_reject}]), 0u);
}

// ---- the enumeration

BruteForce brute_force(NamedScheme scheme, const End& source, const End& destination) {
  BruteForce result;
  for (const Configuration& configuration : every_configuration(source)) {
    const Decision decision = judge(scheme, {source, configuration, destination, {}, nullptr}).decision;
    ++(decision == Decision::accept   ? result.accepted
       : decision == Decision::reject ? result.rejected
                                      : result.undetermined);
    if (decision == Decision::reject &&
        (!result.least_rejected || distance_from_init(*source.model, configuration) <
                                       distance_from_init(*source.model, *result.least_rejected)))
      result.least_rejected = configuration;
  }
  return result;
}

TEST(SchemeMatrix, AgreesWithBruteForceOnRandomCatalogues) {
  std::map<matrix::RelationKind, std::size_t> met;
  for (std::uint64_t seed = 700; seed < 720; ++seed) {
    const Catalogue random = RandomCatalogue(seed).make(2);
    for (const NamedScheme scheme : {NamedScheme::rfc_v1, NamedScheme::rfc_v3, NamedScheme::rfc_v3_strict,
                                     NamedScheme::subsections, NamedScheme::min_max}) {
      for (const SchemePair& pair : scheme_matrix(random, scheme, {})) {
        SCOPED_TRACE(fmt::format("seed {}, {}, v{} -> v{}\n{}", seed, name_of(scheme), pair.source,
                                 pair.destination, describe(random)));
        const End source = end_of(random.implementations[pair.source]),
                  destination = end_of(random.implementations[pair.destination]);
        const BruteForce reference = brute_force(scheme, source, destination);
        ASSERT_EQ(name_of(pair.relation), reference.relation()) << pair.reason;
        EXPECT_EQ(pair.reason.empty(), pair.relation != matrix::RelationKind::undetermined);
        ++met[pair.relation];
        if (pair.relation == matrix::RelationKind::some || pair.relation == matrix::RelationKind::none) {
          EXPECT_EQ(pair.witness, reference.least_rejected);
        }
      }
    }
  }
  EXPECT_EQ(met.size(), 4u) << "every kind of answer was met";
}

TEST(SchemeMatrix, AsksOneValueOfEachClassOfALargeDomain) {
  const auto wide = [](const std::string& label, std::vector<Range> ranges,
                       const std::vector<std::string>& constraints) {
    Parameter n = parameter("n", u64(7));
    n.allowed = ValueSet(ValueType::integer);
    n.allowed->add(std::move(ranges));
    return implementation(label, {n, parameter("f", true, Value(false))}, constraints);
  };
  // Small enough for brute force, too large to be asked whole.
  const Catalogue two = catalogue({wide("a", {{0, 200}}, {"n < 150 || n in {180, 190..195}"}),
                                   wide("b", {{5, 90}, {120, 190}}, {"f => n >= 20"})});
  for (const NamedScheme scheme : {NamedScheme::rfc_v3, NamedScheme::rfc_v3_strict, NamedScheme::min_max}) {
    for (const SchemePair& pair : scheme_matrix(two, scheme, {})) {
      const End source = end_of(two.implementations[pair.source]),
                destination = end_of(two.implementations[pair.destination]);
      const Space space = space_of(source, axes_of(source, destination), 4096);
      EXPECT_TRUE(space.complete);
      EXPECT_LT(space.configurations.size(), 120u);
      EXPECT_EQ(name_of(pair.relation), brute_force(scheme, source, destination).relation())
          << name_of(scheme);
    }
  }
  const Catalogue whole = catalogue({wide("a", {{0, ~0ull}}, {}), wide("b", {{0, ~0ull - 1}}, {})});
  const auto pairs = scheme_matrix(whole, NamedScheme::rfc_v3, {});
  EXPECT_EQ(pairs[0].relation, matrix::RelationKind::some) << "2^64-1 alone is refused";
  ASSERT_TRUE(pairs[0].witness);
  EXPECT_EQ(pairs[0].witness->at("n"), u64(~0ull));
  EXPECT_EQ(pairs[1].relation, matrix::RelationKind::all);
}

TEST(SchemeMatrix, DoesNotCallAllWhatTakesPartInArithmetic) {
  const auto wide = [](const std::string& label, const std::vector<std::string>& constraints) {
    Parameter n = parameter("n", u64(7));
    n.allowed = ValueSet(ValueType::integer);
    n.allowed->add(Range{0, 1000});
    return implementation(label, {n}, constraints);
  };
  const Catalogue two = catalogue({wide("a", {}), wide("b", {"n * n != 40000"})});
  const auto pairs = scheme_matrix(two, NamedScheme::rfc_v3_strict, {});
  EXPECT_EQ(pairs[0].relation, matrix::RelationKind::undetermined)
      << "200 is refused, and no literal tells it apart";
  EXPECT_THAT(pairs[0].reason, testing::HasSubstr("n has 1001 values"));
}

TEST(SchemeMatrix, AsksAtOneProfile) {
  const auto pairs = scheme_matrix(file("nic"), NamedScheme::profile, "2.0");
  std::size_t accepted = 0, rejected = 0, open = 0;
  for (const SchemePair& pair : pairs) {
    accepted += pair.relation == matrix::RelationKind::all ? 1 : 0;
    rejected += pair.relation == matrix::RelationKind::none ? 1 : 0;
    open += pair.relation == matrix::RelationKind::undetermined ? 1 : 0;
  }
  EXPECT_EQ(accepted, 0u);
  EXPECT_EQ(rejected, 5u) << "nic 2.0 alone knows it";
  EXPECT_EQ(open, 25u);
}

/// An implementation, and one like it of which a section, a loader or an aspect is another, or nothing.
Catalogue neighbours(std::uint64_t seed) {
  Catalogue some = RandomBehaviours(seed).make(1);
  some.implementations.push_back(some.implementations.front());
  Implementation& other = some.implementations.back();
  other.label = other.name = "v1";
  Annotations& notes = other.annotations[model_name];
  std::mt19937_64 random(seed);
  for (std::uint64_t changes = random() % 3; changes > 0; --changes) {
    switch (random() % 5) {
      case 0:
        if (!notes.state.empty()) {
          auto& one = notes.state[random() % notes.state.size()];
          one.layout = 3 - one.layout;
        }
        break;
      case 1:
        if (!notes.state.empty()) notes.state[random() % notes.state.size()].when.reset();
        break;
      case 2:
        if (!notes.loads.empty()) notes.loads[random() % notes.loads.size()].layouts = {1 + random() % 2};
        break;
      case 3:
        if (!notes.loads.empty())
          notes.loads.erase(notes.loads.begin() + static_cast<std::ptrdiff_t>(random() % notes.loads.size()));
        break;
      default:
        if (notes.interface.size() > 1) notes.interface.begin()->second = notes.interface.rbegin()->second;
        break;
    }
  }
  return some;
}

/// What is proved of a catalogue against what is found by asking: where properties 4, 7, 8 and 17 hold, a yes
/// of the strict check is never wrong.
void hold_soundness(std::uint64_t first, std::uint64_t count) {
  int sound = 0, accepting = 0, unsound = 0;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Catalogue some = neighbours(seed);
    const auto proofs = prove(some).examination;
    bool hold = true;
    for (const char* name :
         {"off-equals-absence", "loads", "interface-constant", "representation-without-parameter"}) {
      const auto at = std::find_if(proofs.properties.begin(), proofs.properties.end(),
                                   [&](const auto& p) { return p.name == name; });
      ASSERT_NE(at, proofs.properties.end()) << name;
      hold = hold && (at->verdict == PropertyVerdict::holds || at->verdict == PropertyVerdict::vacuous);
    }
    const auto schemes = judge_schemes(some);
    const SchemeJudgement& strict = schemes[static_cast<std::size_t>(NamedScheme::rfc_v3_strict)];
    const auto is_false_accept = [](const SchemeFailure& f) { return f.kind == FailureKind::false_accept; };
    const bool wrong = std::any_of(strict.failures.begin(), strict.failures.end(), is_false_accept);
    EXPECT_FALSE(hold && wrong) << strict.failures.front().source.implementation->label << "\n"
                                << describe(some);
    sound += hold;
    accepting += hold && strict.accepted > 0;
    unsound += wrong;
  }
  EXPECT_GT(accepting, static_cast<int>(count) / 40) << sound << " sound ones";
  EXPECT_GT(unsound, static_cast<int>(count) / 40) << "without the four a yes can be wrong";
}

TEST(Schemes, AYesOfTheStrictCheckIsRightWhereFourPropertiesAreProved) { hold_soundness(1, thorough(80)); }
TEST(SchemesSlow, AYesOfTheStrictCheckIsRightWhereFourPropertiesAreProvedOfManyCatalogues) {
  hold_soundness(10'000, thorough(300));
}

}  // namespace
