// SPDX-License-Identifier: Apache-2.0
//
// The matrix under `declared` is held to the reference of R13 over all configurations, one by one, on random
// catalogues with every member that it looks at: verdicts, relations and the smallest witnesses, by both
// procedures.

#include <gtest/gtest.h>

#include "solver/matrix/matrix.hpp"
#include "tests/support/annotated_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan::test;
using portolan::solver::Engine;
using portolan::solver::matrix::Matrix;
using portolan::solver::matrix::MatrixOptions;
using portolan::solver::matrix::RelationKind;

struct Met {
  std::size_t pairs = 0, gave_up = 0, more = 0;  ///< `more`: R13 says otherwise than the strict check
  std::size_t relations[4] = {};
};

void hold_to_reference(std::uint64_t seed, Engine engine, Met& met) {
  const Catalogue catalogue = RandomDeclared(seed).make(4);
  const Absence absence(catalogue, model_name);
  MatrixOptions options;
  options.scheme = Scheme::declared;
  options.engine = engine;
  const Matrix matrix(catalogue, options);
  EXPECT_EQ(matrix.summary().disagreements, 0u) << "seed " << seed;
  for (const auto& pair : matrix.pairs()) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", v" + std::to_string(pair.source) + " -> v" +
                 std::to_string(pair.destination) + "\n" + write_catalogue(catalogue));
    const End source = matrix.source(pair), destination = matrix.destination(pair);
    const auto decide = [&](const Configuration& configuration) {
      return judge_all_known({source, configuration, destination, {}, &absence, false}).decision;
    };
    const BruteForce reference = brute_force_by(source, decide);
    ++met.pairs;
    met.more += brute_force(Scheme::rfc_v3_strict, source, destination).relation() != reference.relation();
    EXPECT_EQ(name_of(pair.fresh), name_of(decide(fresh(*source.model))));
    const std::string reason = matrix.reason(pair);
    EXPECT_EQ(reason.empty(), pair.relation != RelationKind::undetermined) << reason;
    if (reason.find("Z3 gave up") != std::string::npos) {
      ++met.gave_up;
      continue;
    }
    ASSERT_EQ(name_of(pair.relation), reference.relation()) << reason;
    ++met.relations[static_cast<std::size_t>(pair.relation)];
    const bool rejects = pair.relation == RelationKind::some || pair.relation == RelationKind::none;
    ASSERT_EQ(matrix.witness(pair), rejects ? reference.least_rejected : std::nullopt);
  }
}

void hold_many(std::uint64_t first, std::uint64_t count, Engine engine) {
  Met met;
  for (std::uint64_t done = 0; done < count && !testing::Test::HasFailure(); say_progress(++done, count))
    hold_to_reference(first + skipped_seeds() + done, engine, met);
  for (const std::size_t number : met.relations) EXPECT_GE(number, count / 20);
  EXPECT_GT(met.more, met.pairs / 10);
  EXPECT_LE(met.gave_up, met.pairs / 200);
}

TEST(DeclaredPairs, AgreeWithTheReferenceByBothProcedures) { hold_many(1, 6, Engine::both); }
TEST(DeclaredPairs, AgreeWithTheReferenceByTheProcedureThatIsChosen) {
  hold_many(1000, 25, Engine::automatic);
}
TEST(DeclaredPairsSlow, AgreeWithTheReferenceOnManyCatalogues) {
  hold_many(10'000, thorough(25), Engine::both);
}

TEST(MatrixByAliases, IsOpenOverAllConfigurationsUnderEveryScheme) {
  // Columns are by name: by those, nothing of `old` would ever be accepted, and `new` never listed.
  Catalogue renamed = catalogue(
      {implementation("before", {parameter("old", u64(1), u64(0), std::vector<Value>{u64(0), u64(1)})}),
       implementation("after", {parameter("new", u64(1), std::nullopt, std::vector<Value>{u64(1)})})});
  renamed.implementations.back().annotations[model_name].aliases["old"] = "new";
  for (const Scheme scheme : {Scheme::rfc_v3, Scheme::rfc_v3_strict, Scheme::declared})
    for (const Engine engine : {Engine::automatic, Engine::z3}) {
      MatrixOptions options;
      options.scheme = scheme;
      options.engine = engine;
      const Matrix matrix(renamed, options);
      const auto there = matrix.pair(0), back = matrix.pair(1);
      EXPECT_EQ(there.fresh, Decision::accept);
      EXPECT_EQ(there.relation, RelationKind::undetermined);
      EXPECT_NE(matrix.reason(there).find("alias-of"), std::string::npos);
      EXPECT_EQ(back.relation, RelationKind::none) << "whoever knows `old` alone is told nothing of it";
    }
}

}  // namespace
