#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of a text in lower-case hexadecimal: the identity of stored content, and of what a replication did.

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "model/ports.hpp"

namespace portolan::db {

std::string sha256(std::string_view text);

/// The same for a text that comes in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view text);
  /// Of all that was added; nothing can be added after.
  std::string finish();

 private:
  alignas(8) std::array<unsigned char, 104> state_{};  // of libsodium, whose header stays in digest.cpp
};

/// The digest of a replication (machines.md §0): canonical names and decimal values of its events, then of
/// its migrations, then how it ended. A name is written with its length before it, so that no two
/// replications give the same text. Who ran it, where and when is not in it.
class ReplicationDigest {
 public:
  void add(const ports::EventRow& row, std::span<const std::string> names);
  void add(const ports::MigrationRow& row, std::span<const std::string> names);
  std::string finish(const ports::ReplicationEnd& end);

 private:
  Sha256 events_, migrations_;
  std::string line_;
  void name(ports::Name name, std::span<const std::string> names);
  void number(std::int64_t value);
};

}  // namespace portolan::db
