// SPDX-License-Identifier: Apache-2.0
//
// The walk of machines.md §2 between two emulated devices over real sockets: step by step, abandoned at each
// step, with damage on the way, and with a content that is compared byte for byte by its digest.

#include <gmock/gmock.h>

#include "model/machines/session.hpp"
#include "tests/support/served_device.hpp"
#include "tests/support/temporary.hpp"
#include "vfio/transfer/migration.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio;
using machines::DeviceState;

constexpr Patience long_patience{std::chrono::milliseconds(10'000), std::chrono::milliseconds(10'000)};

DeviceSettings settings_of(std::uint64_t bytes, std::uint64_t seed, std::vector<std::string> faults = {}) {
  DeviceSettings settings;
  settings.state_bytes = bytes;
  settings.seed = seed;
  for (const auto& text : faults) {
    const auto added = add_injected(settings.injected, text);
    if (!added) throw std::invalid_argument(to_string(added.error()));
  }
  return settings;
}

/// Two devices and a migration between them. A third connection cannot be made while both are open, so
/// contents are read through the migration's own ends.
struct Pair {
  test::TemporaryFolder folder;
  test::ServedDevice source, destination;
  std::unique_ptr<VfioUserEnd> from, to;

  Pair(DeviceSettings source_settings, DeviceSettings destination_settings)
      : source(folder / "a", std::move(source_settings)),
        destination(folder / "b", std::move(destination_settings)),
        from(std::move(*VfioUserEnd::open(folder / "a", long_patience))),
        to(std::move(*VfioUserEnd::open(folder / "b", long_patience))) {}

  static Registers registers(VfioUserEnd& end) {
    if (end.lost() && !end.reopen()) throw std::runtime_error("cannot reopen " + end.name());
    const auto bytes = end.client().region_read(0, 0, sizeof(Registers));
    if (!bytes) throw std::runtime_error(vfio::to_string(bytes.error()));
    return *decode<Registers>(*bytes);
  }
  std::string content(VfioUserEnd& end) { return hexadecimal(registers(end).content); }
};

std::string session_state(const Migration& migration) {
  return std::string(machines::session_states[migration.session().state]);
}

std::string text_of(const std::vector<StepReport>& steps) {
  std::string text;
  for (const auto& step : steps) text += std::string(name_of(step.kind)) + ": " + step.said + "\n";
  return text;
}

