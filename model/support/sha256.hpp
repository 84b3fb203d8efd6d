#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, the only place that names the library behind it: of a text (the identity of stored content and of
// a plan's inputs), and of bytes that come in pieces (what a replication did; a device state as it passes,
// because devices were seen to load damaged data without a word). The same bytes give the same digest however
// they are cut.
//
//   Sha256 passing;
//   passing.add(chunk);                // as often as there is something
//   passing.bytes();                   // how much that was
//   passing.hexadecimal();             // of all so far; more can be added after

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/support/bytes.hpp"

namespace portolan {

class Sha256 {
 public:
  static constexpr std::size_t digest_bytes = 32;
  using Digest = std::array<std::uint8_t, digest_bytes>;

  Sha256();
  void add(ByteView bytes);
  void add(std::string_view text);
  /// How many were added.
  std::uint64_t bytes() const { return bytes_; }
  /// Of everything that was added so far; more can be added after.
  Digest digest() const;
  /// The same in lower-case hexadecimal.
  std::string hexadecimal() const;

 private:
  static constexpr std::size_t state_bytes = 104;  // of libsodium, whose header stays in sha256.cpp
  alignas(8) std::array<unsigned char, state_bytes> state_{};
  std::uint64_t bytes_ = 0;
};

/// Of a text, in lower-case hexadecimal.
std::string sha256(std::string_view text);

/// Two lower-case digits for each byte.
std::string hexadecimal(ByteView bytes);

}  // namespace portolan
