// SPDX-License-Identifier: Apache-2.0
//
// Both procedures that answer a question about all configurations are held to the reference, which looks at
// every configuration by itself: the outcome, whether the condition can be met, the smallest witness and what
// it breaks must be equal, for every property and every pair of random catalogues. PORTOLAN_THOROUGH
// multiplies how many the slow tests take.

#include <cstdlib>

#include <gtest/gtest.h>

#include "model/compat/judging/judgement.hpp"
#include "solver/answering/answering.hpp"
#include "solver/properties/one_migration.hpp"
#include "tests/support/small_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace {

using namespace portolan::test;
using portolan::solver::properties::Answer;
using portolan::solver::properties::Question;
using portolan::solver::properties::Z3Answers;
using Outcome = Answer::Outcome;

/// Every property of two ends that the reference judges.
std::vector<Property> properties_of_pairs() {
  std::vector<Property> found;
  for (const auto& row : portolan::compat::properties_table)
    if (is_judged(row.property) && row.property != Property::path_independent) found.push_back(row.property);
  return found;
}

std::set<std::string> set_of_names(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

/// What the reference says of all configurations of a source.
struct Expected {
  bool applies = false;
  std::optional<Configuration> broken, open;  ///< the least
  std::set<std::string> wrong;                ///< at the least one

  Outcome outcome() const { return broken ? Outcome::broken : open ? Outcome::open : Outcome::never; }
  const std::optional<Configuration>& witness() const { return broken ? broken : open; }
};

template <class Judge>
Expected expected(const End& source, const std::vector<Configuration>& all, const Judge& judged) {
  Expected result;
  std::set<std::string> wrong_broken, wrong_open;
  const auto closer = [&](const Configuration& one, const std::optional<Configuration>& other) {
    return !other || distance_from_init(*source.model, one) <
                         distance_from_init(*source.model, *other);  // they come in ascending order
  };
  for (const Configuration& configuration : all) {
    const Judgement judgement = judged(configuration);
    result.applies = result.applies || judgement.applies == Acceptance::accepted;
    if (judgement.wrong.empty() || judgement.applies == Acceptance::refused) continue;
    const bool certain = judgement.applies == Acceptance::accepted && judgement.certain;
    if (!closer(configuration, certain ? result.broken : result.open)) continue;
    (certain ? result.broken : result.open) = configuration;
    (certain ? wrong_broken : wrong_open) = set_of_names(judgement.wrong);
  }
  result.wrong = result.broken ? wrong_broken : wrong_open;
  return result;
}

struct QuestionTally {
  std::size_t questions = 0, gave_up = 0, broken = 0, open = 0, never = 0;
};

void compare(const Answer& answer, const Expected& reference, const Question& question, const End& source,
             QuestionTally& tally) {
  ++tally.questions;
  if (answer.outcome == Outcome::unknown) {
    ++tally.gave_up;
    return;
  }
  ASSERT_EQ(answer.outcome, reference.outcome());
  ASSERT_EQ(answer.applies, reference.applies);
  if (!reference.witness()) {
    ++tally.never;
    return;
  }
  ++(reference.broken ? tally.broken : tally.open);
  ASSERT_TRUE(answer.witness.has_value());
  ASSERT_EQ(portolan::solver::properties::configuration_of(question, source, *answer.witness),
            *reference.witness());
  ASSERT_EQ(set_of_names(broken_by(question, *answer.witness)), reference.wrong);
}

class Holder {
 public:
  explicit Holder(Z3Answers& z3, QuestionTally& tally) : z3_(z3), tally_(tally) {}

  void hold(std::uint64_t seed, std::size_t implementations) {
    const Catalogue catalogue = RandomBehaviours(seed).make(implementations);
    for (const Implementation& from : catalogue.implementations) {
      const End source = end_of(from);
      const std::vector<Configuration> all = every_configuration(source);
      run_time(seed, catalogue, source, all);
      for (const Implementation& to : catalogue.implementations) {
        if (&from == &to) continue;
        const Ends ends{source, end_of(to)};
        for (const Property property : properties_of_pairs()) hold(seed, catalogue, property, ends, all);
        for (const Implementation& middle : catalogue.implementations) {
          if (&middle != &from && &middle != &to)
            hold(seed, catalogue, Property::path_independent, {ends.source, ends.destination, end_of(middle)},
                 all);
        }
        const Expected reference = expected(source, all, [&](const Configuration& one) {
          return judge_revertible(source, ends.destination, one, all);
        });
        SCOPED_TRACE("seed " + std::to_string(seed) + ", revertible, " + from.label + " -> " + to.label +
                     "\n" + describe(catalogue));
        both(portolan::solver::properties::revertible_question(source, ends.destination), reference, source);
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }

 private:
  void hold(std::uint64_t seed, const Catalogue& catalogue, Property property, const Ends& ends,
            const std::vector<Configuration>& all) {
    if (testing::Test::HasFatalFailure()) return;
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::string(name_of(property)) + ", " +
                 ends.source.implementation->label + " -> " + ends.destination.implementation->label + "\n" +
                 describe(catalogue));
    const Expected reference =
        expected(ends.source, all, [&](const Configuration& one) { return judge(property, ends, one); });
    both(portolan::solver::properties::question(property, ends), reference, ends.source);
  }

  /// §5.17b: the least configuration from which some write of the parameter shows.
  void run_time(std::uint64_t seed, const Catalogue& catalogue, const End& source,
                const std::vector<Configuration>& all) {
    for (const auto& [name, parameter] : source.model->parameters) {
      if (testing::Test::HasFatalFailure()) return;
      SCOPED_TRACE("seed " + std::to_string(seed) + ", runtime-interface-constant, " + name + " of " +
                   source.implementation->label + "\n" + describe(catalogue));
      const Expected reference = expected(source, all, [&, &changed = name](const Configuration& one) {
        Judgement judgement;
        judgement.applies = Acceptance::accepted;
        for (const Configuration& other : all) {
          Configuration moved = other;
          moved[changed] = one.at(changed);
          if (moved == one && judgement.wrong.empty())
            judgement.wrong = seen_by_the_guest(source, one, other);
        }
        return judgement;
      });
      both(portolan::solver::properties::runtime_interface_question(source, name), reference, source);
    }
  }

  void both(const Question& question, const Expected& reference, const End& source) {
    {
      SCOPED_TRACE("directly");
      const Answer direct = portolan::solver::properties::answer_directly(question, 65536);
      EXPECT_NE(direct.outcome, Outcome::unknown) << direct.reason;
      compare(direct, reference, question, source, tally_);
    }
    SCOPED_TRACE("by Z3");
    compare(z3_.answer(question), reference, question, source, tally_);
  }

  Z3Answers& z3_;
  QuestionTally& tally_;
};

void hold_questions(std::uint64_t first, std::uint64_t count, std::size_t implementations) {
  Z3Answers z3(2000);
  QuestionTally tally;
  Holder holder(z3, tally);
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed)
    holder.hold(seed, implementations);
  EXPECT_GT(tally.never, count);
  EXPECT_GT(tally.broken, count);
  EXPECT_LE(tally.gave_up, tally.questions / 200);
  std::printf("%zu questions: %zu never, %zu broken, %zu open, %zu given up\n", tally.questions, tally.never,
              tally.broken, tally.open, tally.gave_up);
}

TEST(ProofsAgainstReference, AgreeOnAFewRandomCatalogues) { hold_questions(1, 3, 2); }

TEST(ProofsAgainstReferenceSlow, AgreeOnManyRandomCatalogues) {
  hold_questions(100, portolan::test::thorough(10), 2);
}

TEST(ProofsAgainstReferenceSlow, AgreeOnRandomFamiliesOfThree) {
  hold_questions(500'000, portolan::test::thorough(3), 3);
}

}  // namespace