class Sizes : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Sizes, ArriveWithEveryByte) {
  Pair pair(settings_of(GetParam(), 1), settings_of(GetParam(), 2));
  ASSERT_TRUE(pair.from->client().region_write(0, 128, Bytes{1, 2, 3}));
  const auto before = pair.content(*pair.from);
  ASSERT_NE(before, pair.content(*pair.to)) << "an empty destination must not look as if it had been filled";
  Migration migration(*pair.from, *pair.to, {});
  const auto steps = migration.run();
  ASSERT_EQ(migration.outcome(), Outcome::committed) << text_of(steps);
  EXPECT_EQ(pair.content(*pair.to), before);
  EXPECT_EQ(session_state(migration), "Committed");
  EXPECT_EQ(migration.source_state(), DeviceState::stop);
  EXPECT_EQ(migration.destination_state(), DeviceState::running);
  EXPECT_EQ(Pair::registers(*pair.to).loads, 1u);
  EXPECT_EQ(Pair::registers(*pair.to).damaged_pages, 0u);
  EXPECT_GT(migration.bytes(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(AtTheEdges, Sizes,
                         testing::Values(0, 1, 7, 4095, 4096, 4097, 65'535, 65'536, 65'537, 1'048'575,
                                         1'048'576, 1'048'577));

TEST(MigrationSteps, AreTheWalkOfTheSessionInOrder) {
  DeviceSettings both = settings_of(10'000, 1);
  both.flags = {.p2p = true, .pre_copy = true};
  DeviceSettings there = settings_of(10'000, 2);
  there.flags = {.p2p = true, .pre_copy = false};
  Pair pair(both, there);
  Migration migration(*pair.from, *pair.to, {});
  std::vector<std::string> kinds, rules;
  for (const auto& step : migration.run()) {
    EXPECT_TRUE(step.done) << step.said;
    kinds.emplace_back(name_of(step.kind));
    if (!step.row.empty()) rules.push_back(step.row);
  }
  EXPECT_THAT(kinds,
              testing::ElementsAre("begin", "pre_copy", "round", "quiesce_source", "stop_source", "copy",
                                   "load", "commit", "retire", "quiesce_destination", "start"));
  EXPECT_THAT(rules, testing::ElementsAre("machines.md §2: the destination is RESUMING",
                                          "machines.md §2: source to STOP_COPY",
                                          "machines.md §2: length and checksum match, RESUMING -> STOP",
                                          "machines.md §2: commit point; the source never runs again",
                                          "R8: the destination runs, the source must not"));
}

TEST(MigrationSteps, CanBeAbandonedBeforeEachUntilTheCommit) {
  bool committed = false;
  for (int before = 0; !committed; ++before) {
    Pair pair(settings_of(300'000, 1), settings_of(300'000, 2));
    const auto content = pair.content(*pair.from), blank = pair.content(*pair.to);
    Migration migration(*pair.from, *pair.to, {});
    for (int i = 0; i < before; ++i) migration.take();
    const auto next = migration.next();
    ASSERT_TRUE(next);
    committed = migration.outcome() == Outcome::committed || session_state(migration) == "Committed";
    SCOPED_TRACE(std::string("abandoned before ") + std::string(name_of(*next)));
    ASSERT_EQ(migration.abandon("the test says so"), !committed);
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), committed ? Outcome::committed : Outcome::aborted) << text_of(steps);
    if (committed) continue;
    EXPECT_EQ(session_state(migration), "Aborted");
    EXPECT_EQ(migration.source_state(), DeviceState::running);
    EXPECT_EQ(pair.content(*pair.from), content) << "an abort leaves the source as it was";
    EXPECT_EQ(pair.content(*pair.to), blank) << "and the destination empty";
    EXPECT_EQ(migration.why(), "the test says so");
    // The source can migrate again, with everything it had.
    Migration again(*pair.from, *pair.to, {});
    again.run();
    EXPECT_EQ(again.outcome(), Outcome::committed);
    EXPECT_EQ(pair.content(*pair.to), content);
  }
}

TEST(MigrationData, DamagedOnTheWayIsRefusedBeforeItIsLoaded) {
  struct Damage {
    const char* name;
    std::function<void(Bytes&)> carrier;
  };
  int chunks = 0;
  const std::vector<Damage> damages = {
      {"a flipped bit",
       [&](Bytes& chunk) {
         if (++chunks == 2) chunk[chunk.size() / 2] ^= 4;
       }},
      {"a byte lost",
       [&](Bytes& chunk) {
         if (++chunks == 2) chunk.pop_back();
       }},
      {"a chunk lost",
       [&](Bytes& chunk) {
         if (++chunks == 2) chunk.clear();
       }},
      {"a byte more",
       [&](Bytes& chunk) {
         if (++chunks == 5) chunk.push_back(0);
       }},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    // A destination that loads damaged pages without a word: only our own digest stands in the way.
    Pair pair(settings_of(300'000, 1), settings_of(300'000, 2, {"forgiving"}));
    const auto content = pair.content(*pair.from);
    chunks = 0;
    MigrationOptions options;
    options.carrier = damage.carrier;
    Migration migration(*pair.from, *pair.to, options);
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
    EXPECT_EQ(migration.source_state(), DeviceState::running);
    EXPECT_EQ(pair.content(*pair.from), content);
    EXPECT_EQ(Pair::registers(*pair.to).loads, 0u);
    for (const auto& line : pair.destination.log()) EXPECT_EQ(line.find("loaded"), std::string::npos) << line;
  }
}

TEST(MigrationData, DamagedByTheSourceIsRefusedByTheDevice) {
  Pair pair(settings_of(100'000, 1, {"corrupt:at=50000"}), settings_of(100'000, 2));
  Migration migration(*pair.from, *pair.to, {});
  const auto steps = migration.run();
  EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
  EXPECT_EQ(migration.source_state(), DeviceState::running);
  // A forgiving one loads it, and says so when it is asked.
  Pair forgiving(settings_of(100'000, 1, {"corrupt:at=50000"}), settings_of(100'000, 2, {"forgiving"}));
  Migration unnoticed(*forgiving.from, *forgiving.to, {});
  unnoticed.run();
  EXPECT_EQ(unnoticed.outcome(), Outcome::committed);
  EXPECT_EQ(Pair::registers(*forgiving.to).damaged_pages, 1u);
}

TEST(MigrationData, OfAnotherModelOrValueIsRefused) {
  const auto with = [](const char* model, std::uint64_t memory, bool known) {
    DeviceSettings settings = settings_of(10'000, memory);
    settings.model = model;
    if (known) settings.configuration["memory"] = memory;
    if (known) settings.list["memory"] = memory;
    return settings;
  };
  const auto outcome = [](DeviceSettings from, DeviceSettings to) {
    Pair pair(std::move(from), std::move(to));
    Migration migration(*pair.from, *pair.to, {});
    migration.run();
    return migration.outcome();
  };
  EXPECT_EQ(outcome(with("a.org/x", 1, true), with("a.org/x", 1, true)), Outcome::committed);
  EXPECT_EQ(outcome(with("a.org/x", 1, false), with("a.org/x", 1, true)), Outcome::committed)
      << "R5: what the source does not list is the destination's own matter";
  EXPECT_EQ(outcome(with("a.org/x", 1, true), with("b.org/x", 1, true)), Outcome::aborted);
  EXPECT_EQ(outcome(with("a.org/x", 1, true), with("a.org/x", 2, true)), Outcome::aborted);
  EXPECT_EQ(outcome(with("a.org/x", 1, true), with("a.org/x", 1, false)), Outcome::aborted);
}

TEST(MigrationData, RewrittenWhileItMovesIsSentAgain) {
  DeviceSettings writes = settings_of(1'000'000, 1);
  writes.dirty_bytes_per_s = 4'096'000;  // a thousand pages a second of the test's clock
  Pair pair(writes, settings_of(1'000'000, 2));
  int rounds = 0;
  MigrationOptions options;
  options.converged_bytes = 0;
  options.rounds_max = 5;
  Migration migration(*pair.from, *pair.to, options);
  std::vector<std::uint64_t> moved;
  while (const auto next = migration.next()) {
    if (*next == StepKind::round && rounds++ > 0) pair.source.pass_ns(200'000'000 >> rounds);
    const auto report = migration.take();
    if (report.kind == StepKind::round) moved.push_back(report.bytes);
  }
  ASSERT_EQ(migration.outcome(), Outcome::committed);
  ASSERT_EQ(moved.size(), 5u);
  EXPECT_GT(moved[0], 1'000'000u);
  for (std::size_t i = 1; i < moved.size(); ++i) {
    EXPECT_GT(moved[i], 0u);
    EXPECT_LT(moved[i], moved[i - 1]);
  }
  EXPECT_GT(Pair::registers(*pair.from).rewrites, 30u);
  EXPECT_EQ(pair.content(*pair.from), pair.content(*pair.to));
}

TEST(MigrationData, ThatNeverConvergesEndsPreCopyAllTheSame) {
  DeviceSettings writes = settings_of(2'000'000, 1);
  writes.dirty_bytes_per_s = 2'000'000'000;
  Pair pair(writes, settings_of(2'000'000, 2));
  Migration migration(*pair.from, *pair.to, {});
  std::vector<StepReport> steps;
  while (migration.next()) {
    pair.source.pass_ns(1'000'000'000);
    steps.push_back(migration.take());
  }
  EXPECT_EQ(migration.outcome(), Outcome::committed) << text_of(steps);
  EXPECT_THAT(text_of(steps), testing::HasSubstr("it does not get less"));
  EXPECT_EQ(pair.content(*pair.from), pair.content(*pair.to));
}

TEST(MigrationData, BeyondTheLimitIsNotBelieved) {
  Pair pair(settings_of(1'000'000, 1), settings_of(1'000'000, 2));
  MigrationOptions options;
  options.bytes_max = 500'000;
  Migration migration(*pair.from, *pair.to, options);
  migration.run();
  EXPECT_EQ(migration.outcome(), Outcome::aborted);
  EXPECT_THAT(migration.why(), testing::HasSubstr("sends more than 500000 bytes"));
  EXPECT_EQ(migration.source_state(), DeviceState::running);
}

TEST(MigrationFaults, OfADeviceEndWithOneRunner) {
  struct Case {
    const char *at_source, *at_destination;
    Outcome outcome;
  };
  // What can be injected, against what is to come of it.
  const std::vector<Case> cases = {
      {"fail-hop:at=1,errno=EIO", nullptr, Outcome::aborted},
      {"fail-hop:at=2,errno=EIO", nullptr, Outcome::aborted},
      {"fail-hop:state=STOP_COPY,errno=EIO,leaves=error", nullptr, Outcome::lost},
      {"fail-hop:state=STOP_COPY,errno=EIO,times=1", nullptr, Outcome::aborted},
      {nullptr, "fail-hop:state=RESUMING,errno=ENOMEM", Outcome::aborted},
      {nullptr, "fail-hop:at=3,errno=EINVAL", Outcome::aborted},
      {nullptr, "fail-hop:at=3,errno=EINVAL,leaves=error", Outcome::aborted},
      {nullptr, "fail-hop:at=4,errno=EIO", Outcome::committed},
      {nullptr, "fail-hop:at=4,errno=EIO,leaves=error", Outcome::lost},
      {"short-reads:bytes=977", nullptr, Outcome::committed},
      {"padded-reads", nullptr, Outcome::committed},
      {nullptr, "refuse-data:at=60000,errno=EFAULT", Outcome::aborted},
      {"close:byte=70000", nullptr, Outcome::aborted},
      {nullptr, "close:byte=70000", Outcome::aborted},
      {nullptr, "close:byte=1,when=after", Outcome::aborted},
      {"exit:byte=70000", nullptr, Outcome::lost},
      {nullptr, "exit:byte=70000", Outcome::aborted},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(std::string(one.at_source ? one.at_source : "") + " | " +
                 (one.at_destination ? one.at_destination : ""));
    const auto faults = [](const char* text) {
      return text ? std::vector<std::string>{text} : std::vector<std::string>{};
    };
    Pair pair(settings_of(100'000, 1, faults(one.at_source)),
              settings_of(100'000, 2, faults(one.at_destination)));
    Migration migration(*pair.from, *pair.to, {});
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), one.outcome) << text_of(steps);
    if (migration.outcome() == Outcome::aborted) {
      EXPECT_EQ(migration.source_state(), DeviceState::running) << text_of(steps);
    }
    if (migration.outcome() == Outcome::committed) {
      EXPECT_EQ(migration.destination_state(), DeviceState::running) << text_of(steps);
    }
  }
}

TEST(MigrationFaults, StallsEndInTime) {
  for (const bool at_source : {true, false}) {
    Pair pair(
        settings_of(100'000, 1,
                    at_source ? std::vector<std::string>{"stall:byte=70000"} : std::vector<std::string>{}),
        settings_of(100'000, 2,
                    at_source ? std::vector<std::string>{} : std::vector<std::string>{"stall:byte=70000"}));
    const Patience short_patience{std::chrono::milliseconds(400), std::chrono::milliseconds(400)};
    pair.from->client().set_patience(short_patience);
    pair.to->client().set_patience(short_patience);
    Migration migration(*pair.from, *pair.to, {});
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
    EXPECT_EQ(migration.source_state(), DeviceState::running);
  }
}

TEST(MigrationStart, NeedsASourceThatRuns) {
  Pair pair(settings_of(100, 1), settings_of(100, 2));
  ASSERT_TRUE(pair.from->set_state(DeviceState::stop));
  Migration migration(*pair.from, *pair.to, {});
  migration.run();
  EXPECT_EQ(migration.attention(), "");
  EXPECT_THAT(migration.why(), testing::HasSubstr("nothing was touched"));
  EXPECT_EQ(*pair.from->state(), DeviceState::stop);
  EXPECT_EQ(pair.destination.log().size(), 0u);
}

TEST(MigrationStart, LeavesAnEarlierLoadByAReset) {
  Pair pair(settings_of(100, 1), settings_of(100, 2));
  ASSERT_TRUE(pair.to->set_state(DeviceState::resuming));
  ASSERT_FALSE(pair.to->write_data(Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  Migration migration(*pair.from, *pair.to, {});
  const auto steps = migration.run();
  EXPECT_EQ(migration.outcome(), Outcome::committed) << text_of(steps);
  EXPECT_EQ(pair.content(*pair.from), pair.content(*pair.to));
}

}  // namespace
