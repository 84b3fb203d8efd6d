// SPDX-License-Identifier: Apache-2.0
#include "model/support/sha256.hpp"

#include <cstring>

#include <sodium.h>

namespace portolan {

namespace {

using State = crypto_hash_sha256_state;
static_assert(std::is_trivially_copyable_v<State> && sizeof(State) <= 104 && alignof(State) <= 8,
              "the state lies in the bytes of the class");
static_assert(Sha256::digest_bytes == crypto_hash_sha256_BYTES);

State loaded(const unsigned char* bytes) {
  State state;
  std::memcpy(&state, bytes, sizeof state);
  return state;
}

}  // namespace

Sha256::Sha256() {
  State state;
  crypto_hash_sha256_init(&state);
  std::memcpy(state_.data(), &state, sizeof state);
}

void Sha256::add(ByteView bytes) {
  State state = loaded(state_.data());
  crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
  std::memcpy(state_.data(), &state, sizeof state);
  bytes_ += bytes.size();
}

void Sha256::add(std::string_view text) {
  add(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Sha256::Digest Sha256::digest() const {
  State state = loaded(state_.data());
  Digest digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

std::string Sha256::hexadecimal() const { return portolan::hexadecimal(digest()); }

std::string sha256(std::string_view text) {
  Sha256 all;
  all.add(text);
  return all.hexadecimal();
}

std::string hexadecimal(ByteView bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace portolan
