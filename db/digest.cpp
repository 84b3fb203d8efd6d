// SPDX-License-Identifier: Apache-2.0
#include "db/digest.hpp"

#include <array>

#include <sodium.h>

namespace portolan::db {

std::string sha256(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hexadecimal{};
  sodium_bin2hex(hexadecimal.data(), hexadecimal.size(), bytes.data(), bytes.size());
  return hexadecimal.data();
}

}  // namespace portolan::db
