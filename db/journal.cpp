// SPDX-License-Identifier: Apache-2.0
#include "db/journal.hpp"

#include "db/rows.hpp"
#include "db/schema.hpp"
#include "model/support/text.hpp"

namespace portolan::db {

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

std::string json_of(const std::vector<std::vector<std::string>>& events) {
  std::string text = "[";
  for (const auto& event : events) {
    text += text.size() > 1 ? ",[" : "[";
    for (std::size_t k = 0; k < event.size(); ++k) text += (k > 0 ? "," : "") + json_quoted(event[k]);
    text += "]";
  }
  return text + "]";
}
std::string json_of(const std::map<std::string, std::string>& values) {
  std::string text = "{";
  for (const auto& [name, value] : values)
    text += (text.size() > 1 ? "," : "") + json_quoted(name) + ":" + json_quoted(value);
  return text + "}";
}

constexpr std::string_view columns =
    "id, scenario, plan_file, state, why, attention, devices, program, process, started, finished, steps, "
    "steps_done, entries";
ExecutionSummary read_summary(const Statement& row) {
  return {row.integer(0), row.text(1),     row.text(2),     row.text(3),    row.text(4),
          row.text(5),    row.text(6),     row.text(7),     row.text(8),    row.text(9),
          row.text(10),   row.integer(11), row.integer(12), row.integer(13)};
}

}  // namespace

Result<Journal> Journal::open(const std::filesystem::path& file, Opening opening,
                              std::function<std::int64_t()> now_ns) {
  auto database = open_migrated(file, opening);
  if (!database) return fail(database.error());
  if (auto done = database->run("PRAGMA synchronous = FULL"); !done) return fail(done.error());
  return Journal(std::move(*database), std::move(now_ns));
}

Result<std::int64_t> Journal::begin(const ExecutionHead& head) {
  const Seconds now_s = now_ns_() / ns_per_s;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  const auto scenario = add_scenario(database_, head.scenario, now_s);
  if (!scenario) return fail(scenario.error());
  auto insert = database_.prepare(
      "INSERT INTO execution (scenario, plan_file, plan, inventory, state, steps, steps_done, program, "
      "process, started_s, devices) "
      "VALUES (?1, ?2, ?3, ?4, 'running', ?5, 0, ?6, ?7, ?8, ?9)");
  if (!insert) return fail(insert.error());
  insert->bind(1, *scenario)
      .bind(2, std::string_view(head.plan_file))
      .bind(3, std::string_view(head.plan))
      .bind(4, std::string_view(head.inventory))
      .bind(5, head.steps);
  insert->bind(6, std::string_view(head.program)).bind(7, std::string_view(head.process)).bind(8, now_s);
  insert->bind(9, unless_empty(head.devices));
  if (auto done = insert->finish(); !done) return fail(done.error());
  execution_ = database_.last_row_id();
  sequence_ = step_ = 0;
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return execution_;
}

bool Journal::write(Result<void> done) {
  if (!done) faults_ = done.error();
  return done.has_value();
}

Result<void> Journal::as_written() {
  if (auto there = database_.is_still_there(); !there) return there;
  const auto lost = [&](std::string finding) {
    return fail(Fault{FaultCode::storage,
                      {database_.file(), {}, {}},
                      std::move(finding),
                      "what was written",
                      "leave the file, and what SQLite keeps beside it, alone while it is written"});
  };
  // By a connection of its own, which has nothing in its memory.
  auto again = Database::open(database_.file(), Opening::reading);
  if (!again) return fail(again.error());
  auto whole = again->prepare("PRAGMA quick_check(1)");
  if (!whole) return fail(whole.error());
  if (auto row = whole->step(); !row) return fail(row.error());
  if (whole->text(0) != "ok") return lost("was damaged while it was written: " + printable(whole->text(0)));
  auto count =
      again->prepare("SELECT count(*), coalesce(max(sequence), 0) FROM journal WHERE execution = ?1");
  if (!count) return fail(count.error());
  if (auto row = count->bind(1, execution_).step(); !row) return fail(row.error());
  if (count->integer(0) != sequence_ || count->integer(1) != sequence_)
    return lost("has " + std::to_string(count->integer(0)) + " of the " + std::to_string(sequence_) +
                " entries that were written");
  return {};
}

