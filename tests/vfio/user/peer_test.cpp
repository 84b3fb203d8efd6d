// SPDX-License-Identifier: Apache-2.0
//
// Migrations between two devices of tests/vfio/peer, which know the protocol from its description alone and
// have the habits of real servers. Whatever they do, R8 holds: one runner in the end, or the session says
// what is lost or unknown.

#include <fstream>
#include <future>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/background.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/thorough.hpp"
#include "vfio/execution/walk.hpp"
#include "vfio/user/device.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio;
using namespace portolan::vfio::execution;
using machines::DeviceState;
using test::Background;
using user::Patience;
using Json = nlohmann::json;

struct Case {
  std::string name;
  Json source = Json::object(), destination = Json::object();
  std::chrono::milliseconds patience{8000};
  std::optional<StepKind> abandoned_before = {};
};

struct Ended {
  bool opened = false;
  Failure why_not;  ///< when not opened
  Outcome outcome = Outcome::unknown;
  std::string why, attention, sha256;
  std::uint64_t bytes = 0;
  std::vector<StepReport> steps;
  Json source, destination;  ///< the peers' own reports
  std::string text() const {
    std::string all =
        opened ? std::string(name_of(outcome)) + ", " + why + ", " + attention : to_string(why_not);
    for (const auto& step : steps) all += "\n  " + std::string(name_of(step.kind)) + ": " + step.said;
    return all + "\n  source " + source.dump() + "\n  destination " + destination.dump();
  }
};

// All cases at once: most of them wait for something. One Python process serves the devices of all of them.
std::vector<Ended> migrate(std::vector<Case> cases) {
  const test::TemporaryFolder folder;
  Json servers = Json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].source["socket"] = folder / ("s" + std::to_string(i));
    cases[i].destination["socket"] = folder / ("d" + std::to_string(i));
    servers.push_back(cases[i].source);
    servers.push_back(cases[i].destination);
  }
  const auto file = folder / "servers.json";
  std::ofstream(file) << servers;
  Background peers("python3", {PORTOLAN_SOURCE_DIR "/tests/vfio/peer/serve.py", file});
  if (peers.line() != "ready") throw std::runtime_error("the peers did not start");

  std::vector<std::future<Ended>> running;
  for (const Case& one : cases) {
    running.push_back(std::async(std::launch::async, [&one] {
      Ended ended;
      const Patience patience{one.patience, one.patience};
      auto source = user::Device::open(one.source["socket"].get<std::string>(), patience);
      auto destination = user::Device::open(one.destination["socket"].get<std::string>(), patience);
      if (!source || !destination) {
        ended.why_not = source ? destination.error() : source.error();
        return ended;
      }
      ended.opened = true;
      ports::SystemClock system_clock;
      Walk walk(**source, **destination, system_clock, {});
      while (one.abandoned_before && walk.next() && walk.next() != one.abandoned_before)
        ended.steps.push_back(walk.take());
      if (one.abandoned_before && !walk.abandon("the test says so")) ended.why = "too late";
      for (auto& step : walk.run()) ended.steps.push_back(std::move(step));
      ended.outcome = walk.outcome();
      ended.why = walk.why();
      ended.attention = walk.attention();
      ended.bytes = walk.bytes();
      ended.sha256 = walk.sha256();
      return ended;
    }));
  }
  std::vector<Ended> all;
  for (auto& one : running) all.push_back(one.get());
  peers.close_input();
  const Json reports = Json::parse(peers.line());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].source = reports[2 * i];
    all[i].destination = reports[2 * i + 1];
  }
  return all;
}

bool died(const Json& how) {
  if (!how.contains("message")) return false;
  for (const auto& [number, what] : how["message"].items())
    if (what == "die" || what == "die_after") return true;
  return false;
}

