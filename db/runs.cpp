// SPDX-License-Identifier: Apache-2.0
#include "db/runs.hpp"

#include "db/recording.hpp"
#include "db/rows.hpp"
#include "db/schema.hpp"

namespace portolan::db {

namespace {

constexpr std::string_view run_columns =
    "v.id, v.scenario, v.state, v.program, r.process, v.started, v.finished, v.digest, v.seed, "
    "v.replications, v.ended, v.events, v.time_ns";

RunSummary read_run(const Statement& row) {
  return {row.integer(0),  row.text(1),     row.text(2),    row.text(3),    row.text(4),
          row.text(5),     row.text(6),     row.text(7),    row.integer(8), row.integer(9),
          row.integer(10), row.integer(11), row.integer(12)};
}

}  // namespace

std::string digest_of_run(const std::map<std::int64_t, std::string>& replications,
                          const std::optional<std::string>& plan) {
  Sha256 all;
  if (plan) all.add("plan " + sha256(*plan) + "\n");
  for (const auto& [number, digest] : replications) all.add(std::to_string(number) + " " + digest + "\n");
  return all.hexadecimal();
}

Result<Runs> Runs::open(const std::filesystem::path& file, Opening opening) {
  auto database = open_migrated(file, opening);
  if (!database) return fail(database.error());
  // In a write-ahead log a transaction may be lost with the power, never torn: events can be run again, so
  // that is enough for them.
  if (auto done = database->run("PRAGMA synchronous = NORMAL"); !done) return fail(done.error());
  return Runs(std::move(*database));
}

// --- writing

Result<std::int64_t> Runs::begin(const RunHead& head, Seconds when_s) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  const auto stored = add_scenario(database_, head.scenario, when_s);
  if (!stored) return fail(stored.error());
  auto insert = database_.prepare(
      "INSERT INTO run (scenario, seed, replications, plan, state, program, process, started_s) VALUES (?1, "
      "?2, ?3, ?4, 'running', ?5, ?6, ?7)");
  if (!insert) return fail(insert.error());
  insert->bind(1, *stored)
      .bind(2, static_cast<std::int64_t>(head.seed))
      .bind(3, static_cast<std::int64_t>(head.replications))
      .bind(4, head.plan);
  insert->bind(5, std::string_view(head.program)).bind(6, std::string_view(head.process)).bind(7, when_s);
  if (auto done = insert->finish(); !done) return fail(done.error());
  const std::int64_t id = database_.last_row_id();
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return id;
}

Result<void> Runs::record(std::int64_t run, ports::EventSource& source, const std::function<Seconds()>& now_s,
                          const std::function<void(std::int64_t)>& progress) {
  Recording recording(database_, run, source.names());
  const auto pull = [&]() -> Result<void> {
    for (ports::Batch batch; source.next(batch); batch = {}) {
      recording.add(std::move(batch));
      if (!recording.full()) continue;
      if (auto done = recording.write(); !done) return done;
      if (progress) progress(recording.events());
    }
    return recording.write();
  };
  Result<void> pulled;
  try {
    pulled = pull();
  } catch (...) {
    (void)close(run, "failed", std::nullopt, now_s());
    throw;
  }
  if (pulled) pulled = check_numbers(run);
  if (!pulled) {
    (void)close(run, "failed", std::nullopt, now_s());
    return pulled;
  }
  auto expected = database_.prepare("SELECT replications, plan FROM run WHERE id = ?1");
  if (!expected) return fail(expected.error());
  auto row = expected->bind(1, run).step();
  if (!row) return fail(row.error());
  const bool complete = static_cast<std::int64_t>(recording.digests().size()) == expected->integer(0);
  const std::optional<std::string> plan = optional_text(*expected, 1);
  expected->reset();
  return close(run, complete ? "complete" : "interrupted",
               complete ? std::optional(digest_of_run(recording.digests(), plan)) : std::nullopt, now_s());
}

