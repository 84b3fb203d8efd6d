// SPDX-License-Identifier: Apache-2.0
#include "vfio/emulated/content.hpp"

#include <algorithm>
#include <bit>

namespace portolan::vfio::emulated {

static_assert(std::endian::native == std::endian::little,
              "the content and the data stream are little-endian");

Content Content::fresh(std::uint64_t bytes, std::uint64_t seed) {
  Content content{bytes, seed, {}, {}};
  content.versions.resize((bytes + page_bytes - 1) / page_bytes);
  return content;
}

std::uint32_t Content::bytes_of_page(std::uint64_t page) const {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(page_bytes, bytes - page * page_bytes));
}

void Content::fill(std::uint64_t page, std::uint32_t version, std::span<std::uint8_t> out) const {
  const std::uint64_t key = mix(mix(mix(seed) + page) + version);
  std::uint64_t counter = key;
  std::size_t at = 0;
  for (; at + 8 <= out.size(); at += 8, counter += 0x9e3779b97f4a7c15u) {
    const std::uint64_t word = mix(counter);
    std::memcpy(&out[at], &word, 8);
  }
  if (const std::uint64_t word = mix(counter); at < out.size()) std::memcpy(&out[at], &word, out.size() - at);
}

Sha256::Digest Content::digest() const {
  Sha256 digest;
  digest.add("portolan-content/1");
  digest.add(bytes_of(bytes));
  digest.add(bytes_of(seed));
  digest.add(
      {reinterpret_cast<const std::uint8_t*>(versions.data()), versions.size() * sizeof(std::uint32_t)});
  digest.add(scratch);
  return digest.digest();
}

}  // namespace portolan::vfio::emulated