/// R8, told by the devices' own records and not by what the migration believes.
void expect_one_runner(const Case& one, const Ended& ended) {
  SCOPED_TRACE(one.name + ": " + ended.text());
  EXPECT_TRUE(ended.source["bad"].is_null()) << ended.source["bad"];
  EXPECT_TRUE(ended.destination["bad"].is_null()) << ended.destination["bad"];
  // What the destination went through since its last load: RUNNING after STOP means that the guest's state
  // runs there.
  bool loaded = false, destination_runs = false;
  std::string before = "RUNNING";
  for (const auto& state : ended.destination["visited"]) {
    if (state == "STOP" && before == "RESUMING") loaded = true;
    if (state == "RUNNING") {
      destination_runs = loaded && before != "RESUMING" && (before == "STOP" || before == "RUNNING_P2P");
      loaded = destination_runs;
    }
    if (!state.get<std::string>().ends_with("?")) before = state;
  }
  // A reset after a load also gives RUNNING: the log of messages tells the two apart.
  const auto& log = ended.destination["log"];
  std::string last_word;
  for (const auto& message : log)
    if (message == "RESET" || message == "SET RUNNING") last_word = message;
  destination_runs = destination_runs && last_word == "SET RUNNING";
  const bool source_runs = ended.source["state"] == "RUNNING";
  EXPECT_FALSE(source_runs && destination_runs && !died(one.source) && !died(one.destination));
  if (!ended.opened) {
    EXPECT_EQ(ended.source["visited"].size(), 0u);
    return;
  }
  switch (ended.outcome) {
    case Outcome::committed:
      EXPECT_TRUE(destination_runs || !ended.attention.empty());
      EXPECT_FALSE(source_runs);
      break;
    case Outcome::aborted:
      EXPECT_TRUE(source_runs);
      EXPECT_FALSE(destination_runs);
      EXPECT_FALSE(died(one.source));
      break;
    case Outcome::unknown:
      EXPECT_FALSE(ended.attention.empty());
      EXPECT_FALSE(destination_runs);
      break;
    case Outcome::lost: EXPECT_FALSE(ended.attention.empty()); break;
  }
}

Json sized(std::uint64_t size, Json more = Json::object()) {
  more["size"] = size;
  return more;
}

std::vector<Ended> migrate_and_check(const std::vector<Case>& cases) {
  const auto all = migrate(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) expect_one_runner(cases[i], all[i]);
  return all;
}

