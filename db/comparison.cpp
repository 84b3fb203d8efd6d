// SPDX-License-Identifier: Apache-2.0
#include "db/comparison.hpp"

#include <algorithm>
#include <unordered_map>

#include "db/rows.hpp"
#include "model/support/sha256.hpp"

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

/// `goal at 12 ns after 3 events, …`: how a replication ended.
std::string shown_end(std::string_view reason, const std::string& detail, std::int64_t time_ns,
                      std::optional<std::int64_t> goal_ns, std::int64_t events) {
  return std::string(reason) + (detail.empty() ? "" : " (" + detail + ")") + " at " +
         std::to_string(time_ns) + " ns after " + std::to_string(events) + " events, goal " +
         (goal_ns ? "at " + std::to_string(*goal_ns) + " ns" : "not reached");
}

/// The texts of the names that a database numbers.
class StoredNames {
 public:
  static Result<StoredNames> in(Database& database) {
    StoredNames names;
    auto all = database.prepare("SELECT id, text FROM name");
    if (!all) return fail(all.error());
    for (;;) {
      auto row = all->step();
      if (!row) return fail(row.error());
      if (!*row) return names;
      names.text_of_.emplace(all->integer(0), all->text(1));
    }
  }

  std::string at(const Statement& row, int column) const {
    const auto found = text_of_.find(row.integer(column));
    return found == text_of_.end() ? "name " + std::to_string(row.integer(column)) + ", which is not there"
                                   : found->second;
  }

 private:
  std::unordered_map<std::int64_t, std::string> text_of_;
};

/// The stored rows of one replication, read once from front to back beside what comes again.
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
        "SELECT bytes, duration_ns, stopped, number FROM transfer WHERE migration = ?1 ORDER BY number");
    if (!transfers) return fail(transfers.error());
    return StoredReplication(std::move(*events), std::move(*migrations), std::move(*transfers),
                             std::move(summary));
  }

  /// Holds a batch to the rows that come next, and counts the events that are the same.
  Result<void> compare(const ports::Batch& batch, const StoredNames& stored,
                       std::span<const std::string> names, std::int64_t& equal);
  /// A difference, or the end of what is stored, was reached.
  bool done() const { return done_; }
  const ReplicationSummary& summary() const { return summary_; }
  /// What differs, once the source has no more. In a complete run every replication has to have ended.
  std::optional<Difference> difference(bool complete) const;

 private:
  StoredReplication(Statement e, Statement m, Statement t, ReplicationSummary s)
      : events_(std::move(e)), migrations_(std::move(m)), transfers_(std::move(t)), summary_(std::move(s)) {}

  void differ(std::int64_t sequence, std::string what, std::string was, std::string is);
  /// Whether all that was stored of a replication without an end has been seen.
  bool seen_all() const { return !summary_.ended && compared_ == summary_.events; }
  Result<bool> same(const ports::EventRow& row, const StoredNames& stored,
                    std::span<const std::string> names);
  Result<bool> same(const ports::MigrationRow& row, const StoredNames& stored,
                    std::span<const std::string> names);
  Result<std::string> stored_migration(const StoredNames& stored);
  Result<void> compare_end(const ports::ReplicationEnd& end);
  Result<void> nothing_behind();

  Statement events_, migrations_, transfers_;
  ReplicationSummary summary_;
  std::int64_t compared_ = 0;
  bool done_ = false;
  ReplicationDigest digest_;
  std::optional<Difference> difference_;
};

void StoredReplication::differ(std::int64_t sequence, std::string what, std::string was, std::string is) {
  difference_ = Difference{summary_.number, sequence, std::move(what), std::move(was), std::move(is)};
  done_ = true;
}

Result<void> StoredReplication::compare(const ports::Batch& batch, const StoredNames& stored,
                                        std::span<const std::string> names, std::int64_t& equal) {
  bool cut = false;  // the batch goes on behind what was stored
  for (const ports::EventRow& row : batch.events) {
    if (cut = seen_all(); cut) break;
    const auto equals = same(row, stored, names);
    if (!equals) return fail(equals.error());
    if (!*equals) break;
    ++equal;
  }
  for (const ports::MigrationRow& row : batch.migrations) {
    if (done_ || (!summary_.ended && row.last_event > summary_.events)) break;
    const auto equals = same(row, stored, names);
    if (!equals) return fail(equals.error());
    if (!*equals) break;
  }
  if (!done_ && batch.end && !cut) {
    if (auto compared = compare_end(*batch.end); !compared) return compared;
  }
  return cut && !difference_ ? nothing_behind() : Result<void>{};
}

