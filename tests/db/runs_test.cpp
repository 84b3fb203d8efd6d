// SPDX-License-Identifier: Apache-2.0
#include "db/runs.hpp"

#include <gmock/gmock.h>

#include "db/comparison.hpp"
#include "sim/prepare.hpp"
#include "sim/run/run.hpp"
#include "tests/sim/scenarios.hpp"

using namespace portolan;
using testing::HasSubstr;

namespace {

const auto no_clock = [] { return db::Seconds{0}; };

class StoredRuns : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "runs.db";
  const std::shared_ptr<const sim::run::Blueprint> blueprint = test::blueprint_of(
      test::one_vm(3,
                   "faults: {budget: 5, rates: {device_error_ns: 20000000000, host_fails_ns: "
                   "900000000000}}\nsimulation: {events_max: 300}\ngoal: \"place[vm] == host2\""));

  db::Runs open() {
    auto runs = db::Runs::open(file, db::Opening::create);
    if (!runs) throw std::runtime_error(to_string(runs.error()));
    return std::move(*runs);
  }
  std::int64_t begin(db::Runs& runs, std::uint64_t replications) {
    db::RunHead head{{"fleet.yaml", blueprint->loaded().content, blueprint->loaded().catalogue.get()},
                     7,
                     replications,
                     std::nullopt,
                     "test",
                     "nobody 1 1"};
    return runs.begin(head, 0).value();
  }
  std::unique_ptr<sim::run::Run> source(std::uint32_t replications) {
    return std::make_unique<sim::run::Run>(blueprint, sim::run::RunOptions{7, 0, replications, 1});
  }
  std::int64_t record(db::Runs& runs, std::uint32_t replications) {
    const auto run = begin(runs, replications);
    auto done = runs.record(run, *source(replications), no_clock);
    EXPECT_TRUE(done) << (done ? "" : to_string(done.error()));
    return run;
  }
  std::int64_t count(db::Runs& runs, const std::string& sql) {
    auto statement = runs.database().prepare(sql).value();
    EXPECT_TRUE(statement.step().value());
    return statement.integer(0);
  }
  /// The one difference after the file was changed behind the program's back.
  db::Difference difference_after(const std::string& sql) {
    auto runs = open();
    const auto run = record(runs, 2);
    auto done = runs.database().run("PRAGMA foreign_keys = OFF; " + sql);
    EXPECT_TRUE(done) << to_string(done.error());
    const auto comparison = compare(runs, run, *source(2)).value();
    EXPECT_EQ(comparison.differences.size(), 1u);
    return comparison.differences.empty() ? db::Difference{} : comparison.differences.front();
  }
};

TEST_F(StoredRuns, KeepWhatItTakesToRunThemAgain) {
  auto runs = open();
  const auto run = record(runs, 2);
  const auto stored = runs.stored(run).value();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->summary.state, "complete");
  EXPECT_EQ(stored->summary.seed, 7);
  EXPECT_EQ(stored->summary.events, 600);
  EXPECT_EQ(stored->summary.digest.size(), 64u);
  auto catalogue = compat::parse_catalogue(stored->catalogue_content.value(), stored->catalogue_file.value());
  ASSERT_TRUE(catalogue) << to_string(catalogue.error());
  auto loaded = fleet::read_scenario(stored->scenario_content, "again",
                                     std::make_shared<const compat::Catalogue>(std::move(*catalogue)));
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->content, stored->scenario_content);
  EXPECT_EQ(loaded->module.initial, blueprint->module().initial);
  for (std::size_t s = 0; s < loaded->module.sorts.size(); ++s)
    EXPECT_EQ(loaded->module.sorts[s].elements, blueprint->module().sorts[s].elements);
}

