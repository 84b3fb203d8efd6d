// SPDX-License-Identifier: Apache-2.0
//
// Proofs for any number of elements: that one element by itself does whatever it does among others, what is
// proved of every fleet, and that nothing is proved of a broken one.
#include "solver/unbounded/one_of_many.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "model/rules/analysis/one_copy.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/support/broken_fleet.hpp"
#include "tests/support/random_modules.hpp"

namespace portolan::solver::unbounded {
namespace {

/// Every step of every reachable state, seen at each element: a step of the one element alone, or none.
void expect_that_one_stands_for_all(const rules::Module& module, std::int16_t sort, std::size_t states_max,
                                    std::size_t* steps = nullptr) {
  const rules::OneCopy copy(module, sort);
  if (!copy.obstacle().empty()) return;
  std::map<rules::Cells, std::set<rules::Cells>> next_of;
  const auto next = [&](const rules::Cells& at) -> const std::set<rules::Cells>& {
    const auto [known, is_new] = next_of.try_emplace(at);
    if (is_new)
      for (rules::Successor& s : rules::successors(copy.module(), at))
        if (s.defined) known->second.insert(std::move(s.next));
    return known->second;
  };
  std::set<rules::Cells> seen{module.initial};
  std::vector<rules::Cells> work{module.initial};
  const std::int64_t elements = module.sort_sizes[static_cast<std::size_t>(sort)];
  for (std::int64_t e = 0; e < elements; ++e)
    EXPECT_THAT(copy.beginnings(), testing::Contains(copy.seen_at(module.initial, e)));
  while (!work.empty() && seen.size() < states_max) {
    const rules::Cells now = work.back();
    work.pop_back();
    for (rules::Successor& s : rules::successors(module, now)) {
      if (!s.defined) continue;
      for (std::int64_t e = 0; e < elements; ++e) {
        const rules::Cells before = copy.seen_at(now, e), after = copy.seen_at(s.next, e);
        if (before == after) continue;
        if (steps != nullptr) ++*steps;
        ASSERT_TRUE(next(before).contains(after)) << rules::to_string(module, s.event) << " at element " << e;
      }
      // A condition that surely holds at every element holds.
      if (seen.insert(s.next).second) work.push_back(std::move(s.next));
    }
    for (const rules::Property& property : module.properties) {
      bool exact = false, surely = true;
      const auto at_one = copy.at_one(property.condition, exact);
      if (!at_one) continue;
      for (std::int64_t e = 0; e < elements; ++e)
        surely &= rules::holds(copy.module(), *at_one, copy.seen_at(now, e));
      const bool holds = rules::holds(module, property.condition, now);
      EXPECT_TRUE(!surely || holds) << property.name;
      EXPECT_TRUE(!exact || surely == holds) << property.name;
    }
  }
}

TEST(OneCopySlow, DoesWhateverItDoesAmongOthersInFleets) {
  std::size_t steps = 0;
  for (const char* name : {"forgotten-field.yaml", "upgrade.yaml"}) {
    SCOPED_TRACE(name);
    const auto loaded = test::loaded(name);
    const int sort = loaded.module.sort("vm");
    EXPECT_EQ(rules::OneCopy(loaded.module, static_cast<std::int16_t>(sort)).obstacle(), "");
    expect_that_one_stands_for_all(loaded.module, static_cast<std::int16_t>(sort), 600, &steps);
  }
  EXPECT_GT(steps, 500u);
}

TEST(OneCopySlow, DoesSoInRandomModulesAndInTheModelsOfTheScenarios) {
  std::size_t steps = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto random = test::random_module(seed);
    for (std::size_t s = 0; s < random->module.sorts.size(); ++s)
      expect_that_one_stands_for_all(random->module, static_cast<std::int16_t>(s), 100, &steps);
    if (testing::Test::HasFailure()) return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(PORTOLAN_SOURCE_DIR "/scenarios/models")) {
    SCOPED_TRACE(entry.path());
    const auto loaded = fleet::load_scenario(entry.path());
    ASSERT_TRUE(loaded);
    for (std::size_t s = 0; s < loaded->module.sorts.size(); ++s)
      expect_that_one_stands_for_all(loaded->module, static_cast<std::int16_t>(s), 300, &steps);
  }
  EXPECT_GT(steps, 1000u) << "the modules have to give something to compare";
}

std::set<std::string> proved(const rules::Module& module) {
  std::set<std::string> names;
  for (const OneOfManyProof& proof : prove_for_any_number(module)) {
    if (proof.proved) names.insert(proof.property);
    EXPECT_EQ(proof.proved, proof.reason.empty()) << proof.property << ": " << proof.reason;
  }
  return names;
}

TEST(OneOfManySlow, HoldR8OfEveryFleetForAnyNumberOfVmsHostsFaultsAndSteps) {
  for (const char* name : {"forgotten-field.yaml", "upgrade.yaml", "impossible.yaml"}) {
    SCOPED_TRACE(name);
    EXPECT_THAT(proved(test::loaded(name).module),
                testing::IsSupersetOf({"one-runner", "runs-after-commit", "commit-has-the-state",
                                       "source-stays-down", "nobody-while-unknown", "no-leftovers"}));
  }
  // With every kind of VM: powered off or running, with and without a spool, P2P and pre-copy.
  std::string vms;
  for (int k = 0; k < 16; ++k)
    vms += std::string(k == 0 ? "" : ", ") + "{name: vm" + std::to_string(k) +
           (k & 1 ? ", state: absent" : ", place: host1") + ", spool: " + (k & 2 ? "true" : "false") +
           ", device: {p2p: " + (k & 4 ? "true" : "false") + ", pre_copy: " + (k & 8 ? "true" : "false") +
           "}}";
  const auto all =
      test::load_text("format: portolan.scenario/1\ndescription: every kind\ncatalogue: " PORTOLAN_SOURCE_DIR
                      "/scenarios/fleet/forgotten-field-catalogue.yaml\nfleet:\n  hosts: [{name: host, "
                      "count: 2, implementation: acme-nic, version: \"1\", pooled: true}]\n  vms: [" +
                      vms + "]\nrollout: {live_upgrade: [acme-nic@2]}\nfaults: {budget: 1000}\n");
  EXPECT_THAT(proved(all->module),
              testing::IsSupersetOf({"one-runner", "runs-after-commit", "commit-has-the-state",
                                     "source-stays-down", "nobody-while-unknown", "no-leftovers"}));
}

TEST(OneOfMany, SayWhatTheyCannotProveAndWhy) {
  std::map<std::string, OneOfManyProof> by_name;
  for (OneOfManyProof& proof : prove_for_any_number(test::loaded("upgrade.yaml").module))
    by_name[proof.property] = proof;
  for (const char* open :
       {"host-has-what-runs", "equal-at-commit", "guest-sees-no-change", "apart", "within-capacity"}) {
    EXPECT_FALSE(by_name.at(open).proved) << open;
    EXPECT_NE(by_name.at(open).reason, "") << open;
  }
  EXPECT_EQ(by_name.at("within-capacity").sort, "host");
  const auto lock = fleet::load_scenario(PORTOLAN_SOURCE_DIR "/scenarios/models/lock.yaml");
  const auto proofs = prove_for_any_number(lock->module);
  ASSERT_EQ(proofs.size(), 1u);
  EXPECT_EQ(proofs[0].reason,
            "it is not of the form forall(x in sort: …), which speaks of one element at a time");
}

TEST(OneOfManySlow, ProveNothingThatIsBroken) {
  const fleet::LoadedScenario scenario = test::loaded("forgotten-field.yaml");
  for (const test::BrokenVariant& variant : test::broken_variants) {
    test::BrokenFleet broken;
    variant.break_it(broken);
    EXPECT_FALSE(proved(broken.module(scenario)).contains(std::string(variant.property))) << variant.name;
  }
  // Nor of random modules: what is proved holds in all of their states.
  std::size_t claims = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto random = test::random_module(seed);
    const std::set<std::string> names = proved(random->module);
    if (names.empty()) continue;
    claims += names.size();
    for (const explore::PropertyResult& result : explore::Explorer(random->module).run().properties)
      EXPECT_FALSE(names.contains(result.name) && result.verdict == explore::PropertyVerdict::violated)
          << "seed " << seed << ": " << result.name;
  }
  EXPECT_GT(claims, 0u);
}

}  // namespace
}  // namespace portolan::solver::unbounded