TEST(SlowPeers, EverySizeAndHabitArrivesWhole) {
  std::vector<Case> cases;
  for (const std::uint64_t size : {0u, 1u, 65'535u, 65'536u, 65'537u, 1'048'575u, 1'048'576u, 1'048'577u}) {
    const auto name = [&](const char* habit) { return std::to_string(size) + " bytes, " + habit; };
    cases.push_back({name("plain"), sized(size), {}});
    cases.push_back({name("strict"), sized(size, {{"strict", true}}), {{"strict", true}}});
    cases.push_back({name("padded"), sized(size, {{"padded", true}}), {}});
    cases.push_back({name("short reads"), sized(size, {{"read_max", 7001}}), {}});
    cases.push_back({name("short padded reads"), sized(size, {{"read_max", 30'011}, {"padded", true}}), {}});
    cases.push_back(
        {name("small messages"), sized(size, {{"max_transfer", 40'000}}), {{"max_transfer", 30'000}}});
    cases.push_back({name("pre-copy"),
                     sized(size, {{"pre_copy", true}, {"pre_copy_bytes", size / 2}, {"rounds", 3}}),
                     {{"pre_copy", true}}});
    cases.push_back({name("P2P and pre-copy"),
                     sized(size, {{"pre_copy", true}, {"p2p", true}, {"pre_copy_bytes", size}}),
                     {{"p2p", true}}});
    cases.push_back({name("P2P at the destination"), sized(size), {{"p2p", true}}});
  }
  // Nothing is said of capabilities at all.
  cases.push_back({"no capabilities", sized(100, {{"version", ""}}), {{"version", "{}"}}});
  const auto all = migrate_and_check(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name + ": " + all[i].text());
    const auto size = cases[i].source["size"].get<std::uint64_t>();
    ASSERT_TRUE(all[i].opened);
    EXPECT_EQ(all[i].outcome, Outcome::committed);
    EXPECT_EQ(all[i].bytes, size);
    EXPECT_EQ(all[i].destination["received"], size);
    EXPECT_EQ(all[i].source["state"], "STOP");
    EXPECT_EQ(all[i].destination["state"], "RUNNING");
    EXPECT_EQ(all[i].attention, "");
  }
}

TEST(Peers, TheWalksAreThoseOfTheTable) {
  const std::vector<Case> cases = {
      {"plain", sized(10), {}},
      {"pre-copy", sized(10, {{"pre_copy", true}}), {}},
      {"P2P", sized(10, {{"p2p", true}}), {{"p2p", true}}},
      {"both", sized(10, {{"p2p", true}, {"pre_copy", true}}), {{"p2p", true}, {"pre_copy", true}}},
  };
  const auto all = migrate_and_check(cases);
  EXPECT_EQ(all[0].source["visited"], Json::parse(R"(["STOP","STOP_COPY","STOP"])"));
  EXPECT_EQ(all[1].source["visited"], Json::parse(R"(["PRE_COPY","STOP_COPY","STOP"])"));
  EXPECT_EQ(all[2].source["visited"], Json::parse(R"(["RUNNING_P2P","STOP","STOP_COPY","STOP"])"));
  EXPECT_EQ(all[3].source["visited"], Json::parse(R"(["PRE_COPY","PRE_COPY_P2P","STOP_COPY","STOP"])"));
  EXPECT_EQ(all[0].destination["visited"], Json::parse(R"(["STOP","RESUMING","STOP","RUNNING"])"));
  EXPECT_EQ(all[2].destination["visited"],
            Json::parse(R"(["RUNNING_P2P","STOP","RESUMING","STOP","RUNNING_P2P","RUNNING"])"));
}

TEST(Peers, EachHopThatFailsEndsWithTheSourceRunning) {
  std::vector<Case> cases;
  const Json both = {{"p2p", true}, {"pre_copy", true}};
  const auto with = [&](Json how, const char* state, Json rule) {
    how["refuse"][state] = rule;
    return how;
  };
  // Once and for good; staying where it was, on a hop on the way, or in ERROR.
  for (const char* state : {"PRE_COPY", "PRE_COPY_P2P", "STOP_COPY"}) {
    cases.push_back({std::string("source refuses ") + state, with(sized(1000, both), state, 5), {}});
    cases.push_back({std::string("source refuses on the way to ") + state,
                     with(sized(1000, both), state, Json::array({5, "STOP"})),
                     {}});
    cases.push_back({std::string("source refuses and runs on ") + state,
                     with(sized(1000, both), state, Json::array({16, "RUNNING"})),
                     {}});
  }
  cases.push_back({"destination refuses RESUMING", sized(1000), with({}, "RESUMING", 5)});
  cases.push_back({"destination refuses RESUMING and stops", sized(1000),
                   with({}, "RESUMING", Json::array({5, "STOP"}))});
  cases.push_back({"destination refuses RESUMING and is in ERROR", sized(1000),
                   with({}, "RESUMING", Json::array({5, "ERROR"}))});
  cases.push_back({"destination refuses the load", sized(1000), {{"refuse_load", 22}}});
  cases.push_back({"destination refuses the load and is in ERROR", sized(1000),
                   with({}, "STOP", Json::array({22, "ERROR"}))});
  cases.push_back({"the way back fails twice",
                   with(sized(1000, {{"refuse_read", {500, 5}}, {"read_max", 100}}), "RUNNING",
                        Json::array({16, nullptr, 2})),
                   {}});
  cases.push_back({"the way back stops half-way",
                   with(sized(1000, {{"refuse_read", {500, 5}}, {"read_max", 100}}), "RUNNING",
                        Json::array({16, "STOP", 2})),
                   {}});
  cases.push_back(
      {"the source's data fails", sized(1000, {{"refuse_read", {500, 5}}, {"read_max", 100}}), {}});
  cases.push_back(
      {"the source says that it stopped and did not", sized(1000, {{"lie", {{"STOP_COPY", "STOP"}}}}), {}});
  for (const int byte : {1, 500, 1000}) {
    const std::string at = " at byte " + std::to_string(byte);
    cases.push_back(
        {"destination refuses data" + at, sized(1000, {{"read_max", 100}}), {{"refuse_write", {byte, 14}}}});
    cases.push_back(
        {"destination is full" + at, sized(1000, {{"read_max", 100}}), {{"refuse_write", {byte, 12}}}});
    cases.push_back({"destination refuses data and is stuck" + at,
                     sized(1000, {{"read_max", 100}}),
                     {{"refuse_write", {byte, 22}}, {"stuck", true}}});
  }
  const auto all = migrate_and_check(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(all[i].outcome, Outcome::aborted) << cases[i].name << ": " << all[i].text();
    EXPECT_FALSE(all[i].why.empty()) << cases[i].name;
  }
}

TEST(Peers, AreAbandonedEvenWhereTheyRefuseAResetInStop) {
  std::vector<Case> cases;
  for (const StepKind kind :
       {StepKind::begin, StepKind::stop_source, StepKind::copy, StepKind::load, StepKind::commit}) {
    cases.push_back({std::string("strict, before ") + std::string(name_of(kind)),
                     sized(1000, {{"strict", true}}),
                     {{"strict", true}},
                     std::chrono::milliseconds(8000),
                     kind});
  }
  const auto all = migrate_and_check(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(all[i].outcome, Outcome::aborted) << cases[i].name << all[i].text();
    EXPECT_EQ(all[i].destination["received"], 0u) << "what it had is forgotten: " << all[i].text();
  }
}

TEST(Peers, AStateThatIsGoneIsCalledLost) {
  const Json in_error = {{"size", 1000}, {"refuse", {{"STOP_COPY", Json::array({5, "ERROR"})}}}};
  const Json will_not_start = {{"refuse", {{"RUNNING", Json::array({5, "ERROR"})}}}};
  const auto all =
      migrate_and_check({{"the source goes to ERROR", in_error, {}},
                         {"the destination goes to ERROR when started", sized(1000), will_not_start}});
  EXPECT_EQ(all[0].outcome, Outcome::lost) << all[0].text();
  EXPECT_THAT(all[0].attention, testing::HasSubstr("held the only complete state"));
  EXPECT_EQ(all[1].outcome, Outcome::lost) << all[1].text();
  EXPECT_NE(all[1].source["state"], "RUNNING") << "committed: the source never runs again";
}

TEST(Peers, ACommittedStateThatDoesNotStartKeepsTheSourceStopped) {
  const auto all = migrate_and_check({{"it will not start", sized(1000), {{"refuse", {{"RUNNING", 5}}}}}});
  EXPECT_EQ(all[0].outcome, Outcome::committed) << all[0].text();
  EXPECT_THAT(all[0].attention, testing::HasSubstr("could not be started"));
  EXPECT_EQ(all[0].destination["state"], "STOP");
  EXPECT_EQ(all[0].source["state"], "STOP");
}

/// Breaks each message in turn, at each end, and says how it ended by the label of the message that was
/// broken.
void break_each_message(const std::vector<std::string>& ways, std::chrono::milliseconds patience,
                        std::chrono::milliseconds patience_of_others,
                        const std::function<void(const Case&, const Ended&, bool at_source,
                                                 const std::string& label, const std::string& way)>& judge) {
  const Json source = {{"size", 150'000}, {"pre_copy", true}, {"pre_copy_bytes", 70'000}};
  const auto whole = migrate_and_check({{"unbroken", source, {}}});
  ASSERT_EQ(whole[0].outcome, Outcome::committed) << whole[0].text();
  std::vector<Case> cases;
  std::vector<std::tuple<bool, std::string, std::string>> broken;
  for (const bool at_source : {true, false}) {
    const Json log = at_source ? whole[0].source["log"] : whole[0].destination["log"];
    ASSERT_GT(log.size(), 8u);
    for (std::size_t message = 1; message <= log.size(); ++message) {
      const std::string label = log[message - 1];
      for (const std::string& way : ways) {
        Case one{(at_source ? "source: " : "destination: ") + way + " at message " + std::to_string(message) +
                     " " + label,
                 source, Json::object(), way.starts_with("silent") ? patience : patience_of_others};
        (at_source ? one.source : one.destination)["message"][std::to_string(message)] = way;
        cases.push_back(one);
        broken.emplace_back(at_source, label, way);
      }
    }
  }
  const auto all = migrate_and_check(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [at_source, label, way] = broken[i];
    SCOPED_TRACE(cases[i].name + ": " + all[i].text());
    judge(cases[i], all[i], at_source, label, way);
  }
}

bool before_the_session(const std::string& label) { return label == "VERSION" || label == "FLAGS"; }

TEST(SlowPeers, APeerThatDiesAtAnyMessageLeavesOneRunnerOrANamedLoss) {
  break_each_message(
      {"die", "die_after"}, {}, std::chrono::milliseconds(8000),
      [](const Case&, const Ended& ended, bool at_source, const std::string& label, const std::string&) {
        if (before_the_session(label)) {
          EXPECT_FALSE(ended.opened);
          EXPECT_EQ(ended.why_not.trouble, Trouble::closed);
          return;
        }
        bool committed = false;
        for (const auto& step : ended.steps) committed |= step.kind == StepKind::commit && step.done;
        if (at_source) {
          EXPECT_EQ(ended.outcome, committed ? Outcome::committed : Outcome::lost);
        } else {
          EXPECT_EQ(ended.outcome, committed ? Outcome::lost : Outcome::aborted);
        }
        if (at_source && !committed) {
          EXPECT_THAT(ended.attention, testing::HasSubstr("held the only complete state"));
        }
      });
}

TEST(SlowPeers, AConnectionThatIsLostAtAnyMessageIsTakenUpAgain) {
  break_each_message(
      {"close", "close_after"}, {}, std::chrono::milliseconds(8000),
      [](const Case&, const Ended& ended, bool at_source, const std::string& label, const std::string& way) {
        if (before_the_session(label)) {
          EXPECT_FALSE(ended.opened);
          return;
        }
        // The load's own answer is asked for again; everything before it aborts, everything after it is
        // committed.
        EXPECT_TRUE(ended.outcome == Outcome::aborted || ended.outcome == Outcome::committed);
        if (label == "SET RESUMING" || label == "READ" || label == "WRITE" || label == "SET STOP_COPY" ||
            label == "SET PRE_COPY") {
          EXPECT_EQ(ended.outcome, Outcome::aborted);
        }
        if (label == "SET RUNNING") {
          EXPECT_EQ(ended.outcome, Outcome::committed);
        }
        if (label == "SET STOP" && !at_source) {
          EXPECT_EQ(ended.outcome, way == "close_after" ? Outcome::committed : Outcome::aborted);
        }
      });
}

TEST(SlowPeers, SilenceAtAnyMessageEndsInTimeAndIsNeverGuessed) {
  const auto started = std::chrono::steady_clock::now();
  break_each_message({"silent", "silent_after"}, std::chrono::milliseconds(2500), {},
                     [](const Case&, const Ended& ended, bool, const std::string& label, const std::string&) {
                       if (before_the_session(label)) {
                         EXPECT_FALSE(ended.opened);
                         EXPECT_EQ(ended.why_not.trouble, Trouble::silent);
                         return;
                       }
                       EXPECT_NE(ended.outcome, Outcome::lost) << "silence is no death";
                     });
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(60));
}

TEST(SlowPeers, GarbageAtAnyMessageIsRefusedAndNeverBelieved) {
  const std::vector<std::string> ways = {"garbage", "wrong_id",   "wrong_command", "not_reply", "oversize",
                                         "tiny",    "long_error", "zero_errno",    "half"};
  break_each_message(
      ways, {}, std::chrono::milliseconds(8000),
      [](const Case&, const Ended& ended, bool, const std::string& label, const std::string& way) {
        if (before_the_session(label)) {
          EXPECT_FALSE(ended.opened);
          EXPECT_TRUE(ended.why_not.trouble == Trouble::broken ||
                      (way == "half" && ended.why_not.trouble == Trouble::closed))
              << to_string(ended.why_not);
          EXPECT_FALSE(ended.why_not.finding.empty());
          return;
        }
        EXPECT_TRUE(ended.outcome == Outcome::aborted || ended.outcome == Outcome::committed);
      });
}

TEST(PeersSlow, WhatTheyAnnounceIsCheckedBeforeItIsUsed) {
  std::vector<Case> cases;
  for (const char* version :
       {"deep", "[1,2", "{\"capabilities\":[]}", "{\"capabilities\":{\"max_data_xfer_size\":0}}",
        "{\"capabilities\":{\"max_data_xfer_size\":-5}}",
        "{\"capabilities\":{\"max_data_xfer_size\":\"big\"}}", "{\"capabilities\":{\"migration\":3}}",
        "nonsense"}) {
    cases.push_back({std::string("version ") + version, sized(10, {{"version", version}}), {}});
  }
  cases.push_back({"major version", sized(10, {{"major", 1}}), {}});
  cases.push_back({"cannot migrate", sized(10, {{"no_migration", true}}), {}});
  cases.push_back({"deaf", sized(10, {{"deaf", true}}), {}, std::chrono::milliseconds(500)});
  const auto all = migrate_and_check(cases);
  for (std::size_t i = 0; i < cases.size(); ++i)
    EXPECT_FALSE(all[i].opened) << cases[i].name << all[i].text();

  // A state that is none, at the first GET; more data announced than sent, and a READ reply that ends early.
  const auto later = migrate_and_check(
      {{"bad state", sized(10, {{"message", {{"3", "bad_state"}}}}), {}},
       {"announced", sized(10, {{"message", {{"6", "announce"}}}}), {}},
       {"short", sized(10, {{"message", {{"6", "short"}}}}), {}},
       {"a state that its flags do not cover", sized(10, {{"lie", {{"RUNNING", "PRE_COPY"}}}}), {}},
       {"dribbled", sized(10, {{"message", {{"6", "dribble"}}}}), {}}});
  for (const std::size_t i : {0u, 1u, 2u}) {
    EXPECT_EQ(later[i].outcome, Outcome::aborted) << later[i].text();
    EXPECT_EQ(later[i].steps[i == 0 ? 0 : 2].failure->trouble, Trouble::broken) << later[i].text();
  }
  EXPECT_EQ(later[4].outcome, Outcome::committed) << later[4].text();
}

TEST(Peers, ADeviceThatForgetsOnReconnectIsPointedOut) {
  const auto all = migrate_and_check(
      {{"reset on close", sized(1000, {{"reset_on_close", true}, {"message", {{"6", "close"}}}}), {}}});
  EXPECT_EQ(all[0].outcome, Outcome::aborted) << all[0].text();
  EXPECT_THAT(all[0].attention, testing::HasSubstr("still the same instance"));
}

TEST(SlowPeers, ALargeStateArrivesWhole) {
  const std::uint64_t size = std::min<std::uint64_t>(test::thorough(256), 1024) << 20;  // 1 GiB in a soak
  const auto all =
      migrate_and_check({{"large", sized(size, {{"pre_copy", true}, {"pre_copy_bytes", size / 2}}), {}}});
  EXPECT_EQ(all[0].outcome, Outcome::committed) << all[0].text();
  EXPECT_EQ(all[0].destination["received"], size);
}

}  // namespace
