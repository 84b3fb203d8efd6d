#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The identity of what a replication did: the same events, migrations and end give the same digest, whoever
// ran it, where and when.

#include <span>
#include <string>

#include "model/ports/events.hpp"
#include "model/support/sha256.hpp"

namespace portolan::db {

/// The digest of a replication (rules.md §determinism): canonical names and decimal values of its events,
/// then of its migrations, then how it ended. A name is written with its length before it, so that no two
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
