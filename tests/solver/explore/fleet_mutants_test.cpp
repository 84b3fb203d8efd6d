// SPDX-License-Identifier: Apache-2.0
//
// What is said about fleets is only worth something if it is no longer true of a fleet with a mistake: every
// mutant of the fleet's actions changes a verdict, or at least which states and events there are, in one of a
// few small fleets; or it is listed below with the reason why nobody could see it.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "model/fleet/scenario.hpp"
#include "solver/explore/explorer.hpp"
#include "tests/support/fleet_mutants.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::solver::explore {
namespace {

/// Driver 2 accepts what driver 1 has, but cannot load its state.
constexpr const char* mismatched = R"({"format": "portolan.catalogue/1", "implementations": [
  {"name": "nic", "version": "1", "kind": "mdev", )"
                                   R"("migration_info": {"models": {"a.com/n": {"params": {}}}}, )"
                                   R"("models": {"a.com/n": {"state": [{"section": "rings", "layout": 1}], )"
                                   R"("loads": [{"section": "rings", "layouts": [1, 2]}]}}},
  {"name": "nic", "version": "2", "kind": "mdev", )"
                                   R"("migration_info": {"models": {"a.com/n": {"params": {}}}}, )"
                                   R"("models": {"a.com/n": {"state": [{"section": "rings", "layout": 2}], )"
                                   R"("loads": [{"section": "rings", "layouts": [2]}]}}}]})";

/// A small fleet, with properties that say what is true of every fleet at rest and at work, and what can be
/// seen in some.
std::shared_ptr<const fleet::LoadedScenario> arena(const std::string& catalogue, const std::string& members,
                                                   const std::string& more, int budget = 0,
                                                   const std::string& kinds = "") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "mismatched.json") << mismatched;
  std::ofstream(folder / "arena.yaml")
      << "format: portolan.scenario/1\ndescription: an arena for mutants\ncatalogue: "
      << (catalogue == "mismatched.json" ? catalogue : PORTOLAN_SOURCE_DIR "/scenarios/fleet/" + catalogue)
      << "\nscheme: rfc-v3-strict"  // which lets through what cannot be loaded
      << "\nfleet: " << members << "\n"
      << more << "\nfaults: {budget: " << budget << (kinds.empty() ? "" : ", kinds: [" + kinds + "]")
      << "}\nproperties:\n"
      << "  - {name: can-run-again, eventually: \"forall(v in vm: place[v] != none && session[v] == Idle && "
         "instance.running[v])\"}\n"
         "  - {name: can-be-off, eventually: \"forall(v in vm: place[v] == none)\"}\n"
         "  - {name: can-be-home, eventually: \"forall(h in host: up[h] && link[h] && !draining[h] && "
         "driver[h] == started-with[h])\"}\n"
         "  - {name: off-is-off, always: \"forall(v in vm: place[v] == none => instance[v] == Absent && "
         "session[v] == Idle && source[v] == RUNNING && !instance.running[v])\"}\n"
         "  - {name: idle-is-idle, always: \"forall(v in vm: session[v] == Idle => target[v] == none && "
         "given[v] == none && listed[v] == none && replica[v] == Absent && destination[v] == RUNNING && "
         "!leftover[v] && !instance.migrating[v])\"}\n"
         "  - {name: working-has-all, always: \"forall(v in vm: session[v] != Idle => target[v] != none && "
         "given[v] != none && listed[v] != none && place[v] != none && target[v] != place[v])\"}\n"
         "  - {name: down-is-not-drained, always: \"forall(h in host: !up[h] => !draining[h])\"}\n"
         "  - {name: drained-max-is-kept, always: \"count(h in host: draining[h]) <= drained-max\"}\n"
         "  - {name: sessions-max-is-kept, always: \"count(v in vm: session[v] != Idle) <= sessions-max\"}\n"
         "  - {name: given-fits-target, always: \"forall(v in vm: given[v] != none && target[v] != none && "
         "up[target[v]] => driver-of[given[v]] == driver[target[v]])\"}\n"
         "  - {name: runs-when-open, always: \"forall(v in vm: instance.running[v] => instance[v] == Open && "
         "source[v] in {RUNNING, PRE_COPY})\"}\n"
         "  - {name: apart-while-moving, always: \"forall(v in vm: forall(w in vm: v != w && "
         "apart[group-of[v]] && group-of[v] == group-of[w] && target[v] != none => target[v] != place[w] && "
         "target[v] != target[w]))\"}\n"
         "  - {name: loaded-is-what-loads, always: \"forall(v in vm: session.loaded[v] && given[v] != none "
         "=> loads[setting[v], given[v]])\"}\n"
         "  - {name: the-commit-stops-the-device, always: \"forall(v in vm: session[v] == Committed && "
         "!session.source_gone[v] && up[place[v]] => source[v] in {STOP, STOP_COPY, ERROR})\"}\n"
         "  - {name: no-fault-is-free, always: \"faults-left == "
      << budget
      << " => forall(h in host: up[h] && link[h]) && forall(v in vm: session[v] != Unknown && destination[v] "
         "!= ERROR && source[v] != ERROR)\"}\n"
      << "  - {name: starts-again, sometimes: \"exists(v in vm: session[v] == Idle && instance.running[v] && "
         "place[v] != none && faults-left == 0)\"}\n"
         "  - {name: unknown-and-loaded, sometimes: \"exists(v in vm: session[v] == Unknown && "
         "destination[v] == STOP)\"}\n"
         "  - {name: unknown-and-not-loaded, sometimes: \"exists(v in vm: session[v] == Unknown && "
         "destination[v] == RESUMING)\"}\n"
         "  - {name: destination-fails, sometimes: \"exists(v in vm: destination[v] == ERROR)\"}\n"
         "  - {name: source-fails, sometimes: \"exists(v in vm: source[v] == ERROR)\"}\n"
         "  - {name: loses, sometimes: \"exists(v in vm: session[v] == Lost)\"}\n"
         "  - {name: is-drained, sometimes: \"exists(h in host: draining[h])\"}\n"
         "  - {name: a-link-is-down, sometimes: \"exists(h in host: !link[h])\"}\n"
         "  - {name: a-host-is-down, sometimes: \"exists(h in host: !up[h])\"}\n"
         "  - {name: is-moved-to-another-driver, sometimes: \"exists(h in host: driver[h] != "
         "started-with[h])\"}\n"
         "  - {name: is-adopted, sometimes: \"exists(v in vm: place[v] != none && driver-of[setting[v]] != "
         "started-with[place[v]])\"}\n";
  auto loaded = fleet::load_scenario(folder / "arena.yaml");
  if (!loaded) throw std::runtime_error(to_string(loaded.error()));
  return std::make_shared<const fleet::LoadedScenario>(std::move(*loaded));
}

