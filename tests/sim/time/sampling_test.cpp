// SPDX-License-Identifier: Apache-2.0
#include "sim/time/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace portolan::sim::time {
namespace {

using fleet::Distribution;

TEST(Logarithm, IsThatOfSixtyDigits) {
  // -ln(u / 2^64) * 2^57, by decimal arithmetic with 60 digits.
  constexpr std::pair<std::uint64_t, std::uint64_t> known[] = {{1u, 6393154322601327830u},
                                                               {2u, 6293261286310682083u},
                                                               {3u, 6234827605997476739u},
                                                               {9223372036854775808u, 99893036290645747u},
                                                               {18446744073709551615u, 0u},
                                                               {9223372036854775807u, 99893036290645747u},
                                                               {9223372036854775809u, 99893036290645747u},
                                                               {4611686018427400249u, 199786072581291109u},
                                                               {16045690984503098046u, 20096508871629487u},
                                                               {1311768467463790320u, 380970182938825653u},
                                                               {6700417u, 4127997866991028482u}};
  for (const auto& [u, expected] : known) {
    const std::uint64_t value = minus_ln(u);
    // 2^-57 is the unit; whole multiples of ln 2 add up to 64 roundings of half a unit.
    EXPECT_LE(value > expected ? value - expected : expected - value, 70u) << u;
  }
}

TEST(Logarithm, NeverRisesWithItsArgument) {
  std::uint64_t before = minus_ln(1);
  for (int bit = 0; bit < 64; ++bit)
    for (std::uint64_t eighth = 0; eighth < 8 && bit >= 3; ++eighth) {
      const std::uint64_t value = minus_ln((std::uint64_t{1} << bit) + (eighth << (bit - 3)));
      EXPECT_LE(value, before) << bit << " " << eighth;
      before = value;
    }
}

TEST(Samples, OfAConstantAreTheConstant) {
  Stream stream({1, 0, 1}, Purpose::duration);
  EXPECT_EQ(sample({Distribution::Kind::constant, 42, 0}, stream), 42u);
}

TEST(Samples, OfAUniformDistributionReachBothEnds) {
  Stream stream({1, 0, 1}, Purpose::duration);
  std::uint64_t low = 100, high = 0;
  for (int k = 0; k < 1000; ++k) {
    const std::uint64_t value = sample({Distribution::Kind::uniform, 5, 9}, stream);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_EQ(low, 5u);
  EXPECT_EQ(high, 9u);
}

TEST(Samples, OfAnExponentialDistributionHaveItsMeanAndItsMedian) {
  Stream stream({1, 0, 1}, Purpose::duration);
  constexpr std::uint64_t mean = 1'000'000;
  std::uint64_t sum = 0;
  std::vector<std::uint64_t> values;
  for (int k = 0; k < 40'000; ++k)
    sum += values.emplace_back(sample({Distribution::Kind::exponential, mean, 0}, stream));
  EXPECT_NEAR(static_cast<double>(sum) / 40'000, 1'000'000, 25'000);  // five standard errors of 5,000
  std::nth_element(values.begin(), values.begin() + 20'000, values.end());
  EXPECT_NEAR(static_cast<double>(values[20'000]), 693'147, 25'000);
}

TEST(Samples, StayTheSameForEver) {
  // A change of these numbers changes every stored run: it has to be meant.
  Stream stream({7, 0, 3}, Purpose::duration);
  std::vector<std::uint64_t> values;
  for (int k = 0; k < 4; ++k)
    values.push_back(sample({Distribution::Kind::exponential, 1'000'000'000, 0}, stream));
  Stream uniform({7, 0, 3}, Purpose::latency);
  for (int k = 0; k < 4; ++k) values.push_back(sample({Distribution::Kind::uniform, 0, 999'999}, uniform));
  EXPECT_EQ(values, (std::vector<std::uint64_t>{297091486, 691234006, 391168015, 545655338, 291169, 269068,
                                                802221, 98988}));
}

}  // namespace
}  // namespace portolan::sim::time
