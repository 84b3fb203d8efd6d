// SPDX-License-Identifier: Apache-2.0
//
// What `prove` says of whole catalogues: verdicts, findings, and domains that no brute force could go
// through.

#include "solver/properties/prove.hpp"

#include <gmock/gmock.h>

#include "solver/advice/mends.hpp"
#include "solver/properties/common_configurations.hpp"
#include "tests/support/small_catalogues.hpp"

namespace {

using namespace portolan::test;
using portolan::solver::Engine;
using portolan::solver::properties::Answer;
using portolan::solver::properties::Common;
using portolan::solver::properties::Proofs;
using portolan::solver::properties::PropertyProofOptions;
using portolan::solver::properties::Z3Answers;
using testing::HasSubstr;

constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

Parameter wide(const std::string& name, std::uint64_t init, const std::optional<Value>& off = std::nullopt,
               Range range = {0, greatest}) {
  Parameter made = parameter(name, u64(init), off);
  made.allowed = ValueSet(ValueType::integer);
  made.allowed->add(range);
  return made;
}

const PropertyResult& result(const Proofs& proofs, const std::string& name) {
  const auto& all = proofs.examination.properties;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const PropertyResult& one) { return one.name == name; });
  if (found == all.end()) throw std::invalid_argument(name);
  return *found;
}

const Finding* finding(const Proofs& proofs, const std::string& rule) {
  const auto& all = proofs.examination.findings;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Finding& one) { return one.rule == rule; });
  return found == all.end() ? nullptr : &*found;
}

Proofs proved(const Catalogue& made, Engine engine = Engine::automatic) {
  PropertyProofOptions options;
  options.engine = engine;
  return portolan::solver::properties::prove(made, options);
}

TEST(Proofs, FindTheOneValueOutOfTwoToThe64ThatBreaksAConstraint) {
  const Catalogue made = catalogue({implementation("old", {wide("n", 5)}, {"n != 18446744073709551615"}),
                                    implementation("new", {wide("n", 5)})});
  for (const Engine engine : {Engine::direct, Engine::z3, Engine::both}) {
    const Proofs proofs = proved(made, engine);
    EXPECT_EQ(proofs.disagreements, 0u);
    const Finding* hole = finding(proofs, "constraint-hole");
    ASSERT_NE(hole, nullptr) << name_of(engine);
    EXPECT_EQ(hole->source, "new");
    EXPECT_EQ(*hole->witness, (Configuration{{"n", u64(greatest)}}));
  }
}

TEST(Proofs, DoNotWrapAroundAt64Bits) {
  // n + 1 > n for every number, also for the greatest one.
  const Catalogue made = catalogue(
      {implementation("old", {wide("n", 5)}, {"n + 1 > n"}), implementation("new", {wide("n", 5)})});
  const Proofs proofs = proved(made, Engine::z3);
  EXPECT_EQ(result(proofs, "constraint-hole").verdict, PropertyVerdict::holds);
  // Directly there are too many values for arithmetic; that is said, not guessed.
  const PropertyResult direct = result(proved(made, Engine::direct), "constraint-hole");
  EXPECT_EQ(direct.verdict, PropertyVerdict::undetermined);
  EXPECT_THAT(direct.reason, HasSubstr("too many values"));
  EXPECT_EQ(result(proved(made), "constraint-hole").verdict, PropertyVerdict::holds);
}

TEST(Proofs, SayWhatIsNotKnownBesideWhatIsViolated) {
  const Catalogue made = catalogue({implementation("old", {wide("n", 5)}),
                                    implementation("odd", {wide("n", 5)}, {"n * n + 1 > n + n"}),
                                    implementation("new", {wide("n", 5)}, {"n < 9"})});
  const PropertyResult direct = result(proved(made, Engine::direct), "constraint-hole");
  EXPECT_EQ(direct.verdict, PropertyVerdict::violated);
  EXPECT_THAT(direct.reason, testing::AllOf(testing::StartsWith("at least: "), HasSubstr("not known"),
                                            HasSubstr("too many values")));
  EXPECT_EQ(result(proved(made, Engine::z3), "constraint-hole").reason, "");
}

TEST(Proofs, BothProceduresAgreeOnWideDomains) {
  const Catalogue made = catalogue(
      {implementation("a",
                      {wide("n", 7, u64(3)), wide("m", 0, u64(9), {0, 100}),
                       parameter("s", std::string("x"), Value(std::string("y")),
                                 std::vector<Value>{std::string("x"), std::string("y")})},
                      {"n > 4000000000 => m in {3..9, 50}", "s == \"x\" || m < 8"}),
       implementation("b", {wide("n", 7, u64(9223372036854775808u)), wide("m", 0, u64(9))},
                      {"n >= 3", "n == 18446744073709551615 => m == 4"}),
       implementation("c", {wide("n", 7, u64(3), {1, greatest - 1})}, {"n < 9223372036854775809"})});
  const Proofs proofs = proved(made, Engine::both);
  EXPECT_EQ(proofs.disagreements, 0u);
  EXPECT_GT(proofs.questions, 10u);
  EXPECT_EQ(result(proofs, "round-trip").verdict, PropertyVerdict::violated);
  EXPECT_EQ(result(proofs, "constraint-hole").verdict, PropertyVerdict::violated);
}

