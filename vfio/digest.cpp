// SPDX-License-Identifier: Apache-2.0
#include "vfio/digest.hpp"

#include <sodium.h>

namespace portolan::vfio {

struct StreamDigest::State {
  crypto_hash_sha256_state sha256;
};

StreamDigest::StreamDigest() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->sha256); }
StreamDigest::StreamDigest(StreamDigest&&) noexcept = default;
StreamDigest& StreamDigest::operator=(StreamDigest&&) noexcept = default;
StreamDigest::~StreamDigest() = default;

void StreamDigest::add(View bytes) {
  crypto_hash_sha256_update(&state_->sha256, bytes.data(), bytes.size());
  bytes_ += bytes.size();
}

Bytes StreamDigest::sha256() const {
  State copy = *state_;
  Bytes digest(crypto_hash_sha256_BYTES);
  crypto_hash_sha256_final(&copy.sha256, digest.data());
  return digest;
}

std::string StreamDigest::hexadecimal() const { return vfio::hexadecimal(sha256()); }

std::string hexadecimal(View bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace portolan::vfio
