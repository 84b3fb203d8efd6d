// SPDX-License-Identifier: Apache-2.0
//
// Every way to decide a pair is held to the reference evaluator, which goes through all configurations one by
// one: the direct join, enumeration of couplings, Z3 on couplings and Z3 on whole pairs. Verdicts and
// witnesses must be equal.

#include "solver/matrix/matrix.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/small_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan::test;
using portolan::solver::Engine;
using portolan::solver::matrix::Matrix;
using portolan::solver::matrix::MatrixOptions;
using portolan::solver::matrix::RelationKind;

struct Way {
  const char* name;
  Engine engine;
  std::uint64_t enumerated_max;
};

constexpr Way ways[] = {{"direct", Engine::direct, 0},
                        {"automatic, everything coupled by enumeration", Engine::automatic, 65536},
                        {"automatic, everything coupled by Z3", Engine::automatic, 0},
                        {"Z3 on distinct definitions and couplings, joined", Engine::z3_joined, 0},
                        {"Z3 on whole pairs", Engine::z3, 0},
                        {"both", Engine::both, 0}};

struct Tally {
  std::size_t pairs = 0, gave_up = 0;
  std::size_t relations[4] = {};
  std::size_t witnesses = 0, coupled = 0;
};

void hold_to_reference(std::uint64_t seed, std::size_t implementations, Tally& tally) {
  const Catalogue catalogue = RandomCatalogue(seed).make(implementations);
  for (const Scheme scheme : {Scheme::rfc_v3, Scheme::rfc_v3_strict}) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, BruteForce> expected;
    for (const Way& way : ways) {
      MatrixOptions options;
      options.scheme = scheme;
      options.engine = way.engine;
      options.enumerated_max = way.enumerated_max;
      const Matrix matrix(catalogue, options);
      EXPECT_EQ(matrix.summary().disagreements, 0u);
      for (const auto& pair : matrix.pairs()) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", " + way.name + ", " + std::string(name_of(scheme)) +
                     ", v" + std::to_string(pair.source) + " -> v" + std::to_string(pair.destination) + "\n" +
                     describe(catalogue));
        const End source = matrix.source(pair), destination = matrix.destination(pair);
        const auto [entry, added] = expected.try_emplace({pair.source, pair.destination});
        if (added) entry->second = brute_force(scheme, source, destination);
        const BruteForce& reference = entry->second;
        ++tally.pairs;
        tally.coupled += !source.implementation->annotations_of(model_name).constraints.empty();
        EXPECT_EQ(name_of(pair.fresh),
                  name_of(check(scheme, source, fresh(*source.model), destination).decision));
        const std::string reason = matrix.reason(pair);
        EXPECT_EQ(reason.empty(), pair.relation != RelationKind::undetermined) << reason;
        if (reason.find("Z3") != std::string::npos) {
          ++tally.gave_up;  // honest, but it must be rare
          continue;
        }
        ASSERT_EQ(name_of(pair.relation), reference.relation()) << reason;
        ++tally.relations[static_cast<std::size_t>(pair.relation)];
        const auto witness = matrix.witness(pair);
        if (pair.relation == RelationKind::some || pair.relation == RelationKind::none) {
          ASSERT_TRUE(witness.has_value());
          ASSERT_EQ(*witness, *reference.least_rejected);
          ++tally.witnesses;
        } else {
          EXPECT_FALSE(witness.has_value());
        }
      }
    }
  }
}

void hold_many(std::uint64_t first, std::uint64_t count, std::size_t implementations) {
  Tally tally;
  for (std::uint64_t done = 0; done < count && !testing::Test::HasFailure(); say_progress(++done, count))
    hold_to_reference(first + skipped_seeds() + done, implementations, tally);
  // Every kind of answer was really met.
  if (count > 1) {
    for (const std::size_t number : tally.relations) EXPECT_GT(number, count / 20);
  }
  EXPECT_GT(tally.witnesses, count);
  EXPECT_GT(tally.coupled, count);
  EXPECT_LE(tally.gave_up, tally.pairs / 500);
  if (count >= 500)
    std::fprintf(stderr, "%zu verdicts compared, %zu witnesses, Z3 gave up on %zu\n", tally.pairs,
                 tally.witnesses, tally.gave_up);
}

