// SPDX-License-Identifier: Apache-2.0
//
// Entries of several types, held to every configuration one by one: refused is what all types of the other
// entry refuse, by each scheme.

#include "solver/properties/entries.hpp"

#include <gtest/gtest.h>

#include "tests/support/annotated_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::test {
namespace {

using solver::matrix::Matrix;
using solver::matrix::MatrixOptions;
using solver::matrix::RelationKind;
using solver::properties::Choice;
using solver::properties::EntryJudge;
using solver::properties::EntryVerdict;

/// Two entries of two types each, no type of one called as a type of the other.
Catalogue of_two_entries(std::uint64_t seed) {
  Catalogue made = RandomDeclared(seed).make(4);
  for (std::size_t i = 0; i < 4; ++i) {
    Implementation& one = made.implementations[i];
    one.name = "d";
    one.version = i < 2 ? "1" : "2";
    one.type = "t" + std::to_string(i);
    one.label = "d@" + one.version + "/" + one.type;
  }
  return made;
}

struct Met {
  std::size_t all = 0, broken = 0, open = 0, together = 0, not_decided = 0;
};

Decision decided(const Matrix& matrix, const Choice& choice, const Configuration& configuration) {
  Decision best = Decision::reject;
  for (const auto& pair : choice) {
    const Decision one = matrix.judged(pair, configuration).decision;
    if (one == Decision::accept) return one;
    if (one == Decision::undetermined) best = one;
  }
  return best;
}

void hold(const Matrix& matrix, EntryJudge& judge, const Choice& choice, Met& met) {
  const End source = matrix.source(choice.front());
  const BruteForce reference = brute_force_by(
      source, [&](const Configuration& configuration) { return decided(matrix, choice, configuration); });
  const EntryVerdict verdict = judge.judge(choice);
  const bool holds = reference.rejected + reference.undetermined == 0 && reference.accepted > 0;
  const bool alone =
      std::ranges::any_of(choice, [](const auto& pair) { return pair.relation == RelationKind::all; });
  switch (verdict.relation) {
    case RelationKind::all:
      EXPECT_TRUE(holds);
      ++met.all;
      met.together += !alone;
      break;
    case RelationKind::some:
    case RelationKind::none:
      EXPECT_GT(reference.rejected, 0u);
      if (verdict.relation == RelationKind::none) {
        EXPECT_EQ(reference.accepted + reference.undetermined, 0u);
      }
      ASSERT_TRUE(verdict.witness);
      EXPECT_EQ(decided(matrix, choice, *verdict.witness), Decision::reject);
      ++met.broken;
      break;
    case RelationKind::undetermined:
      EXPECT_FALSE(verdict.reason.empty());
      ++met.open;
      met.not_decided += holds || reference.rejected > 0;
  }
}

void hold_many(std::uint64_t first, std::uint64_t count) {
  Met met;
  for (std::uint64_t done = 0; done < count && !testing::Test::HasFailure(); say_progress(++done, count)) {
    const Catalogue catalogue = of_two_entries(first + skipped_seeds() + done);
    for (const Scheme scheme : {Scheme::rfc_v3, Scheme::rfc_v3_strict, Scheme::declared}) {
      MatrixOptions options;
      options.scheme = scheme;
      const Matrix matrix(catalogue, options);
      EntryJudge judge(matrix);
      ASSERT_EQ(judge.models().size(), 1u);
      const auto& model = judge.models().front();
      ASSERT_EQ(model.entries.size(), 2u);
      for (const std::size_t from : {0, 1})
        for (const std::size_t source : model.entries[from]) {
          SCOPED_TRACE("seed " + std::to_string(first + done) + ", " + std::string(name_of(scheme)) +
                       ", from t" + std::to_string(source) + "\n" + write_catalogue(catalogue));
          hold(matrix, judge, judge.choice(model, source, model.entries[1 - from]), met);
        }
    }
  }
  EXPECT_GT(met.all, count / 5);
  EXPECT_GT(met.broken, count);
  EXPECT_GE(met.together, count / 50) << "no type takes everything, all together do";
  EXPECT_LE(met.not_decided, (met.all + met.broken + met.open) / 50);
}

TEST(Entries, AgreeWithEachConfigurationOfRandomCatalogues) { hold_many(1, 20); }
TEST(EntriesSlow, AgreeWithEachConfigurationOfManyRandomCatalogues) { hold_many(1000, thorough(60)); }

}  // namespace
}  // namespace portolan::test