/// Fleets in which every action happens and every condition matters somewhere; the smallest first, because
/// what they find does not have to be looked for in the larger ones.
std::vector<std::shared_ptr<const fleet::LoadedScenario>> arenas() {
  const std::string nic = "forgotten-field-catalogue.yaml",
                    two_old = "{hosts: [{name: host, count: 2, implementation: acme-nic, version: \"1\"}], ",
                    three_old =
                        "{hosts: [{name: host, count: 3, implementation: acme-nic, version: \"1\"}], ";
  return {
      arena(nic,
            "{hosts: [{name: old, implementation: acme-nic, version: \"1\", pooled: true}, {name: new, "
            "implementation: acme-nic, version: \"2\", pooled: true}], vms: [{name: guest, place: old, "
            "spool: true, device: {p2p: true}, may_set: {fix: [true, false]}}]}",
            "actions: {without: [upgrade, downgrade, drain, undrain]}", 1),
      arena("mismatched.json",
            "{hosts: [{name: old, implementation: nic, version: \"1\"}, {name: new, implementation: nic, "
            "version: \"2\"}], vms: [{name: guest, place: new}]}",
            "actions: {without: [upgrade, downgrade, drain, undrain, power_cycle, migrate_abort]}", 2),
      arena(nic, two_old + "vms: [{name: vm, count: 2, place: host1}]}",
            "rollout: {migrations_max: 1}\nactions: {without: [upgrade, downgrade, drain, undrain, "
            "power_cycle, migrate_abort]}"),
      arena(nic,
            "{hosts: [{name: host, count: 2, implementation: acme-nic, version: \"1\", capacity: 1}], vms: "
            "[{name: vm, count: 2, place: [host1, host2]}]}",
            "actions: {without: [upgrade, downgrade]}\nrollout: {hosts_down_max: 1}"),
      arena(nic, three_old + "vms: [{name: vm, count: 2, place: [host1, host2], anti_affinity: true}]}",
            "rollout: {migrations_max: 1}\nactions: {without: [upgrade, downgrade, drain, undrain, "
            "migrate_abort]}"),
      arena(nic, two_old + "vms: [{name: vm, place: host1}]}",
            "rollout: {hosts_down_max: 2}\nactions: {without: [power_cycle, upgrade_live]}", 1, "host_fails"),
      arena(nic, two_old + "vms: [{name: vm, place: host1}]}",
            "rollout: {hosts_down_max: 1}\nactions: {without: [power_cycle, upgrade_live, undrain, "
            "migrate_abort]}"),
      arena("drivers.yaml",
            "{hosts: [{name: old, implementation: acme-gfx, version: \"1\"}, {name: new, implementation: "
            "acme-gfx, version: \"2\"}], vms: [{name: vm, place: old}]}",
            "actions: {without: [upgrade, downgrade, drain, undrain]}"),
      arena(nic, two_old + "vms: [{name: vm, place: host1, may_set: {fix: [true]}}]}",
            "rollout: {live_upgrade: [acme-nic@2], hosts_down_max: 1}\nactions: {without: [downgrade, "
            "power_cycle, migrate_abort]}",
            1, "host_fails"),
      arena(
          nic,
          "{hosts: [{name: east, implementation: acme-nic, version: \"1\", zone: e, amounts: {memory: 3}}, "
          "{name: west, count: 2, implementation: acme-nic, version: \"1\", zone: w, amounts: {memory: 2}}], "
          "vms: [{name: vm, count: 2, place: [east, west1], needs: {memory: 2}, anti_affinity: zone, "
          "running_min: 1}]}",
          "rollout: {hosts_down_in_zone_max: 1}\nactions: {without: [upgrade, downgrade, migrate_abort]}"),
      arena(nic,
            "{hosts: [{name: host, count: 3, implementation: acme-nic, version: \"1\"}, {name: far, "
            "implementation: acme-nic, version: \"1\"}], vms: [{name: free, count: 2, place: [host1, host2], "
            "allowed: [host]}, {name: fixed, place: far, cannot_migrate: passed through}]}",
            "rollout: {migrations_out_max: 1, migrations_in_max: 1}\nactions: {without: [upgrade, downgrade, "
            "drain, undrain, power_cycle, migrate_abort]}"),
      arena(nic,
            "{hosts: [{name: east, implementation: acme-nic, version: \"2\", amounts: {memory: 3}}, {name: "
            "west, implementation: acme-nic, version: \"2\", amounts: {memory: 2}}], vms: [{name: a, place: "
            "east, needs: {memory: 1}, may_set: {fix: [false]}}, {name: b, place: west, needs: {memory: 2}}, "
            "{name: c, state: absent, allowed: [east], cannot_migrate: passed through}]}",
            "actions: {without: [upgrade, downgrade, drain, undrain, migrate_abort]}"),
      arena(
          nic,
          "{hosts: [{name: host, count: 2, implementation: acme-nic, version: \"1\", amounts: {memory: 2}}, "
          "{name: full, implementation: acme-nic, version: \"1\", capacity: 0, amounts: {memory: 1}}, {name: "
          "poor, implementation: acme-nic, version: \"1\", amounts: {memory: 0}}, {name: barred, "
          "implementation: acme-nic, version: \"1\", amounts: {memory: 1}}], vms: [{name: vm, place: host1, "
          "spool: true, needs: {memory: 1}, allowed: [host, full, poor], device: {p2p: true, pre_copy: "
          "false}}]}",
          "actions: {without: [upgrade, downgrade, drain, undrain]}", 2, "host_fails, answer_lost"),
  };
}

