// SPDX-License-Identifier: Apache-2.0
#include "sim/time/pre_copy.hpp"

#include <gtest/gtest.h>

namespace portolan::sim::time {
namespace {

TEST(PreCopy, HasTheRoundsThatOneComputesByHand) {
  // 1 MB over 1 MB/s while 0.25 MB/s are dirtied: 1 s, 250 ms, 62.5 ms; the 15,625 bytes of the last round
  // take 15.625 ms, below the limit of 20 ms.
  PreCopy copy(1'000'000, 250'000, 20'000'000, 30);
  EXPECT_EQ(copy.begin(1'000'000), 1'000'000'000u);
  copy.end();
  EXPECT_EQ(copy.remaining(), 250'000u);
  EXPECT_FALSE(copy.done());
  EXPECT_EQ(copy.begin(1'000'000), 250'000'000u);
  copy.end();
  EXPECT_EQ(copy.remaining(), 62'500u);
  EXPECT_FALSE(copy.done());
  EXPECT_EQ(copy.begin(1'000'000), 62'500'000u);
  copy.end();
  EXPECT_EQ(copy.remaining(), 15'625u);
  EXPECT_TRUE(copy.done());
  EXPECT_TRUE(copy.converged());
  EXPECT_EQ(copy.rounds(), 3u);
  EXPECT_EQ(copy.sent(), 1'312'500u);
}

TEST(PreCopy, EndsAtTheRoundLimitWhenTheGuestIsFasterThanTheLink) {
  PreCopy copy(1'000'000, 2'000'000, 1, 4);
  int rounds = 0;
  while (!copy.done()) {
    EXPECT_EQ(copy.begin(1'000'000), 1'000'000'000u) << "a page that is dirtied twice is sent once";
    copy.end();
    ++rounds;
  }
  EXPECT_EQ(rounds, 4);
  EXPECT_FALSE(copy.converged());
  EXPECT_EQ(copy.remaining(), 1'000'000u);
}

TEST(PreCopy, SendsEverythingOnceBeforeItAsksForTheRest) {
  PreCopy copy(1'000'000, 0, 2'000'000'000, 30);
  EXPECT_FALSE(copy.done()) << "the state would fit into the downtime limit, but nothing was sent";
  copy.begin(1'000'000);
  copy.end();
  EXPECT_TRUE(copy.done());
  EXPECT_EQ(copy.remaining(), 0u);
}

TEST(Transfers, AreNeverTooShort) {
  EXPECT_EQ(transfer_ns(1, 3), 333'333'334u);
  EXPECT_EQ(transfer_ns(0, 3), 0u);
  EXPECT_EQ(dirtied_bytes(100, 1, 1), 1u) << "a byte that is dirty in part is dirty";
  EXPECT_EQ(transfer_ns(std::uint64_t{1} << 53, 1), std::uint64_t{1} << 62) << "at most 146 years";
}

}  // namespace
}  // namespace portolan::sim::time
