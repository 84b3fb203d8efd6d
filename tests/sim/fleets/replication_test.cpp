// SPDX-License-Identifier: Apache-2.0
#include "sim/fleets/replication.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/sim/scenarios.hpp"

namespace portolan::sim::fleets {
namespace {

using test::actions_of;
using test::Ran;
using test::ran_of;
using testing::HasSubstr;

// Steps a replication event by event and asks the reference each time.
void hold_to_the_reference(const std::shared_ptr<const run::Blueprint>& blueprint, int events,
                           std::uint64_t seed) {
  const auto replication = blueprint->replicate({seed, 0, 1});
  rules::Cells before = replication->cells();
  time::Time time = 0;
  for (int k = 0; k < events; ++k) {
    ports::Batch batch;
    const bool ended = replication->run(batch, 1);
    for (const auto& event : batch.events) {
      ASSERT_GE(event.time_ns, time);
      time = event.time_ns;
      std::vector<std::string> arguments;
      for (const ports::Name one : event.arguments)
        if (one != ports::no_name) arguments.push_back(blueprint->names()[static_cast<std::size_t>(one)]);
      const auto found = rules::find_event(
          blueprint->module(), blueprint->names()[static_cast<std::size_t>(event.action)], arguments, before);
      ASSERT_TRUE(found && found->defined)
          << "event " << k
          << " is not enabled: " << blueprint->names()[static_cast<std::size_t>(event.action)];
      ASSERT_EQ(found->next, replication->cells());
      before = replication->cells();
    }
    ASSERT_THAT(replication->overlooked(), testing::IsEmpty()) << "after event " << k;
    if (ended) return;
  }
}

TEST(Replications, HoldOnlyEventsThatTheReferenceEnables) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) hold_to_the_reference(test::upgrade_blueprint(), 700, seed);
}

// Faults as often as migrations, so that every way out of a migration is taken.
const std::string rough =
    R"yaml(
faults: {budget: 1000, rates: {host_fails_ns: 4000000000000, link_fails_ns: 1000000000000, )yaml"
    R"yaml(device_error_ns: 3000000000, device_error_source_ns: 300000000, answer_lost_ns: 300000000, )yaml"
    R"yaml(answer_lost_loaded_ns: 300000000}}
operator: {interval_ns: {exponential: 1000000000}}
workload: {state_bytes: {uniform: [1000000, 2000000000]}, dirty_bytes_per_s: {exponential: 500000000}}
simulation: {events_max: 20000}
)yaml";

TEST(SlowReplications, HoldOnlyEventsThatTheReferenceEnablesWhenMuchGoesWrong) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    hold_to_the_reference(test::blueprint_of(test::one_vm(3, rough)), 1500, seed);
}

TEST(SlowReplications, MeetEveryKindOfFault) {
  const auto blueprint = test::blueprint_of(test::one_vm(3, rough));
  const Ran ran = ran_of(blueprint);
  std::map<std::string, int> count;
  for (const auto& name : actions_of(*blueprint, ran)) ++count[name];
  for (const char* fault : {"host_fails", "link_fails", "device_error", "device_error_source", "answer_lost",
                            "answer_lost_loaded", "vm_dies", "host_recovers", "link_recovers", "ask"})
    EXPECT_GT(count[fault], 0) << fault;
  std::set<ports::MigrationOutcome> outcomes;
  for (const auto& migration : ran.migrations) outcomes.insert(migration.outcome);
  EXPECT_TRUE(outcomes.contains(ports::MigrationOutcome::committed));
  EXPECT_TRUE(outcomes.contains(ports::MigrationOutcome::aborted));
  EXPECT_TRUE(outcomes.contains(ports::MigrationOutcome::lost));
}