/// What an exploration says: verdicts, and how many states and events there are.
struct Said {
  std::map<std::string, PropertyVerdict> verdicts;
  std::uint64_t states = 0, events = 0;
};
Said said(const rules::Module& module, std::uint64_t states_max) {
  ExploreOptions options;
  options.states_max = states_max;
  const Exploration found = Explorer(module, options).run();
  Said result{{}, found.states, found.transitions};
  for (const PropertyResult& property : found.properties) result.verdicts[property.name] = property.verdict;
  return result;
}

/// Mutants that change nothing anywhere, each with the reason: another condition says the same, or a machine
/// does.
const std::map<std::string, std::string> equivalent = {
    {"create: without place[v] == none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"create: without session[v] == Idle", "a VM that is off has no session (off-is-off)"},
    {"open: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"open: without session[v] == Idle",
     "a session begins with a running instance, so a closed one has none"},
    {"run: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"power_cycle: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"power_cycle: without the step source[v].new",
     "the device of an idle VM is RUNNING without a stream: it is as a new one"},
    {"destroy: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"destroy: without session[v] == Idle",
     "a session begins with a running instance, so a closed one has none"},
    {"destroy: without instance[v] == Closed",
     "the machine has rows for that event from no other state that occurs here"},
    {"set_param: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"migrate_begin: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"migrate_begin: without instance[v] == Open", "only an open instance runs"},
    {"migrate_begin: without source[v] == RUNNING", "the device of an idle VM is RUNNING"},
    {"migrate_step.reinitialise: without the step replica[v].reinitialise",
     "the replica was made just now and is fresh; what a pool left is `leftover`"},
    {"migrate_step.prepare: without session[v] == Checked",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.settle: without destination[v] in {RUNNING, RUNNING_P2P}",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.open: without session[v] == Prepared",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.open: without destination[v] == STOP",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.pre_copy: without session.source_runs[v]",
     "a guest that is stopped leaves a device that can pre-copy in PRE_COPY, not in RUNNING"},
    {"migrate_step.pre_copy: without source[v] == RUNNING",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.pause: without session[v] == Transferring",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.pre_copy_p2p: without session[v] == Transferring",
     "a device is in PRE_COPY with its guest stopped only while it is transferred"},
    {"migrate_step.pre_copy_p2p: without source[v] == PRE_COPY",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.stop: without !session.loaded[v]", "what is loaded was saved: its source is in STOP_COPY"},
    {"migrate_step.save: without session[v] == Transferring",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_step.save: without !session.loaded[v]", "what is loaded was saved: its source is in STOP_COPY"},
    {"migrate_commit: without destination[v] == STOP", "what is loaded is in STOP until the commit"},
    {"migrate_commit: without listed[v] == setting[v]",
     "nothing writes a parameter during a migration (as-checked); the condition says what is read again"},
    {"migrate_step.wake: without destination[v] in {STOP, RUNNING_P2P}",
     "the machine has rows for that event from no other state that occurs here"},
    {"migrate_end: without session[v] == Committed", "the destination runs only after the commit"},
    {"migrate_end: without the step destination[v].new",
     "the destination's device is RUNNING without a stream: it is as a new one"},
    {"migrate_abort: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"undrain: without up[h]", "a host that is down is not drained (down-is-not-drained)"},
    {"upgrade: without up[h]", "a host that is down is not drained (down-is-not-drained)"},
    {"downgrade: without up[h]", "a host that is down is not drained (down-is-not-drained)"},
    {"adopt: without accepts[setting[v], s]", "what is not accepted here does not load either"},
    {"adopt: without sets-up[s]",
     "of a driver with one type one setting is accepted, and upgrade_live asked the rest of it"},
    {"adopt: without loads[setting[v], s]",
     "of a driver with one type one setting is accepted, and upgrade_live asked the rest of it"},
    {"source_dies: without place[v] != none",
     "an instance is absent exactly where the VM has no place (off-is-off), and the machine is asked first"},
    {"destination_dies: without target[v] != none",
     "a session has a target exactly while it is one (working-has-all), and the machine is asked first"},
    {"destination_dies: without session[v] in {Prepared, Transferring, Unknown, Committed}",
     "the machine has rows for that event from no other state that occurs here"},
    {"destination_dies_early: without target[v] != none",
     "a session has a target exactly while it is one (working-has-all)"},
};

/// Each mutant is explored in up to ten fleets, and a small fleet takes longer to set up than to search:
/// every twenty-fourth one is looked at here, all of them with PORTOLAN_ALL_MUTANTS in the environment.
std::size_t step_between_mutants() { return std::getenv("PORTOLAN_ALL_MUTANTS") != nullptr ? 1 : 24; }

/// A third of the mutants each, so that they can be looked at side by side.
class SlowFleetMutants : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Thirds, SlowFleetMutants, testing::Values(0, 1, 2));

TEST_P(SlowFleetMutants, AreFoundByAPropertyOrAtLeastSeenInTheStates) {
  const auto scenarios = arenas();
  std::vector<Said> whole;
  for (const auto& scenario : scenarios) {
    whole.push_back(said(scenario->module, 0));
    if (std::getenv("PORTOLAN_TELL")) std::printf("%lu states\n", whole.back().states);
    ASSERT_LT(whole.back().states, 20'000u);
  }
  std::size_t by_property = 0, by_states = 0, refused = 0;
  std::vector<std::string> unseen, only_states;
  std::set<std::string> listed;
  std::set<std::string> mine;
  const auto all = test::fleet_mutants();
  for (std::size_t m = GetParam() * step_between_mutants(); m < all.size(); m += 3 * step_between_mutants()) {
    const test::FleetMutant& mutant = all[m];
    mine.insert(mutant.what);
    const test::MutatedFleet mutated(mutant);
    bool property = false, states = false, compiles = true;
    for (std::size_t a = 0; a < scenarios.size() && !property && compiles; ++a) {
      const auto built = fleet::build_fleet(scenarios[a]->scenario, scenarios[a]->catalogue, mutated.text());
      if (!built) {
        compiles = false;
        break;
      }
      rules::Module module = built->module;
      // The scenario's own properties, as its reader adds them.
      for (std::size_t p = module.properties.size(); p < scenarios[a]->module.properties.size(); ++p)
        module.properties.push_back(scenarios[a]->module.properties[p]);
      const Said now = said(module, 2 * whole[a].states + 1'000);
      for (const auto& [name, verdict] : now.verdicts)
        property |= verdict != whole[a].verdicts.at(name) && verdict != PropertyVerdict::undetermined;
      states |= now.states != whole[a].states || now.events != whole[a].events;
    }
    if (!compiles)
      ++refused;
    else if (property)
      ++by_property;
    else if (states) {
      ++by_states;
      only_states.push_back(mutant.what);
    } else if (equivalent.contains(mutant.what))
      listed.insert(mutant.what);
    else
      unseen.push_back(mutant.what);
  }
  for (const std::string& one : unseen) ADD_FAILURE() << "nobody sees " << one;
  for (const auto& [what, why] : equivalent)
    EXPECT_EQ(listed.contains(what), mine.contains(what))
        << what << " is listed as unseen (" << why << ") and is seen";
  EXPECT_EQ(refused, 0u) << "every mutant compiles";
  EXPECT_GT(by_property, 0u);
  EXPECT_TRUE(step_between_mutants() > 1 || by_property > by_states) << "properties find most of them";
  RecordProperty("found by a property", std::to_string(by_property));
  RecordProperty("seen in the states only", std::to_string(by_states));
  RecordProperty("equivalent", std::to_string(listed.size()));
  if (std::getenv("PORTOLAN_TELL"))
    for (const std::string& one : only_states) std::printf("states only: %s\n", one.c_str());
  std::printf("%zu found by a property, %zu seen in the states only, %zu unseen and listed\n", by_property,
              by_states, listed.size());
}

TEST(FleetMutants, AreEveryConditionStepAndUpdate) {
  const auto all = test::fleet_mutants();
  std::map<std::size_t, std::size_t> by_action;
  std::set<std::string> names;
  for (const test::FleetMutant& mutant : all) {
    ++by_action[mutant.action];
    names.insert(mutant.what);
  }
  EXPECT_EQ(names.size(), all.size()) << "each is named once";
  for (const auto& [what, why] : equivalent)
    EXPECT_TRUE(names.contains(what)) << what << " is listed and no mutant";
  EXPECT_EQ(by_action.size(), std::size(fleet::actions)) << "every action has one";
  std::vector<std::string> of_drain;
  for (const test::FleetMutant& mutant : all)
    if (fleet::actions[mutant.action].name == "drain") of_drain.push_back(mutant.what);
  constexpr std::string_view zone =
      "(zone-of[h] == none || count(g in host: zone-of[g] == zone-of[h] && (draining[g] || !up[g])) < "
      "drained-in-zone-max[zone-of[h]])";
  EXPECT_THAT(of_drain,
              testing::ElementsAre("drain: without up[h]", "drain: not up[h]", "drain: without !draining[h]",
                                   "drain: not !draining[h]",
                                   "drain: without count(g in host: draining[g] || !up[g]) < drained-max",
                                   "drain: not count(g in host: draining[g] || !up[g]) < drained-max",
                                   "drain: without " + std::string(zone), "drain: not " + std::string(zone),
                                   "drain: never"));
}

}  // namespace
}  // namespace portolan::solver::explore
