#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How much a comparison over random input takes on. `scripts/test` has minutes, `scripts/soak` a night.

#include <cstdint>
#include <cstdlib>

namespace portolan::test {

/// `usual` times PORTOLAN_THOROUGH, an environment variable that is 1 where it is not set.
inline std::uint64_t thorough(std::uint64_t usual) {
  const char* factor = std::getenv("PORTOLAN_THOROUGH");
  const std::uint64_t times = factor != nullptr ? std::strtoull(factor, nullptr, 10) : 1;
  return usual * (times > 0 ? times : 1);
}

}  // namespace portolan::test
