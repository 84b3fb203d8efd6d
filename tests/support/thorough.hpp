#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How much a comparison over random input takes on. `scripts/test` has minutes, `scripts/soak` a night.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace portolan::test {

inline std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// `usual` times PORTOLAN_THOROUGH, an environment variable that is 1 where it is not set.
inline std::uint64_t thorough(std::uint64_t usual) {
  const std::uint64_t times = number_in_environment("PORTOLAN_THOROUGH", 1);
  return usual * (times > 0 ? times : 1);
}

/// One of so many: in a usual run, and in a thorough one.
inline std::size_t every(std::size_t usual, std::size_t in_soak) { return thorough(1) > 1 ? in_soak : usual; }

/// PORTOLAN_SKIP: so many seeds are left to other processes, which share a long comparison.
inline std::uint64_t skipped_seeds() { return number_in_environment("PORTOLAN_SKIP", 0); }

/// One line on stderr after each five hundred; none in a usual run, which has less.
inline void say_progress(std::uint64_t done, std::uint64_t all) {
  if (done % 500 == 0)
    std::fprintf(stderr, "%llu of %llu\n", static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(all));
}

}  // namespace portolan::test
