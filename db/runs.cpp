// SPDX-License-Identifier: Apache-2.0
#include "db/runs.hpp"

#include <algorithm>
#include <unordered_map>

#include "db/rows.hpp"
#include "db/schema.hpp"

namespace portolan::db {

namespace {

/// `12 ns migrate_begin(vm1, host2)`
std::string shown(std::int64_t time_ns, std::string_view action, const std::vector<std::string>& arguments) {
  std::string text = std::to_string(time_ns) + " ns " + std::string(action) + "(";
  for (std::size_t k = 0; k < arguments.size(); ++k) text += (k > 0 ? ", " : "") + arguments[k];
  return text + ")";
}

std::string shown(const ports::MigrationRow& row, std::span<const std::string> names) {
  const auto name = [&](ports::Name one) {
    return one == ports::no_name ? std::string("none") : names[static_cast<std::size_t>(one)];
  };
  std::string text = name(row.vm) + " from " + name(row.source) + " to " + name(row.destination) + " as " +
                     name(row.setting) + ", events " + std::to_string(row.first_event) + " to " +
                     std::to_string(row.last_event) + ", " + std::to_string(row.begin_ns) + " to " +
                     std::to_string(row.end_ns) + " ns, downtime " + std::to_string(row.downtime_ns) +
                     " ns, " + std::string(ports::name_of(row.outcome)) + ", transfers";
  for (const ports::RoundRow& round : row.rounds)
    text += " " + std::to_string(round.bytes) + "/" + std::to_string(round.duration_ns) +
            (round.stopped ? "s" : "");
  return text;
}

constexpr std::string_view run_columns =
    "v.id, v.scenario, v.state, v.program, r.process, v.started, v.finished, v.digest, v.seed, "
    "v.replications, v.ended, v.events, v.time_ns";

RunSummary read_run(const Statement& row) {
  return {row.integer(0),  row.text(1),     row.text(2),    row.text(3),    row.text(4),
          row.text(5),     row.text(6),     row.text(7),    row.integer(8), row.integer(9),
          row.integer(10), row.integer(11), row.integer(12)};
}

}  // namespace

std::string digest_of_run(const std::map<std::int64_t, std::string>& replications) {
  Sha256 all;
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
// ---------------------------------------------------------------------------------------------------------

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

struct Runs::Recording {
  std::int64_t run = 0;
  std::span<const std::string> names;
  std::vector<std::int64_t> ids;  ///< of names in the database, 0: not yet
  struct Open {
    std::int64_t id = 0, events = 0;
    ReplicationDigest digest;
  };
  std::map<std::uint64_t, Open> open;
  std::map<std::int64_t, std::string> digests;  ///< of replications that ended
  std::vector<ports::Batch> waiting;
  std::size_t waiting_rows = 0;
  std::int64_t events = 0;
};

Result<void> Runs::write(Recording& recording) {
  if (recording.waiting.empty()) return {};
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  auto names = Names::in(database_);
  auto replication =
      database_.prepare("INSERT INTO replication (run, number, events, time_ns) VALUES (?1, ?2, 0, 0)");
  auto progress = database_.prepare("UPDATE replication SET events = ?2, time_ns = ?3 WHERE id = ?1");
  auto end = database_.prepare(
      "UPDATE replication SET ended = ?2, detail = ?3, goal_ns = ?4, digest = ?5, time_ns = ?6 WHERE id = "
      "?1");
  auto event = database_.prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  auto migration = database_.prepare(
      "INSERT INTO migration (replication, vm, source, destination, setting, first_event, last_event, "
      "begin_ns, end_ns, downtime_ns, outcome) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  auto transfer = database_.prepare("INSERT INTO transfer VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!names) return fail(names.error());
  for (auto* statement : {&replication, &progress, &end, &event, &migration, &transfer})
    if (!*statement) return fail(statement->error());
  const auto id_of = [&](ports::Name name) -> Result<std::optional<std::int64_t>> {
    if (name == ports::no_name) return std::nullopt;
    std::int64_t& id = recording.ids[static_cast<std::size_t>(name)];
    if (id == 0) {
      auto made = names->id(recording.names[static_cast<std::size_t>(name)]);
      if (!made) return fail(made.error());
      id = *made;
    }
    return id;
  };
  for (const ports::Batch& batch : recording.waiting) {
    Recording::Open& open = recording.open[batch.replication];
    if (open.id == 0) {
      replication->bind(1, recording.run).bind(2, static_cast<std::int64_t>(batch.replication));
      if (auto done = replication->finish(); !done) return done;
      open.id = database_.last_row_id();
    }
    for (const ports::EventRow& row : batch.events) {
      open.digest.add(row, recording.names);
      event->bind(1, open.id).bind(2, ++open.events).bind(3, row.time_ns);
      const auto action = id_of(row.action);
      if (!action) return fail(action.error());
      event->bind(4, **action);
      for (std::size_t k = 0; k < row.arguments.size(); ++k) {
        const auto argument = id_of(row.arguments[k]);
        if (!argument) return fail(argument.error());
        event->bind(static_cast<int>(k) + 5, *argument);
      }
      if (auto done = event->finish(); !done) return done;
    }
    for (const ports::MigrationRow& row : batch.migrations) {
      open.digest.add(row, recording.names);
      migration->bind(1, open.id);
      int parameter = 2;
      for (const ports::Name name : {row.vm, row.source, row.destination, row.setting}) {
        const auto id = id_of(name);
        if (!id) return fail(id.error());
        migration->bind(parameter++, *id);
      }
      for (const std::int64_t value :
           {row.first_event, row.last_event, row.begin_ns, row.end_ns, row.downtime_ns})
        migration->bind(parameter++, value);
      migration->bind(parameter, ports::name_of(row.outcome));
      if (auto done = migration->finish(); !done) return done;
      const std::int64_t id = database_.last_row_id();
      for (std::size_t k = 0; k < row.rounds.size(); ++k) {
        const ports::RoundRow& round = row.rounds[k];
        transfer->bind(1, id)
            .bind(2, static_cast<std::int64_t>(k) + 1)
            .bind(3, static_cast<std::int64_t>(round.bytes));
        transfer->bind(4, static_cast<std::int64_t>(round.duration_ns)).bind(5, std::int64_t{round.stopped});
        if (auto done = transfer->finish(); !done) return done;
      }
    }
    if (!batch.events.empty()) {
      progress->bind(1, open.id).bind(2, open.events).bind(3, batch.events.back().time_ns);
      if (auto done = progress->finish(); !done) return done;
    }
    if (batch.end) {
      const std::string digest = open.digest.finish(*batch.end);
      end->bind(1, open.id)
          .bind(2, std::string_view(batch.end->reason))
          .bind(5, std::string_view(digest))
          .bind(6, batch.end->time_ns);
      end->bind(3, batch.end->detail.empty() ? std::nullopt : std::optional(batch.end->detail));
      end->bind(4, batch.end->goal_ns);
      if (auto done = end->finish(); !done) return done;
      recording.digests.emplace(static_cast<std::int64_t>(batch.replication), digest);
      recording.open.erase(batch.replication);
    }
  }
  if (auto done = transaction->commit(); !done) return done;
  recording.events += static_cast<std::int64_t>(recording.waiting_rows);
  recording.waiting.clear();
  recording.waiting_rows = 0;
  return {};
}

Result<void> Runs::record(std::int64_t run, ports::EventSource& source, const std::function<Seconds()>& now_s,
                          const std::function<void(std::int64_t)>& progress) {
  Recording recording;
  recording.run = run;
  recording.names = source.names();
  recording.ids.assign(recording.names.size(), 0);
  const auto pull = [&]() -> Result<void> {
    for (ports::Batch batch; source.next(batch); batch = {}) {
      recording.waiting_rows += batch.events.size();
      recording.waiting.push_back(std::move(batch));
      // Many small replications share a transaction. Nothing is locked while the source is asked.
      if (recording.waiting_rows < rows_per_transaction && recording.waiting.size() < rows_per_transaction)
        continue;
      if (auto done = write(recording); !done) return done;
      if (progress) progress(recording.events);
    }
    return write(recording);
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
  auto expected = database_.prepare("SELECT replications FROM run WHERE id = ?1");
  if (!expected) return fail(expected.error());
  auto row = expected->bind(1, run).step();
  if (!row) return fail(row.error());
  const bool complete = static_cast<std::int64_t>(recording.digests.size()) == expected->integer(0);
  expected->reset();
  return close(run, complete ? "complete" : "interrupted",
               complete ? std::optional(digest_of_run(recording.digests)) : std::nullopt, now_s());
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
// ---------------------------------------------------------------------------------------------------------

Result<std::vector<RunSummary>> Runs::runs() {
  auto query = database_.prepare("SELECT " + std::string(run_columns) +
                                 " FROM runs v JOIN run r ON r.id = v.id ORDER BY v.id");
  if (!query) return fail(query.error());
  return all_rows<RunSummary>(*query, read_run);
}

Result<std::optional<StoredRun>> Runs::stored(std::int64_t run) {
  auto query = database_.prepare(
      "SELECT " + std::string(run_columns) +
      ", s.content, c.file, c.content, r.plan FROM runs v JOIN run r ON r.id = v.id "
      "JOIN scenario s ON s.id = r.scenario LEFT JOIN catalogue c ON c.id = s.catalogue WHERE v.id = ?1");
  if (!query) return fail(query.error());
  query->bind(1, run);
  auto found = all_rows<StoredRun>(*query, [](const Statement& row) {
    return StoredRun{read_run(row), row.text(13), optional_text(row, 14), optional_text(row, 15),
                     optional_text(row, 16)};
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

// --- comparing
// -------------------------------------------------------------------------------------------------------

namespace {

/// The stored rows of one replication, read once from front to back.
class StoredReplication {
 public:
  static Result<StoredReplication> of(Database& database, std::int64_t id, ReplicationSummary summary) {
    auto events = database.prepare(
        "SELECT sequence, time_ns, action, argument_1, argument_2, argument_3, argument_4 FROM event WHERE "
        "replication = ?1 ORDER BY sequence");
    if (!events) return fail(events.error());
    events->bind(1, id);
    auto migrations = database.prepare(
        "SELECT id, vm, source, destination, setting, first_event, last_event, begin_ns, end_ns, "
        "downtime_ns, outcome FROM migration WHERE replication = ?1 ORDER BY id");
    if (!migrations) return fail(migrations.error());
    migrations->bind(1, id);
    auto transfers = database.prepare(
        "SELECT bytes, duration_ns, stopped FROM transfer WHERE migration = ?1 ORDER BY number");
    if (!transfers) return fail(transfers.error());
    return StoredReplication(std::move(*events), std::move(*migrations), std::move(*transfers),
                             std::move(summary));
  }

  Statement events, migrations, transfers;
  ReplicationSummary summary;
  std::int64_t compared = 0;
  bool done = false;
  ReplicationDigest digest;
  std::optional<Difference> difference;

 private:
  StoredReplication(Statement e, Statement m, Statement t, ReplicationSummary s)
      : events(std::move(e)), migrations(std::move(m)), transfers(std::move(t)), summary(std::move(s)) {}
};

}  // namespace

Result<Comparison> Runs::compare(std::int64_t run, ports::EventSource& source) {
  Comparison comparison;
  const auto head = this->stored(run);
  if (!head) return fail(head.error());
  const bool complete = *head && (*head)->summary.state == "complete";
  const auto summaries = replications(run);
  if (!summaries) return fail(summaries.error());
  auto find = database_.prepare("SELECT id FROM replication WHERE run = ?1 AND number = ?2");
  if (!find) return fail(find.error());
  std::map<std::uint64_t, StoredReplication> stored;
  for (const ReplicationSummary& summary : *summaries) {
    auto row = find->bind(1, run).bind(2, summary.number).step();
    if (!row) return fail(row.error());
    auto one = StoredReplication::of(database_, find->integer(0), summary);
    find->reset();
    if (!one) return fail(one.error());
    stored.emplace(static_cast<std::uint64_t>(summary.number), std::move(*one));
  }
  std::unordered_map<std::int64_t, std::string> text_of;
  {
    auto all = database_.prepare("SELECT id, text FROM name");
    if (!all) return fail(all.error());
    for (;;) {
      auto row = all->step();
      if (!row) return fail(row.error());
      if (!*row) break;
      text_of.emplace(all->integer(0), all->text(1));
    }
  }
  const auto names = source.names();
  const auto name_of_id = [&](const Statement& row, int column) -> std::string {
    const auto found = text_of.find(row.integer(column));
    return found == text_of.end() ? "name " + std::to_string(row.integer(column)) + ", which is not there"
                                  : found->second;
  };
  const auto name_of = [&](ports::Name name) { return names[static_cast<std::size_t>(name)]; };
  std::size_t left = stored.size();
  for (ports::Batch batch; left > 0 && source.next(batch); batch = {}) {
    const auto at = stored.find(batch.replication);
    if (at == stored.end() || at->second.done) continue;
    StoredReplication& one = at->second;
    const auto differ = [&](std::int64_t sequence, std::string what, std::string was, std::string is) {
      if (!one.difference)
        one.difference =
            Difference{one.summary.number, sequence, std::move(what), std::move(was), std::move(is)};
      one.done = true;
    };
    bool reached = false;  // the end of what is stored, of a replication that was not stored to its end
    for (const ports::EventRow& row : batch.events) {
      if (!one.summary.ended && one.compared == one.summary.events) {
        reached = true;
        break;
      }
      const std::int64_t sequence = one.compared + 1;
      std::vector<std::string> arguments;
      for (const ports::Name argument : row.arguments)
        if (argument != ports::no_name) arguments.push_back(name_of(argument));
      const std::string again = shown(row.time_ns, name_of(row.action), arguments);
      auto next = one.events.step();
      if (!next) return fail(next.error());
      if (!*next || one.events.integer(0) != sequence) {
        differ(
            sequence, "event",
            *next ? "no such row; the next is event " + std::to_string(one.events.integer(0)) : "no such row",
            again);
        break;
      }
      std::vector<std::string> was;
      for (int k = 3; k < 7; ++k)
        if (!one.events.is_null(k)) was.push_back(name_of_id(one.events, k));
      const std::string before = shown(one.events.integer(1), name_of_id(one.events, 2), was);
      if (before != again) {
        differ(sequence, "event", before, again);
        break;
      }
      one.digest.add(row, names);
      ++one.compared;
      ++comparison.events;
    }
    for (const ports::MigrationRow& row : batch.migrations) {
      if (one.done || (!one.summary.ended && row.last_event > one.summary.events)) break;
      const std::string again = shown(row, names);
      auto next = one.migrations.step();
      if (!next) return fail(next.error());
      if (!*next) {
        differ(row.last_event, "migration", "no such row", again);
        break;
      }
      Statement& m = one.migrations;
      std::string before = name_of_id(m, 1) + " from " + name_of_id(m, 2) + " to " +
                           (m.is_null(3) ? "none" : name_of_id(m, 3)) + " as " +
                           (m.is_null(4) ? "none" : name_of_id(m, 4)) + ", events " + m.text(5) + " to " +
                           m.text(6) + ", " + m.text(7) + " to " + m.text(8) + " ns, downtime " + m.text(9) +
                           " ns, " + m.text(10) + ", transfers";
      one.transfers.bind(1, m.integer(0));
      for (;;) {
        auto transfer = one.transfers.step();
        if (!transfer) return fail(transfer.error());
        if (!*transfer) break;
        before += " " + one.transfers.text(0) + "/" + one.transfers.text(1) +
                  (one.transfers.integer(2) != 0 ? "s" : "");
      }
      one.transfers.reset();
      if (before != again)
        differ(row.last_event, "migration", before, again);
      else
        one.digest.add(row, names);
    }
    if (!one.done && batch.end && !reached) {
      auto next = one.events.step();
      if (!next) return fail(next.error());
      auto more = one.migrations.step();
      if (!more) return fail(more.error());
      const auto end_of = [](std::string_view reason, std::int64_t time_ns,
                             std::optional<std::int64_t> goal_ns, std::int64_t events) {
        return std::string(reason) + " at " + std::to_string(time_ns) + " ns after " +
               std::to_string(events) + " events, goal " +
               (goal_ns ? "at " + std::to_string(*goal_ns) + " ns" : "not reached");
      };
      const std::string was = one.summary.ended ? end_of(*one.summary.ended, one.summary.time_ns,
                                                         one.summary.goal_ns, one.summary.events)
                                                : "";
      const std::string is = end_of(batch.end->reason, batch.end->time_ns, batch.end->goal_ns, one.compared);
      if (*next)
        differ(one.events.integer(0), "event", "a row behind the last event", "nothing");
      else if (*more)
        differ(0, "migration", "a row behind the last migration", "nothing");
      else if (one.summary.ended && was != is)
        differ(0, "end", was, is);
      else if (const std::string digest = one.digest.finish(*batch.end);
               one.summary.ended && one.summary.digest.value_or("") != digest)
        differ(0, "digest", one.summary.digest.value_or("none"), digest);
      one.done = true;
    }
    if (reached) {
      auto next = one.events.step();
      if (!next) return fail(next.error());
      if (*next) differ(one.events.integer(0), "event", "a row behind the last event", "nothing");
      one.done = true;
    }
    if (one.done) --left;
  }
  comparison.replications = static_cast<std::int64_t>(stored.size());
  // A complete run has all its replications, each ended, and a digest: what is said of it is compared as its
  // rows are.
  if (complete && (*head)->summary.replications != comparison.replications)
    comparison.differences.push_back({0, 0, "replications",
                                      std::to_string(comparison.replications) + " of a complete run",
                                      std::to_string((*head)->summary.replications)});
  std::map<std::int64_t, std::string> digests;
  for (auto& [number, one] : stored) {
    if (complete && one.done && !one.difference && !one.summary.ended)
      one.difference = Difference{one.summary.number, 0, "end", "none", "an end: the run is complete"};
    if (!one.done)
      one.difference = Difference{one.summary.number, one.compared + 1, "event",
                                  "rows up to event " + std::to_string(one.summary.events),
                                  "the replication does not come that far"};
    if (one.difference)
      comparison.differences.push_back(*one.difference);
    else if (one.summary.digest)
      digests.emplace(one.summary.number, *one.summary.digest);
  }
  if (*head && comparison.differences.empty() && (complete || !(*head)->summary.digest.empty())) {
    const std::string& was = (*head)->summary.digest;
    const std::string again = digest_of_run(digests);
    if (again != was) comparison.differences.push_back({0, 0, "digest", was.empty() ? "none" : was, again});
  }
  return comparison;
}

}  // namespace portolan::db
