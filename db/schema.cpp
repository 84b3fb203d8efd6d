// SPDX-License-Identifier: Apache-2.0
#include "db/schema.hpp"

#include <array>
#include <string>

namespace portolan::db {

namespace {

// Names are stored once, in `name`; every other table refers to them by number, and the views at the end show them.
constexpr std::string_view first = R"sql(
CREATE TABLE name (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE catalogue (
  id       INTEGER PRIMARY KEY,
  digest   TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),  -- SHA-256 of content, hexadecimal
  file     TEXT NOT NULL,                                     -- as it was given when it was first stored
  content  TEXT NOT NULL CHECK (json_valid(content)),         -- canonical JSON, portolan.catalogue/1
  stored_s INTEGER NOT NULL                                   -- seconds since 1970, UTC
) STRICT;

CREATE TABLE implementation (
  id        INTEGER PRIMARY KEY,
  catalogue INTEGER NOT NULL REFERENCES catalogue (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,                                 -- from 0, the order of age
  label     INTEGER NOT NULL REFERENCES name (id),
  kind      TEXT NOT NULL CHECK (kind IN ('mdev', 'vfio-pci', 'vfio-user', 'unknown')),
  UNIQUE (catalogue, position)
) STRICT;

CREATE TABLE report (                                         -- one command whose results were stored
  id       INTEGER PRIMARY KEY,
  command  TEXT NOT NULL CHECK (command IN ('check', 'compat', 'matrix')),
  scheme   TEXT,                                              -- NULL where the command has none
  program  TEXT NOT NULL,                                     -- version of portolan
  stored_s INTEGER NOT NULL
) STRICT;

CREATE TABLE verdict (
  id          INTEGER PRIMARY KEY,
  report      INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
  model       INTEGER NOT NULL REFERENCES name (id),
  source      INTEGER NOT NULL REFERENCES implementation (id) ON DELETE CASCADE,
  destination INTEGER NOT NULL REFERENCES implementation (id) ON DELETE CASCADE,
  verdict     TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'undetermined')),
  relation    TEXT CHECK (relation IN ('all', 'some', 'none', 'undetermined')),  -- over all configurations; NULL for one
  reasons     TEXT CHECK (reasons IS NULL OR json_valid(reasons)),  -- JSON as in `compat --json`
  witness     TEXT CHECK (witness IS NULL OR json_valid(witness))   -- JSON object: parameter to value
) STRICT;
CREATE INDEX verdict_report ON verdict (report);

CREATE TABLE finding (
  id          INTEGER PRIMARY KEY,
  report      INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
  rule        INTEGER NOT NULL REFERENCES name (id),
  severity    TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
  detail      TEXT NOT NULL CHECK (json_valid(detail))        -- JSON as in `check --json`
) STRICT;
CREATE INDEX finding_report ON finding (report);

CREATE VIEW catalogues AS
  SELECT c.id, c.digest, c.file, datetime(c.stored_s, 'unixepoch') AS stored,
         (SELECT count(*) FROM implementation i WHERE i.catalogue = c.id) AS implementations
  FROM catalogue c;

CREATE VIEW verdicts AS
  SELECT v.id, v.report, r.command, r.scheme, m.text AS model, sn.text AS source, dn.text AS destination,
         v.verdict, v.relation, v.reasons, v.witness, datetime(r.stored_s, 'unixepoch') AS stored
  FROM verdict v
  JOIN report r ON r.id = v.report
  JOIN name m ON m.id = v.model
  JOIN implementation s ON s.id = v.source JOIN name sn ON sn.id = s.label
  JOIN implementation d ON d.id = v.destination JOIN name dn ON dn.id = d.label;

CREATE VIEW reports AS
  SELECT r.id, r.command, r.scheme, r.program, datetime(r.stored_s, 'unixepoch') AS stored,
         (SELECT count(*) FROM verdict v WHERE v.report = r.id) AS verdicts,
         (SELECT count(*) FROM finding f WHERE f.report = r.id) AS findings
  FROM report r;
)sql";

constexpr std::array<std::string_view, 1> all = {first};

Result<std::int64_t> number(Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  if (!statement) return fail(statement.error());
  auto row = statement->step();
  if (!row) return fail(row.error());
  return *row ? statement->integer(0) : 0;
}

Fault refused(const Database& database, std::string finding, std::string expectation, std::string remedy) {
  return {FaultCode::storage, {database.file(), {}, {}}, std::move(finding), std::move(expectation), std::move(remedy)};
}

}  // namespace

std::span<const std::string_view> migrations() { return all; }

Result<void> migrate(Database& database) {
  const auto newest = static_cast<std::int64_t>(all.size());
  const auto version = number(database, "PRAGMA user_version");
  if (!version) return fail(version.error());
  const auto application = number(database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  if (*application != application_id) {
    const auto objects = number(database, "SELECT count(*) FROM sqlite_schema");
    if (!objects) return fail(objects.error());
    if (*application != 0 || *version != 0 || *objects != 0) {
      // Two processes may make the same new file at once: whoever is second finds it made by us, under the lock below.
      const auto again = number(database, "PRAGMA application_id");
      if (!again) return fail(again.error());
      if (*again != application_id) {
        return fail(refused(database, "is a SQLite database of another program", "a database made by portolan", "name another file with --db"));
      }
    }
  }
  if (*version > newest) {
    return fail(refused(database, "has schema version " + std::to_string(*version), "at most " + std::to_string(newest),
                        "use the newer portolan that wrote it, or name another file with --db"));
  }
  if (auto done = database.use_write_ahead_log(); !done) return done;
  if (*version == newest) return {};
  for (;;) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    // Read again under the lock: another process may have migrated in the meantime.
    const auto current = number(database, "PRAGMA user_version");
    if (!current) return fail(current.error());
    if (*current >= newest) return transaction->commit();
    if (auto done = database.run(std::string(all[static_cast<std::size_t>(*current)])); !done) return done;
    if (auto done = database.run("PRAGMA user_version = " + std::to_string(*current + 1)); !done) return done;
    if (auto done = database.run("PRAGMA application_id = " + std::to_string(application_id)); !done) return done;
    if (auto done = transaction->commit(); !done) return done;
  }
}

Result<std::string> schema_of(Database& database) {
  auto statement = database.prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid");
  if (!statement) return fail(statement.error());
  std::string text;
  for (;;) {
    auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) return text;
    text += statement->text(0) + ";\n";
  }
}

}  // namespace portolan::db