Result<bool> StoredReplication::same(const ports::EventRow& row, const StoredNames& stored,
                                     std::span<const std::string> names) {
  const auto name_of = [&](ports::Name name) { return names[static_cast<std::size_t>(name)]; };
  const std::int64_t sequence = compared_ + 1;
  std::vector<std::string> arguments;
  for (const ports::Name argument : row.arguments)
    if (argument != ports::no_name) arguments.push_back(name_of(argument));
  const std::string again = shown(row.time_ns, name_of(row.action), arguments);
  auto next = events_.step();
  if (!next) return fail(next.error());
  if (!*next || events_.integer(0) != sequence) {
    differ(sequence, "event",
           *next ? "no such row; the next is event " + std::to_string(events_.integer(0)) : "no such row",
           again);
    return false;
  }
  std::vector<std::string> was;
  for (int k = 3; k < 7; ++k)
    if (!events_.is_null(k)) was.push_back(stored.at(events_, k));
  const std::string before = shown(events_.integer(1), stored.at(events_, 2), was);
  if (before != again) {
    differ(sequence, "event", before, again);
    return false;
  }
  digest_.add(row, names);
  ++compared_;
  return true;
}

/// The row of `migrations_` at hand with its transfers, in the words of `shown`.
Result<std::string> StoredReplication::stored_migration(const StoredNames& stored) {
  const Statement& m = migrations_;
  std::string text = stored.at(m, 1) + " from " + stored.at(m, 2) + " to " +
                     (m.is_null(3) ? "none" : stored.at(m, 3)) + " as " +
                     (m.is_null(4) ? "none" : stored.at(m, 4)) + ", events " + m.text(5) + " to " +
                     m.text(6) + ", " + m.text(7) + " to " + m.text(8) + " ns, downtime " + m.text(9) +
                     " ns, " + m.text(10) + ", transfers";
  transfers_.bind(1, m.integer(0));
  for (std::int64_t number = 1;; ++number) {
    auto transfer = transfers_.step();
    if (!transfer) return fail(transfer.error());
    if (!*transfer) break;
    if (transfers_.integer(3) != number) text += " number " + transfers_.text(3) + ":";
    text += " " + transfers_.text(0) + "/" + transfers_.text(1) + (transfers_.integer(2) != 0 ? "s" : "");
  }
  transfers_.reset();
  return text;
}

Result<bool> StoredReplication::same(const ports::MigrationRow& row, const StoredNames& stored,
                                     std::span<const std::string> names) {
  const std::string again = shown(row, names);
  auto next = migrations_.step();
  if (!next) return fail(next.error());
  if (!*next) {
    differ(row.last_event, "migration", "no such row", again);
    return false;
  }
  const auto before = stored_migration(stored);
  if (!before) return fail(before.error());
  if (*before != again) {
    differ(row.last_event, "migration", *before, again);
    return false;
  }
  digest_.add(row, names);
  return true;
}

Result<void> StoredReplication::compare_end(const ports::ReplicationEnd& end) {
  auto next = events_.step();
  if (!next) return fail(next.error());
  auto more = migrations_.step();
  if (!more) return fail(more.error());
  const std::string was = summary_.ended ? shown_end(*summary_.ended, summary_.detail, summary_.time_ns,
                                                     summary_.goal_ns, summary_.events)
                                         : "";
  const std::string is = shown_end(end.reason, end.detail, end.time_ns, end.goal_ns, compared_);
  if (*next)
    differ(events_.integer(0), "event", "a row behind the last event", "nothing");
  else if (*more)
    differ(0, "migration", "a row behind the last migration", "nothing");
  else if (summary_.ended && was != is)
    differ(0, "end", was, is);
  else if (const std::string digest = digest_.finish(end);
           summary_.ended && summary_.digest.value_or("") != digest)
    differ(0, "digest", summary_.digest.value_or("none"), digest);
  done_ = true;
  return {};
}

/// Of a replication that was not stored to its end: no row follows the last that it counts.
Result<void> StoredReplication::nothing_behind() {
  auto next = events_.step();
  if (!next) return fail(next.error());
  if (*next)
    differ(events_.integer(0), "event", "a row behind the last event", "nothing");
  else if (!summary_.detail.empty())
    differ(0, "end", summary_.detail, "none");
  done_ = true;
  return {};
}

std::optional<Difference> StoredReplication::difference(bool complete) const {
  if (!done_)
    return Difference{summary_.number, compared_ + 1, "event",
                      "rows up to event " + std::to_string(summary_.events),
                      "the replication does not come that far"};
  if (complete && !difference_ && !summary_.ended)
    return Difference{summary_.number, 0, "end", "none", "an end: the run is complete"};
  return difference_;
}

using StoredReplications = std::map<std::uint64_t, StoredReplication>;

Result<StoredReplications> replications_of(Runs& runs, std::int64_t run) {
  const auto summaries = runs.replications(run);
  if (!summaries) return fail(summaries.error());
  auto find = runs.database().prepare("SELECT id FROM replication WHERE run = ?1 AND number = ?2");
  if (!find) return fail(find.error());
  StoredReplications stored;
  for (const ReplicationSummary& summary : *summaries) {
    auto row = find->bind(1, run).bind(2, summary.number).step();
    if (!row) return fail(row.error());
    auto one = StoredReplication::of(runs.database(), find->integer(0), summary);
    find->reset();
    if (!one) return fail(one.error());
    stored.emplace(static_cast<std::uint64_t>(summary.number), std::move(*one));
  }
  return stored;
}