TEST(Proofs, NameThePointOfNoReturn) {
  Catalogue made =
      catalogue({implementation("old", {}),
                 implementation("new", {parameter("mode", std::string("a"), std::nullopt,
                                                  std::vector<Value>{std::string("a"), std::string("b")})})});
  made.implementations[1].annotations[model_name].notes["mode"].writable = Writable::runtime;
  const Proofs proofs = proved(made, Engine::both);
  const Finding* found = finding(proofs, "revertible");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->parameter, "mode");
  EXPECT_THAT(found->message, HasSubstr("point of no return"));
  // With an off value that can be set at run time there is a way back.
  made.implementations[1].info.models.at(model_name).parameters.at("mode").off = std::string("b");
  EXPECT_EQ(result(proved(made, Engine::both), "revertible").verdict, PropertyVerdict::holds);
}

TEST(Proofs, LeaveOpenWhatNobodyPublishes) {
  // Whether v0 takes n=2 is not known; if it does, its constraint fails.
  const Catalogue made = catalogue(
      {implementation("v0", {parameter("n", u64(1))}, {"n == 1"}),
       implementation("v1", {parameter("n", u64(1), std::nullopt, std::vector<Value>{u64(1), u64(2)})})});
  const PropertyResult verdict = result(proved(made, Engine::both), "constraint-hole");
  EXPECT_EQ(verdict.verdict, PropertyVerdict::undetermined);
  EXPECT_THAT(verdict.reason, HasSubstr("R2"));
}

TEST(Proofs, SayOnceWhatGoesWrongForManyPairs) {
  std::vector<Implementation> many;
  for (int i = 0; i < 20; ++i)
    many.push_back(
        implementation("v" + std::to_string(i),
                       {parameter("n", u64(1), u64(i % 2), std::vector<Value>{u64(0), u64(1), u64(2)})}));
  const Proofs proofs = proved(catalogue(std::move(many)));
  EXPECT_EQ(result(proofs, "round-trip").verdict,
            PropertyVerdict::violated);  // n=1 is off at every second one
  EXPECT_EQ(result(proofs, "interface-constant").count, 200u);
  const auto& findings = proofs.examination.findings;
  EXPECT_LE(std::count_if(findings.begin(), findings.end(),
                          [](const Finding& one) { return one.rule == "interface-constant"; }),
            2);
}

void hold_common_space(std::uint64_t seeds) {
  // For every configuration of the first host: all hosts can have it, and every move between any two is
  // accepted strictly with nothing changed.
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Catalogue made = RandomCatalogue(seed).make(2);
    const End a = end_of(made.implementations[0]), b = end_of(made.implementations[1]);
    bool some = false;
    for (const Configuration& one : every_configuration(a)) {
      const Verdict there = check(Scheme::rfc_v3_strict, a, one, b);
      if (there.decision != Decision::accept) continue;
      const Configuration given = prepared(there.list, *b.model);
      // What was off or listed here must be so there, for the way back to be the same.
      const Verdict back = check(Scheme::rfc_v3_strict, b, given, a);
      some = some || (back.decision == Decision::accept && prepared(back.list, *a.model) == one);
    }
    for (const Engine engine : {Engine::direct, Engine::z3}) {
      const Common common = common_space(portolan::solver::properties::hosts_of(made, model_name), engine);
      ASSERT_NE(common.outcome, Common::Outcome::unknown) << common.reason;
      EXPECT_EQ(common.outcome == Common::Outcome::some, some)
          << "seed " << seed << ", " << name_of(engine) << "\n"
          << describe(made);
    }
  }
}

TEST(CommonSpace, IsWhatEveryHostAcceptsStrictly) { hold_common_space(4); }
TEST(CommonSpaceSlow, IsWhatEveryHostAcceptsStrictly) { hold_common_space(60); }

TEST(CommonSpace, NamesAMinimalSetOfHosts) {
  const auto host = [](const std::string& label, std::vector<Value> values) {
    return implementation(label, {parameter("n", values.front(), std::nullopt, values)});
  };
  const Catalogue made = catalogue({host("a", {u64(1), u64(2)}), host("b", {u64(2), u64(3)}),
                                    host("c", {u64(1), u64(2), u64(3)}), host("d", {u64(1), u64(3)})});
  const Common common =
      common_space(portolan::solver::properties::hosts_of(made, model_name), Engine::automatic);
  ASSERT_EQ(common.outcome, Common::Outcome::none);
  EXPECT_EQ(common.blocker.hosts, (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(common.blocker.parameters, std::vector<std::string>{"n"});
}

TEST(Mends, AreVerifiedAndEachIsNeeded) {
  const Catalogue made = catalogue(
      {implementation("old", {parameter("n", u64(1), std::nullopt, std::vector<Value>{u64(1)})}),
       implementation("new", {parameter("n", u64(1), std::nullopt, std::vector<Value>{u64(1), u64(2)}),
                              parameter("fast", true, Value(false))})});
  const auto back = portolan::solver::advice::mends(Scheme::rfc_v3_strict, end_of(made.implementations[1]),
                                                    end_of(made.implementations[0]));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_THAT(back[0].change, HasSubstr("pin fast=false"));
  EXPECT_TRUE(back[0].at_source);
  EXPECT_THAT(back[1].change, HasSubstr("let old accept n in {2}"));
  EXPECT_TRUE(portolan::solver::advice::mends(Scheme::rfc_v3_strict, end_of(made.implementations[0]),
                                              end_of(made.implementations[1]))
                  .empty());
}

}  // namespace
