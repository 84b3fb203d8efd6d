// SPDX-License-Identifier: Apache-2.0
#include "model/fleet/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "model/fleet/actions.hpp"
#include "model/fleet/plans/plan.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::fleet {
namespace {

const std::filesystem::path scenarios = std::filesystem::path(PORTOLAN_SOURCE_DIR) / "scenarios/fleet";

LoadedScenario loaded(const char* name) {
  auto scenario = load_scenario(scenarios / name);
  if (!scenario) throw std::runtime_error(to_string(scenario.error()));
  return std::move(*scenario);
}

/// Faults of a scenario that stands beside the repository's own, so that it finds their catalogues.
std::vector<std::string> faults_of(const std::string& text) {
  const test::TemporaryFolder folder;
  for (const char* file : {"drivers.yaml", "acme-gfx-1.json", "acme-gfx-2.json", "acme-gfx-2-compact.json"})
    std::filesystem::copy(scenarios / file, folder.path() / file);
  std::filesystem::copy(scenarios / "forgotten-field-catalogue.yaml", folder.path() / "fix.yaml");
  std::ofstream(folder.path() / "s.yaml") << text;
  const auto scenario = load_scenario(folder.path() / "s.yaml");
  std::vector<std::string> faults;
  if (scenario) return faults;
  for (Fault fault : scenario.error()) {
    fault.place.file = std::filesystem::path(fault.place.file).filename();
    faults.push_back(to_string(fault));
  }
  return faults;
}

TEST(Scenarios, OfTheRepositoryCanBeRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scenarios.parent_path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.find("portolan.scenario/1") == std::string::npos) continue;
    const auto scenario = load_scenario(entry.path());
    EXPECT_TRUE(scenario) << to_string(scenario ? Faults{} : scenario.error());
    if (!scenario) continue;
    EXPECT_FALSE(scenario->scenario.description.empty()) << entry.path() << ": why it exists comes first";
    EXPECT_FALSE(scenario->inputs.empty());
    ++read;
  }
  EXPECT_GE(read, 5);
}

TEST(Scenarios, CloseTheSettingsUnderTheCheckAndWrites) {
  const LoadedScenario scenario = loaded("forgotten-field.yaml");
  const auto& settings =
      scenario.module.sorts[static_cast<std::size_t>(scenario.module.sort("setting"))].elements;
  EXPECT_THAT(settings, testing::UnorderedElementsAre("acme-nic@1", "acme-nic@2", "acme-nic@2 {fix=false}"));
  const auto says = [&](const char* condition) {
    rules::Parsed parsed = rules::parse_condition(scenario.module, condition);
    EXPECT_TRUE(parsed.faults.empty()) << condition;
    return rules::holds(scenario.module, {parsed.nodes, parsed.strings, condition, {}},
                        scenario.module.initial);
  };
  EXPECT_TRUE(says("accepts[`acme-nic@1`, `acme-nic@2 {fix=false}`]"))
      << "R7: the destination's own off value";
  EXPECT_FALSE(says("accepts[`acme-nic@1`, `acme-nic@2`]"));
  EXPECT_TRUE(says("accepts[`acme-nic@2 {fix=false}`, `acme-nic@1`]")) << "E11: off, it can go back";
  EXPECT_FALSE(says("accepts[`acme-nic@2`, `acme-nic@1`]")) << "E11: on, it cannot";
  EXPECT_FALSE(says("loads[`acme-nic@2`, `acme-nic@1`]")) << "the section would not be understood";
  EXPECT_TRUE(says("write-to[`acme-nic@2 {fix=false}`, `acme-nic@2`] == `fix=true`"));
  EXPECT_FALSE(says("write-to[`acme-nic@2`, `acme-nic@2 {fix=false}`] != none"))
      << "the scenario lets it be switched on only";
  EXPECT_TRUE(says("interface-of[`acme-nic@2`] == interface-of[`acme-nic@1`]"))
      << "fix affects the state only";
}

