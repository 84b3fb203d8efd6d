// SPDX-License-Identifier: Apache-2.0
//
// The walk of one migration on devices in memory, in simulated time: every fault at every call, at each end,
// for every combination of flags. Whatever happens, never two run the guest, and the outcome says what is
// true of the devices.

#include "vfio/execution/walk.hpp"

#include <gmock/gmock.h>

#include "tests/support/fake_device.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio::execution;
using machines::DeviceFlags;
using machines::DeviceState;
using test::FakeDevice;
using test::FakeFault;
using test::FakeInstance;
using test::FakeSettings;
using test::FakeTrouble;

constexpr DeviceFlags all_flags[] = {{false, false}, {false, true}, {true, false}, {true, true}};

/// In one thread, and nothing is little enough: simulated devices are small.
WalkOptions options_of(std::uint32_t rounds_max = 3) {
  WalkOptions options;
  options.converged_bytes = 0;
  options.rounds_max = rounds_max;
  options.pump.chunks_ahead_max = 0;
  return options;
}

struct Pair {
  test::SimulatedClock clock;
  test::FakeDevices devices{clock};
  FakeInstance &source, &destination;
  FakeDevice from, to;
  const std::string content;  ///< of the source at the beginning

  explicit Pair(FakeSettings source_settings = {}, FakeSettings destination_settings = {})
      : source(add("fake:a", std::move(source_settings), true)),
        destination(add("fake:b", std::move(destination_settings), false)),
        from(shared("fake:a")),
        to(shared("fake:b")),
        content(source.digest()) {}

  FakeInstance& add(const std::string& name, FakeSettings settings, bool holds_a_guest) {
    settings.holds_a_guest = holds_a_guest;
    return devices.add(name, std::move(settings));
  }
  std::shared_ptr<FakeInstance> shared(const std::string& name) { return devices.all().at(name); }
};

FakeSettings with_flags(DeviceFlags flags) { return {.flags = flags}; }
FakeSettings with_pages(std::uint32_t pages) { return {.pages = pages}; }
FakeSettings with_fault(FakeFault fault) { return {.faults = {std::move(fault)}}; }

std::string text_of(const Walk& walk, const std::vector<StepReport>& steps) {
  std::string text = std::string(name_of(walk.outcome())) + ", " + walk.why() + ", " + walk.attention();
  for (const auto& step : steps) text += "\n  " + std::string(name_of(step.kind)) + ": " + step.said;
  return text;
}

TEST(Walk, CarriesStatesOfEverySizeOver) {
  for (const std::uint32_t pages : {0u, 1u, 15u, 16u, 17u, 1000u}) {
    Pair pair(with_pages(pages), with_pages(pages));
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    const auto steps = walk.run();
    ASSERT_EQ(walk.outcome(), Outcome::committed) << text_of(walk, steps);
    EXPECT_EQ(pair.destination.digest(), pair.content);
    EXPECT_EQ(pair.destination.loads, 1);
    EXPECT_EQ(walk.session().state(), "Committed");
    EXPECT_EQ(walk.source_state(), DeviceState::stop);
    EXPECT_EQ(walk.destination_state(), DeviceState::running);
    EXPECT_EQ(walk.sha256().size(), 64u);
    EXPECT_GT(walk.downtime().count(), 0);
  }
}

TEST(Walk, IsTheSessionsInItsOrder) {
  Pair pair(with_flags({.p2p = true, .pre_copy = true}), with_flags({.p2p = true, .pre_copy = false}));
  Walk walk(pair.from, pair.to, pair.clock, options_of(1));
  std::vector<std::string> kinds, rules;
  for (const auto& step : walk.run()) {
    EXPECT_TRUE(step.done) << step.said;
    EXPECT_GE(step.time.count(), 0);
    kinds.emplace_back(name_of(step.kind));
    if (!step.row.empty()) rules.push_back(step.row);
  }
  EXPECT_THAT(kinds,
              testing::ElementsAre("begin", "pre_copy", "round", "quiesce_source", "stop_source", "copy",
                                   "load", "commit", "retire", "quiesce_destination", "start"));
  EXPECT_EQ(rules.size(), 5u) << "begin, stop_source, load, commit and start_destination fire a row each";
}

TEST(Walk, AsksNothingOfADeviceThatItDoesNotNeed) {
  Pair pair(with_flags({false, false}), with_flags({false, false}));
  Walk walk(pair.from, pair.to, pair.clock, options_of());
  walk.run();
  EXPECT_THAT(pair.source.calls,
              testing::ElementsAre("get", "set STOP_COPY", "get", "read", "read", "read", "set STOP", "get"));
  EXPECT_THAT(pair.destination.calls, testing::ElementsAre("get", "set RESUMING", "get", "write", "write",
                                                           "set STOP", "get", "set RUNNING", "get"));
}

