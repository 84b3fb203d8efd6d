#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The one schema of portolan's database files and the migrations that led to it. A file carries the number of
// the last migration in `PRAGMA user_version` and ours in `PRAGMA application_id`. Migrations are never
// edited once released: a change of the schema is a new one at the end. docs/database.md shows the result,
// and a test compares the two.

#include <cstdint>
#include <span>
#include <string_view>

#include "db/sqlite.hpp"

namespace portolan::db {

/// "PTLN", so that a SQLite file of another program is never written to.
inline constexpr std::int64_t application_id = 0x50544C4E;

/// Migration k (from 1) is element k-1; each runs in a transaction of its own.
std::span<const std::string_view> migrations();

/// Brings the database up to the newest schema. A file of another program, or of a newer portolan, is a fault
/// and stays untouched.
Result<void> migrate(Database& database);

/// Opens and migrates. An existing file that may not be written is only read; it has to have the newest
/// schema then.
Result<Database> open_migrated(const std::filesystem::path& file, Opening opening);

/// A database of ours that is only read: nothing is migrated, nothing can be written.
Result<Database> open_for_reading(const std::filesystem::path& file);

/// The SQL of every table, index and view in the database, by kind and name; one statement each, `;` at the
/// end.
Result<std::string> schema_of(Database& database);

}  // namespace portolan::db
