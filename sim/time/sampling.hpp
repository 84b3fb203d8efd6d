#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Samples of the distributions of a scenario, in whole numbers from start to end: no libm, whose last bits
// differ between processors, and no floating point. An exponential number with mean m is m * -ln(u) for u
// uniform; the logarithm is taken in fixed point, by a table of 64 logarithms that is computed when this is
// compiled, and five terms of a series for what lies between its entries. Its error is below 2^-50 (a test
// compares 40 digits), its largest value 44.4: 2^-64 is the smallest u.

#include "model/fleet/timing.hpp"
#include "sim/time/random.hpp"

namespace portolan::sim::time {

inline constexpr int log_bits = 57;  ///< a logarithm is an integer in units of 2^-57

namespace detail {

/// 2 * atanh(numerator / denominator) in units of 2^-64, for a fraction of at most 1/3: each term is smaller
/// by the square of it.
constexpr Wide twice_atanh(std::uint64_t numerator, std::uint64_t denominator) {
  const Wide one = static_cast<Wide>(1) << 64;
  const Wide z = one * numerator / denominator, square = (z * z) >> 64;
  Wide sum = 0, power = z;
  for (std::uint64_t odd = 1; power != 0; odd += 2, power = (power * square) >> 64) sum += power / odd;
  return 2 * sum;
}

inline constexpr std::uint64_t ln_2 = static_cast<std::uint64_t>(twice_atanh(1, 3) >> (64 - log_bits));

/// ln(1 + i/64): ln(a/b) = 2 * atanh((a-b) / (a+b)).
inline constexpr auto ln_table = [] {
  std::array<std::uint64_t, 64> table{};
  for (std::uint64_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<std::uint64_t>(twice_atanh(i, 128 + i) >> (64 - log_bits));
  return table;
}();

}  // namespace detail

/// -ln(u / 2^64) in units of 2^-57, for u of 1 and more.
constexpr std::uint64_t minus_ln(std::uint64_t u) {
  assert(u != 0);
  int shift = 0;
  for (; u >> 63 == 0; u <<= 1) ++shift;
  // u / 2^64 = 2^-(shift + 1) * m with m = u / 2^63 in [1, 2); m = (1 + i/64) * (1 + d).
  const std::uint64_t i = (u >> 57) & 63;
  const std::uint64_t near = (64 + i) << 57;  // (1 + i/64) * 2^63
  const std::uint64_t rest = u - near;        // d * near
  // ln(1 + d) = 2 * atanh(d / (2 + d)) = 2 * atanh(rest / (2 * near + rest)), below 1/128
  const Wide z = (static_cast<Wide>(rest) << 64) / (static_cast<Wide>(near) * 2 + rest);
  const Wide square = (z * z) >> 64;
  Wide sum = 0, power = z;
  for (std::uint64_t odd = 1; odd <= 9; odd += 2, power = (power * square) >> 64) sum += power / odd;
  const std::uint64_t ln_m = detail::ln_table[i] + static_cast<std::uint64_t>((2 * sum) >> (64 - log_bits));
  const std::uint64_t whole = static_cast<std::uint64_t>(shift + 1) * detail::ln_2;
  return whole > ln_m ? whole - ln_m : 0;
}

/// A whole number by the distribution, at most 45 times `fleet::quantity_max`.
constexpr std::uint64_t sample(const fleet::Distribution& distribution, Stream& stream) {
  switch (distribution.kind) {
    case fleet::Distribution::Kind::constant: return distribution.a;
    case fleet::Distribution::Kind::uniform:
      return distribution.a + stream.below(distribution.b - distribution.a + 1);
    case fleet::Distribution::Kind::exponential: break;
  }
  std::uint64_t u = stream.next();
  while (u == 0) u = stream.next();
  return static_cast<std::uint64_t>((static_cast<Wide>(distribution.a) * minus_ln(u)) >> log_bits);
}

}  // namespace portolan::sim::time