TEST(Walk, CanBeAbandonedBeforeEachStepUntilTheCommit) {
  for (const DeviceFlags flags : all_flags) {
    bool committed = false;
    for (int before = 0; !committed; ++before) {
      Pair pair(with_flags(flags), with_flags(flags));
      Walk walk(pair.from, pair.to, pair.clock, options_of());
      for (int i = 0; i < before; ++i) walk.take();
      const auto next = walk.next();
      ASSERT_TRUE(next);
      committed = walk.session().is("Committed");
      SCOPED_TRACE("abandoned before " + std::string(name_of(*next)));
      ASSERT_EQ(walk.abandon("the test says so"), !committed);
      const auto steps = walk.run();
      EXPECT_EQ(walk.outcome(), committed ? Outcome::committed : Outcome::aborted) << text_of(walk, steps);
      if (committed) continue;
      EXPECT_EQ(walk.session().state(), "Aborted");
      EXPECT_EQ(pair.source.state(), DeviceState::running);
      EXPECT_EQ(pair.source.digest(), pair.content) << "an abort leaves the source as it was";
      EXPECT_FALSE(pair.destination.runs_the_guest()) << "and the destination empty";
      EXPECT_EQ(walk.why(), "the test says so");
      // The source can migrate again, with everything it had.
      Walk again(pair.from, pair.to, pair.clock, options_of());
      again.run();
      EXPECT_EQ(again.outcome(), Outcome::committed);
      EXPECT_EQ(pair.destination.digest(), pair.content);
    }
  }
}

TEST(WalkData, DamagedOnTheWayIsRefusedBeforeItIsLoaded) {
  struct Damage {
    const char* name;
    std::function<void(Bytes&)> carrier;
  };
  int chunks = 0;
  const std::vector<Damage> damages = {
      {"a flipped bit", [&](Bytes& chunk) { chunk[chunk.size() / 2] ^= ++chunks == 2 ? 4 : 0; }},
      {"a byte lost", [&](Bytes& chunk) { chunk.resize(chunk.size() - (++chunks == 2 ? 1 : 0)); }},
      {"a chunk lost", [&](Bytes& chunk) { chunk.resize(++chunks == 2 ? 0 : chunk.size()); }},
      {"a byte more", [&](Bytes& chunk) { chunk.resize(chunk.size() + (++chunks == 2 ? 1 : 0)); }},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    // A destination that loads damaged pages without a word: only our own digest stands in the way.
    FakeSettings forgiving = with_pages(100);
    forgiving.forgiving = true;
    Pair pair(with_pages(100), forgiving);
    chunks = 0;
    WalkOptions options = options_of();
    options.pump.carrier = damage.carrier;
    Walk walk(pair.from, pair.to, pair.clock, options);
    const auto steps = walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::aborted) << text_of(walk, steps);
    EXPECT_TRUE(pair.source.runs_the_guest());
    EXPECT_EQ(pair.source.digest(), pair.content);
    EXPECT_EQ(pair.destination.loads, 0);
  }
}

TEST(WalkData, ThatIsRewrittenWhileItMovesIsSentAgain) {
  FakeSettings writes = with_pages(1000);
  writes.dirty_pages_per_s = 400;  // of which a round, too, moves less than it reads
  writes.pages_per_s = 100'000;
  Pair pair(writes, with_pages(1000));
  Walk walk(pair.from, pair.to, pair.clock, options_of(5));
  std::vector<std::uint64_t> moved;
  while (const auto next = walk.next()) {
    if (*next == StepKind::round) pair.clock.pass(std::chrono::milliseconds(1600 >> moved.size()));
    const auto report = walk.take();
    if (report.kind == StepKind::round) moved.push_back(report.bytes);
  }
  ASSERT_EQ(walk.outcome(), Outcome::committed) << walk.why();
  ASSERT_GE(moved.size(), 3u);
  EXPECT_GE(moved[0], 1000 * FakeInstance::page_bytes);
  EXPECT_TRUE(std::ranges::is_sorted(moved, std::greater{})) << testing::PrintToString(moved);
  EXPECT_EQ(pair.source.digest(), pair.destination.digest());
  EXPECT_NE(pair.source.digest(), pair.content);
}

