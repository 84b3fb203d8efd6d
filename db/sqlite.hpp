#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A thin owner of SQLite's handles: Database, Transaction and Statement. Errors of SQLite become faults that
// name the file; using a statement against its protocol (binding a parameter that is not there) is our own
// mistake and asserted. One Database belongs to one thread at a time; several processes may share the file
// (WAL, ten seconds of patience).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/support/fault.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace portolan::db {

class Statement;

/// Whether a file that does not exist is made; `reading` cannot write to it.
enum class Opening : std::uint8_t { create, existing, reading };

/// How long a writer waits for another process before it gives up.
inline constexpr int patience_ms = 10'000;

/// Whether this process may write to the file, and to its folder, where SQLite keeps its log.
bool may_write(const std::filesystem::path& file);

class Database {
 public:
  /// Opens with foreign keys on and `patience_ms`. Writes nothing; a file that is no database is found out at
  /// the first use. Every name but the empty one is that of a file, also `:memory:`. `reading` works for a
  /// file, or in a folder, that may not be written. A file that is made is for its user alone (0600):
  /// commands and values are in it.
  static Result<Database> open(const std::filesystem::path& file, Opening opening);

  /// Lets readers go on while one process writes. Changes the file's header: only for a file that is known to
  /// be ours.
  Result<void> use_write_ahead_log();

  /// Runs statements without parameters and results.
  Result<void> run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// One statement that only looks: a statement that would write, change a setting or open a file is a fault,
  /// and so are two statements.
  Result<Statement> prepare_reading(std::string_view sql);
  std::int64_t last_row_id() const;
  /// A fault when the file's name is another file by now, or none, or what was opened is no database any
  /// more. SQLite notices neither: it goes on writing to what it has opened.
  Result<void> is_still_there() const;
  const std::string& file() const { return file_; }

  /// The last error of this connection as a fault: what was being done, and what SQLite says.
  Fault fault(std::string_view doing) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Database(std::unique_ptr<sqlite3, Close> handle, std::string file)
      : handle_(std::move(handle)), file_(std::move(file)) {}
  std::unique_ptr<sqlite3, Close> handle_;
  std::string file_;
  std::uint64_t volume_ = 0, number_ = 0;  ///< of the file that was opened
};

/// One prepared statement. Parameters count from 1, columns from 0, as in SQLite. Must not outlive its
/// database.
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view value);
  /// NULL when empty, as are the two below.
  Statement& bind(int parameter, const std::optional<std::string>& value);
  Statement& bind(int parameter, std::optional<std::int64_t> value);
  Statement& bind(int parameter, std::optional<double> value);
  Statement& bind_null(int parameter);

  /// True when there is a row to read, false at the end.
  Result<bool> step();
  /// Steps to the end and makes the statement ready to be bound again; rows are thrown away.
  Result<void> finish();
  void reset();

  /// How many columns a row has, and what they are called.
  int columns() const;
  std::string column_name(int column) const;
  enum class Kind : std::uint8_t { null, integer, real, text, bytes };
  Kind kind(int column) const;

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;  ///< empty for NULL
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  Statement(const Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// A write transaction, taken at once (BEGIN IMMEDIATE), so that the wait for another writer happens here and
/// never in the middle. Rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace portolan::db
