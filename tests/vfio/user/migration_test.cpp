// SPDX-License-Identifier: Apache-2.0
//
// A migration between two emulated devices over real sockets, with a content that is compared byte for byte
// by its digest. What the walk itself decides is proved on devices in memory (tests/vfio/execution).

#include <gmock/gmock.h>

#include "tests/support/served_device.hpp"
#include "tests/support/temporary.hpp"
#include "vfio/execution/walk.hpp"
#include "vfio/user/device.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio::emulated;
using namespace portolan::vfio::execution;
using machines::DeviceState;
using vfio::user::Patience;

ports::SystemClock clock;
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
struct EmulatedPair {
  test::TemporaryFolder folder;
  test::ServedDevice source, destination;
  std::unique_ptr<vfio::user::Device> from, to;

  EmulatedPair(DeviceSettings source_settings, DeviceSettings destination_settings)
      : source(folder / "a", std::move(source_settings)),
        destination(folder / "b", std::move(destination_settings)),
        from(std::move(*vfio::user::Device::open(folder / "a", long_patience))),
        to(std::move(*vfio::user::Device::open(folder / "b", long_patience))) {}

  static Registers registers(vfio::user::Device& end) {
    if (end.lost() && !end.reopen()) throw std::runtime_error("cannot reopen " + end.name());
    const auto bytes = end.client().region_read(0, 0, sizeof(Registers));
    if (!bytes) throw std::runtime_error(to_string(bytes.error()));
    return *decode<Registers>(*bytes);
  }
  std::string content(vfio::user::Device& end) { return hexadecimal(registers(end).content); }
};

std::string session_state(const Walk& walk) { return std::string(walk.session().state()); }

std::string text_of(const std::vector<StepReport>& steps) {
  std::string text;
  for (const auto& step : steps) text += std::string(name_of(step.kind)) + ": " + step.said + "\n";
  return text;
}

class Sizes : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Sizes, ArriveWithEveryByte) {
  EmulatedPair pair(settings_of(GetParam(), 1), settings_of(GetParam(), 2));
  ASSERT_TRUE(pair.from->client().region_write(0, 128, Bytes{1, 2, 3}));
  const auto before = pair.content(*pair.from);
  ASSERT_NE(before, pair.content(*pair.to)) << "an empty destination must not look as if it had been filled";
  Walk migration(*pair.from, *pair.to, clock, {});
  const auto steps = migration.run();
  ASSERT_EQ(migration.outcome(), Outcome::committed) << text_of(steps);
  EXPECT_EQ(pair.content(*pair.to), before);
  EXPECT_EQ(session_state(migration), "Committed");
  EXPECT_EQ(migration.source_state(), DeviceState::stop);
  EXPECT_EQ(migration.destination_state(), DeviceState::running);
  EXPECT_EQ(EmulatedPair::registers(*pair.to).loads, 1u);
  EXPECT_EQ(EmulatedPair::registers(*pair.to).damaged_pages, 0u);
  EXPECT_GT(migration.bytes(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(AtTheEdges, Sizes,
                         testing::Values(0, 1, 7, 4095, 4096, 4097, 65'535, 65'536, 65'537, 1'048'575,
                                         1'048'576, 1'048'577));

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
    EmulatedPair pair(settings_of(300'000, 1), settings_of(300'000, 2, {"forgiving"}));
    const auto content = pair.content(*pair.from);
    chunks = 0;
    WalkOptions options;
    options.pump.carrier = damage.carrier;
    Walk migration(*pair.from, *pair.to, clock, options);
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
    EXPECT_EQ(migration.source_state(), DeviceState::running);
    EXPECT_EQ(pair.content(*pair.from), content);
    EXPECT_EQ(EmulatedPair::registers(*pair.to).loads, 0u);
    for (const auto& line : pair.destination.log()) EXPECT_EQ(line.find("loaded"), std::string::npos) << line;
  }
}

TEST(MigrationData, DamagedByTheSourceIsRefusedByTheDevice) {
  EmulatedPair pair(settings_of(100'000, 1, {"corrupt:at=50000"}), settings_of(100'000, 2));
  Walk migration(*pair.from, *pair.to, clock, {});
  const auto steps = migration.run();
  EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
  EXPECT_EQ(migration.source_state(), DeviceState::running);
  // A forgiving one loads it, and says so when it is asked.
  EmulatedPair forgiving(settings_of(100'000, 1, {"corrupt:at=50000"}),
                         settings_of(100'000, 2, {"forgiving"}));
  Walk unnoticed(*forgiving.from, *forgiving.to, clock, {});
  unnoticed.run();
  EXPECT_EQ(unnoticed.outcome(), Outcome::committed);
  EXPECT_EQ(EmulatedPair::registers(*forgiving.to).damaged_pages, 1u);
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
    EmulatedPair pair(std::move(from), std::move(to));
    Walk migration(*pair.from, *pair.to, clock, {});
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
  EmulatedPair pair(writes, settings_of(1'000'000, 2));
  int rounds = 0;
  WalkOptions options;
  options.converged_bytes = 0;
  options.rounds_max = 5;
  Walk migration(*pair.from, *pair.to, clock, options);
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
  EXPECT_GT(EmulatedPair::registers(*pair.from).rewrites, 30u);
  EXPECT_EQ(pair.content(*pair.from), pair.content(*pair.to));
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
    EmulatedPair pair(settings_of(100'000, 1, faults(one.at_source)),
                      settings_of(100'000, 2, faults(one.at_destination)));
    Walk migration(*pair.from, *pair.to, clock, {});
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
    EmulatedPair pair(
        settings_of(100'000, 1,
                    at_source ? std::vector<std::string>{"stall:byte=70000"} : std::vector<std::string>{}),
        settings_of(100'000, 2,
                    at_source ? std::vector<std::string>{} : std::vector<std::string>{"stall:byte=70000"}));
    const Patience short_patience{std::chrono::milliseconds(400), std::chrono::milliseconds(400)};
    pair.from->client().set_patience(short_patience);
    pair.to->client().set_patience(short_patience);
    Walk migration(*pair.from, *pair.to, clock, {});
    const auto steps = migration.run();
    EXPECT_EQ(migration.outcome(), Outcome::aborted) << text_of(steps);
    EXPECT_EQ(migration.source_state(), DeviceState::running);
  }
}

TEST(MigrationStart, LeavesAnEarlierLoadByAReset) {
  EmulatedPair pair(settings_of(100, 1), settings_of(100, 2));
  ASSERT_TRUE(pair.to->set_state(DeviceState::resuming));
  ASSERT_FALSE(pair.to->write_data(Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  Walk migration(*pair.from, *pair.to, clock, {});
  const auto steps = migration.run();
  EXPECT_EQ(migration.outcome(), Outcome::committed) << text_of(steps);
  EXPECT_EQ(pair.content(*pair.from), pair.content(*pair.to));
}

}  // namespace