TEST(WalkData, ThatNeverConvergesEndsPreCopyAllTheSame) {
  FakeSettings writes = with_pages(1000);
  writes.dirty_pages_per_s = 400;  // of which a round, too, moves less than it reads
  Pair pair(writes, with_pages(1000));
  Walk walk(pair.from, pair.to, pair.clock, options_of(1000));
  std::vector<StepReport> steps;
  while (walk.next()) {
    pair.clock.pass(std::chrono::seconds(1));  // every page is rewritten before the next step
    steps.push_back(walk.take());
  }
  EXPECT_EQ(walk.outcome(), Outcome::committed) << text_of(walk, steps);
  EXPECT_THAT(text_of(walk, steps), testing::HasSubstr("it does not get less"));
  EXPECT_EQ(pair.source.digest(), pair.destination.digest());
}

TEST(WalkData, TakesNoLongerThanItsLimits) {
  FakeSettings slow = with_pages(1000);
  slow.pages_per_s = 1;
  WalkOptions options = options_of();
  options.pre_copy_limit = std::chrono::seconds(60);
  options.copy_limit = std::chrono::seconds(300);
  Pair pair(slow, with_pages(1000));
  Walk walk(pair.from, pair.to, pair.clock, options);
  const auto steps = walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::aborted) << text_of(walk, steps);
  EXPECT_THAT(text_of(walk, steps), testing::HasSubstr("the time for pre-copy is over"));
  EXPECT_THAT(walk.why(), testing::HasSubstr("has not sent everything after 300 s"));
  EXPECT_TRUE(pair.source.runs_the_guest());
  EXPECT_LT(pair.clock.now(), std::chrono::seconds(60 + 300 + 2 * 16 + 10));
}

TEST(WalkData, BeyondTheLimitIsNotBelieved) {
  Pair pair(with_pages(1000), with_pages(1000));
  WalkOptions options = options_of();
  options.pump.bytes_max = 5000;
  Walk walk(pair.from, pair.to, pair.clock, options);
  walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::aborted);
  EXPECT_THAT(walk.why(), testing::HasSubstr("sends more than 5000 bytes"));
  EXPECT_TRUE(pair.source.runs_the_guest());
}

TEST(WalkData, IsTheSameReadAheadOrInTurns) {
  std::vector<std::string> digests;
  for (const std::size_t ahead : {0u, 1u, 4u}) {
    Pair pair(with_pages(300), with_pages(300));
    WalkOptions options = options_of(1);
    options.pump.chunks_ahead_max = ahead;
    Walk walk(pair.from, pair.to, pair.clock, options);
    walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::committed) << walk.why();
    digests.push_back(walk.sha256());
  }
  EXPECT_THAT(digests, testing::Each(digests.front()));
}

TEST(WalkStart, NeedsASourceThatRunsAndADestinationThatIsNone) {
  {
    Pair pair;
    ASSERT_EQ(pair.source.request(DeviceState::stop), 0);
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::aborted);
    EXPECT_EQ(walk.attention(), "");
    EXPECT_THAT(walk.why(), testing::HasSubstr("nothing was touched"));
    EXPECT_EQ(pair.source.state(), DeviceState::stop);
  }
  Pair pair;
  ASSERT_EQ(pair.destination.request(DeviceState::pre_copy), 0);
  Walk walk(pair.from, pair.to, pair.clock, options_of());
  walk.run();
  EXPECT_THAT(walk.why(), testing::HasSubstr("a device that is not itself a source"));
  EXPECT_EQ(pair.destination.state(), DeviceState::pre_copy);
}

TEST(WalkStart, LeavesAnEarlierLoadByAReset) {
  for (const bool in_error : {false, true}) {
    Pair pair;
    if (in_error)
      pair.destination.fail_into_error();
    else
      ASSERT_EQ(pair.destination.request(DeviceState::resuming), 0);
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    const auto steps = walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::committed) << text_of(walk, steps);
    EXPECT_EQ(pair.destination.digest(), pair.content);
  }
}

TEST(WalkAnswer, ThatIsLostAfterTheLoadIsAskedForAgain) {
  for (const FakeTrouble trouble : {FakeTrouble::closed, FakeTrouble::silent}) {
    Pair pair({}, with_fault({trouble, 1, true, "set STOP"}));
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    const auto steps = walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::committed) << text_of(walk, steps);
    EXPECT_EQ(pair.destination.digest(), pair.content);
    EXPECT_TRUE(std::ranges::any_of(steps, [](const auto& one) { return one.kind == StepKind::ask; }));
  }
  // It had not loaded: back to the source.
  Pair pair({}, with_fault({FakeTrouble::closed, 1, false, "set STOP"}));
  Walk walk(pair.from, pair.to, pair.clock, options_of());
  walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::aborted);
  EXPECT_TRUE(pair.source.runs_the_guest());
  // It never answers again: nobody runs.
  Pair mute({}, with_fault({FakeTrouble::mute, 1, true, "set STOP"}));
  Walk asking(mute.from, mute.to, mute.clock, options_of());
  asking.run();
  EXPECT_EQ(asking.outcome(), Outcome::unknown);
  EXPECT_THAT(asking.attention(), testing::HasSubstr("let neither run until it was asked"));
  EXPECT_EQ(mute.devices.running(), 0);
}

