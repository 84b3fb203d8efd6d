// SPDX-License-Identifier: Apache-2.0
#include "db/schema.hpp"

#include <array>
#include <string>

namespace portolan::db {

namespace {

// Names are stored once, in `name`; every other table refers to them by number, and the views at the end show
// them.
constexpr std::string_view first_step = R"sql(
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

// A run of the simulator. What is needed to run it again is stored with it; its events are rows of numbers.
// Their numbers are checked once, when the run ends, and not row by row; the key is the order in which they
// are written, so that no index has to be built.
constexpr std::string_view second_step = R"sql(
CREATE TABLE scenario (
  id        INTEGER PRIMARY KEY,
  digest    TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),  -- SHA-256 of content and of the catalogue's content
  file      TEXT NOT NULL,                                     -- as it was given when it was first stored
  content   TEXT NOT NULL CHECK (json_valid(content)),         -- canonical JSON, portolan.scenario/1
  catalogue INTEGER REFERENCES catalogue (id),                 -- NULL where the scenario has a model of its own
  stored_s  INTEGER NOT NULL
) STRICT;
CREATE INDEX scenario_catalogue ON scenario (catalogue);

CREATE TABLE run (
  id           INTEGER PRIMARY KEY,
  scenario     INTEGER NOT NULL REFERENCES scenario (id),
  seed         INTEGER NOT NULL,
  replications INTEGER NOT NULL,
  plan         TEXT CHECK (plan IS NULL OR json_valid(plan)),  -- array of {"action", "arguments"}; NULL without a plan
  state        TEXT NOT NULL CHECK (state IN ('running', 'complete', 'interrupted', 'failed')),
  digest       TEXT CHECK (length(digest) = 64),               -- of all replications, when complete
  program      TEXT NOT NULL,                                  -- version of portolan
  process      TEXT NOT NULL,                                  -- who writes or wrote it: host, process id, its start
  started_s    INTEGER NOT NULL,                               -- seconds since 1970, UTC
  ended_s      INTEGER
) STRICT;
CREATE INDEX run_scenario ON run (scenario);

CREATE TABLE replication (
  id      INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  number  INTEGER NOT NULL,                                    -- from 1
  events  INTEGER NOT NULL,                                    -- that are stored
  time_ns INTEGER NOT NULL,                                    -- simulated time that was reached
  ended   TEXT,                                                -- why it ended; NULL while it has not
  detail  TEXT,
  goal_ns INTEGER,                                             -- when the goal first held; NULL where it did not
  digest  TEXT CHECK (length(digest) = 64),
  UNIQUE (run, number)
) STRICT;

CREATE TABLE event (
  replication INTEGER NOT NULL,                                -- replication.id
  sequence    INTEGER NOT NULL,                                -- from 1
  time_ns     INTEGER NOT NULL,
  action      INTEGER NOT NULL,                                -- name.id, as are the arguments
  argument_1  INTEGER,
  argument_2  INTEGER,
  argument_3  INTEGER,
  argument_4  INTEGER,
  PRIMARY KEY (replication, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE migration (
  id          INTEGER PRIMARY KEY,
  replication INTEGER NOT NULL REFERENCES replication (id) ON DELETE CASCADE,
  vm          INTEGER NOT NULL REFERENCES name (id),
  source      INTEGER NOT NULL REFERENCES name (id),
  destination INTEGER REFERENCES name (id),
  setting     INTEGER REFERENCES name (id),                    -- that the VM was to have there
  first_event INTEGER NOT NULL,                                -- event.sequence
  last_event  INTEGER NOT NULL,
  begin_ns    INTEGER NOT NULL,
  end_ns      INTEGER NOT NULL,
  downtime_ns INTEGER NOT NULL,                                -- how long the guest ran nowhere in between
  outcome     TEXT NOT NULL CHECK (outcome IN ('committed', 'aborted', 'lost', 'unfinished'))
) STRICT;
CREATE INDEX migration_replication ON migration (replication);

CREATE TABLE transfer (                                        -- one pre-copy round, or what was sent with the guest stopped
  migration   INTEGER NOT NULL REFERENCES migration (id) ON DELETE CASCADE,
  number      INTEGER NOT NULL,                                -- from 1
  bytes       INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,
  stopped     INTEGER NOT NULL CHECK (stopped IN (0, 1)),
  PRIMARY KEY (migration, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW runs AS
  SELECT r.id, s.file AS scenario, r.seed, r.state, r.replications,
         (SELECT count(*) FROM replication p WHERE p.run = r.id AND p.ended IS NOT NULL) AS ended,
         (SELECT coalesce(sum(p.events), 0) FROM replication p WHERE p.run = r.id) AS events,
         (SELECT coalesce(max(p.time_ns), 0) FROM replication p WHERE p.run = r.id) AS time_ns,
         r.digest, r.program, datetime(r.started_s, 'unixepoch') AS started, datetime(r.ended_s, 'unixepoch') AS finished
  FROM run r JOIN scenario s ON s.id = r.scenario;

CREATE VIEW events AS
  SELECT p.run, p.number AS replication, e.sequence, e.time_ns, a.text AS action,
         n1.text AS argument_1, n2.text AS argument_2, n3.text AS argument_3, n4.text AS argument_4
  FROM event e
  JOIN replication p ON p.id = e.replication
  JOIN name a ON a.id = e.action
  LEFT JOIN name n1 ON n1.id = e.argument_1
  LEFT JOIN name n2 ON n2.id = e.argument_2
  LEFT JOIN name n3 ON n3.id = e.argument_3
  LEFT JOIN name n4 ON n4.id = e.argument_4;

CREATE VIEW migrations AS
  SELECT m.id, p.run, p.number AS replication, v.text AS vm, s.text AS source, d.text AS destination, t.text AS setting,
         m.first_event, m.last_event, m.begin_ns, m.end_ns, m.downtime_ns, m.outcome,
         (SELECT count(*) FROM transfer x WHERE x.migration = m.id) AS transfers,
         (SELECT coalesce(sum(x.bytes), 0) FROM transfer x WHERE x.migration = m.id) AS bytes
  FROM migration m
  JOIN replication p ON p.id = m.replication
  JOIN name v ON v.id = m.vm
  JOIN name s ON s.id = m.source
  LEFT JOIN name d ON d.id = m.destination
  LEFT JOIN name t ON t.id = m.setting;
)sql";

// What `explore` and `plan` find. A report is now of a scenario, too, and of any command: the table is made
// anew, as SQLite cannot change a CHECK. `legacy_alter_table` leaves the references of the other tables to
// `report` as they are; foreign keys are off while a file is brought up to date.
constexpr std::string_view third_step = R"sql(
DROP VIEW verdicts;
DROP VIEW reports;
PRAGMA legacy_alter_table = ON;
ALTER TABLE report RENAME TO report_before;
PRAGMA legacy_alter_table = OFF;

CREATE TABLE report (                                         -- one command whose results were stored
  id       INTEGER PRIMARY KEY,
  command  TEXT NOT NULL,
  scheme   TEXT,                                              -- NULL where the command has none
  scenario INTEGER REFERENCES scenario (id),                  -- NULL where the command reads none
  program  TEXT NOT NULL,                                     -- version of portolan
  stored_s INTEGER NOT NULL                                   -- seconds since 1970, UTC
) STRICT;
CREATE INDEX report_scenario ON report (scenario);
INSERT INTO report (id, command, scheme, program, stored_s) SELECT id, command, scheme, program, stored_s FROM report_before;
DROP TABLE report_before;

CREATE TABLE exploration (                                    -- of a scenario, or of a plan when it was verified
  report      INTEGER PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
  states      INTEGER NOT NULL,
  transitions INTEGER NOT NULL,
  depth       INTEGER,                                        -- NULL for a plan
  complete    INTEGER NOT NULL CHECK (complete IN (0, 1)),
  bound       TEXT,                                           -- what ended it, where it is not complete
  seconds     REAL,
  peak_bytes  INTEGER
) STRICT;

CREATE TABLE property (                                       -- what an exploration says of one
  id      INTEGER PRIMARY KEY,
  report  INTEGER NOT NULL REFERENCES exploration (report) ON DELETE CASCADE,
  name    INTEGER NOT NULL REFERENCES name (id),
  verb    TEXT NOT NULL CHECK (verb IN ('always', 'sometimes', 'eventually')),
  verdict TEXT NOT NULL CHECK (verdict IN ('holds', 'violated', 'undetermined', 'vacuous')),
  reason  TEXT,
  trace   TEXT CHECK (trace IS NULL OR json_valid(trace)),    -- JSON as in `explore --json`: the shortest one
  UNIQUE (report, name)
) STRICT;

CREATE TABLE plan (
  report    INTEGER PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
  verdict   TEXT NOT NULL CHECK (verdict IN ('found', 'impossible', 'undetermined', 'unsafe', 'verified', 'stale')),
  reason    TEXT,
  goal      TEXT NOT NULL,
  steps     INTEGER NOT NULL,
  content   TEXT CHECK (content IS NULL OR json_valid(content)),      -- portolan.plan/1
  obstacles TEXT CHECK (obstacles IS NULL OR json_valid(obstacles))   -- JSON as in `plan --json`
) STRICT;

CREATE VIEW verdicts AS
  SELECT v.id, v.report, r.command, r.scheme, m.text AS model, sn.text AS source, dn.text AS destination,
         v.verdict, v.relation, v.reasons, v.witness, datetime(r.stored_s, 'unixepoch') AS stored
  FROM verdict v
  JOIN report r ON r.id = v.report
  JOIN name m ON m.id = v.model
  JOIN implementation s ON s.id = v.source JOIN name sn ON sn.id = s.label
  JOIN implementation d ON d.id = v.destination JOIN name dn ON dn.id = d.label;

CREATE VIEW reports AS
  SELECT r.id, r.command, r.scheme, s.file AS scenario, r.program, datetime(r.stored_s, 'unixepoch') AS stored,
         (SELECT count(*) FROM verdict v WHERE v.report = r.id) AS verdicts,
         (SELECT count(*) FROM finding f WHERE f.report = r.id) AS findings,
         (SELECT count(*) FROM property p WHERE p.report = r.id) AS properties
  FROM report r LEFT JOIN scenario s ON s.id = r.scenario;

CREATE VIEW explorations AS
  SELECT e.report, r.command, s.file AS scenario, e.states, e.transitions, e.depth, e.complete, e.bound, e.seconds, e.peak_bytes,
         (SELECT count(*) FROM property p WHERE p.report = e.report AND p.verdict = 'violated') AS violated,
         datetime(r.stored_s, 'unixepoch') AS stored
  FROM exploration e JOIN report r ON r.id = e.report LEFT JOIN scenario s ON s.id = r.scenario;

CREATE VIEW properties AS
  SELECT p.id, p.report, s.file AS scenario, n.text AS property, p.verb, p.verdict, p.reason, p.trace
  FROM property p JOIN name n ON n.id = p.name JOIN report r ON r.id = p.report LEFT JOIN scenario s ON s.id = r.scenario;

CREATE VIEW plans AS
  SELECT p.report, r.command, s.file AS scenario, p.verdict, p.reason, p.goal, p.steps, p.content, p.obstacles, datetime(r.stored_s, 'unixepoch') AS stored
  FROM plan p JOIN report r ON r.id = p.report LEFT JOIN scenario s ON s.id = r.scenario;
)sql";

// Executions of plans, and the journal of each: a row is written before something is done, and completed
// after. Kept in files of their own.
constexpr std::string_view fourth_step = R"sql(
CREATE TABLE execution (
  id         INTEGER PRIMARY KEY,
  scenario   INTEGER NOT NULL REFERENCES scenario (id),
  plan_file  TEXT NOT NULL,                                    -- as it was given
  plan       TEXT NOT NULL CHECK (json_valid(plan)),           -- portolan.plan/1
  inventory  TEXT NOT NULL CHECK (json_valid(inventory)),      -- portolan.inventory/1
  state      TEXT NOT NULL CHECK (state IN ('running', 'done', 'refused', 'stopped', 'rolled-back', 'unknown', 'lost')),
  steps      INTEGER NOT NULL,
  steps_done INTEGER NOT NULL,
  why        TEXT,
  attention  TEXT,                                             -- what a person has to look at
  devices    TEXT CHECK (devices IS NULL OR json_valid(devices)),  -- JSON object: where each VM is
  program    TEXT NOT NULL,                                    -- version of portolan
  process    TEXT NOT NULL,                                    -- who writes or wrote it: host, process id, its start
  started_s  INTEGER NOT NULL,                                 -- seconds since 1970, UTC
  ended_s    INTEGER
) STRICT;
CREATE INDEX execution_scenario ON execution (scenario);

CREATE TABLE journal (
  execution   INTEGER NOT NULL REFERENCES execution (id) ON DELETE CASCADE,
  sequence    INTEGER NOT NULL,                                -- from 1
  step        INTEGER NOT NULL,                                -- of the plan, from 1
  what        TEXT NOT NULL,
  detail      TEXT NOT NULL,
  intended_ns INTEGER NOT NULL,                                -- nanoseconds since 1970, UTC
  done        INTEGER CHECK (done IN (0, 1)),                  -- NULL: nothing is known of what came of it
  said        TEXT,
  events      TEXT CHECK (events IS NULL OR json_valid(events)),      -- of the fleet's model: array of [action, argument, …]
  observed    TEXT CHECK (observed IS NULL OR json_valid(observed)),  -- as read back from devices
  bytes       INTEGER,
  sha256      TEXT,
  ended_ns    INTEGER,
  PRIMARY KEY (execution, sequence)
) STRICT, WITHOUT ROWID;

CREATE VIEW executions AS
  SELECT e.id, s.file AS scenario, e.plan_file, e.state, e.steps, e.steps_done, e.why, e.attention, e.devices, e.program, e.process,
         datetime(e.started_s, 'unixepoch') AS started, datetime(e.ended_s, 'unixepoch') AS finished,
         (SELECT count(*) FROM journal j WHERE j.execution = e.id) AS entries
  FROM execution e JOIN scenario s ON s.id = e.scenario;
)sql";

constexpr std::array<std::string_view, 4> all = {first_step, second_step, third_step, fourth_step};
constexpr auto newest = static_cast<std::int64_t>(all.size());

Result<std::int64_t> number(Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  if (!statement) return fail(statement.error());
  auto row = statement->step();
  if (!row) return fail(row.error());
  return *row ? statement->integer(0) : 0;
}

Fault refused(const Database& database, std::string finding, std::string expectation, std::string remedy) {
  return {FaultCode::storage,
          {database.file(), {}, {}},
          std::move(finding),
          std::move(expectation),
          std::move(remedy)};
}

Fault too_new(const Database& database, std::int64_t version) {
  return refused(database, "has schema version " + std::to_string(version),
                 "at most " + std::to_string(newest),
                 "use the newer portolan that wrote it, or name another file with --db");
}

/// The migrations that are missing, each in a transaction of its own.
Result<void> bring_up_to_date(Database& database) {
  for (;;) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(transaction.error());
    // Read again under the lock: another process may have migrated in the meantime.
    const auto current = number(database, "PRAGMA user_version");
    if (!current) return fail(current.error());
    if (*current >= newest) return transaction->commit();
    if (auto done = database.run(std::string(all[static_cast<std::size_t>(*current)])); !done) return done;
    const auto dangling = number(database, "SELECT count(*) FROM pragma_foreign_key_check");
    if (!dangling) return fail(dangling.error());
    if (*dangling > 0)
      return fail(refused(database, "has " + std::to_string(*dangling) + " rows that refer to nothing",
                          "a database made by portolan",
                          "restore it from a copy, or name another file with --db"));
    if (auto done = database.run("PRAGMA user_version = " + std::to_string(*current + 1)); !done) return done;
    if (auto done = database.run("PRAGMA application_id = " + std::to_string(application_id)); !done)
      return done;
    if (auto done = transaction->commit(); !done) return done;
  }
}

}  // namespace