TEST_F(StoredRuns, AreTheSameAgain) {
  auto runs = open();
  const auto first = record(runs, 3), second = record(runs, 3);
  const auto comparison = compare(runs, first, *source(3)).value();
  EXPECT_TRUE(comparison.differences.empty()) << comparison.differences.front().stored << "\n"
                                              << comparison.differences.front().again;
  EXPECT_EQ(comparison.events, 900);
  EXPECT_EQ(runs.stored(first).value()->summary.digest, runs.stored(second).value()->summary.digest);
  EXPECT_EQ(count(runs, "SELECT count(*) FROM scenario"), 1) << "a scenario is kept once";
  EXPECT_EQ(count(runs, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

TEST_F(StoredRuns, CountTheirMigrations) {
  auto runs = open();
  const auto run = record(runs, 2);
  const auto summary = runs.migrations(run).value();
  EXPECT_GT(summary.committed, 0);
  EXPECT_EQ(summary.committed + summary.aborted + summary.lost + summary.unfinished,
            count(runs, "SELECT count(*) FROM migration"));
  EXPECT_EQ(summary.downtime_max_ns,
            count(runs, "SELECT max(downtime_ns) FROM migrations WHERE outcome = 'committed'"));
  EXPECT_LE(summary.downtime_min_ns, summary.downtime_median_ns);
  EXPECT_LE(summary.downtime_median_ns, summary.downtime_max_ns);
  EXPECT_EQ(
      count(runs,
            "SELECT count(*) FROM migrations m WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.run = m.run "
            "AND e.replication = m.replication AND e.sequence = m.first_event AND e.action = 'migrate_begin' "
            "AND e.argument_1 = m.vm AND e.argument_2 = m.destination AND e.time_ns = m.begin_ns)"),
      0)
      << "a migration begins with its event";
}

TEST_F(StoredRuns, ShowACorruptedEvent) {
  const auto difference =
      difference_after("UPDATE event SET time_ns = time_ns + 1 WHERE replication = 2 AND sequence = 57");
  EXPECT_EQ(difference.replication, 2);
  EXPECT_EQ(difference.what, "event");
  EXPECT_EQ(difference.sequence, 57);
  EXPECT_NE(difference.stored, difference.again);
}

TEST_F(StoredRuns, ShowAnEventWhoseNameIsNotThere) {
  const auto difference =
      difference_after("UPDATE event SET action = 99999 WHERE replication = 1 AND sequence = 3");
  EXPECT_EQ(difference.sequence, 3);
  EXPECT_THAT(difference.stored, HasSubstr("name 99999, which is not there"));
}

TEST_F(StoredRuns, ShowADeletedEvent) {
  const auto difference = difference_after("DELETE FROM event WHERE replication = 1 AND sequence = 120");
  EXPECT_EQ(difference.sequence, 120);
  EXPECT_THAT(difference.stored, HasSubstr("no such row; the next is event 121"));
}

TEST_F(StoredRuns, ShowTheDeletedLastEvent) {
  const auto difference = difference_after("DELETE FROM event WHERE replication = 1 AND sequence = 300");
  EXPECT_EQ(difference.sequence, 300);
  EXPECT_EQ(difference.stored, "no such row");
}

TEST_F(StoredRuns, ShowAnEventTooMany) {
  const auto difference = difference_after(
      "INSERT INTO event SELECT replication, 301, time_ns, action, argument_1, argument_2, argument_3, "
      "argument_4 FROM event WHERE replication = 1 AND sequence = 300");
  EXPECT_EQ(difference.sequence, 301);
  EXPECT_THAT(difference.stored, HasSubstr("behind the last event"));
}

TEST_F(StoredRuns, ShowTwoEventsThatWereSwapped) {
  const auto difference = difference_after(
      "UPDATE event SET sequence = -1 WHERE replication = 1 AND sequence = 10; UPDATE event SET sequence = "
      "10 WHERE replication = 1 AND sequence = 11; "
      "UPDATE event SET sequence = 11 WHERE replication = 1 AND sequence = -1");
  EXPECT_EQ(difference.sequence, 10);
}

TEST_F(StoredRuns, ShowACorruptedTransferAndACorruptedMigration) {
  EXPECT_EQ(difference_after("UPDATE transfer SET bytes = bytes + 1 WHERE migration = 1 AND number = 1").what,
            "migration");
}

TEST_F(StoredRuns, ShowACorruptedDowntime) {
  EXPECT_EQ(difference_after("UPDATE migration SET downtime_ns = downtime_ns - 1 WHERE id = 1").what,
            "migration");
}

TEST_F(StoredRuns, ShowACorruptedDigest) {
  EXPECT_EQ(
      difference_after("UPDATE replication SET digest = '" + std::string(64, '0') + "' WHERE number = 2")
          .what,
      "digest");
}

TEST_F(StoredRuns, ShowACorruptedEnd) {
  EXPECT_EQ(difference_after("UPDATE replication SET ended = 'until' WHERE number = 1").what, "end");
}

TEST_F(StoredRuns, ShowThatACompleteRunHasFewerReplicationsThanItSays) {
  const auto difference = difference_after("UPDATE run SET replications = 3");
  EXPECT_EQ(difference.replication, 0);
  EXPECT_EQ(difference.what, "replications");
  EXPECT_EQ(difference.stored, "2 of a complete run");
  EXPECT_EQ(difference.again, "3");
}

TEST_F(StoredRuns, ShowThatACompleteRunLostAReplication) {
  EXPECT_EQ(difference_after("DELETE FROM replication WHERE number = 2").what, "replications");
}

TEST_F(StoredRuns, ShowThatACompleteRunLostItsDigest) {
  const auto difference = difference_after("UPDATE run SET digest = NULL");
  EXPECT_EQ(difference.replication, 0);
  EXPECT_EQ(difference.what, "digest");
  EXPECT_EQ(difference.stored, "none");
  EXPECT_EQ(difference.again.size(), 64u);
}

TEST_F(StoredRuns, ShowThatAReplicationOfACompleteRunLostItsEnd) {
  const auto difference = difference_after("UPDATE replication SET ended = NULL WHERE number = 2");
  EXPECT_EQ(difference.replication, 2);
  EXPECT_EQ(difference.what, "end");
}

TEST_F(StoredRuns, ShowAScenarioThatIsNotTheOneThatRan) {
  // Also where it changes nothing of what happens.
  const auto difference =
      difference_after("UPDATE scenario SET content = json_set(content, '$.description', 'another')");
  EXPECT_EQ(difference.replication, 0);
  EXPECT_EQ(difference.what, "scenario");
  EXPECT_THAT(difference.stored, HasSubstr("its digest is "));
}

TEST_F(StoredRuns, ShowAStateThatTheRunIsNotIn) {
  for (const char* state : {"interrupted", "running", "failed"}) {
    const auto difference = difference_after("UPDATE run SET state = '" + std::string(state) + "'");
    EXPECT_EQ(difference.what, "state") << state;
    EXPECT_EQ(difference.stored, state);
  }
  EXPECT_EQ(difference_after("UPDATE run SET state = 'interrupted', digest = NULL").what, "state");
}

TEST_F(StoredRuns, ShowAPlanThatIsNotTheOneThatWasFollowed) {
  const auto difference =
      difference_after("UPDATE run SET plan = '[{\"action\":\"drain\",\"arguments\":[]}]'");
  EXPECT_EQ(difference.what, "digest");
}

TEST_F(StoredRuns, ShowACorruptedDetailOfAnEnd) {
  const auto difference = difference_after("UPDATE replication SET detail = 'by hand' WHERE number = 1");
  EXPECT_EQ(difference.what, "end");
  EXPECT_THAT(difference.stored, HasSubstr("(by hand)"));
}

TEST_F(StoredRuns, ShowATransferWithAnotherNumber) {
  const auto difference = difference_after(
      "UPDATE transfer SET number = number + 10 WHERE (migration, number) = (SELECT migration, max(number) "
      "FROM transfer WHERE migration = 1)");
  EXPECT_EQ(difference.what, "migration");
  EXPECT_THAT(difference.stored, HasSubstr("number 1"));
}

TEST_F(StoredRuns, ShowRowsThatBelongToNothing) {
  const auto event = difference_after(
      "INSERT INTO event SELECT 999, 7, time_ns, action, argument_1, argument_2, argument_3, argument_4 FROM "
      "event WHERE replication = 1 AND sequence = 300");
  EXPECT_EQ(event.what, "event");
  EXPECT_EQ(event.stored, "event 7 of replication 999, which is not there");
}

TEST_F(StoredRuns, ShowTransfersOfNoMigration) {
  const auto transfer = difference_after("INSERT INTO transfer VALUES (99999, 1, 1, 1, 0)");
  EXPECT_EQ(transfer.what, "transfer");
}

TEST_F(StoredRuns, AreInterruptedWhenTheSourceStopsEarlyAndComparedAsFarAsTheyCame) {
  const auto endless = test::blueprint_of(
      test::one_vm(3, "simulation: {events_max: 1000000000, until_ns: 1000000000000000000}"));
  auto runs = open();
  const auto run = begin(runs, 2);
  std::atomic<bool> stop{false};
  sim::run::Run first(endless, {7, 0, 2, 1}, &stop);
  ASSERT_TRUE(runs.record(run, first, no_clock, [&](std::int64_t events) {
    if (events >= 10'000) stop = true;
  }));
  const auto stored = runs.stored(run).value();
  EXPECT_EQ(stored->summary.state, "interrupted");
  EXPECT_EQ(stored->summary.ended, 0);
  EXPECT_GE(stored->summary.events, 10'000);
  EXPECT_EQ(stored->summary.events, count(runs, "SELECT count(*) FROM event"));
  EXPECT_EQ(stored->summary.digest, "");
  sim::run::Run again(endless, {7, 0, 2, 1});
  const auto comparison = compare(runs, run, again).value();
  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_EQ(comparison.events, stored->summary.events);
}

TEST_F(StoredRuns, AreFailedWhenTheSourceThrows) {
  const auto wrong = [](const rules::Machine& machine, const rules::Configuration& at, std::uint8_t event) {
    rules::Step step = machines::step(machine, at, event);
    step.row = 99;
    return step;
  };
  const auto broken = sim::prepare(test::load_text(test::one_vm(2, "")), {}, wrong).value();
  auto runs = open();
  const auto run = begin(runs, 1);
  sim::run::Run bad(broken, {7, 0, 1, 1});
  EXPECT_THROW((void)runs.record(run, bad, no_clock), sim::run::Disagreement);
  EXPECT_EQ(runs.stored(run).value()->summary.state, "failed");
}

TEST_F(StoredRuns, OfManySmallReplicationsShareTransactions) {
  const auto small = test::blueprint_of(test::one_vm(2, "simulation: {events_max: 5}"));
  auto runs = open();
  const auto run = begin(runs, 500);
  sim::run::Run source_of_many(small, {7, 0, 500, 2});
  int transactions = 0;
  ASSERT_TRUE(runs.record(run, source_of_many, no_clock, [&](std::int64_t) { ++transactions; }));
  EXPECT_EQ(runs.stored(run).value()->summary.state, "complete");
  EXPECT_EQ(runs.stored(run).value()->summary.events, 2500);
  EXPECT_EQ(transactions, 0) << "2,500 rows are one transaction, at the end";
}

// --- queries
// ---------------------------------------------------------------------------------------------------------

class Queries : public StoredRuns, public testing::WithParamInterface<const char*> {};

TEST_P(Queries, CannotChangeAnything) {
  {
    auto runs = open();
    record(runs, 1);
  }
  auto database = db::Database::open(file, db::Opening::existing).value();
  auto statement = database.prepare_reading(GetParam());
  ASSERT_FALSE(statement) << "it was accepted, on a connection that could write";
  EXPECT_FALSE(std::filesystem::exists(folder / "other.db"));
}

INSTANTIATE_TEST_SUITE_P(All, Queries,
                         testing::Values("DELETE FROM event", "INSERT INTO name (text) VALUES ('x')",
                                         "UPDATE run SET seed = 1", "DROP VIEW runs",
                                         "CREATE TEMP TABLE t (x)", "ATTACH 'other.db' AS o",
                                         "VACUUM INTO 'other.db'", "PRAGMA user_version = 7",
                                         "SELECT 1; DELETE FROM event", "BEGIN", "SELECT load_extension('x')",
                                         "", "-- nothing", "SELECT FROM",
                                         "WITH t AS (SELECT 1) DELETE FROM event", "ANALYZE", "REINDEX"));

TEST_F(StoredRuns, CanBeAskedThroughTheViews) {
  auto runs = open();
  record(runs, 2);
  auto statement = runs.database().prepare_reading(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT max(x), (SELECT "
      "count(*) FROM events), 1.5, NULL FROM n;");
  ASSERT_TRUE(statement) << to_string(statement.error());
  ASSERT_TRUE(statement->step().value());
  EXPECT_EQ(statement->columns(), 4);
  EXPECT_EQ(statement->integer(0), 3);
  EXPECT_EQ(statement->integer(1), 600);
  EXPECT_EQ(statement->kind(2), db::Statement::Kind::real);
  EXPECT_EQ(statement->kind(3), db::Statement::Kind::null);
}

}  // namespace