TEST(WalkEnd, ACommittedStateThatDoesNotStartKeepsTheSourceStopped) {
  FakeSettings will_not_start;
  for (std::uint64_t k = 1; k <= 5; ++k)
    will_not_start.faults.push_back({FakeTrouble::refuse, k, false, "set RUNNING"});
  Pair pair({}, will_not_start);
  Walk walk(pair.from, pair.to, pair.clock, options_of());
  walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::committed);
  EXPECT_THAT(walk.attention(), testing::HasSubstr("could not be started"));
  EXPECT_EQ(pair.destination.state(), DeviceState::stop);
  EXPECT_EQ(pair.source.state(), DeviceState::stop);
}

TEST(WalkEnd, AFreshProcessBehindTheNameIsNotTheOneThatWasLoaded) {
  // After the load, before it was told to run: what it held is gone, and the source has it still.
  for (const char* before : {"set STOP", "set RESUMING", "write"}) {
    Pair loaded({}, with_fault({FakeTrouble::replaced, 1, true, before}));
    Walk walk(loaded.from, loaded.to, loaded.clock, options_of());
    const auto steps = walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::aborted) << text_of(walk, steps);
    EXPECT_TRUE(loaded.source.runs_the_guest());
    EXPECT_EQ(loaded.source.digest(), loaded.content);
    EXPECT_NE(loaded.destination.calls.back(), "reset") << "the fresh one is not ours";
  }
  // It may have run: the state is lost, and named (R8).
  Pair started({}, with_fault({FakeTrouble::replaced, 1, true, "set RUNNING"}));
  Walk walk(started.from, started.to, started.clock, options_of());
  const auto steps = walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::lost) << text_of(walk, steps);
  EXPECT_THAT(walk.why(), testing::HasSubstr("is answered by another process"));
  EXPECT_THAT(walk.attention(), testing::HasSubstr("fake:b"));
  EXPECT_EQ(started.source.state(), DeviceState::stop);
}

TEST(WalkEnd, WhereProcessesCannotBeToldApartNobodyIsCalledARunner) {
  for (const FakeTrouble trouble : {FakeTrouble::replaced, FakeTrouble::closed}) {
    FakeSettings nameless = with_fault({trouble, 1, true, "set RUNNING"});
    nameless.tells_processes = false;
    Pair pair({}, nameless);
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    const auto steps = walk.run();
    EXPECT_EQ(walk.outcome(), Outcome::unknown) << text_of(walk, steps);
    EXPECT_THAT(walk.attention(), testing::HasSubstr("see whether fake:b holds the state"));
    EXPECT_EQ(pair.source.state(), DeviceState::stop);
  }
  // With an identity the answer that was lost is had again.
  Pair pair({}, with_fault({FakeTrouble::closed, 1, true, "set RUNNING"}));
  Walk walk(pair.from, pair.to, pair.clock, options_of());
  walk.run();
  EXPECT_EQ(walk.outcome(), Outcome::committed);
  EXPECT_EQ(walk.attention(), "");
}

/// What is true of the devices, held against what the walk says (rules.md §session, R8).
void expect_truth(Pair& pair, const Walk& walk) {
  const bool source_runs = pair.source.runs_the_guest(), destination_runs = pair.destination.runs_the_guest();
  EXPECT_LE(pair.devices.most_running(), 1) << "two ran at some moment";
  switch (walk.outcome()) {
    case Outcome::committed:
      EXPECT_FALSE(source_runs);
      EXPECT_TRUE(walk.session().is("Committed"));
      if (walk.attention().empty()) {
        EXPECT_TRUE(destination_runs);
      }
      if (destination_runs) {
        EXPECT_EQ(pair.destination.digest(), pair.content) << "with every byte";
      }
      break;
    case Outcome::aborted:
      EXPECT_TRUE(source_runs);
      EXPECT_FALSE(destination_runs);
      EXPECT_EQ(pair.source.digest(), pair.content) << "as it was";
      EXPECT_TRUE(walk.session().is("Aborted"));
      EXPECT_FALSE(walk.why().empty());
      break;
    case Outcome::unknown:
      EXPECT_FALSE(destination_runs) << "nobody was told to run until it was asked";
      EXPECT_FALSE(walk.attention().empty());
      EXPECT_TRUE(pair.source.alive() || pair.destination.alive());
      break;
    case Outcome::lost: {
      EXPECT_FALSE(source_runs || destination_runs);
      EXPECT_FALSE(walk.attention().empty());
      const auto gone = [](const FakeInstance& one) {
        return !one.alive() || one.replaced() > 0 || one.state() == DeviceState::error;
      };
      EXPECT_TRUE(gone(pair.source) || gone(pair.destination)) << "what is called lost is gone";
      break;
    }
  }
}