std::span<const std::string_view> migrations() { return all; }

Result<void> migrate(Database& database) {
  const auto version = number(database, "PRAGMA user_version");
  if (!version) return fail(version.error());
  const auto application = number(database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  if (*application != application_id) {
    const auto objects = number(database, "SELECT count(*) FROM sqlite_schema");
    if (!objects) return fail(objects.error());
    if (*application != 0 || *version != 0 || *objects != 0) {
      // Two processes may make the same new file at once: whoever is second finds it made by us, under the
      // lock below.
      const auto again = number(database, "PRAGMA application_id");
      if (!again) return fail(again.error());
      if (*again != application_id) {
        return fail(refused(database, "is a SQLite database of another program",
                            "a database made by portolan", "name another file with --db"));
      }
    }
  }
  if (*version > newest) return fail(too_new(database, *version));
  if (auto done = database.use_write_ahead_log(); !done) return done;
  if (*version == newest) return {};
  // A migration may make a table anew, which must not delete what refers to it. Inside a transaction this
  // setting could not be changed.
  if (auto done = database.run("PRAGMA foreign_keys = OFF"); !done) return done;
  auto done = bring_up_to_date(database);
  if (auto on = database.run("PRAGMA foreign_keys = ON"); !on) return on;
  return done;
}

Result<Database> open_migrated(const std::filesystem::path& file, Opening opening) {
  std::error_code ignored;
  if (opening == Opening::existing && std::filesystem::exists(file, ignored) && !may_write(file)) {
    auto database = open_for_reading(file);
    if (!database) return database;
    const auto version = number(*database, "PRAGMA user_version");
    if (!version) return fail(version.error());
    if (*version < newest)
      return fail(refused(
          *database, "has schema version " + std::to_string(*version) + " and may not be written",
          std::to_string(newest),
          "let somebody who may write it bring it up to date: portolan db list --db " + database->file()));
    if (*version > newest) return fail(too_new(*database, *version));
    return database;
  }
  auto database = Database::open(file, opening);
  if (!database) return database;
  if (auto done = migrate(*database); !done) return fail(done.error());
  return database;
}

Result<Database> open_for_reading(const std::filesystem::path& file) {
  auto database = Database::open(file, Opening::reading);
  if (!database) return database;
  const auto application = number(*database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  if (*application != application_id)
    return fail(refused(*database, "is no database of portolan", "a database made by portolan",
                        "name another file with --db"));
  return database;
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
