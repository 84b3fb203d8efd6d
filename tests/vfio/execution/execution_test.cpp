// SPDX-License-Identifier: Apache-2.0
//
// Plans carried out on hosts and devices in memory, in simulated time: what is done, what is rolled back, and
// what the journal says, for every fault at every call and for a journal that fails at every entry.

#include "vfio/execution/execution.hpp"

#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "tests/support/fake_host.hpp"
#include "tests/support/temporary.hpp"
#include "vfio/execution/aftermath.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio::execution;
using fleet::NamedEvent;
using machines::DeviceState;
using test::FakeFault;
using test::FakeInstance;
using test::FakeSettings;
using test::FakeTrouble;
using testing::HasSubstr;

/// Keeps what it is told, and fails at one entry if it is to.
class KeptJournal final : public ports::Journal {
 public:
  struct Killed {};
  std::size_t fails_at = 0;   ///< the Nth entry, from 1, and every later one
  std::size_t killed_at = 0;  ///< the process ends there: behind an intent, before an outcome
  std::vector<ports::Intent> intents;
  std::vector<ports::Outcome> outcomes;
  std::size_t entries = 0;

  bool intent(const ports::Intent& intent) override {
    if (++entries >= fails_at && fails_at > 0) return false;
    intents.push_back(intent);
    if (entries == killed_at) throw Killed();
    return true;
  }
  bool outcome(const ports::Outcome& outcome) override {
    if (++entries >= fails_at && fails_at > 0) return false;
    if (entries == killed_at) throw Killed();
    outcomes.push_back(outcome);
    return true;
  }
  bool has_event(std::string_view action) const {
    for (const auto& outcome : outcomes)
      for (const auto& words : outcome.events)
        if (words.front() == action) return true;
    return false;
  }
};

/// Two hosts, one VM on the first; the second is upgraded, the VM moves, the first is upgraded.
const fleet::LoadedScenario& two_hosts() {
  static const fleet::LoadedScenario scenario = [] {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "fleet.yaml")
        << "format: portolan.scenario/1\ndescription: two hosts\ncatalogue: " PORTOLAN_SOURCE_DIR
           "/scenarios/fleet/drivers.yaml\nfleet:\n"
           "  hosts: [{name: host, count: 2, implementation: acme-gfx, version: \"1\"}]\n"
           "  vms: [{name: web, parameters: {memory: 8192}, place: host1}]\n"
           "goal: \"forall(h in host: driver[h] == `acme-gfx@2`) && place[web] != none\"\n"
           "faults: {budget: 1, kinds: [device_error]}\n";
    auto loaded = fleet::load_scenario(folder / "fleet.yaml");
    if (!loaded) throw std::invalid_argument(to_string(loaded.error()));
    return *loaded;
  }();
  return scenario;
}

/// The plan that upgrades both hosts.
fleet::Plan upgrade_plan() {
  const fleet::LoadedScenario& scenario = two_hosts();
  fleet::Plan plan;
  fleet::Course course(scenario);
  const auto add = [&](NamedEvent event) {
    if (course.enabled(event)) course.take(event);
    plan.steps.emplace_back();
    plan.steps.back().event = std::move(event);
  };
  add({"drain", {"host2"}});
  add({"upgrade", {"host2", "acme-gfx@2"}});
  const auto& settings = scenario.module.sorts[static_cast<std::size_t>(scenario.module.sort("setting"))];
  for (const std::string& setting : settings.elements)
    if (const NamedEvent begin{"migrate_begin", {"web", "host2", setting}}; course.enabled(begin)) add(begin);
  add({"drain", {"host1"}});
  add({"upgrade", {"host1", "acme-gfx@2"}});
  if (plan.steps.size() != 5) throw std::logic_error("the plan has another number of steps");
  return plan;
}
const fleet::Plan& the_plan() {
  static const fleet::Plan plan = upgrade_plan();
  return plan;
}

/// A fleet of fakes, and the plan carried out on it.
struct Fleet {
  test::SimulatedClock clock;
  test::FakeDevices devices{clock};
  test::FakeHosts hosts{{"host1", "host2"}, *two_hosts().catalogue, devices};
  const fleet::Plan& plan = the_plan();
  fleet::Inventory inventory;
  KeptJournal journal;
  FakeInstance& source;
  const std::string content;
  std::string stop_at;  ///< asks for a stop once this was told
  std::function<void(const std::string& what)> when_told = [](const std::string&) {};

