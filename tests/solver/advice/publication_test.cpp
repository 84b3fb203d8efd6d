// SPDX-License-Identifier: Apache-2.0
//
// What a publication changes: a set that shrank under a relation that stays, and instances of what is
// replaced.

#include "solver/advice/publication.hpp"

#include <gtest/gtest.h>

#include "tests/support/small_catalogues.hpp"

namespace {

using namespace portolan::test;
using portolan::solver::advice::impact_of;

Implementation numbers(const std::string& label, std::uint64_t max) {
  Parameter q = parameter("q", u64(1));
  q.allowed = ValueSet(ValueType::integer);
  q.allowed->add(Range{1, max});
  return implementation(label, {q});
}

portolan::solver::advice::PublicationImpact impact(const Catalogue& now, const Implementation& publication) {
  return impact_of(now, {}, catalogue({publication}),
                   [](const Catalogue&) { return std::vector<Finding>{}; });
}

TEST(Publications, AreWorseWhereTheSetThatIsAcceptedShrinks) {
  const Catalogue now = catalogue({numbers("a", 8), numbers("b", 6)});
  const auto narrowed = impact(now, numbers("b", 2));
  EXPECT_TRUE(narrowed.worse());
  ASSERT_EQ(narrowed.verdicts.size(), 2u);
  EXPECT_EQ(narrowed.verdicts[0].source, "a") << "some before and after, and 3 to 6 are lost";
  EXPECT_EQ(narrowed.verdicts[0].witness->at("q"), u64(3));
  EXPECT_EQ(narrowed.verdicts[1].source, "b (as it runs now)");
  EXPECT_EQ(narrowed.verdicts[1].witness->at("q"), u64(3));
}

TEST(Publications, ThatTakeInMoreAreNotWorse) {
  const Catalogue now = catalogue({numbers("a", 8), numbers("b", 6)});
  EXPECT_FALSE(impact(now, numbers("b", 7)).worse());
}

}  // namespace
