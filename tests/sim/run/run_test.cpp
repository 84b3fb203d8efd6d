// SPDX-License-Identifier: Apache-2.0
#include "sim/run/run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "db/replication_digest.hpp"
#include "tests/sim/scenarios.hpp"

namespace portolan::sim::run {
namespace {

std::map<std::uint64_t, std::string> digests(const std::shared_ptr<const Blueprint>& blueprint,
                                             std::uint64_t seed, unsigned threads) {
  run::Run run(blueprint, {seed, 0, 3, threads});
  std::map<std::uint64_t, db::ReplicationDigest> open;
  std::map<std::uint64_t, std::string> closed;
  for (ports::Batch batch; run.next(batch); batch = {}) {
    EXPECT_FALSE(closed.contains(batch.replication));
    auto& digest = open[batch.replication];
    for (const auto& row : batch.events) digest.add(row, run.names());
    for (const auto& row : batch.migrations) digest.add(row, run.names());
    if (batch.end) closed[batch.replication] = digest.finish(*batch.end);
  }
  return closed;
}

TEST(Runs, HaveTheSameDigestsWithOneThreadAndWithTwo) {
  const auto blueprint =
      test::blueprint_of(test::one_vm(3,
                                      "faults: {budget: 3, rates: {device_error_ns: 10000000000, "
                                      "link_fails_ns: 300000000000}}\nsimulation: {events_max: 400}"));
  std::set<std::string> all;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto one = digests(blueprint, seed, 1), two = digests(blueprint, seed, 2);
    ASSERT_EQ(one.size(), 3u);
    EXPECT_EQ(one, two) << "seed " << seed;
    for (const auto& [number, digest] : one) all.insert(digest);
  }
  EXPECT_EQ(all.size(), 30u) << "each replication of each seed is one of its own";
}

TEST(Runs, EndAlsoWhereThreadsAreDoneBeforeTheOthersAreStarted) {
  const auto blueprint = test::blueprint_of(test::one_vm(3, "simulation: {events_max: 1}"));
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    sim::run::Run run(blueprint, {seed, 0, 16, 16});
    std::size_t ended = 0;
    for (ports::Batch batch; run.next(batch); batch = {}) ended += batch.end.has_value();
    ASSERT_EQ(ended, 16u);
  }
}

TEST(Runs, StopWhenTheyAreAskedTo) {
  const auto blueprint = test::blueprint_of(
      test::one_vm(3, "simulation: {events_max: 1000000000, until_ns: 1000000000000000000}"));
  std::atomic<bool> stop{false};
  run::Run run(blueprint, {1, 0, 2, 2}, &stop);
  ports::Batch batch;
  ASSERT_TRUE(run.next(batch));
  stop = true;
  while (run.next(batch)) EXPECT_FALSE(batch.end);
}

TEST(Runs, CanBeGivenUpWithBatchesWaiting) {
  const auto blueprint = test::blueprint_of(
      test::one_vm(3, "simulation: {events_max: 1000000000, until_ns: 1000000000000000000}"));
  std::atomic<bool> stop{false};
  auto run = std::make_unique<run::Run>(blueprint, RunOptions{1, 0, 2, 2}, &stop);
  ports::Batch batch;
  ASSERT_TRUE(run->next(batch));
  stop = true;
  run.reset();
}

TEST(Runs, PassOnWhatWentWrongInAThread) {
  const auto wrong = [](const rules::Machine& machine, const rules::Configuration& at, std::uint8_t event) {
    rules::Step step = machines::step(machine, at, event);
    step.row = 99;
    return step;
  };
  const auto blueprint = prepare(test::load_text(test::one_vm(2, "")), {}, wrong);
  ASSERT_TRUE(blueprint);
  run::Run run(*blueprint, {1, 0, 4, 2});
  ports::Batch batch;
  EXPECT_THROW(while (run.next(batch)){}, Disagreement);
}

}  // namespace
}  // namespace portolan::sim::run