/// Event rows carry no foreign keys; here theirs are checked at once.
Result<void> Runs::check_numbers(std::int64_t run) {
  auto query = database_.prepare(
      "SELECT count(*) FROM event e WHERE e.replication IN (SELECT id FROM replication WHERE run = ?1) AND "
      "(NOT EXISTS (SELECT 1 FROM name WHERE id = e.action) "
      "OR (e.argument_1 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM name WHERE id = e.argument_1)) OR "
      "(e.argument_2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM name WHERE id = e.argument_2)) "
      "OR (e.argument_3 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM name WHERE id = e.argument_3)) OR "
      "(e.argument_4 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM name WHERE id = e.argument_4)))");
  if (!query) return fail(query.error());
  auto row = query->bind(1, run).step();
  if (!row) return fail(row.error());
  if (const std::int64_t wrong = query->integer(0); wrong != 0)
    return fail(Fault{FaultCode::storage,
                      {database_.file(), {}, {}},
                      std::to_string(wrong) + " event rows of run " + std::to_string(run) +
                          " refer to names that are not there",
                      "none",
                      {}});
  return {};
}

Result<void> Runs::close(std::int64_t run, const std::string& state, const std::optional<std::string>& digest,
                         Seconds when_s) {
  auto update = database_.prepare("UPDATE run SET state = ?2, digest = ?3, ended_s = ?4 WHERE id = ?1");
  if (!update) return fail(update.error());
  update->bind(1, run).bind(2, std::string_view(state)).bind(3, digest).bind(4, when_s);
  return update->finish();
}

// --- reading

Result<std::vector<RunSummary>> Runs::runs() {
  auto query = database_.prepare("SELECT " + std::string(run_columns) +
                                 " FROM runs v JOIN run r ON r.id = v.id ORDER BY v.id");
  if (!query) return fail(query.error());
  return all_rows<RunSummary>(*query, read_run);
}

Result<std::optional<StoredRun>> Runs::stored(std::int64_t run) {
  auto query = database_.prepare(
      "SELECT " + std::string(run_columns) +
      ", s.content, c.file, c.content, r.plan, s.digest FROM runs v JOIN run r ON r.id = v.id "
      "JOIN scenario s ON s.id = r.scenario LEFT JOIN catalogue c ON c.id = s.catalogue WHERE v.id = ?1");
  if (!query) return fail(query.error());
  query->bind(1, run);
  auto found = all_rows<StoredRun>(*query, [](const Statement& row) {
    return StoredRun{read_run(row),          row.text(13),           row.text(17),
                     optional_text(row, 14), optional_text(row, 15), optional_text(row, 16)};
  });
  if (!found) return fail(found.error());
  return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<ReplicationSummary>> Runs::replications(std::int64_t run) {
  auto query = database_.prepare(
      "SELECT number, events, time_ns, ended, detail, goal_ns, digest FROM replication WHERE run = ?1 ORDER "
      "BY number");
  if (!query) return fail(query.error());
  query->bind(1, run);
  return all_rows<ReplicationSummary>(*query, [](const Statement& row) {
    return ReplicationSummary{row.integer(0),        row.integer(1), row.integer(2),
                              optional_text(row, 3), row.text(4),    optional_integer(row, 5),
                              optional_text(row, 6)};
  });
}

Result<MigrationSummary> Runs::migrations(std::int64_t run) {
  MigrationSummary summary;
  auto count = database_.prepare(
      "SELECT m.outcome, count(*) FROM migration m JOIN replication p ON p.id = m.replication WHERE p.run = "
      "?1 GROUP BY m.outcome");
  if (!count) return fail(count.error());
  count->bind(1, run);
  for (;;) {
    auto row = count->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const std::string outcome = count->text(0);
    (outcome == "committed" ? summary.committed
     : outcome == "aborted" ? summary.aborted
     : outcome == "lost"    ? summary.lost
                            : summary.unfinished) = count->integer(1);
  }
  if (summary.committed == 0) return summary;
  // The lower median, so that it is a downtime that happened.
  for (auto [into, offset] : {std::pair(&summary.downtime_min_ns, std::int64_t{0}),
                              std::pair(&summary.downtime_median_ns, (summary.committed - 1) / 2),
                              std::pair(&summary.downtime_max_ns, summary.committed - 1)}) {
    auto query = database_.prepare(
        "SELECT m.downtime_ns FROM migration m JOIN replication p ON p.id = m.replication WHERE p.run = ?1 "
        "AND m.outcome = 'committed' ORDER BY m.downtime_ns LIMIT 1 OFFSET ?2");
    if (!query) return fail(query.error());
    auto row = query->bind(1, run).bind(2, offset).step();
    if (!row) return fail(row.error());
    if (*row) *into = query->integer(0);
  }
  return summary;
}

}  // namespace portolan::db
