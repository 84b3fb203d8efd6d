// SPDX-License-Identifier: Apache-2.0
#include "sim/time/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace portolan::sim::time {
namespace {

// The vectors that come with the paper's own library (Random123, philox4x32, 10 rounds).
static_assert(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

TEST(Philox, GivesItsKnownAnswersAtRunTimeToo) {
  volatile std::uint32_t zero = 0;
  EXPECT_EQ(philox({zero, zero, zero, zero}, {zero, zero}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

TEST(Streams, BeginWithTheFirstBlockOfTheirName) {
  Stream stream({0x299f31d0a4093822, 5, 7}, Purpose::duration);
  const Block first =
      philox({0, static_cast<std::uint32_t>(Purpose::duration) << 16, 7, 5}, {0xa4093822, 0x299f31d0});
  EXPECT_EQ(stream.next(), std::uint64_t{first[0]} << 32 | first[1]);
  EXPECT_EQ(stream.next(), std::uint64_t{first[2]} << 32 | first[3]);
}

TEST(Streams, OfDifferentNamesHaveNothingInCommon) {
  std::set<std::uint64_t> seen;
  int drawn = 0;
  for (const std::uint64_t seed : {1u, 2u})
    for (const std::uint32_t point : {0u, 1u})
      for (const std::uint32_t replication : {1u, 2u})
        for (const Purpose purpose : {Purpose::operator_when, Purpose::fault_where}) {
          Stream stream({seed, point, replication}, purpose);
          for (int k = 0; k < 100; ++k, ++drawn) seen.insert(stream.next());
        }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(drawn));
}

TEST(Streams, GiveEachNumberBelowABoundEquallyOften) {
  Stream stream({1, 0, 1}, Purpose::duration);
  std::array<int, 6> counts{};
  for (int k = 0; k < 60'000; ++k) ++counts.at(stream.below(6));
  // 10,000 each, with a standard deviation of 91: five of those either way.
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 460);
  for (int k = 0; k < 100; ++k) EXPECT_EQ(stream.below(1), 0u);
}

}  // namespace
}  // namespace portolan::sim::time