TEST(Scenarios, ReportEveryFaultWithItsPlace) {
  const auto faults = faults_of(R"(format: portolan.scenario/1
description: wrong everywhere
catalogue: drivers.yaml
fleet:
  hosts:
    - {name: a, implementation: acme-gfx, version: 2.x}
    - {name: b, implementation: acme-gfy, version: "1"}
  vms:
    - {name: v, parameters: {memory: 1}, place: c}
goal: "forall(h in host: driver[h] == `acme-gfx@2`"
rollot: {hosts_down_max: 1}
)");
  ASSERT_EQ(faults.size(), 1u) << "what hangs on the misspelt member is not guessed at";
  EXPECT_THAT(
      faults[0],
      testing::StartsWith(
          "s.yaml:11:1: rollot: is not a member here, expected one of format, description, catalogue"));
  EXPECT_THAT(faults[0], testing::EndsWith("did you mean \"rollout\"?"));
  const auto others = faults_of(R"(format: portolan.scenario/1
description: wrong everywhere
catalogue: drivers.yaml
fleet:
  hosts:
    - {name: a, implementation: acme-gfx, version: 2.x}
    - {name: b, implementation: acme-gfy, version: "1"}
  vms:
    - {name: v, parameters: {memory: 1}, place: c}
)");
  EXPECT_THAT(
      others,
      testing::ElementsAre(
          R"(s.yaml:6:52: fleet.hosts[0].version: got "2.x", expected a version of acme-gfx (1, 2, 2-compact))",
          R"(s.yaml:7:33: fleet.hosts[1].implementation: got "acme-gfy", )"
          R"(expected one of acme-gfx (of the catalogue); did you mean "acme-gfx"?)"));
}

TEST(Scenarios, RefuseExpectedTracesThatAreNone) {
  const auto faults = faults_of(R"(format: portolan.scenario/1
description: a lamp
model:
  variables: {on: {domain: bool}}
  actions: [{name: press, update: "on := !on"}]
properties: [{name: dark, always: "!on"}]
expect:
  traces:
    dark: [[press], [], [press, 4], press]
    light: [[press]]
)");
  EXPECT_THAT(faults, testing::ElementsAre(
                          testing::HasSubstr("expect.traces.dark[1]: the event has no name"),
                          testing::HasSubstr("expect.traces.dark[2][1]: got 4, expected a string"),
                          testing::HasSubstr("expect.traces.dark[3]: got \"press\", expected an array")));
  const auto unknown = faults_of(R"(format: portolan.scenario/1
description: a lamp
model:
  variables: {on: {domain: bool}}
  actions: [{name: press, update: "on := !on"}]
expect: {traces: {light: [[press]]}}
)");
  EXPECT_THAT(unknown, testing::ElementsAre(testing::HasSubstr("traces: there is no property \"light\"")));
}

TEST(Scenarios, PointAtTheColumnOfAnExpression) {
  const auto faults = faults_of(R"(format: portolan.scenario/1
description: a goal that names what is not there
catalogue: drivers.yaml
fleet:
  hosts: [{name: a, implementation: acme-gfx, version: "1"}]
  vms: [{name: v, parameters: {memory: 4096}}]
goal: "driver[a] == `acme-gfx@3`"
properties:
  - {name: one-runner, always: "true"}
)");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0], testing::StartsWith(
                             "s.yaml:7:21: goal: in the expression, column 14: unknown name 'acme-gfx@3'"));
  EXPECT_THAT(faults[1], testing::HasSubstr("there is a property \"one-runner\" already"));
}