bool Journal::intent(const ports::Intent& intent) {
  if (auto same = as_written(); !same) return write(std::move(same));
  // The next step begins, so those before it are done: known also when nobody comes to close the execution.
  if (const auto step = static_cast<std::int64_t>(intent.step); step > step_) {
    step_ = step;
    auto update = database_.prepare("UPDATE execution SET steps_done = ?2 WHERE id = ?1");
    if (!update) return write(fail(update.error()));
    update->bind(1, execution_).bind(2, step_ - 1);
    if (auto done = update->finish(); !done) return write(std::move(done));
  }
  auto insert = database_.prepare(
      "INSERT INTO journal (execution, sequence, step, what, detail, intended_ns) VALUES (?1, ?2, ?3, ?4, "
      "?5, ?6)");
  if (!insert) return write(fail(insert.error()));
  insert->bind(1, execution_)
      .bind(2, ++sequence_)
      .bind(3, static_cast<std::int64_t>(intent.step))
      .bind(4, std::string_view(intent.what))
      .bind(5, std::string_view(intent.detail))
      .bind(6, now_ns_());
  return write(insert->finish());
}

bool Journal::outcome(const ports::Outcome& outcome) {
  auto update = database_.prepare(
      "UPDATE journal SET done = ?3, said = ?4, events = ?5, observed = ?6, bytes = ?7, sha256 = ?8, "
      "ended_ns = ?9 WHERE execution = ?1 AND sequence = ?2");
  if (!update) return write(fail(update.error()));
  update->bind(1, execution_)
      .bind(2, sequence_)
      .bind(3, std::int64_t{outcome.done})
      .bind(4, std::string_view(outcome.said))
      .bind(5, std::string_view(json_of(outcome.events)));
  update->bind(6, std::string_view(json_of(outcome.observed)))
      .bind(7, static_cast<std::int64_t>(outcome.bytes))
      .bind(8, unless_empty(outcome.sha256))
      .bind(9, now_ns_());
  return write(update->finish());
}

Result<void> Journal::close(const ExecutionClose& close) {
  if (auto same = as_written(); !same) return same;
  auto update = database_.prepare(
      "UPDATE execution SET state = ?2, steps_done = ?3, why = ?4, attention = ?5, devices = ?6, ended_s = "
      "?7 WHERE id = ?1");
  if (!update) return fail(update.error());
  update->bind(1, execution_)
      .bind(2, std::string_view(close.state))
      .bind(3, close.steps_done)
      .bind(4, unless_empty(close.why))
      .bind(5, unless_empty(close.attention));
  update->bind(6, unless_empty(close.devices)).bind(7, now_ns_() / ns_per_s);
  return update->finish();
}

Result<std::vector<ExecutionSummary>> Journal::executions() {
  auto query = database_.prepare("SELECT " + std::string(columns) + " FROM executions ORDER BY id");
  if (!query) return fail(query.error());
  return all_rows<ExecutionSummary>(*query, read_summary);
}

Result<std::optional<StoredExecution>> Journal::stored(std::int64_t execution) {
  auto query = database_.prepare("SELECT " + std::string(columns) + " FROM executions WHERE id = ?1");
  if (!query) return fail(query.error());
  auto row = query->bind(1, execution).step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  StoredExecution found;
  found.summary = read_summary(*query);
  auto content = database_.prepare(
      "SELECT s.content, e.plan, c.file, c.content FROM execution e JOIN scenario s ON s.id = e.scenario "
      "LEFT JOIN catalogue c ON c.id = s.catalogue WHERE e.id = ?1");
  if (!content) return fail(content.error());
  row = content->bind(1, execution).step();
  if (!row) return fail(row.error());
  found.scenario_content = content->text(0);
  found.plan = content->text(1);
  found.catalogue_file = content->text(2);
  found.catalogue_content = content->text(3);
  return found;
}

Result<std::vector<JournalEntry>> Journal::entries(std::int64_t execution) {
  auto query = database_.prepare(
      "SELECT sequence, step, what, detail, intended_ns, done, said, events, observed, bytes, sha256, "
      "ended_ns FROM journal WHERE execution = ?1 ORDER BY sequence");
  if (!query) return fail(query.error());
  query->bind(1, execution);
  return all_rows<JournalEntry>(*query, [](const Statement& row) {
    JournalEntry entry{row.integer(0), row.integer(1), row.text(2),  row.text(3),
                       row.integer(4), std::nullopt,   row.text(6),  row.text(7),
                       row.text(8),    row.integer(9), row.text(10), std::nullopt};
    if (!row.is_null(5)) entry.done = row.integer(5) != 0;
    if (!row.is_null(11)) entry.ended_ns = row.integer(11);
    return entry;
  });
}

}  // namespace portolan::db