/// One fault at each call of one end in turn, until a walk has no such call; how the walks ended.
std::map<Outcome, int> each_call_fails(DeviceFlags flags, bool at_source, FakeTrouble trouble,
                                       bool carried_out) {
  std::map<Outcome, int> outcomes;
  for (std::uint64_t call = 1;; ++call) {
    FakeSettings whole = with_flags(flags), broken = whole;
    broken.faults = {{trouble, call, carried_out}};
    Pair pair(at_source ? broken : whole, at_source ? whole : broken);
    FakeInstance& faulty = at_source ? pair.source : pair.destination;
    Walk walk(pair.from, pair.to, pair.clock, options_of(2));
    const auto steps = walk.run();
    if (faulty.calls.size() < call) return outcomes;
    SCOPED_TRACE("call " + std::to_string(call) + " " + faulty.calls[call - 1] + ": " + text_of(walk, steps));
    expect_truth(pair, walk);
    EXPECT_LT(pair.clock.now(), std::chrono::minutes(5)) << "every walk ends within a bound";
    ++outcomes[walk.outcome()];
  }
}

TEST(WalkFaults, AtEachCallEndWithOneRunnerOrANamedLoss) {
  std::map<Outcome, int> outcomes;
  int walks = 0;
  for (const DeviceFlags flags : all_flags)
    for (const bool at_source : {true, false})
      for (const FakeTrouble trouble : test::fake_troubles)
        for (const bool carried_out : {false, true}) {
          SCOPED_TRACE(std::string(at_source ? "source: " : "destination: ") +
                       std::string(test::fake_trouble_names[static_cast<std::size_t>(trouble)]) +
                       (carried_out ? " after" : " before") + (flags.p2p ? " p2p" : "") +
                       (flags.pre_copy ? " pre_copy" : ""));
          for (const auto& [outcome, count] : each_call_fails(flags, at_source, trouble, carried_out)) {
            outcomes[outcome] += count;
            walks += count;
          }
        }
  EXPECT_GT(walks, 1000);
  for (const Outcome outcome : {Outcome::committed, Outcome::aborted, Outcome::unknown, Outcome::lost})
    EXPECT_GT(outcomes[outcome], 10) << name_of(outcome) << " occurs";
}

TEST(WalkFaults, AtBothEndsEndWithOneRunnerOrANamedLoss) {
  // The second fault comes while the first is being recovered from.
  constexpr FakeTrouble troubles[] = {FakeTrouble::refuse, FakeTrouble::closed, FakeTrouble::mute,
                                      FakeTrouble::dead};
  for (const FakeTrouble at_source : troubles)
    for (const FakeTrouble at_destination : troubles)
      for (std::uint64_t one = 3; one <= 12; ++one)
        for (std::uint64_t other = 2; other <= 10; ++other) {
          Pair pair(with_fault({at_source, one, true}), with_fault({at_destination, other, true}));
          Walk walk(pair.from, pair.to, pair.clock, options_of(2));
          const auto steps = walk.run();
          SCOPED_TRACE("source call " + std::to_string(one) + ", destination call " + std::to_string(other) +
                       ": " + text_of(walk, steps));
          EXPECT_LE(pair.devices.most_running(), 1);
          if (walk.outcome() == Outcome::aborted) {
            EXPECT_TRUE(pair.source.runs_the_guest());
            EXPECT_EQ(pair.source.digest(), pair.content);
          }
          if (walk.outcome() == Outcome::committed && walk.attention().empty()) {
            EXPECT_TRUE(pair.destination.runs_the_guest());
            EXPECT_EQ(pair.destination.digest(), pair.content);
          }
        }
}

TEST(WalkFaults, AreTheSameEachTime) {
  const auto run = [] {
    Pair pair(with_fault({FakeTrouble::silent, 5, true}));
    Walk walk(pair.from, pair.to, pair.clock, options_of());
    const auto steps = walk.run();
    return text_of(walk, steps) + std::to_string(pair.clock.now().count());
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
