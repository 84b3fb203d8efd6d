// SPDX-License-Identifier: Apache-2.0
//
// What really happens to one migration (rules.md §schemes): each thing that can stand in its way, on ends
// made for it, and the scheme that asks for all of them, on random catalogues.

#include "model/compat/judging/truth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "tests/support/annotated_catalogues.hpp"

namespace {

using namespace portolan::test;
using portolan::compat::MigrationOutcome;
using portolan::compat::SchemeQuestion;
using portolan::compat::Truth;
using testing::HasSubstr;

Implementation behaving(Implementation made, std::uint64_t layout, const std::string& vectors) {
  Annotations& notes = made.annotations[model_name];
  const Parameters& parameters = made.info.models[model_name].parameters;
  notes.state.push_back({"rings", layout, {}, false, {}});
  notes.loads.push_back({"rings", {layout}, {}, false, {}, true, {}});
  notes.interface.emplace(
      "vectors", *portolan::compat::parse_parameter_expression(vectors, parameters, {}, std::nullopt));
  return made;
}

portolan::compat::Truth truth_of(const Implementation& from, const Implementation& to,
                                 Configuration changes = {}) {
  const End source = end_of(from), destination = end_of(to);
  Configuration configuration = fresh(*source.model);
  for (const auto& [name, value] : changes) configuration[name] = value;
  return truth({source, configuration, destination, {}, nullptr},
               parameter_list(*source.model, configuration));
}

TEST(Truth, NeedsSetUpAndStateAndInterface) {
  const std::vector<Parameter> queues = {
      parameter("queues", u64(4), std::nullopt, std::vector<Value>{u64(1), u64(4)})};
  const auto good = behaving(implementation("good", queues), 1, "queues + 1");
  EXPECT_EQ(truth_of(good, good).outcome, MigrationOutcome::works);
  const auto narrow = behaving(
      implementation("narrow", {parameter("queues", u64(1), std::nullopt, std::vector<Value>{u64(1)})}), 1,
      "queues + 1");
  EXPECT_THAT(truth_of(good, narrow).why, HasSubstr("refuses queues=4"));
  const auto constrained = behaving(implementation("constrained", queues, {"queues < 4"}), 1, "queues + 1");
  EXPECT_THAT(truth_of(good, constrained).why, HasSubstr("constraint queues < 4"));
  EXPECT_EQ(truth_of(good, constrained, {{"queues", u64(1)}}).outcome, MigrationOutcome::works);
  EXPECT_THAT(truth_of(good, behaving(implementation("other", queues), 2, "queues + 1")).why,
              HasSubstr("does not load"));
  EXPECT_THAT(truth_of(good, behaving(implementation("seen", queues), 1, "queues + 2")).why,
              HasSubstr("vectors change from 5 to 6"));
  EXPECT_EQ(truth_of(good, implementation("silent", queues)).outcome, MigrationOutcome::undetermined);
}

TEST(Truth, DoesNotKnowWhatTheDestinationDoesNotSay) {
  const auto open = behaving(implementation("open", {parameter("queues", u64(1))}), 1, "queues + 1");
  const auto source =
      behaving(implementation("s", {parameter("queues", u64(4), std::nullopt, std::vector<Value>{u64(4)})}),
               1, "queues + 1");
  EXPECT_EQ(truth_of(source, open).outcome, MigrationOutcome::undetermined);
}

/// One parameter that may be had at 1 to 4, and everything about it declared.
Implementation wide(const std::string& label, const std::string& name = "queues") {
  return behaving(implementation(label, {parameter(name, u64(4), std::nullopt,
                                                   std::vector<Value>{u64(1), u64(2), u64(3), u64(4)})}),
                  1, name + " + 1");
}

TEST(Truth, AsksWhatADestinationTakesIn) {
  Implementation choosy = wide("choosy");
  choosy.annotations[model_name].notes["queues"].takes = set_of(ValueType::integer, {u64(1), u64(2)});
  EXPECT_THAT(truth_of(wide("source"), choosy).why, HasSubstr("choosy takes in only {1-2} of queues, not 4"));
  EXPECT_EQ(truth_of(wide("source"), choosy, {{"queues", u64(2)}}).outcome, MigrationOutcome::works);
  EXPECT_TRUE(truth_of(wide("source"), choosy).made) << "it may be had there";
}

TEST(Truth, AsksWhetherTheSourceSaves) {
  Implementation stuck = wide("stuck");
  portolan::compat::Block block;
  block.variables = stuck.info.models[model_name].parameters;
  block.variables["busy"].name = "busy";
  block.when = constraint("queues > 2 || busy", block.variables);
  block.text = "rings are not saved";
  stuck.annotations[model_name].blocks.push_back(block);
  const Truth certain = truth_of(stuck, wide("there"));
  EXPECT_EQ(certain.outcome, MigrationOutcome::fails);
  EXPECT_THAT(certain.why, HasSubstr("stuck refuses to save this instance (queues > 2 || busy): rings"));
  const Truth open = truth_of(stuck, wide("there"), {{"queues", u64(1)}});
  EXPECT_EQ(open.outcome, MigrationOutcome::undetermined) << "nobody looked whether it is busy";
  EXPECT_THAT(open.why, HasSubstr("nobody says whether stuck refuses"));
  stuck.annotations[model_name].profiles["p"] = {"p", {{"queues", u64(1)}}, {}, {}};
  stuck.annotations[model_name].observed["p"]["busy"] = Value(false);
  EXPECT_EQ(truth_of(stuck, wide("there"), {{"queues", u64(1)}}).outcome, MigrationOutcome::works)
      << "seen at the profile that has this configuration";
  stuck.annotations[model_name].profiles["q"] = {"q", {{"queues", u64(1)}}, {}, {}};
  stuck.annotations[model_name].observed["q"]["busy"] = Value(true);
  const Truth either = truth_of(stuck, wide("there"), {{"queues", u64(1)}});
  EXPECT_EQ(either.outcome, MigrationOutcome::undetermined) << "made from p or from q";
  EXPECT_THAT(either.why, HasSubstr("one of the profiles with this configuration, p, q"));
}

TEST(Truth, CountsWhatIsLost) {
  Implementation dropping = wide("dropping");
  dropping.annotations[model_name].loads.front().applied = false;
  EXPECT_THAT(truth_of(wide("source"), dropping).why, HasSubstr("dropping reads and drops it"));
  Implementation missing = wide("missing");
  missing.annotations[model_name].loads.push_back(
      {"clock", {1}, {}, false, portolan::compat::Missing::lost, true, {}});
  EXPECT_THAT(truth_of(wide("source"), missing).why, HasSubstr("is lost in missing"));
}

TEST(Truth, KnowsSecondNames) {
  Implementation renamed = wide("renamed", "rings");
  EXPECT_THAT(truth_of(wide("source"), renamed).why, HasSubstr("does not know queues"));
  renamed.annotations[model_name].aliases["queues"] = "rings";
  EXPECT_EQ(truth_of(wide("source"), renamed).outcome, MigrationOutcome::works);
  EXPECT_EQ(truth_of(wide("source"), renamed, {{"queues", u64(2)}}).given,
            (Configuration{{"rings", u64(2)}}));
  renamed.annotations[model_name].notes["rings"].takes = set_of(ValueType::integer, {u64(2)});
  EXPECT_THAT(truth_of(wide("source"), renamed).why, HasSubstr("takes in only {2} of rings"));

  Implementation two = implementation("two", {parameter("a", u64(1)), parameter("b", u64(1))});
  renamed.annotations[model_name].aliases = {{"a", "rings"}, {"b", "rings"}};
  EXPECT_THAT(truth_of(two, renamed).why,
              testing::AnyOf(HasSubstr("takes in only"), HasSubstr("several names")));
}

/// Whether `declared` (R13) holds behaviour against the migration, for certain; of what is known at profiles
/// that has to be said at the one profile that there is.
bool speaks_against(const Verdict& verdict) {
  static const std::set<std::string> behaviour = {"loads", "lost", "interface", "takes", "blocks"};
  return std::ranges::any_of(verdict.reasons, [&](const portolan::compat::Reason& one) {
    return one.certain && behaviour.contains(one.rule);
  });
}

TEST(Truth, IsWhatDeclaredAsksForOnRandomCatalogues) {
  std::map<std::string, std::size_t> met;
  for (std::uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) {
    const Catalogue random = RandomDeclared(seed).make(2);
    const portolan::compat::Absence absence(random, model_name);
    const End source = end_of(random.implementations[0]), destination = end_of(random.implementations[1]);
    const auto all = every_configuration(source);
    for (std::size_t k = 0; k < all.size(); k += 1 + all.size() / 40) {
      const SchemeQuestion question{source, all[k], destination, {}, &absence};
      const Verdict verdict = judge_all_known(question);
      const Truth found = truth(question, verdict.list);
      SCOPED_TRACE(fmt::format("seed {}: {} but {}\n{}", seed, name_of(verdict.decision), found.why,
                               describe(random)));
      if (verdict.decision == Decision::accept) {
        EXPECT_NE(found.outcome, MigrationOutcome::fails);
      }
      if (profiles_of(question).size() <= 1 && speaks_against(verdict)) {
        EXPECT_EQ(found.outcome, MigrationOutcome::fails);
      }
      ++met[fmt::format("{} {}", name_of(verdict.decision), name_of(found.outcome))];
    }
  }
  EXPECT_GT(met["accept works"], 0u);
  EXPECT_GT(met["reject fails"], 0u);
  EXPECT_GT(met["undetermined undetermined"], 0u);
}

}  // namespace
