// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite.hpp"

#include <array>
#include <cassert>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <tuple>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portolan::db {

namespace {

Fault storage_fault(const std::string& file, std::string finding, std::string expectation = {},
                    std::string remedy = {}) {
  return {FaultCode::storage, {file, {}, {}}, std::move(finding), std::move(expectation), std::move(remedy)};
}

/// SQLite keeps its log beside the file itself, not beside a link to it.
std::filesystem::path behind_links(const std::filesystem::path& file) {
  std::error_code error;
  auto real = std::filesystem::canonical(file, error);
  return error ? file : real;
}

/// Volume and number; nothing where there is no file.
std::optional<std::pair<std::uint64_t, std::uint64_t>> identity_of(const std::string& file) {
  struct stat there {};
  if (::stat(file.c_str(), &there) != 0) return std::nullopt;
  return std::pair(static_cast<std::uint64_t>(there.st_dev), static_cast<std::uint64_t>(there.st_ino));
}

/// The file as a URI that tells SQLite to lock nothing and to make no files
/// (https://sqlite.org/uri.html#uriimmutable).
std::string unchanging(const std::string& name) {
  std::string uri = "file:";
  for (const char c : name) {
    if (c == '%' || c == '?' || c == '#')
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

}  // namespace

bool may_write(const std::filesystem::path& file) {
  const auto folder = behind_links(file).parent_path();
  return ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) == 0 &&
         ::faccessat(AT_FDCWD, folder.empty() ? "." : folder.c_str(), W_OK, AT_EACCESS) == 0;
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Fault Database::fault(std::string_view doing) const {
  const int code = sqlite3_errcode(handle_.get());
  std::string finding = "cannot " + std::string(doing) + ": " + sqlite3_errmsg(handle_.get());
  switch (code) {
    case SQLITE_NOTADB:
      return storage_fault(file_, std::move(finding), "a SQLite database made by portolan",
                           "name another file with --db");
    case SQLITE_BUSY:
      return storage_fault(file_, std::move(finding), {},
                           "another process has been writing for ten seconds; try again when it is done");
    case SQLITE_FULL:
      return storage_fault(file_, std::move(finding), {},
                           "make room on that file system, or name another file with --db");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return storage_fault(file_, std::move(finding), "a file in a folder that may be written",
                           "name another file with --db");
    case SQLITE_IOERR:
      if (sqlite3_system_errno(handle_.get()) != EFBIG) return storage_fault(file_, std::move(finding));
      return storage_fault(file_, std::move(finding) + ", the file would be larger than is allowed (EFBIG)",
                           "no limit on the size of files (ulimit -f), or a higher one", {});
    default: return storage_fault(file_, std::move(finding));
  }
}

Result<Database> Database::open(const std::filesystem::path& file, Opening opening) {
  // SQLite makes a database of its own that is gone afterwards.
  if (file.empty())
    return fail(
        storage_fault("\"\"", "the name is empty", "the name of a database file", "name a file with --db"));
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return fail(storage_fault(file.string(), "is a folder", "a database file", "name a file with --db"));
  }
  if (opening != Opening::create && !std::filesystem::exists(file, ignored)) {
    return fail(storage_fault(
        file.string(), "does not exist", "a database",
        "name the file that explore, plan, sim run, or check, compat and matrix with --db, wrote"));
  }
  // SQLite would make it readable for everybody; its log gets the mode that the file has. Not O_EXCL, which
  // makes nothing behind a link.
  if (opening == Opening::create)
    if (const int made = ::open(file.c_str(), O_CREAT | O_RDWR | O_NONBLOCK | O_CLOEXEC, 0600); made >= 0)
      ::close(made);
  sqlite3* raw = nullptr;
  const int access = opening == Opening::reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  int flags = access | SQLITE_OPEN_NOMUTEX | (opening == Opening::create ? SQLITE_OPEN_CREATE : 0);
  // `:memory:` and `file:…` are names like any other: SQLite gives a meaning only to how a name begins.
  std::string name = file.is_relative() ? "./" + file.string() : file.string();
  // To read a write-ahead log SQLite makes files beside the database. Where it may not, and no log is there,
  // no process has the database open, so that nothing can change while it is read.
  if (opening == Opening::reading && !may_write(file) &&
      !std::filesystem::exists(behind_links(file).string() + "-wal", ignored)) {
    name = unchanging(name);
    flags |= SQLITE_OPEN_URI;
  }
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  Database database(std::unique_ptr<sqlite3, Close>(raw), file.string());
  if (code != SQLITE_OK) return fail(database.fault("open"));
  if (const auto identity = identity_of(database.file_))
    std::tie(database.volume_, database.number_) = *identity;
  sqlite3_busy_timeout(raw, patience_ms);
  sqlite3_extended_result_codes(raw, 0);
  if (auto done = database.run("PRAGMA foreign_keys = ON"); !done) return fail(done.error());
  return database;
}

Result<void> Database::use_write_ahead_log() {
  // The switch takes an exclusive lock for which SQLite does not call the busy handler, so the patience is
  // ours.
  constexpr int pause_ms = 10;
  for (int waited_ms = 0;; waited_ms += pause_ms) {
    auto done = run("PRAGMA journal_mode = WAL");
    if (done || sqlite3_errcode(handle_.get()) != SQLITE_BUSY || waited_ms >= patience_ms) return done;
    sqlite3_sleep(pause_ms);
  }
}

Result<void> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail(fault("use the database"));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
      SQLITE_OK) {
    return fail(fault("read or write a table"));
  }
  return Statement(*this, raw);
}