TEST(Replications, VisitOnlyStatesThatCanBeReached) {
  const std::string yaml =
      test::one_vm(2,
                   "actions: {without: [drain, undrain, power_cycle, destroy, create, downgrade, "
                   "upgrade]}\nfaults: {budget: 1, rates: "
                   "{host_fails_ns: 100000000000, link_fails_ns: 100000000000, device_error_ns: 1000000000, "
                   "answer_lost_ns: 100000000}}\nsimulation: {events_max: 2000}");
  const auto blueprint = test::blueprint_of(yaml);
  std::set<rules::Cells> reachable{blueprint->module().initial};
  std::vector<rules::Cells> work{blueprint->module().initial};
  while (!work.empty()) {
    const rules::Cells now = std::move(work.back());
    work.pop_back();
    for (auto& successor : rules::successors(blueprint->module(), now)) {
      ASSERT_TRUE(successor.defined);
      if (reachable.insert(successor.next).second) work.push_back(std::move(successor.next));
    }
  }
  std::set<rules::Cells> visited;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto replication = blueprint->replicate({seed, 0, 1});
    for (bool ended = false; !ended;) {
      ports::Batch batch;
      ended = replication->run(batch, 1);
      ASSERT_TRUE(reachable.contains(replication->cells()));
      visited.insert(replication->cells());
    }
  }
  EXPECT_GT(reachable.size(), visited.size());
  EXPECT_GT(visited.size(), 40u) << "the walk is no test where it stands still; " << reachable.size()
                                 << " states can be reached";
}

TEST(SlowReplications, SpendNoMoreFaultsThanTheBudget) {
  std::string few = rough;
  few.replace(few.find("1000,"), 4, "2");
  const auto blueprint = test::blueprint_of(test::one_vm(3, few));
  int bounded = 0;
  for (const auto& name : actions_of(*blueprint, ran_of(blueprint)))
    bounded += name == "host_fails" || name == "link_fails" || name.rfind("device_error", 0) == 0 ||
               name.rfind("answer_lost", 0) == 0;
  EXPECT_EQ(bounded, 2);
}

TEST(ReplicationsSlow, OfTheSameNameAreTheSameAndOfAnotherSeedAreNot) {
  const auto blueprint = test::blueprint_of(test::one_vm(3, rough));
  const Ran a = ran_of(blueprint, 5), b = ran_of(blueprint, 5), c = ran_of(blueprint, 6);
  EXPECT_EQ(a.events, b.events);
  EXPECT_EQ(a.migrations, b.migrations);
  EXPECT_NE(a.events, c.events);
}

// --- time
// ------------------------------------------------------------------------------------------------------------

// Nothing takes time but the transfers of pre_copy_test.cpp.
const std::string only_transfers = R"yaml(
network: {bandwidth_bytes_per_s: 1000000, latency_ns: 0}
workload: {state_bytes: 1000000, dirty_bytes_per_s: 250000, downtime_max_ns: 20000000}
durations: {migrate_step_ns: 0, migrate_begin_ns: 0, migrate_commit_ns: 0, migrate_end_ns: 0}
operator: {weights: {migrate_abort: 0}}
actions: {without: [drain, power_cycle]}
simulation: {events_max: 12}
)yaml";

