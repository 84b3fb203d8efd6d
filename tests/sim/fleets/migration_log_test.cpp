// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/migration_log.hpp"

#include <gtest/gtest.h>

namespace portolan::sim::fleets {
namespace {

TEST(MigrationLogs, CountTheTimeInWhichTheGuestRunsNowhere) {
  MigrationLog log;
  log.guest(true, 5);
  log.begin({}, 3, true, 10);
  log.guest(false, 20);
  log.guest(false, 25);
  log.guest(true, 32);
  log.guest(false, 40);
  const ports::MigrationRow row = log.end(ports::MigrationOutcome::aborted, 9, 41);
  EXPECT_EQ(row.downtime_ns, 12 + 1);
  EXPECT_EQ(row.first_event, 3);
  EXPECT_EQ(row.last_event, 9);
  EXPECT_EQ(row.begin_ns, 10);
  EXPECT_EQ(row.end_ns, 41);
  EXPECT_EQ(row.outcome, ports::MigrationOutcome::aborted);
  EXPECT_FALSE(log.open());
}

TEST(MigrationLogs, ForgetTheMigrationBefore) {
  MigrationLog log;
  log.begin({}, 1, true, 0);
  log.sent({100, 7, false});
  EXPECT_EQ(log.end(ports::MigrationOutcome::committed, 2, 8).rounds.size(), 1u);
  log.guest(false, 9);
  log.guest(true, 12);
  log.begin({}, 3, true, 13);
  const ports::MigrationRow row = log.end(ports::MigrationOutcome::unfinished, 4, 14);
  EXPECT_EQ(row.downtime_ns, 0);
  EXPECT_TRUE(row.rounds.empty());
}

}  // namespace
}  // namespace portolan::sim::fleets
