// SPDX-License-Identifier: Apache-2.0
//
// Repairs and cores, beside trying every configuration with the reference.

#include "solver/advice/remedies.hpp"

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/small_catalogues.hpp"
#include "tests/support/thorough.hpp"

namespace portolan::solver::advice {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Value number(std::uint64_t n) { return n; }

std::vector<std::string> rules_of(const std::vector<Condition>& core) {
  std::vector<std::string> rules;
  for (const Condition& one : core)
    rules.push_back(one.parameter.empty() ? one.rule : one.rule + " " + one.parameter);
  return rules;
}

Remedies from_init(const Implementation& source, const Implementation& destination,
                   Scheme scheme = Scheme::rfc_v3_strict) {
  return remedies(scheme, end_of(source), fresh(*end_of(source).model), end_of(destination));
}

Parameter wide(const std::string& name, std::uint64_t init, std::uint64_t low, std::uint64_t high) {
  Parameter made = parameter(name, number(init));
  made.allowed = ValueSet(ValueType::integer);
  made.allowed->add(Range{low, high});
  return made;
}

TEST(Remedies, ChangeSeveralParametersThatAConstraintTies) {
  const Implementation source = implementation(
      "old", {wide("memory", 12, 1, 16), wide("queues", 6, 1, 8), parameter("fast", true, false)});
  const Implementation destination =
      implementation("new", {wide("memory", 4, 1, 8), wide("queues", 2, 1, 8)}, {"queues * 2 < memory"});
  const Remedies found = from_init(source, destination);
  ASSERT_THAT(found.repairs, SizeIs(1));
  EXPECT_THAT(found.repairs[0].set,
              ElementsAre(testing::Pair("fast", Value(false)), testing::Pair("memory", testing::_),
                          testing::Pair("queues", testing::_)))
      << "no two of them are enough";
  EXPECT_THAT(found.core, IsEmpty());
}

TEST(Remedies, NameWhatLeavesNoConfigurationAndNothingElse) {
  const Implementation source =
      implementation("old", {wide("memory", 12, 1, 16), wide("queues", 6, 1, 8), wide("other", 1, 1, 3)},
                     {"memory > 8", "queues < 7"});
  const Implementation destination =
      implementation("new", {wide("memory", 4, 1, 16), wide("queues", 2, 1, 8), wide("other", 1, 1, 3)},
                     {"queues >= memory", "other < 3"});
  const Remedies found = from_init(source, destination);
  EXPECT_THAT(found.repairs, IsEmpty());
  EXPECT_THAT(rules_of(found.core), ElementsAre("source", "C3 queues", "C6"))
      << "memory > 8, queues at most 8, queues >= memory";
  ASSERT_THAT(found.core, SizeIs(3));
  EXPECT_EQ(found.core[0].message, "old has the constraint memory > 8");
  EXPECT_EQ(found.core[0].place.file, "constraints");
  EXPECT_EQ(found.core[2].message, "new has the constraint queues >= memory");
}

TEST(Remedies, SayWhatIsFixedAtCreation) {
  Implementation source = implementation(
      "old", {parameter("memory", number(8), std::nullopt, std::vector<Value>{number(4), number(8)})});
  const Implementation destination =
      implementation("new", {parameter("memory", number(4), std::nullopt, std::vector<Value>{number(4)})});
  EXPECT_THAT(from_init(source, destination).repairs, SizeIs(1));
  source.annotations[model_name].notes["memory"].writable = Writable::create;
  const Remedies found = from_init(source, destination);
  EXPECT_THAT(found.repairs, IsEmpty());
  EXPECT_THAT(rules_of(found.core), ElementsAre("R9 memory", "C3 memory"));
}

TEST(Remedies, PreferOneConditionThatNothingMeets) {
  const Implementation source = implementation("old", {wide("a", 1, 1, 5), wide("b", 1, 1, 5)}, {"a > b"});
  const Implementation destination = implementation("new", {wide("a", 1, 1, 5)}, {"a < 0"});
  EXPECT_THAT(rules_of(from_init(source, destination).core), ElementsAre("C2 b"));
  const Implementation fixed = implementation("fixed", {wide("a", 8, 8, 8)}),
                       other = implementation("other", {wide("a", 4, 4, 4)});
  EXPECT_THAT(rules_of(from_init(fixed, other).core), ElementsAre("R1 a", "C3 a"));
}

TEST(Remedies, OfferAWayWithoutAPowerCycleBesideAShorterOneWithIt) {
  Implementation source = implementation("old", {wide("a", 5, 0, 9), wide("b", 5, 0, 9), wide("c", 5, 0, 9)});
  for (const char* name : {"a", "b"}) source.annotations[model_name].notes[name].writable = Writable::runtime;
  const Implementation destination = implementation(
      "new", {wide("a", 0, 0, 9), wide("b", 0, 0, 9), wide("c", 0, 0, 9)}, {"c == 0 || a + b == 0"});
  const Remedies found = from_init(source, destination);
  ASSERT_THAT(found.repairs, SizeIs(2));
  EXPECT_THAT(found.repairs[0].set, ElementsAre(testing::Pair("c", number(0))));
  EXPECT_TRUE(found.repairs[0].power_cycle);
  EXPECT_THAT(found.repairs[1].set,
              ElementsAre(testing::Pair("a", number(0)), testing::Pair("b", number(0))));
  EXPECT_FALSE(found.repairs[1].power_cycle);
}

/// What a configuration of the source fails, by the reference, as Condition names it.
std::set<std::pair<std::string, std::string>> failed_by(Scheme scheme, const End& source,
                                                        const Configuration& now,
                                                        const Configuration& configuration,
                                                        const End& destination) {
  std::set<std::pair<std::string, std::string>> failed;
  for (const std::size_t c : failed_constraints(notes_of(source), configuration))
    failed.emplace("source", fmt::format("{} has the constraint {}", source.implementation->label,
                                         constraints_of(source)[c].source));
  for (const auto& [name, value] : configuration)
    if (value != now.at(name) && source.model->parameters.at(name).accepts(value) != Acceptance::accepted)
      failed.emplace("R1", name);
  for (const auto& [name, value] : configuration)
    if (value != now.at(name) && notes_of(source).notes_of(name).writable == Writable::create)
      failed.emplace("R9", name);
  for (const Reason& reason : check(scheme, source, configuration, destination).reasons)
    failed.emplace(reason.rule == "R2" ? "C3" : reason.rule,
                   reason.rule == "C6" ? fmt::format("{} has the constraint {}",
                                                     destination.implementation->label, reason.expected)
                                       : reason.parameter);
  return failed;
}

/// What the source can have, and more, for what lies outside.
std::vector<Configuration> configurations_of(const End& source, const Configuration& now) {
  std::vector<Configuration> all{{}};
  for (const auto& [name, own] : source.model->parameters) {
    ValueSet domain = own.accepted_values();
    domain.add(now.at(name));
    if (own.type == ValueType::boolean) domain.add(Value(false)), domain.add(Value(true));
    if (own.type == ValueType::integer)
      for (const std::uint64_t n : {0ull, 1ull, 2ull, 3ull, 4ull, 1ull << 63, ~0ull})
        domain.add(Value(std::uint64_t{n}));
    std::vector<Configuration> longer;
    for (const Configuration& one : all)
      for (const Value& value : every_value(domain)) longer.push_back(one), longer.back()[name] = value;
    all = std::move(longer);
  }
  return all;
}

void hold_remedies(std::uint64_t first, std::uint64_t count) {
  int repaired = 0, several = 0, cores = 0, larger = 0, items = 0, needed = 0;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Catalogue two = RandomBehaviours(seed).make(2);
    const End source = end_of(two.implementations[0]), destination = end_of(two.implementations[1]);
    const Scheme scheme = seed % 2 == 0 ? Scheme::rfc_v3 : Scheme::rfc_v3_strict;
    const Configuration now = fresh(*source.model);
    const Remedies found = remedies(scheme, source, now, destination);
    std::vector<std::set<std::pair<std::string, std::string>>> failures;
    std::size_t nearest = ~std::size_t{0}, nearest_running = ~std::size_t{0};
    const auto look = [&](const Configuration& one) {
      failures.push_back(failed_by(scheme, source, now, one, destination));
      if (!failures.back().empty()) return;
      std::size_t changed = 0, closed = 0;
      for (const auto& [name, value] : one) {
        changed += value != now.at(name);
        closed += value != now.at(name) && notes_of(source).notes_of(name).writable != Writable::runtime;
      }
      nearest = std::min(nearest, changed);
      if (closed == 0) nearest_running = std::min(nearest_running, changed);
    };
    for (const Configuration& one : configurations_of(source, now)) look(one);
    if (check(scheme, source, now, destination).decision == Decision::accept) {
      EXPECT_THAT(found.repairs, IsEmpty());
      EXPECT_THAT(found.core, IsEmpty());
      continue;
    }
    ASSERT_EQ(found.undetermined, "");
    EXPECT_EQ(found.repairs.empty(), nearest == ~std::size_t{0});
    EXPECT_EQ(found.core.empty(), !found.repairs.empty());
    std::size_t least = ~std::size_t{0}, least_running = ~std::size_t{0};
    for (const Repair& one : found.repairs) {
      Configuration changed = now;
      for (const auto& [name, value] : one.set) changed[name] = value;
      EXPECT_THAT(failed_by(scheme, source, now, changed, destination), IsEmpty());
      least = std::min(least, one.cost());
      if (!one.power_cycle) least_running = std::min(least_running, one.cost());
    }
    EXPECT_EQ(least, nearest);
    EXPECT_EQ(least_running, nearest_running);
    repaired += !found.repairs.empty();
    several += !found.repairs.empty() && least > 1;
    if (found.core.empty()) continue;
    ++cores;
    larger += found.core.size() > 1;
    const auto key = [](const Condition& one) {
      return std::pair(one.rule, one.parameter.empty() ? one.message : one.parameter);
    };
    for (std::size_t left_out = 0; left_out <= found.core.size(); ++left_out) {
      const bool blocked = std::all_of(failures.begin(), failures.end(), [&](const auto& failed) {
        for (std::size_t c = 0; c < found.core.size(); ++c)
          if (c != left_out && failed.contains(key(found.core[c]))) return true;
        return false;
      });
      if (left_out == found.core.size())
        EXPECT_TRUE(blocked) << testing::PrintToString(rules_of(found.core));
      else
        needed += !blocked, ++items;
    }
  }
  EXPECT_GT(repaired, static_cast<int>(count) / 20);
  EXPECT_GT(several, 0);
  EXPECT_GT(cores, static_cast<int>(count) / 20);
  EXPECT_GT(larger, 0);
  EXPECT_GT(needed * 20, items * 19)
      << "of some, what they leave without them lies outside the values that are tried here";
}

TEST(Remedies, AreTheNearestAndTheCoresMinimalForRandomPairs) { hold_remedies(1, test::thorough(40)); }
TEST(RemediesSlow, AreTheNearestAndTheCoresMinimalForManyRandomPairs) {
  hold_remedies(10'000, test::thorough(150));
}

}  // namespace
}  // namespace portolan::solver::advice
