// SPDX-License-Identifier: Apache-2.0
//
// The reference function of every scheme of rules.md §schemes, on ends made for it: accept, reject and
// undetermined, with the reason that is told.

#include "model/compat/judging/schemes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/small_catalogues.hpp"

namespace {

using namespace portolan::test;
using portolan::compat::every_scheme;
using portolan::compat::NamedScheme;
using testing::HasSubstr;

Implementation named(Implementation made, const std::string& name, const std::string& version,
                     const std::string& type = {}) {
  made.name = name;
  made.version = version;
  made.type = type;
  made.label = name + '@' + version;
  return made;
}

Verdict judged(NamedScheme scheme, const Implementation& from, const Implementation& to,
               Configuration changes = {}, const std::string& profile = {}) {
  const End source = end_of(from), destination = end_of(to);
  Configuration configuration = fresh(*source.model);
  for (const auto& [name, value] : changes) configuration[name] = value;
  return judge(scheme, {source, configuration, destination, profile, nullptr});
}

std::string decision(const Verdict& verdict) { return std::string(name_of(verdict.decision)); }

const Implementation plain = implementation("plain", {});

TEST(SchemeNames, AreThoseOfTheTable) {
  std::vector<std::string> names;
  for (const NamedScheme scheme : every_scheme) {
    names.emplace_back(name_of(scheme));
    EXPECT_EQ(portolan::compat::any_scheme_named(names.back()), scheme);
    EXPECT_FALSE(portolan::compat::meaning_of(scheme).empty());
  }
  EXPECT_THAT(names, testing::ElementsAre("none", "mdev-type", "version-string", "semver", "profile",
                                          "rfc-v1", "rfc-v3", "rfc-v3-strict", "declared", "subsections",
                                          "min-max", "observed"));
  EXPECT_EQ(portolan::compat::any_scheme_named("rfc-v2"), std::nullopt);
}

TEST(SchemeNone, AcceptsAnything) {
  EXPECT_EQ(
      decision(judged(NamedScheme::none, plain, implementation("other", {}, {}, "example.org/another"))),
      "accept");
}

TEST(SchemeMdevType, ComparesTheNamesOfTypes) {
  EXPECT_EQ(
      decision(judged(NamedScheme::mdev_type, named(plain, "a", "1", "t"), named(plain, "b", "9", "t"))),
      "accept");
  EXPECT_EQ(
      decision(judged(NamedScheme::mdev_type, named(plain, "a", "1", "t"), named(plain, "a", "1", "u"))),
      "reject");
  EXPECT_EQ(decision(judged(NamedScheme::mdev_type, named(plain, "a", "1", "t"), named(plain, "a", "1"))),
            "undetermined");
}

TEST(SchemeVersionString, WantsNameAndVersion) {
  EXPECT_EQ(decision(judged(NamedScheme::version_string, named(plain, "a", "1"), named(plain, "a", "1"))),
            "accept");
  EXPECT_EQ(decision(judged(NamedScheme::version_string, named(plain, "a", "1"), named(plain, "a", "1.0"))),
            "reject")
      << "never parsed";
  EXPECT_EQ(decision(judged(NamedScheme::version_string, named(plain, "a", "1"), named(plain, "b", "1"))),
            "reject");
  EXPECT_EQ(decision(judged(NamedScheme::version_string, named(plain, "a", ""), named(plain, "a", ""))),
            "undetermined");
}

TEST(SchemeSemver, WantsOneMajorVersionAndNoOlderMinorOne) {
  const auto at = [](const std::string& from, const std::string& to) {
    return decision(judged(NamedScheme::semver, named(plain, "a", from), named(plain, "a", to)));
  };
  EXPECT_EQ(at("2.1", "2.1"), "accept");
  EXPECT_EQ(at("2.1", "2.2"), "accept");
  EXPECT_EQ(at("2.9", "2.10"), "accept") << "numbers, not texts";
  EXPECT_EQ(at("2.2", "2.1"), "reject");
  EXPECT_EQ(at("1.9", "2.9"), "reject");
  EXPECT_EQ(at("2", "2.0"), "accept");
  EXPECT_EQ(at("2.1-rc1", "2.1.7+build"), "accept");
  EXPECT_EQ(at("2.1", "two"), "undetermined");
  EXPECT_EQ(at("", "1"), "undetermined");
  EXPECT_EQ(at("2.", "2.1"), "undetermined");
  EXPECT_EQ(at("18446744073709551616", "1"), "undetermined");
}

const Parameter on_or_off = parameter("f", true, Value(false), std::vector<Value>{false, true});

Implementation with_profiles(Implementation made,
                             const std::map<std::string, std::map<std::string, Value>>& profiles) {
  for (const auto& [name, values] : profiles)
    made.annotations[model_name].profiles[name] = {name, values, {}, {}};
  return made;
}

TEST(SchemeProfile, ComparesNamesAndNothingElse) {
  const auto from = with_profiles(implementation("a", {on_or_off}), {{"1", {{"f", false}}}, {"2", {}}});
  const auto to = with_profiles(implementation("b", {on_or_off}), {{"1", {}}});
  EXPECT_EQ(decision(judged(NamedScheme::profile, from, to, {{"f", false}}, "1")), "accept")
      << "although it means something else there";
  EXPECT_EQ(decision(judged(NamedScheme::profile, from, to, {}, "2")), "reject");
  EXPECT_EQ(decision(judged(NamedScheme::profile, from, to, {}, "1")), "undetermined")
      << "not the profile's configuration";
  EXPECT_EQ(decision(judged(NamedScheme::profile, from, to, {{"f", false}})), "accept")
      << "found by its values";
  EXPECT_EQ(decision(judged(NamedScheme::profile, to, from, {{"f", false}})), "undetermined");
}

TEST(SchemeRfcV1, HasNoOffValues) {
  const auto old = implementation("old", {});
  const auto now = implementation("now", {on_or_off});
  EXPECT_EQ(decision(judged(NamedScheme::rfc_v1, now, old, {{"f", false}})), "reject");
  EXPECT_EQ(decision(judged(NamedScheme::rfc_v3, now, old, {{"f", false}})), "accept");
  EXPECT_EQ(decision(judged(NamedScheme::rfc_v1, now, now, {{"f", false}})), "accept");
  EXPECT_THAT(judged(NamedScheme::rfc_v1, now, old, {{"f", false}}).list, testing::SizeIs(1))
      << "everything is listed";
}

TEST(SchemeMinMax, ForgetsTheGapsAndTheTexts) {
  const auto numbers = [](std::vector<Value> allowed) {
    return implementation("n", {parameter("n", allowed.front(), std::nullopt, allowed)});
  };
  const auto source = numbers({u64(3), u64(9), u64(0)});
  EXPECT_EQ(decision(judged(NamedScheme::min_max, source, numbers({u64(1), u64(4)}))), "accept");
  EXPECT_EQ(decision(judged(NamedScheme::rfc_v3, source, numbers({u64(1), u64(4)}))), "reject");
  EXPECT_EQ(decision(judged(NamedScheme::min_max, source, numbers({u64(1), u64(4)}), {{"n", u64(9)}})),
            "reject");
  EXPECT_EQ(decision(judged(NamedScheme::min_max, source, numbers({u64(1), u64(4)}), {{"n", u64(0)}})),
            "reject");
  const auto texts = [](const std::string& text) {
    return implementation("t", {parameter("t", text, std::nullopt, std::vector<Value>{text})});
  };
  EXPECT_EQ(decision(judged(NamedScheme::min_max, texts("gold"), texts("silver"))), "accept");
  const auto open = implementation("o", {parameter("n", u64(1))});
  EXPECT_EQ(decision(judged(NamedScheme::min_max, source, open)), "undetermined")
      << "R2: what is not published cannot be weakened";
}

TEST(SchemeSubsections, ListsAStateOnlyParameterWhileItsSectionIsSent) {
  const std::vector<Parameter> parameters = {
      parameter("fix", false, Value(false), std::vector<Value>{false, true}),
      parameter("queues", u64(4), std::nullopt, std::vector<Value>{u64(1), u64(4)})};
  auto now = implementation("now", parameters);
  Annotations& notes = now.annotations[model_name];
  notes.notes["fix"].affects = Affects::state;
  notes.state.push_back(
      {"timer", 1, constraint("fix && queues > 1", now.info.models[model_name].parameters), false, {}});
  const auto old = implementation("old", {parameters[1]});
  EXPECT_EQ(decision(judged(NamedScheme::subsections, now, old, {{"fix", true}})), "reject");
  const auto quiet = judged(NamedScheme::subsections, now, old, {{"fix", true}, {"queues", u64(1)}});
  EXPECT_EQ(decision(quiet), "accept") << "the verdict depends on the state at that moment";
  EXPECT_FALSE(quiet.list.contains("fix"));
  EXPECT_EQ(decision(judged(NamedScheme::rfc_v3, now, old, {{"fix", true}, {"queues", u64(1)}})), "reject");
  notes.notes["fix"].affects = Affects::both;
  EXPECT_EQ(decision(judged(NamedScheme::subsections, now, old, {{"fix", true}, {"queues", u64(1)}})),
            "reject")
      << "what the guest sees is always listed";
}

TEST(SchemeObserved, ComparesWhatWasSeen) {
  const auto seen = [](Implementation made, Observation value) {
    made = with_profiles(std::move(made), {{"p", {}}});
    made.annotations[model_name].observed["p"]["x"] = std::move(value);
    return made;
  };
  EXPECT_EQ(
      decision(judged(NamedScheme::observed, seen(plain, Value(true)), seen(plain, Value(true)), {}, "p")),
      "accept");
  const auto refused =
      judged(NamedScheme::observed, seen(plain, Value(true)), seen(plain, std::nullopt), {}, "p");
  EXPECT_EQ(decision(refused), "reject");
  EXPECT_THAT(refused.reasons.front().message,
              HasSubstr("x is true at the source and absent at the destination (which counts as false)"));
  EXPECT_EQ(decision(judged(NamedScheme::observed, seen(plain, Value(true)),
                            with_profiles(plain, {{"p", {}}}), {}, "p")),
            "undetermined");
}

TEST(SchemeMinMax, KnowsSecondNames) {
  const auto there = [](const std::vector<Value>& allowed, const Value& init) {
    Implementation made = implementation("there", {parameter("own", init, std::nullopt, allowed)});
    made.annotations[model_name].aliases["listed"] = "own";
    return made;
  };
  const auto from = [](const Value& value) {
    return implementation("from", {parameter("listed", value, std::nullopt, std::vector<Value>{value})});
  };
  EXPECT_EQ(decision(judged(NamedScheme::min_max, from(u64(3)), there({u64(1), u64(4)}, u64(1)))), "accept");
  EXPECT_EQ(decision(judged(NamedScheme::min_max, from(u64(5)), there({u64(1), u64(4)}, u64(1)))), "reject");
  EXPECT_EQ(decision(judged(NamedScheme::min_max, from(Value(std::string("red"))),
                            there({Value(std::string("blue"))}, Value(std::string("blue"))))),
            "accept");
}

}  // namespace