  explicit Fleet(FakeSettings at_source = {})
      : source(devices.add("fake:host1/web", holding_a_guest(std::move(at_source)))),
        content(source.digest()) {
    inventory.file = "inventory.yaml";
    inventory.vms["web"].device = "fake:host1/web";
    inventory.hosts["host1"];
    inventory.hosts["host2"];
  }
  static FakeSettings holding_a_guest(FakeSettings settings) {
    settings.holds_a_guest = true;
    return settings;
  }
  bool stop = false;
  Execution execution() {
    ExecutionOptions options;
    options.walk.converged_bytes = 0;
    options.walk.rounds_max = 2;
    options.walk.pump.chunks_ahead_max = 0;
    options.walk.stop_requested = [this] { return stop; };
    options.tell = [this](std::size_t, const std::string& what, const std::string&) {
      stop |= what == stop_at;
      when_told(what);
    };
    return Execution(two_hosts(), plan, inventory, {devices.registry(), hosts, clock}, options);
  }
  ExecutionResult run() { return execution().run(journal); }
  FakeInstance* moved() const { return devices.find("fake:host2/web"); }
};

std::string text_of(const ExecutionResult& result) {
  std::string text = std::string(name_of(result.end)) + ", " + result.why + ", " + result.attention;
  for (const std::string& note : result.notes) text += "\n  " + note;
  return text;
}

/// What is true of the devices, held against what the execution says.
void expect_truth(Fleet& fleet, const ExecutionResult& result) {
  EXPECT_LE(fleet.devices.most_running(), 1) << "two ran at some moment";
  const bool source_runs = fleet.source.runs_the_guest();
  const FakeInstance* moved = fleet.moved();
  const bool moved_runs = moved != nullptr && moved->runs_the_guest();
  switch (result.end) {
    case ExecutionEnd::done:
      EXPECT_TRUE(moved_runs);
      EXPECT_FALSE(source_runs);
      EXPECT_EQ(moved == nullptr ? "" : moved->digest(), fleet.content);
      EXPECT_EQ(result.devices.at("web"), "fake:host2/web");
      break;
    case ExecutionEnd::rolled_back:
      EXPECT_TRUE(source_runs);
      EXPECT_EQ(fleet.source.digest(), fleet.content);
      EXPECT_EQ(result.devices.at("web"), "fake:host1/web");
      EXPECT_EQ(moved, nullptr) << "what was made for it is ended";
      break;
    case ExecutionEnd::unknown:
    case ExecutionEnd::lost: EXPECT_FALSE(result.why.empty()); break;
    case ExecutionEnd::stopped:
      EXPECT_FALSE(result.why.empty());
      EXPECT_TRUE(source_runs || moved_runs || !fleet.source.alive() || fleet.source.replaced() > 0 ||
                  fleet.source.state() == DeviceState::error)
          << "nothing that ran was stopped for good";
      break;
    case ExecutionEnd::refused: ADD_FAILURE(); break;
  }
}

TEST(Execution, CarriesThePlanOut) {
  Fleet fleet;
  EXPECT_THAT(fleet.execution().preconditions(), testing::IsEmpty());
  const ExecutionResult result = fleet.run();
  ASSERT_EQ(result.end, ExecutionEnd::done) << text_of(result);
  expect_truth(fleet, result);
  EXPECT_EQ(result.steps_done, 5u);
  EXPECT_EQ(fleet.source.state(), DeviceState::stop) << "nobody said how it is ended, so it is left stopped";
  EXPECT_THAT(result.notes, testing::ElementsAre(HasSubstr("vms.web.retire")));
  EXPECT_EQ(fleet.journal.intents.size(), fleet.journal.outcomes.size());
  EXPECT_TRUE(fleet.journal.has_event("migrate_commit"));
  EXPECT_THAT(fleet.hosts["host2"].calls,
              testing::ElementsAre("publish acme-gfx@2/gfx", "publish acme-gfx@2/gfx", "make fake:host2/web",
                                   "prepare fake:host2/web"))
      << "asked before the first step and by the step itself";
  EXPECT_EQ(fleet.moved()->parameters.count("memory"), 1u) << "R7: it was prepared";
}