TEST(Migrations, TakeAsLongAsTheirTransfers) {
  const auto blueprint = test::blueprint_of(test::one_vm(2, only_transfers));
  const Ran ran = ran_of(blueprint);
  ASSERT_EQ(ran.migrations.size(), 1u);
  const auto& migration = ran.migrations[0];
  EXPECT_EQ(migration.outcome, ports::MigrationOutcome::committed);
  EXPECT_EQ(migration.rounds, (std::vector<ports::RoundRow>{{1'000'000, 1'000'000'000, false},
                                                            {250'000, 250'000'000, false},
                                                            {62'500, 62'500'000, false},
                                                            {15'625, 15'625'000, true}}));
  EXPECT_EQ(migration.downtime_ns, 15'625'000);
  EXPECT_EQ(migration.end_ns - migration.begin_ns, 1'328'125'000);
  EXPECT_EQ(actions_of(*blueprint, ran),
            (std::vector<std::string>{"migrate_begin", "migrate_step.prepare", "migrate_step.settle",
                                      "migrate_step.open", "migrate_step.pre_copy", "migrate_step.pause",
                                      "migrate_step.save", "migrate_step.load", "migrate_commit",
                                      "migrate_step.wake", "migrate_step.start", "migrate_end"}));
}

TEST(Migrations, AddLatencyAndDurationsToTheDowntime) {
  std::string slower = only_transfers;
  slower.replace(slower.find("latency_ns: 0"), 13, "latency_ns: 1000");
  slower.replace(slower.find("migrate_step_ns: 0"), 18, "migrate_step_ns: 0, migrate_step.save_ns: 300");
  const Ran ran = ran_of(test::blueprint_of(test::one_vm(2, slower)));
  ASSERT_EQ(ran.migrations.size(), 1u);
  // Between pause and start: save takes 300 ns; load, commit, wake and start wait for two messages each.
  EXPECT_EQ(ran.migrations[0].downtime_ns, 15'625'000 + 300 + 8 * 1000);
}

TEST(Migrations, SendEverythingWithTheGuestStoppedWithoutPreCopy) {
  std::string yaml = test::one_vm(2, only_transfers);
  yaml.replace(yaml.find("{name: vm, place: host1}"), 24,
               "{name: vm, place: host1, device: {pre_copy: false, p2p: true}}");
  yaml.replace(yaml.find("events_max: 12"), 14, "events_max: 15");
  const Ran ran = ran_of(test::blueprint_of(yaml));
  ASSERT_GE(ran.migrations.size(), 1u);
  EXPECT_EQ(ran.migrations[0].rounds, (std::vector<ports::RoundRow>{{1'000'000, 1'000'000'000, true}}));
  EXPECT_EQ(ran.migrations[0].downtime_ns, 1'000'000'000);
}

TEST(Migrations, ShareTheLinkThatTheyUse) {
  // Two VMs leave host1 at once, as a plan has it; rounds that overlap get half the bandwidth.
  std::string yaml =
      test::one_vm(3,
                   "network: {bandwidth_bytes_per_s: 1000000, latency_ns: 0}\nworkload: {state_bytes: "
                   "1000000, dirty_bytes_per_s: 0}\noperator: {interval_ns: 1000000, weights: "
                   "{migrate_abort: 0, drain: 0}}\nsimulation: {events_max: 60}");
  yaml.replace(yaml.find("{name: vm, place"), 16, "{name: vm, count: 2, place");
  const Ran ran = ran_of(test::blueprint_of(yaml));
  std::set<std::uint64_t> durations;
  for (const auto& migration : ran.migrations)
    for (const auto& round : migration.rounds)
      if (round.bytes > 0) durations.insert(round.duration_ns);
  EXPECT_EQ(durations, (std::set<std::uint64_t>{1'000'000'000, 2'000'000'000}));
}

TEST(Replications, EndAtTheirTime) {
  const Ran ran = ran_of(test::blueprint_of(test::one_vm(2, "simulation: {until_ns: 100000000000}")));
  EXPECT_EQ(ran.end.reason, "until");
  EXPECT_EQ(ran.end.time_ns, 100'000'000'000);
  EXPECT_LE(ran.events.back().time_ns, 100'000'000'000);
}

// --- plans
// -----------------------------------------------------------------------------------------------------------

std::vector<fleet::NamedEvent> move_to(const std::string& host, const std::string& setting) {
  std::vector<fleet::NamedEvent> plan = {{"migrate_begin", {"vm", host, setting}}};
  for (const char* step :
       {"migrate_step.prepare", "migrate_step.settle", "migrate_step.open", "migrate_step.pre_copy",
        "migrate_step.pause", "migrate_step.save", "migrate_step.load", "migrate_commit", "migrate_step.wake",
        "migrate_step.start", "migrate_end"})
    plan.push_back({step, {"vm"}});
  return plan;
}

TEST(Plans, AreFollowedStepByStepToTheirGoal) {
  std::vector<fleet::NamedEvent> plan = {{"drain", {"host2"}}, {"upgrade", {"host2", "acme-gfx@2"}}};
  const auto blueprint = test::blueprint_of(
      test::one_vm(2, "goal: \"driver[host2] == `acme-gfx@2` && place[vm] == host2\""), {});
  std::string setting;
  for (const auto& name :
       blueprint->module().sorts[static_cast<std::size_t>(blueprint->module().sort("setting"))].elements)
    if (name.find("acme-gfx@2/gfx {async-copy=false}") == 0) setting = name;
  ASSERT_NE(setting, "");
  for (auto& step : move_to("host2", setting)) plan.push_back(step);
  const auto planned = prepare(
      test::load_text(test::one_vm(2, "goal: \"driver[host2] == `acme-gfx@2` && place[vm] == host2\"")),
      plan);
  ASSERT_TRUE(planned) << to_string(planned.error());
  const Ran ran = ran_of(*planned);
  EXPECT_EQ(ran.end.reason, "plan-done");
  EXPECT_EQ(ran.end.goal_ns, ran.end.time_ns);
  ASSERT_EQ(ran.events.size(), plan.size());
  const auto names = actions_of(**planned, ran);
  for (std::size_t k = 0; k < plan.size(); ++k) EXPECT_EQ(names[k], plan[k].action);
  ASSERT_EQ(ran.migrations.size(), 1u);
  EXPECT_EQ(ran.migrations[0].outcome, ports::MigrationOutcome::committed);
  EXPECT_GT(ran.migrations[0].rounds.size(), 1u) << "the pause waits for the rounds of pre-copy";
}

TEST(Plans, AreLeftWhereAStepIsNotEnabledAndMigrationsAreBroughtToTheirEnd) {
  auto plan = move_to("host2", "acme-gfx@1/gfx");
  plan.resize(5);
  plan.push_back({"migrate_commit", {"vm"}});
  const auto planned = prepare(test::load_text(test::one_vm(2, "")), plan);
  ASSERT_TRUE(planned) << to_string(planned.error());
  const Ran ran = ran_of(*planned);
  EXPECT_EQ(ran.end.reason, "plan-diverged");
  EXPECT_THAT(ran.end.detail, HasSubstr("step 6, migrate_commit(vm)"));
  EXPECT_EQ(actions_of(**planned, ran).back(), "migrate_end");
}

TEST(Plans, ThatNameWhatIsNotThereAreRefused) {
  const auto planned =
      prepare(test::load_text(test::one_vm(2, "")), {{"fly", {}}, {"drain", {"host9"}}, {"drain", {}}});
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().size(), 3u);
  EXPECT_THAT(to_string(planned.error()), HasSubstr("host9"));
}

// --- machines
// --------------------------------------------------------------------------------------------------------

TEST(MachinesInASimulation, ThatDisagreeWithTheModuleAreAnErrorOfOurs) {
  // A device that keeps its data session open when it stops saving: a mutant of one row's update.
  const auto wrong_update = [](const rules::Machine& machine, const rules::Configuration& at,
                               std::uint8_t event) {
    rules::Step step = machines::step(machine, at, event);
    if (machine.text->name == "device" && step.row >= 0 && machine.text->states[step.next.state] == "STOP")
      step.next.environment[2] = 1;
    return step;
  };
  const auto wrong_row = [](const rules::Machine& machine, const rules::Configuration& at,
                            std::uint8_t event) {
    rules::Step step = machines::step(machine, at, event);
    if (machine.text->name == "session" && step.row >= 0) ++step.row;
    return step;
  };
  for (const run::MachineSteps::Stepper stepper :
       {run::MachineSteps::Stepper(wrong_update), run::MachineSteps::Stepper(wrong_row)}) {
    const auto blueprint = prepare(test::load_text(test::one_vm(2, only_transfers)), {}, stepper);
    ASSERT_TRUE(blueprint);
    EXPECT_THROW(ran_of(*blueprint), run::Disagreement);
  }
}

TEST(FleetFaults, AreNeverGivenBack) {
  // The simulator stops waiting for faults once none is left.
  const auto blueprint = test::blueprint_of(test::one_vm(2, "faults: {budget: 3}"));
  const auto variable = static_cast<std::int16_t>(blueprint->module().variable("faults-left"));
  rules::Cells cells = blueprint->module().initial;
  for (const auto& action : blueprint->module().actions)
    for (const auto& assignment : action.assignments)
      EXPECT_TRUE(assignment.variable != variable ||
                  blueprint->evaluator().value_of(
                      assignment.value, cells, std::vector<std::int64_t>(action.parameters.size(), 0)) == 2)
          << action.name;
}

}  // namespace
}  // namespace portolan::sim::fleets