Result<Statement> Database::prepare_reading(std::string_view sql) {
  const auto refused = [&](std::string finding) {
    return fail(
        Fault{FaultCode::usage, {"the query", {}, {}}, std::move(finding), "one SELECT statement", {}});
  };
  // Asked for each thing that a statement would do, while it is compiled: reading tables and calling
  // functions is all that it may.
  const auto only_reads = [](void*, int action, const char*, const char* second, const char*, const char*) {
    const bool reads = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE ||
                       (action == SQLITE_FUNCTION && std::string_view(second) != "load_extension");
    return reads ? SQLITE_OK : SQLITE_DENY;
  };
  sqlite3_set_authorizer(handle_.get(), only_reads, nullptr);
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, &rest);
  Statement statement(*this, raw);
  const std::string said = sqlite3_errmsg(handle_.get());
  std::string_view after(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  bool more = false;
  if (code == SQLITE_OK && raw != nullptr && !after.empty()) {
    sqlite3_stmt* second = nullptr;
    more = sqlite3_prepare_v2(handle_.get(), after.data(), static_cast<int>(after.size()), &second,
                              nullptr) != SQLITE_OK ||
           second != nullptr;
    sqlite3_finalize(second);
  }
  sqlite3_set_authorizer(handle_.get(), nullptr, nullptr);
  if (code == SQLITE_AUTH) return refused("it does more than read");
  if (code == SQLITE_NOTADB || code == SQLITE_CANTOPEN || code == SQLITE_BUSY)
    return fail(fault("read the database"));
  if (code != SQLITE_OK) return refused(said);
  if (raw == nullptr) return refused("it is empty");
  if (more) return refused("something stands behind the first statement");
  if (sqlite3_stmt_readonly(raw) == 0) return refused("it does more than read");
  return statement;
}

Result<void> Database::is_still_there() const {
  const auto gone = [&](std::string finding) {
    return fail(storage_fault(file_, std::move(finding), "the file that was opened",
                              "leave the file alone while it is written"));
  };
  const auto identity = identity_of(file_);
  if (!identity) return gone("was deleted while it was written");
  if (*identity != std::pair(volume_, number_)) return gone("was replaced while it was written");
  // By SQLite's own descriptor: to close another one would give up its locks (fcntl(2)).
  sqlite3_file* opened = nullptr;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &opened) != SQLITE_OK ||
      opened == nullptr || opened->pMethods == nullptr)
    return gone("cannot be looked at while it is written");
  constexpr std::string_view magic("SQLite format 3\0", 16);
  std::array<char, magic.size()> begin{};
  const int read = opened->pMethods->xRead(opened, begin.data(), static_cast<int>(begin.size()), 0);
  if (read != SQLITE_OK || std::string_view(begin.data(), begin.size()) != magic)
    return gone("was cut short or overwritten while it was written");
  return {};
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  [[maybe_unused]] const int code = sqlite3_bind_int64(handle_.get(), parameter, value);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  [[maybe_unused]] const int code =
      sqlite3_bind_text64(handle_.get(), parameter, value.data() ? value.data() : "", value.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, const std::optional<std::string>& value) {
  return value ? bind(parameter, std::string_view(*value)) : bind_null(parameter);
}

Statement& Statement::bind(int parameter, std::optional<std::int64_t> value) {
  return value ? bind(parameter, *value) : bind_null(parameter);
}

Statement& Statement::bind(int parameter, std::optional<double> value) {
  if (!value) return bind_null(parameter);
  [[maybe_unused]] const int code = sqlite3_bind_double(handle_.get(), parameter, *value);
  assert(code == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  [[maybe_unused]] const int code = sqlite3_bind_null(handle_.get(), parameter);
  assert(code == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Fault fault = database_->fault("read or write a row");
  sqlite3_reset(handle_.get());
  return fail(std::move(fault));
}

Result<void> Statement::finish() {
  for (;;) {
    auto row = step();
    if (!row) return fail(row.error());
    if (!*row) break;
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

int Statement::columns() const { return sqlite3_column_count(handle_.get()); }
std::string Statement::column_name(int column) const { return sqlite3_column_name(handle_.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

Statement::Kind Statement::kind(int column) const {
  switch (sqlite3_column_type(handle_.get(), column)) {
    case SQLITE_INTEGER: return Kind::integer;
    case SQLITE_FLOAT: return Kind::real;
    case SQLITE_TEXT: return Kind::text;
    case SQLITE_BLOB: return Kind::bytes;
    default: return Kind::null;
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)))
               : std::string();
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto done = database.run("BEGIN IMMEDIATE"); !done) return fail(done.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  // A roll-back that fails leaves nothing to do here: SQLite rolls back by itself when the file is closed.
  if (database_) (void)database_->run("ROLLBACK");
}

Result<void> Transaction::commit() {
  assert(database_);
  if (auto done = database_->run("COMMIT"); !done) return done;
  database_ = nullptr;
  return {};
}

}  // namespace portolan::db