TEST(Execution, EndsTheSourceWhereItIsSaidHow) {
  Fleet fleet;
  fleet.hosts.keepers["web"] = fleet.hosts.host("host1");
  const ExecutionResult result = fleet.run();
  EXPECT_EQ(result.end, ExecutionEnd::done) << text_of(result);
  EXPECT_EQ(fleet.devices.find("fake:host1/web"), nullptr);
  EXPECT_THAT(result.notes, testing::IsEmpty());
}

TEST(Execution, RefusesWhatThePlanWasNotProvedFor) {
  {
    Fleet fleet;
    fleet.source.request(DeviceState::stop);
    EXPECT_THAT(to_string(fleet.execution().preconditions()), HasSubstr("is in STOP, expected RUNNING"));
  }
  {
    Fleet fleet;
    fleet.hosts["host2"].refused.insert("publish");
    EXPECT_THAT(to_string(fleet.execution().preconditions()), HasSubstr("refused to publish"));
  }
  {
    Fleet fleet({.flags = {.p2p = true, .pre_copy = true}});
    EXPECT_THAT(to_string(fleet.execution().preconditions()), HasSubstr("reports p2p"));
  }
  Fleet fleet;
  fleet.devices.remove("fake:host1/web");
  EXPECT_THAT(to_string(fleet.execution().preconditions()), HasSubstr("cannot connect"));
}

TEST(Execution, RefusesDriversOfAnotherKindThanTheCatalogueSays) {
  // The catalogue says vfio-user.
  Fleet fleet;
  fleet.hosts["host2"].drivers = compat::ImplementationKind::mdev;
  const Faults unmet = fleet.execution().preconditions();
  EXPECT_THAT(to_string(unmet), HasSubstr("what the inventory has there is mdev, and the catalogue has "
                                          "acme-gfx@2/gfx with kind: vfio-user ("));
  EXPECT_THAT(to_string(unmet), HasSubstr("drivers.yaml:"));
}

TEST(Execution, LeavesASourceAloneThatSomebodyElseStopped) {
  // While host2 is being prepared, another operator stops the VM: it must not run again by our hand.
  Fleet fleet;
  fleet.hosts["host2"].installable.insert("acme-gfx@2");
  fleet.hosts["host2"].while_installing = [&] { fleet.source.request(DeviceState::stop); };
  const ExecutionResult result = fleet.run();
  EXPECT_EQ(result.end, ExecutionEnd::stopped);
  EXPECT_THAT(result.why, HasSubstr("somebody else is at work there"));
  EXPECT_EQ(fleet.source.state(), DeviceState::stop);
  EXPECT_EQ(fleet.moved(), nullptr) << "nothing was started for it";
}

TEST(Execution, RollsBackWhatAHostRefuses) {
  for (const char* refused : {"make", "prepare"}) {
    SCOPED_TRACE(refused);
    Fleet fleet;
    fleet.hosts["host2"].refused.insert(refused);
    const ExecutionResult result = fleet.run();
    EXPECT_EQ(result.end, ExecutionEnd::rolled_back) << text_of(result);
    EXPECT_THAT(result.why, HasSubstr(std::string("refused to ") + refused));
    expect_truth(fleet, result);
    EXPECT_THAT(fleet.source.calls, testing::Not(testing::Contains(testing::StartsWith("set "))));
  }
  Fleet fleet;
  fleet.hosts["host2"].installable.insert("acme-gfx@2");
  fleet.hosts["host2"].refused.insert("install");
  const ExecutionResult result = fleet.run();
  EXPECT_EQ(result.end, ExecutionEnd::stopped) << text_of(result);
  expect_truth(fleet, result);
}

TEST(Execution, RollsBackEachHopThatFails) {
  for (const auto& [state, trouble] : {std::pair{"RESUMING", FakeTrouble::refuse},
                                       {"RESUMING", FakeTrouble::error},
                                       {"STOP", FakeTrouble::refuse}}) {
    SCOPED_TRACE(state);
    Fleet fleet;
    fleet.hosts["host2"].next_instance.faults = {{trouble, 1, false, std::string("set ") + state}};
    const ExecutionResult result = fleet.run();
    EXPECT_EQ(result.end, ExecutionEnd::rolled_back) << text_of(result);
    expect_truth(fleet, result);
    EXPECT_TRUE(fleet.journal.has_event("migrate_end_aborted"));
  }
}

