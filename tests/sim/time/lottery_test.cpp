// SPDX-License-Identifier: Apache-2.0
#include "sim/time/lottery.hpp"

#include <gmock/gmock.h>

namespace portolan::sim::time {
namespace {

TEST(Lotteries, DrawEverythingThatHasAWeightOnce) {
  const std::vector<std::uint64_t> weights{3, 0, 1, 7, 0};
  Stream stream({1, 0, 1}, Purpose::operator_what);
  Lottery lottery({0, 1, 2, 3}, weights);
  std::vector<std::size_t> drawn;
  while (const auto ticket = lottery.draw(stream)) drawn.push_back(*ticket);
  EXPECT_THAT(drawn, testing::UnorderedElementsAre(0, 2, 3));
}

TEST(Lotteries, DrawByTheWeights) {
  const std::vector<std::uint64_t> weights{1, 3};
  Stream stream({2, 0, 1}, Purpose::operator_what);
  int second = 0;
  for (int k = 0; k < 10'000; ++k) second += *Lottery({0, 1}, weights).draw(stream) == 1;
  EXPECT_NEAR(second, 7'500, 200);
}

TEST(Lotteries, TakeNothingFromTheStreamWhereNothingIsLeft) {
  const std::vector<std::uint64_t> weights{0};
  Stream stream({3, 0, 1}, Purpose::operator_what), same = stream;
  EXPECT_FALSE(Lottery({0}, weights).draw(stream));
  EXPECT_EQ(stream.next(), same.next());
}

}  // namespace
}  // namespace portolan::sim::time