/// Twelve implementations, each with constraints of its own, so that pairs share few components
/// (own_constraints_z3.hpp): of `d` and `e` some say the same.
void hold_own_constraints(std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t bound) { return random() % bound; };
    std::vector<Implementation> made;
    for (std::uint64_t i = 0; i < 12; ++i) {
      std::vector<Parameter> parameters = {
          parameter("a", below(2) == 0, below(3) == 0 ? std::optional<Value>(false) : std::nullopt,
                    std::vector<Value>{false, true}),
          parameter("b", u64(1), std::nullopt, std::vector<Value>{u64(0), u64(1), u64(2), u64(3)}),
          parameter("c", u64(below(3)), std::nullopt, std::vector<Value>{u64(0), u64(1), u64(2)})};
      if (below(6) == 0) parameters.pop_back();
      std::vector<std::string> constraints = {"a => b + 2 * b <= " + std::to_string(i + below(4)),
                                              "b - " + std::to_string(i) + " <= 1"};
      if (parameters.size() == 3) constraints.push_back("b + c < " + std::to_string(2 + below(4)) + " || a");
      for (const char* name : {"d", "e"})
        parameters.push_back(
            parameter(name, u64(0), std::nullopt, std::vector<Value>{u64(0), u64(1), u64(2)}));
      constraints.push_back("d + e <= " + std::to_string(1 + below(4)));
      made.push_back(implementation("v" + std::to_string(i), parameters, constraints));
    }
    const Catalogue own = catalogue(std::move(made));
    MatrixOptions options;
    options.scheme = Scheme::rfc_v3_strict;
    const Matrix matrix(own, options);
    for (const auto& pair : matrix.pairs()) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", v" + std::to_string(pair.source) + " -> v" +
                   std::to_string(pair.destination) + "\n" + describe(own));
      ASSERT_EQ(name_of(pair.relation),
                brute_force(options.scheme, matrix.source(pair), matrix.destination(pair)).relation());
    }
  }
}

/// So many members that a row of verdicts takes several words, or all of one.
void hold_rows(std::uint64_t seed, std::size_t implementations, bool constrained) {
  Catalogue many = RandomCatalogue(seed).make(implementations);
  if (!constrained)
    for (Implementation& one : many.implementations) one.annotations.clear();
  MatrixOptions options;
  options.scheme = Scheme::rfc_v3_strict;
  options.engine = Engine::direct;
  const Matrix matrix(many, options);
  ASSERT_EQ(matrix.pairs().size(), implementations * (implementations - 1));
  std::map<std::string, std::size_t> met;
  for (const auto& pair : matrix.pairs()) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", v" + std::to_string(pair.source) + " -> v" +
                 std::to_string(pair.destination));
    const End source = matrix.source(pair), destination = matrix.destination(pair);
    ASSERT_EQ(name_of(pair.fresh),
              name_of(check(options.scheme, source, fresh(*source.model), destination).decision));
    ASSERT_EQ(name_of(pair.relation), brute_force(options.scheme, source, destination).relation());
    ++met[std::string("fresh ") + std::string(name_of(pair.fresh))];
    ++met[std::string(name_of(pair.relation))];
  }
  const auto& counts = matrix.summary();
  EXPECT_EQ(counts.fresh_accept, met["fresh accept"]);
  EXPECT_EQ(counts.fresh_reject, met["fresh reject"]);
  EXPECT_EQ(counts.fresh_undetermined, met["fresh undetermined"]);
  EXPECT_EQ(counts.relation_all, met["all"]);
  EXPECT_EQ(counts.relation_some, met["some"]);
  EXPECT_EQ(counts.relation_none, met["none"]);
  EXPECT_EQ(counts.relation_undetermined, met["undetermined"]);
}

TEST(MatrixAgainstReference, AgreesWhereVerdictsFillMoreThanAWord) { hold_rows(65, 65, false); }
TEST(MatrixAgainstReferenceSlow, AgreesWhereVerdictsFillWordsOfBits) {
  for (const std::size_t implementations : {63, 64, 129}) hold_rows(implementations, implementations, false);
  hold_rows(1, 66, true);
}

TEST(Matrix, PairsStandByModelThenSourceThenDestination) {
  // Models that one implementation alone describes have no pairs.
  const std::vector<Parameter> parameters = {
      parameter("a", u64(1), std::nullopt, std::vector<Value>{u64(1)})};
  std::vector<Implementation> made;
  for (const char* label : {"v0", "v1", "v2"})
    made.push_back(implementation(label, parameters, {}, "b/common"));
  const auto describes = [&](Implementation& one, const std::string& model) {
    one.info.models[model] = implementation("", parameters, {}, model).info.models.at(model);
  };
  describes(made[1], "a/alone");
  describes(made[2], "c/alone");
  for (Implementation* one : {&made[0], &made[2]}) describes(*one, "d/two");
  describes(made[0], "e/alone");
  const Catalogue all = catalogue(std::move(made));
  const Matrix matrix(all);
  std::string text;
  for (const auto& pair : matrix.pairs())
    text +=
        matrix.models()[pair.model] + std::to_string(pair.source) + std::to_string(pair.destination) + " ";
  EXPECT_EQ(text, "b/common01 b/common02 b/common10 b/common12 b/common20 b/common21 d/two02 d/two20 ");
}

TEST(MatrixAgainstReference, AgreesWhereEachImplementationHasConstraintsOfItsOwn) { hold_own_constraints(1); }
TEST(MatrixAgainstReferenceSlow, AgreesWhereEachImplementationHasConstraintsOfItsOwn) {
  hold_own_constraints(thorough(4));
}
TEST(MatrixAgainstReference, AgreesOnARandomCatalogue) { hold_many(20, 1, 2); }
TEST(MatrixAgainstReferenceSlow, AgreesOnRandomCatalogues) { hold_many(21, thorough(8), 2); }
TEST(MatrixAgainstReferenceSlow, AgreesOnRandomFamiliesOfFour) { hold_many(1'000'000, thorough(2), 4); }

}  // namespace