TEST(Execution, ResolvesALostAnswerByAsking) {
  Fleet fleet;
  fleet.hosts["host2"].next_instance.faults = {{FakeTrouble::closed, 1, true, "set STOP"}};
  const ExecutionResult result = fleet.run();
  EXPECT_EQ(result.end, ExecutionEnd::done) << text_of(result);
  expect_truth(fleet, result);
  EXPECT_TRUE(fleet.journal.has_event("answer_lost_loaded"));
}

TEST(Execution, NamesAStateAsLostWhoseHolderDiedAfterItWasSeenRunning) {
  for (const bool replaced : {false, true})
    for (const char* moment : {"end_program", "upgrade"}) {
      Fleet fleet;
      bool moved = false;
      fleet.when_told = [&](const std::string& what) {
        moved |= what == "end_program";
        if (!moved || what != moment) return;
        replaced ? fleet.moved()->begin_anew() : fleet.moved()->die();
      };
      const ExecutionResult result = fleet.run();
      EXPECT_EQ(result.end, ExecutionEnd::lost) << text_of(result);
      EXPECT_THAT(result.attention, HasSubstr("fake:host2/web held the only state of web"));
      EXPECT_EQ(fleet.source.state(), DeviceState::stop) << "R8: it may have run";
    }
}

TEST(Execution, StopsOnRequestBetweenStepsAndWithinAMigration) {
  Fleet between;
  between.stop_at = "upgrade";
  const ExecutionResult stopped = between.run();
  EXPECT_EQ(stopped.end, ExecutionEnd::stopped);
  EXPECT_EQ(stopped.steps_done, 2u);
  Fleet within;
  within.stop_at = "round";
  const ExecutionResult abandoned = within.run();
  EXPECT_EQ(abandoned.end, ExecutionEnd::stopped) << text_of(abandoned);
  EXPECT_TRUE(within.source.runs_the_guest());
  Fleet late;
  late.stop_at = "commit";
  const ExecutionResult committed = late.run();
  EXPECT_EQ(committed.end, ExecutionEnd::stopped) << text_of(committed);
  ASSERT_NE(late.moved(), nullptr);
  EXPECT_TRUE(late.moved()->runs_the_guest()) << "what is committed is brought to its end";
}

TEST(SlowExecutionFaults, AtEachCallOfEitherEndAreToldAsTheyAre) {
  struct Broken {
    FakeTrouble trouble;
    bool carried_out;
  };
  constexpr Broken ways[] = {{FakeTrouble::refuse, false}, {FakeTrouble::error, false},
                             {FakeTrouble::closed, true},  {FakeTrouble::mute, true},
                             {FakeTrouble::dead, false},   {FakeTrouble::replaced, true}};
  constexpr std::uint64_t calls_max = 20;  // a whole migration and more, at either end
  std::map<ExecutionEnd, int> ends;
  for (const bool at_source : {true, false})
    for (const Broken& way : ways)
      for (std::uint64_t call = 1; call <= calls_max; ++call) {
        const FakeSettings broken{.faults = {{way.trouble, call, way.carried_out}}};
        Fleet fleet(at_source ? broken : FakeSettings{});
        if (!at_source) fleet.hosts["host2"].next_instance = broken;
        const ExecutionResult result = fleet.run();
        SCOPED_TRACE(std::string(at_source ? "source" : "destination") + " call " + std::to_string(call) +
                     " " + std::string(test::fake_trouble_names[static_cast<std::size_t>(way.trouble)]) +
                     ": " + text_of(result));
        expect_truth(fleet, result);
        ++ends[result.end];
      }
  for (const ExecutionEnd end : {ExecutionEnd::done, ExecutionEnd::stopped, ExecutionEnd::rolled_back,
                                 ExecutionEnd::unknown, ExecutionEnd::lost})
    EXPECT_GT(ends[end], 0) << name_of(end) << " occurs";
}