TEST(Scenarios, RefuseWhatWouldSilentlyDoNothing) {
  const auto faults = faults_of(R"(format: portolan.scenario/1
description: writes that no implementation takes, an action and a fault that do not exist, an expectation of nothing
catalogue: drivers.yaml
fleet:
  hosts: [{name: a, implementation: acme-gfx, version: "2", capacity: {gfy: 1}}]
  vms: [{name: v, may_set: {async-copy: [false], colour: [1]}}]
)");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0], testing::HasSubstr("there is no type \"gfy\""));
  const auto others = faults_of(R"(format: portolan.scenario/1
description: writes that no implementation takes
catalogue: drivers.yaml
fleet:
  hosts: [{name: a, implementation: acme-gfx, version: "2"}]
  vms: [{name: v, may_set: {async-copy: [false], colour: [1]}}]
actions: {without: [migrate_bgin]}
faults: {budget: 1, kinds: [meteor]}
)");
  ASSERT_EQ(others.size(), 2u);
  EXPECT_THAT(others[0], testing::HasSubstr("\"async-copy\" is writable at run time in no implementation"));
  EXPECT_THAT(others[1],
              testing::HasSubstr("no implementation of \"com.gfx/GPU\" has a parameter \"colour\""));
}

TEST(Scenarios, NameTheActionsThatAreNotNeglected) {
  const std::string fleet = R"(format: portolan.scenario/1
description: fairness of actions
catalogue: )" PORTOLAN_SOURCE_DIR R"(/scenarios/fleet/drivers.yaml
fleet:
  hosts: [{name: a, implementation: acme-gfx, version: "1"}, {name: b, implementation: acme-gfx, version: "1"}]
  vms: [{name: v, parameters: {memory: 4096}}]
faults: {budget: 1}
properties:
)";
  const test::TemporaryFolder folder;
  const auto read = [&](const std::string& text) {
    std::ofstream(folder.path() / "fair.yaml") << text;
    return load_scenario(folder.path() / "fair.yaml");
  };
  const auto loaded = read(fleet +
                           "  - {name: ends, eventually: \"place[v] != none\", fairness: [migrate_step, "
                           "migrate_commit]}\n  - {name: rests, eventually: \"true\", fairness: []}\n");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  const rules::Module& module = loaded->module;
  const rules::Property& ends = module.properties[static_cast<std::size_t>(module.property("ends"))];
  ASSERT_TRUE(ends.fair.has_value());
  std::set<std::string> names;
  for (const std::size_t action : *ends.fair)
    names.insert(module.actions[action].name.substr(0, module.actions[action].name.find('.')));
  EXPECT_THAT(names, testing::ElementsAre("migrate_commit", "migrate_step"));
  EXPECT_GT(ends.fair->size(), 2u) << "all steps of a migration";
  EXPECT_TRUE(module.properties[static_cast<std::size_t>(module.property("rests"))].fair->empty());
  EXPECT_FALSE(module.properties[static_cast<std::size_t>(module.property("sessions-end"))].fair.has_value());

  const auto refused = [&](const std::string& property) {
    const auto bad = read(fleet + property);
    return bad ? std::string("read") : to_string(bad.error());
  };
  EXPECT_THAT(refused("  - {name: p, eventually: \"true\", fairness: [migrate_stop]}\n"),
              testing::AllOf(testing::HasSubstr("there is no action \"migrate_stop\""),
                             testing::HasSubstr("migrate_step")));
  EXPECT_THAT(refused("  - {name: p, eventually: \"true\", fairness: [device_error]}\n"),
              testing::HasSubstr("device_error is a fault"));
  EXPECT_THAT(refused("  - {name: p, always: \"true\", fairness: [migrate_step]}\n"),
              testing::HasSubstr("stands beside another verb"));
}

TEST(ModelSections, MayBringMachinesOfTheirOwn) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "doors.yaml")
      << R"yaml(format: portolan.scenario/1
