// SPDX-License-Identifier: Apache-2.0
#include "db/recording.hpp"

#include "db/runs.hpp"

namespace portolan::db {

/// What one transaction writes with.
struct Recording::Statements {
  Names names;
  Statement replication, progress, end, event, migration, transfer;

  static Result<Statements> in(Database& database) {
    auto names = Names::in(database);
    auto replication =
        database.prepare("INSERT INTO replication (run, number, events, time_ns) VALUES (?1, ?2, 0, 0)");
    auto progress = database.prepare("UPDATE replication SET events = ?2, time_ns = ?3 WHERE id = ?1");
    auto end = database.prepare(
        "UPDATE replication SET ended = ?2, detail = ?3, goal_ns = ?4, digest = ?5, time_ns = ?6 WHERE id = "
        "?1");
    auto event = database.prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    auto migration = database.prepare(
        "INSERT INTO migration (replication, vm, source, destination, setting, first_event, last_event, "
        "begin_ns, end_ns, downtime_ns, outcome) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    auto transfer = database.prepare("INSERT INTO transfer VALUES (?1, ?2, ?3, ?4, ?5)");
    if (!names) return fail(names.error());
    for (auto* statement : {&replication, &progress, &end, &event, &migration, &transfer})
      if (!*statement) return fail(statement->error());
    return Statements{std::move(*names), std::move(*replication), std::move(*progress), std::move(*end),
                      std::move(*event), std::move(*migration),   std::move(*transfer)};
  }
};

void Recording::add(ports::Batch batch) {
  waiting_rows_ += batch.events.size();
  waiting_.push_back(std::move(batch));
}

bool Recording::full() const {
  return waiting_rows_ >= rows_per_transaction || waiting_.size() >= rows_per_transaction;
}

Result<void> Recording::write() {
  if (waiting_.empty()) return {};
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  {
    auto statements = Statements::in(database_);
    if (!statements) return fail(statements.error());
    for (const ports::Batch& batch : waiting_) {
      if (auto done = write(*statements, batch); !done) return done;
    }
  }
  if (auto done = transaction->commit(); !done) return done;
  events_ += static_cast<std::int64_t>(waiting_rows_);
  waiting_.clear();
  waiting_rows_ = 0;
  return {};
}

Result<void> Recording::write(Statements& to, const ports::Batch& batch) {
  Open& open = open_[batch.replication];
  if (open.id == 0) {
    if (auto done = begin(to, open, batch.replication); !done) return done;
  }
  for (const ports::EventRow& row : batch.events) {
    if (auto done = write(to, open, row); !done) return done;
  }
  for (const ports::MigrationRow& row : batch.migrations) {
    if (auto done = write(to, open, row); !done) return done;
  }
  if (!batch.events.empty()) {
    to.progress.bind(1, open.id).bind(2, open.events).bind(3, batch.events.back().time_ns);
    if (auto done = to.progress.finish(); !done) return done;
  }
  return batch.end ? end(to, open, batch) : Result<void>{};
}

Result<void> Recording::begin(Statements& to, Open& open, std::uint64_t replication) {
  to.replication.bind(1, run_).bind(2, static_cast<std::int64_t>(replication));
  if (auto done = to.replication.finish(); !done) return done;
  open.id = database_.last_row_id();
  return {};
}

Result<std::optional<std::int64_t>> Recording::id_of(Statements& to, ports::Name name) {
  if (name == ports::no_name) return std::nullopt;
  std::int64_t& id = ids_[static_cast<std::size_t>(name)];
  if (id == 0) {
    auto made = to.names.id(names_[static_cast<std::size_t>(name)]);
    if (!made) return fail(made.error());
    id = *made;
  }
  return id;
}

Result<void> Recording::write(Statements& to, Open& open, const ports::EventRow& row) {
  open.digest.add(row, names_);
  to.event.bind(1, open.id).bind(2, ++open.events).bind(3, row.time_ns);
  const auto action = id_of(to, row.action);
  if (!action) return fail(action.error());
  to.event.bind(4, **action);
  for (std::size_t k = 0; k < row.arguments.size(); ++k) {
    const auto argument = id_of(to, row.arguments[k]);
    if (!argument) return fail(argument.error());
    to.event.bind(static_cast<int>(k) + 5, *argument);
  }
  return to.event.finish();
}

Result<void> Recording::write(Statements& to, Open& open, const ports::MigrationRow& row) {
  open.digest.add(row, names_);
  to.migration.bind(1, open.id);
  int parameter = 2;
  for (const ports::Name name : {row.vm, row.source, row.destination, row.setting}) {
    const auto id = id_of(to, name);
    if (!id) return fail(id.error());
    to.migration.bind(parameter++, *id);
  }
  for (const std::int64_t value :
       {row.first_event, row.last_event, row.begin_ns, row.end_ns, row.downtime_ns})
    to.migration.bind(parameter++, value);
  to.migration.bind(parameter, ports::name_of(row.outcome));
  if (auto done = to.migration.finish(); !done) return done;
  const std::int64_t id = database_.last_row_id();
  for (std::size_t k = 0; k < row.rounds.size(); ++k) {
    const ports::RoundRow& round = row.rounds[k];
    to.transfer.bind(1, id)
        .bind(2, static_cast<std::int64_t>(k) + 1)
        .bind(3, static_cast<std::int64_t>(round.bytes))
        .bind(4, static_cast<std::int64_t>(round.duration_ns))
        .bind(5, std::int64_t{round.stopped});
    if (auto done = to.transfer.finish(); !done) return done;
  }
  return {};
}

Result<void> Recording::end(Statements& to, Open& open, const ports::Batch& batch) {
  const std::string digest = open.digest.finish(*batch.end);
  to.end.bind(1, open.id)
      .bind(2, std::string_view(batch.end->reason))
      .bind(3, unless_empty(batch.end->detail))
      .bind(4, batch.end->goal_ns)
      .bind(5, std::string_view(digest))
      .bind(6, batch.end->time_ns);
  if (auto done = to.end.finish(); !done) return done;
  digests_.emplace(static_cast<std::int64_t>(batch.replication), digest);
  open_.erase(batch.replication);
  return {};
}

}  // namespace portolan::db