/// Whether the run may say of itself what it says: how far it came is what its replications are.
std::optional<Difference> state_difference(const RunSummary& head, const StoredReplications& stored) {
  const auto differs = [&](std::string is) { return Difference{0, 0, "state", head.state, std::move(is)}; };
  if ((head.state == "running") != head.finished.empty())
    return differs(head.finished.empty() ? "running: it has no end"
                                         : "not running: it ended " + head.finished);
  if (head.state == "complete") return std::nullopt;
  if (!head.digest.empty()) return differs("complete: it has a digest");
  if (head.state == "failed") return std::nullopt;  // what failed may have everything else
  const bool all_ended =
      static_cast<std::int64_t>(stored.size()) == head.replications &&
      std::all_of(stored.begin(), stored.end(), [](const auto& one) { return one.second.summary().ended; });
  if (head.state == "interrupted" && all_ended) return differs("complete: every replication has an end");
  return std::nullopt;
}

/// The scenario is the one that was stored: with its catalogue it has its digest.
std::optional<Difference> scenario_difference(const StoredRun& run) {
  const std::string again = sha256(run.scenario_content + "\n" + run.catalogue_content.value_or(""));
  if (again == run.scenario_digest) return std::nullopt;
  return Difference{0, 0, "scenario", "its digest is " + run.scenario_digest,
                    "what is stored gives " + again};
}

/// Rows that belong to nothing: of which run they were cannot be said.
Result<void> find_strays(Database& database, Comparison& comparison) {
  struct Kind {
    std::string what, of, query;
  };
  const Kind kinds[] = {
      {"event", "replication",
       "SELECT replication, sequence FROM event WHERE replication NOT IN (SELECT id FROM replication) LIMIT "
       "1"},
      {"migration", "replication",
       "SELECT replication, id FROM migration WHERE replication NOT IN (SELECT id FROM replication) LIMIT 1"},
      {"transfer", "migration",
       "SELECT migration, number FROM transfer WHERE migration NOT IN (SELECT id FROM migration) LIMIT 1"}};
  for (const Kind& kind : kinds) {
    auto query = database.prepare(kind.query);
    if (!query) return fail(query.error());
    auto row = query->step();
    if (!row) return fail(row.error());
    if (*row)
      comparison.differences.push_back({0, query->integer(1), kind.what,
                                        kind.what + " " + query->text(1) + " of " + kind.of + " " +
                                            query->text(0) + ", which is not there",
                                        "nothing"});
  }
  return {};
}

/// What a run says of itself, compared as its rows are: a complete one has all its replications, each ended,
/// and a digest.
void compare_head(const StoredRun& run, const StoredReplications& stored, Comparison& comparison) {
  const RunSummary& head = run.summary;
  const bool complete = head.state == "complete";
  if (const auto difference = scenario_difference(run)) comparison.differences.push_back(*difference);
  if (const auto difference = state_difference(head, stored)) comparison.differences.push_back(*difference);
  if (complete && head.replications != comparison.replications)
    comparison.differences.push_back({0, 0, "replications",
                                      std::to_string(comparison.replications) + " of a complete run",
                                      std::to_string(head.replications)});
  std::map<std::int64_t, std::string> digests;
  for (const auto& [number, one] : stored) {
    if (const auto difference = one.difference(complete))
      comparison.differences.push_back(*difference);
    else if (one.summary().digest)
      digests.emplace(one.summary().number, *one.summary().digest);
  }
  if (!comparison.differences.empty() || (!complete && head.digest.empty())) return;
  const std::string again = digest_of_run(digests, run.plan);
  if (again != head.digest)
    comparison.differences.push_back({0, 0, "digest", head.digest.empty() ? "none" : head.digest, again});
}

}  // namespace

Result<Comparison> compare(Runs& runs, std::int64_t run, ports::EventSource& source) {
  const auto head = runs.stored(run);
  if (!head) return fail(head.error());
  if (!*head) return Comparison{};
  auto stored = replications_of(runs, run);
  if (!stored) return fail(stored.error());
  const auto stored_names = StoredNames::in(runs.database());
  if (!stored_names) return fail(stored_names.error());
  const auto names = source.names();
  Comparison comparison;
  comparison.replications = static_cast<std::int64_t>(stored->size());
  std::size_t left = stored->size();
  for (ports::Batch batch; left > 0 && source.next(batch); batch = {}) {
    const auto at = stored->find(batch.replication);
    if (at == stored->end() || at->second.done()) continue;
    if (auto done = at->second.compare(batch, *stored_names, names, comparison.events); !done)
      return fail(done.error());
    if (at->second.done()) --left;
  }
  compare_head(**head, *stored, comparison);
  // What is gone leaves rows behind, and then it is told what is gone.
  if (comparison.differences.empty())
    if (auto done = find_strays(runs.database(), comparison); !done) return fail(done.error());
  return comparison;
}

}  // namespace portolan::db