description: two doors of a lock, never open at once
model:
  sorts: {door: [inner, outer]}
  variables: {visits: {domain: 0..1, initial: 0}, strict: {index: door, domain: bool, fixed: true, )yaml"
         R"yaml(initial: {inner: true}}}
  machines:
    leaf:
      index: door
      states: [Closed, Open]
      variables: {other-closed: {role: input}}
      rows:
        - {from: Closed, event: open, to: Open, guard: other-closed, source: rule 1}
        - {from: Open, event: close, to: Closed, source: rule 2}
  actions:
    - {name: open, parameters: "d: door", )yaml"
         R"yaml(steps: "leaf[d].open(other-closed: !strict[d] || forall(e in door: )yaml"
         R"yaml(e == d || leaf[e] == Closed))", source: rule 1}
    - {name: close, parameters: "d: door", steps: "leaf[d].close", update: "visits := 1", source: rule 2}
properties:
  - {name: lock, always: "count(d in door: leaf[d] == Open) <= 1"}
)yaml";
  const auto scenario = load_scenario(folder.path() / "doors.yaml");
  ASSERT_TRUE(scenario) << to_string(scenario.error());
  const LoadedScenario copy = *scenario;  // what the machines borrow goes with it
  const auto first = rules::successors(copy.module, copy.module.initial);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(rules::to_string(copy.module, first[0].event), "open(inner)");
  EXPECT_EQ(rules::successors(copy.module, first[0].next).size(), 2u)
      << "inner closes, or outer, which is not strict, opens";
  EXPECT_EQ(rules::successors(copy.module, first[1].next).size(), 1u) << "inner is strict and stays closed";
}

TEST(Scenarios, NamesOfHostsAndVmsAreNoPathsAndHaveNothingHidden) {
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::string& host, const std::string& vm) {
    std::ofstream(folder.path() / "s.yaml")
        << "format: portolan.scenario/1\ndescription: names\ncatalogue: " PORTOLAN_SOURCE_DIR
           "/scenarios/fleet/drivers.yaml\nfleet:\n  hosts: [{name: \""
        << host << "\", implementation: acme-gfx, version: \"1\"}]\n  vms: [{name: \"" << vm << "\"}]\n";
    const auto loaded = load_scenario(folder.path() / "s.yaml");
    return loaded ? std::string() : to_string(loaded.error());
  };
  EXPECT_EQ(refused("host", "vm"), "");
  for (const char* name : {"../../x", "/x", ".", "..", "a\\eb", "a\\nb", ""}) {
    EXPECT_THAT(refused(name, "vm"), testing::HasSubstr("fleet.hosts[0]: the name ")) << name;
    EXPECT_THAT(refused("host", name), testing::HasSubstr("fleet.vms[0]: the name ")) << name;
  }
  EXPECT_THAT(refused("host", std::string(65, 'v')), testing::HasSubstr("has 65 bytes, expected 1 to 64"));
}

TEST(Plans, AreWrittenAndReadWithoutLoss) {
  Plan plan;
  plan.scenario = "up.yaml";
  plan.digest = std::string(64, 'a');
  plan.content_digest = std::string(64, 'b');
  plan.goal = "true";
  plan.notes = {"a \"note\""};
  plan.steps.push_back({{"drain", {"h1"}},
                        {},
                        "does",
                        "rule",
                        {{"up[h1]", "true"}},
                        {{"draining[h1]", "true"}},
                        NamedEvent{"undrain", {"h1"}},
                        {}});
  plan.steps.push_back(
      {{"migrate_begin", {"v", "h2", "s"}}, {{"migrate_end", {"v"}}}, "", "", {}, {}, std::nullopt, {0}});
  plan.point_of_no_return = 1;
  plan.verified = {3, 4, 1, true, {{"one-runner", "always", "holds"}}};
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "p.json") << write_plan(plan);
  const auto read = read_plan(folder.path() / "p.json");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(write_plan(*read), write_plan(plan));
  EXPECT_EQ(read->steps[1].after, std::vector<std::size_t>{0});
  EXPECT_EQ(read->steps[0].undo, plan.steps[0].undo);
  EXPECT_EQ(content_digest_of(*read), content_digest_of(plan));
  plan.scenario = "../up.yaml";  // where the plan is now
  plan.content_digest.clear();
  EXPECT_EQ(content_digest_of(*read), content_digest_of(plan));
  plan.notes.clear();
  EXPECT_NE(content_digest_of(*read), content_digest_of(plan));
}

}  // namespace
}  // namespace portolan::fleet
