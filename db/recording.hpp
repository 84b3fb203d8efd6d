#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The rows of one run on their way into the database (runs.hpp): batches wait until there are enough for a
// transaction, then go in together with how far their replications came. Within a transaction nothing is
// asked of the source, so that nobody else is kept from the file for longer than it takes to write.

#include <map>
#include <span>

#include "db/replication_digest.hpp"
#include "db/rows.hpp"

namespace portolan::db {

class Recording {
 public:
  /// `names` are those of the source, which must outlive the recording, as must the database.
  Recording(Database& database, std::int64_t run, std::span<const std::string> names)
      : database_(database), run_(run), names_(names), ids_(names.size(), 0) {}

  void add(ports::Batch batch);
  /// Whether what waits is worth a transaction. Many small replications share one.
  bool full() const;
  /// Writes what waits, in one transaction.
  Result<void> write();

  std::int64_t events() const { return events_; }  ///< written so far
  /// Of the replications that ended, by number.
  const std::map<std::int64_t, std::string>& digests() const { return digests_; }

 private:
  /// A replication that has not ended.
  struct Open {
    std::int64_t id = 0, events = 0;
    ReplicationDigest digest;
  };
  struct Statements;
  Result<std::optional<std::int64_t>> id_of(Statements& to, ports::Name name);
  Result<void> write(Statements& to, const ports::Batch& batch);
  Result<void> begin(Statements& to, Open& open, std::uint64_t replication);
  Result<void> write(Statements& to, Open& open, const ports::EventRow& row);
  Result<void> write(Statements& to, Open& open, const ports::MigrationRow& row);
  Result<void> end(Statements& to, Open& open, const ports::Batch& batch);

  Database& database_;
  std::int64_t run_;
  std::span<const std::string> names_;
  std::vector<std::int64_t> ids_;  ///< of names in the database, 0: not yet
  std::map<std::uint64_t, Open> open_;
  std::map<std::int64_t, std::string> digests_;
  std::vector<ports::Batch> waiting_;
  std::size_t waiting_rows_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace portolan::db
