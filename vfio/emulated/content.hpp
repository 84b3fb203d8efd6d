#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What an emulated device holds: pages whose bytes are a function of (seed, page, version), so that any size
// of state takes 4 bytes of memory for each page of 4096, and every byte that arrives can be compared with
// what it must be. Page bytes: the 64-bit word number w (little-endian) is mix(key + w * 0x9e3779b97f4a7c15)
// where key = mix(mix(mix(seed) + page) + version) and mix is the finaliser of SplitMix64. docs/vfio-user.md
// has it for readers.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/support/sha256.hpp"

namespace portolan::vfio::emulated {

inline constexpr std::uint32_t page_bytes = 4096;
inline constexpr std::uint64_t state_bytes_max = std::uint64_t{64} << 30;  ///< 64 MiB of versions
inline constexpr std::size_t scratch_bytes = 64;

/// A bijection on 64-bit words that spreads every bit (SplitMix64's finaliser).
constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

struct Content {
  std::uint64_t bytes = 0;
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> versions;  ///< one for each page; a rewrite adds one
  std::array<std::uint8_t, scratch_bytes> scratch{};

  static Content fresh(std::uint64_t bytes, std::uint64_t seed);
  std::uint64_t pages() const { return versions.size(); }
  /// 4096, or what is left for the last page.
  std::uint32_t bytes_of_page(std::uint64_t page) const;
  /// Writes the page as it is in that version; `out` has bytes_of_page(page) bytes.
  void fill(std::uint64_t page, std::uint32_t version, std::span<std::uint8_t> out) const;
  /// SHA-256 over "portolan-content/1", bytes, seed (u64), every version (u32), scratch; all little-endian.
  /// It identifies every byte of the content without reading them.
  Sha256::Digest digest() const;
};

}  // namespace portolan::vfio::emulated