TEST(Aftermath, OfAnExecutionThatWasKilledAnywhereIsWhatTheDevicesAre) {
  std::set<std::string> answers;
  for (std::size_t entry = 1;; ++entry) {
    Fleet fleet;
    fleet.journal.killed_at = entry;
    bool killed = false;
    try {
      fleet.run();
    } catch (const KeptJournal::Killed&) {
      killed = true;
    }
    if (!killed) break;
    std::vector<Written> written;
    for (std::size_t k = 0; k < fleet.journal.intents.size(); ++k) {
      const ports::Intent& one = fleet.journal.intents[k];
      written.push_back({one.step, one.what, one.detail, std::nullopt});
      if (k < fleet.journal.outcomes.size()) written.back().done = fleet.journal.outcomes[k].done;
    }
    const auto now = aftermath(fleet.plan, {{"web", "fake:host1/web"}}, written, fleet.devices.registry());
    ASSERT_EQ(now.size(), 1u);
    const VmNow& web = now.front();
    SCOPED_TRACE("entry " + std::to_string(entry) + " " + written.back().what + ": " + web.said + "; " +
                 web.next);
    const bool two = fleet.moved() != nullptr;
    const std::string truth = fleet.source.runs_the_guest()            ? "fake:host1/web"
                              : two && fleet.moved()->runs_the_guest() ? "fake:host2/web"
                                                                       : "";
    EXPECT_EQ(web.runs_on, truth);
    EXPECT_EQ(web.said.starts_with("nobody runs it"), truth.empty());
    const bool untouched = !two && fleet.source.state() == DeviceState::running;
    EXPECT_EQ(web.next.empty(), untouched || truth == "fake:host2/web") << "nothing to do where all is well";
    EXPECT_EQ(web.left_over.size(), (two ? 2u : 1u) - (truth.empty() ? 0u : 1u)) << "each other program";
    answers.insert(truth);
  }
  EXPECT_EQ(answers, (std::set<std::string>{"", "fake:host1/web", "fake:host2/web"})) << "each occurs";
}

TEST(Aftermath, SaysWhoHoldsWhatAndWhatIsLost) {
  Fleet fleet;
  fleet.devices.add("fake:host2/web", {});
  const std::vector<Written> loaded = {
      {3, "start_program", start_detail("fake:host2/web", "make"), true},
      {3, "load", move_detail("fake:host1/web", "fake:host2/web"), std::nullopt}};
  const auto ask = [&](const std::vector<Written>& entries) {
    return aftermath(fleet.plan, {}, entries, fleet.devices.registry()).front();
  };
  fleet.source.request(DeviceState::stop_copy);
  EXPECT_THAT(ask(loaded).said, HasSubstr("nobody runs it: fake:host1/web is in STOP_COPY and holds it"));
  EXPECT_EQ(ask(loaded).next, "bring fake:host1/web to RUNNING, then end the program of fake:host2/web");
  EXPECT_THAT(ask(loaded).left_over, testing::ElementsAre("fake:host1/web", "fake:host2/web"));
  auto committed = loaded;
  committed.push_back({3, "start", move_detail("fake:host1/web", "fake:host2/web"), std::nullopt});
  fleet.moved()->request(DeviceState::stop);
  EXPECT_THAT(ask(committed).said,
              HasSubstr("committed to fake:host2/web, which holds it and was not started"));
  fleet.moved()->die();
  EXPECT_THAT(ask(committed).next, HasSubstr("the state is lost; fake:host1/web must not run"));
  fleet.source.die();
  EXPECT_THAT(ask(loaded).said, HasSubstr("fake:host1/web is gone"));
}

TEST(ExecutionFaults, OfTheJournalStopEverythingAndLeaveOneRunner) {
  for (std::size_t entry = 1;; ++entry) {
    Fleet fleet;
    fleet.journal.fails_at = entry;
    const ExecutionResult result = fleet.run();
    if (fleet.journal.entries < entry) break;
    SCOPED_TRACE("entry " + std::to_string(entry) + ": " + text_of(result));
    EXPECT_LE(fleet.devices.most_running(), 1);
    EXPECT_EQ(fleet.devices.running(), 1) << "a journal that fails stops no guest for good";
    EXPECT_NE(result.end, ExecutionEnd::done);
    EXPECT_THAT(result.why, HasSubstr("the journal cannot be written"));
  }
}

}  // namespace
