// SPDX-License-Identifier: Apache-2.0
//
// R13 on small catalogues (docs/rules.md §R13, §observed, §aspects): what a profile pins, second names,
// observations that are null, not reported or somebody else's, and whether the audit names what is rejected.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "model/compat/audit/audit.hpp"
#include "model/compat/catalogue.hpp"
#include "model/compat/judging/all_known.hpp"

namespace {

using namespace portolan;
using namespace portolan::compat;

constexpr const char* x_model = "a.example/x";

/// `1`, `2` … in the order of the entries: parameters, then annotations.
std::string catalogue_text(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string text;
  std::size_t version = 0;
  for (const auto& [parameters, notes] : entries)
    text += fmt::format(
        R"({}{{"name": "d", "version": "{}",
            "migration_info": {{"models": {{"a.example/x": {{"params": {{{}}}}}}}}},
            "models": {{"a.example/x": {{{}}}}}}})",
        text.empty() ? "" : ", ", ++version, parameters, notes);
  return fmt::format(R"({{"format": "portolan.catalogue/1", "implementations": [{}]}})", text);
}

class AllKnownOf {
 public:
  explicit AllKnownOf(const std::vector<std::pair<std::string, std::string>>& entries)
      : AllKnownOf(catalogue_text(entries)) {}
  explicit AllKnownOf(const std::string& text) {
    auto read = parse_catalogue(text, "x.json");
    EXPECT_TRUE(read) << to_string(read.error());
    if (read) catalogue_ = std::move(*read);
    absence_ = Absence(catalogue_, x_model);
  }

  End end(std::size_t number) const {
    const Implementation& one = catalogue_.implementations.at(number - 1);
    return {&one, one.model(x_model)};
  }
  SchemeQuestion question(std::size_t from, std::size_t to) const {
    return {end(from), values_at(end(from), "v").value_or(fresh(*end(from).model)), end(to), "v", &absence_,
            false};
  }
  /// `accept`, or the decision and the rules: `reject C5`.
  std::string verdict(std::size_t from, std::size_t to) const {
    const Verdict verdict = judge_all_known(question(from, to));
    std::string text(name_of(verdict.decision));
    for (const Reason& one : verdict.reasons) text += ' ' + one.rule;
    return text;
  }
  /// Pairs that the audit predicts to fail: `d@1 -> d@2`.
  std::vector<std::string> named() const {
    std::vector<std::string> pairs;
    for (const Finding& one : audit::examine(catalogue_, 100).findings)
      if (one.severity == Severity::error) pairs.push_back(one.source + " -> " + one.destination);
    return pairs;
  }

 private:
  Catalogue catalogue_;
  Absence absence_;
};

std::string int_parameter(const std::string& name, int init, const std::string& off = {},
                          const std::string& allowed = R"("0-9")") {
  return fmt::format(R"("{}": {{"type": "int", "init_value": {}, {}"allowed_values": [{}]}})", name, init,
                     off.empty() ? "" : "\"off_value\": " + off + ", ", allowed);
}

const std::string knows_v = R"("profiles": {"v": {}})";

TEST(AllKnown, APinStandsForTheOffValueInC5) {
  const AllKnownOf file(
      {{int_parameter("m", 0, "0"), R"("profiles": {"v": {"m": 0}}, "observed": {"v": {"m": 0}})"},
       {int_parameter("m", 1, "1"), R"("profiles": {"v": {"m": 0}}, "observed": {"v": {"m": 0}})"}});
  EXPECT_EQ(file.verdict(1, 2), "accept");
  EXPECT_EQ(file.verdict(2, 1), "accept");
  EXPECT_EQ(prepared({}, destination_at_profile(file.question(1, 2))).at("m"), Value(std::uint64_t{0}));
  EXPECT_THAT(file.named(), testing::IsEmpty());
}

TEST(AllKnown, APinOfARefusedValueStandsForNothing) {
  const AllKnownOf file({{"", knows_v}, {int_parameter("q", 4, {}, "4"), R"("profiles": {"v": {"q": 1}})"}});
  EXPECT_EQ(file.verdict(1, 2), "reject C4");
}

TEST(AllKnown, TheOffValueThatAPinStandsForIsStillAccepted) {
  const std::string open = R"("m": {"type": "int", "init_value": 1, "off_value": 3})";
  const AllKnownOf file({{int_parameter("m", 3, "0"), knows_v}, {open, R"("profiles": {"v": {"m": 1}})"}});
  EXPECT_EQ(file.verdict(1, 2), "accept") << "3 is listed, and the published off value of 2";
}

TEST(AllKnown, APinMayUseTheSecondName) {
  const std::string alias = R"("params": {"old": {"alias-of": "new"}})";
  const AllKnownOf file({{"", knows_v},
                         {int_parameter("new", 1), R"("profiles": {"v": {"old": 3}}, )" + alias},
                         {int_parameter("new", 3, {}, "3"), R"("profiles": {"v": {"new": 3}})"}});
  EXPECT_EQ(file.verdict(1, 2), "accept");
  EXPECT_EQ(judge_all_known(file.question(2, 3)).list.at("new"), Value(std::uint64_t{3}));
  const auto twice = parse_catalogue(
      catalogue_text({{int_parameter("new", 1), R"("profiles": {"v": {"old": 3, "new": 3}}, )" + alias}}),
      "x.json");
  ASSERT_FALSE(twice);
  EXPECT_THAT(to_string(twice.error()), testing::HasSubstr("name one parameter"));
}

TEST(AllKnown, AnAspectIsCarriedUnderASecondName) {
  const AllKnownOf file({{int_parameter("old", 1, {}, R"("1-9")"),
                          R"("profiles": {"v": {"old": 5}}, "observed": {"v": {"n": 5}},
           "aspects": {"n": {"carried-by": "old"}})"},
                         {int_parameter("new", 1, {}, R"("1-9")"),
                          R"("profiles": {"v": {"new": 5}}, "observed": {"v": {"n": 6}},
           "aspects": {"n": {"carried-by": "new"}}, "params": {"old": {"alias-of": "new"}})"}});
  EXPECT_EQ(file.verdict(1, 2), "accept");
}

TEST(AllKnown, ABlockMaySpeakOfWhatIsAbsent) {
  const auto blocked = [](const std::string& seen, const std::string& when, const std::string& other = {}) {
    return AllKnownOf({{"", knows_v + R"(, "observed": {"v": {)" + seen + R"(}}, "blocks": [{"when": ")" +
                                when + R"(", "text": "t"}])"},
                       {"", knows_v + R"(, "observed": {"w": {)" + other + "}}"}})
        .verdict(1, 2);
  };
  EXPECT_EQ(blocked(R"("log": null)", "!log"), "reject blocks");
  EXPECT_EQ(blocked(R"("log": null)", "log"), "accept");
  EXPECT_EQ(blocked(R"("q": null)", "q > 2"), "accept");
  EXPECT_EQ(blocked(R"("q": null)", "q < 2", R"("q": "text")"), "reject blocks");
  EXPECT_EQ(blocked(R"("q": null)", R"(q == \"dax\")"), "accept");
  EXPECT_EQ(blocked("", "!log", R"("log": false)"), "reject blocks") << "reported elsewhere: absent here";
  EXPECT_EQ(blocked(R"("q": ["a"])", R"(q == \"a\")"), "undetermined blocks") << "a list is no text";
  EXPECT_FALSE(
      parse_catalogue(catalogue_text({{"", R"("blocks": [{"when": "typo", "text": "t"}])"}}), "x.json"));
}

TEST(AllKnown, NoEntryUnderAllSaysWhatNullSays) {
  const AllKnownOf file({{"", knows_v + R"(, "observed": {"v": {"a": true}})"},
                         {"", knows_v + R"(, "observed": {"v": {}}, "reported": "some")"},
                         {"", knows_v + R"(, "observed": {"v": {"a": null}})"},
                         {"", knows_v + R"(, "observed": {"v": {}})"}});
  for (const std::size_t absent : {std::size_t{3}, std::size_t{4}}) {
    EXPECT_EQ(file.verdict(2, absent), "undetermined observed");
    EXPECT_EQ(file.verdict(absent, 2), "undetermined observed");
    EXPECT_EQ(file.verdict(absent, 1), "reject observed");
  }
  EXPECT_EQ(file.verdict(3, 4), "accept");
  EXPECT_THAT(judge_all_known(file.question(4, 2)).reasons.front().message,
              testing::Not(testing::HasSubstr("counts as )")));
}

TEST(AllKnown, EmptyProfilesAreProfilesThatLackTheEntry) {
  const AllKnownOf file({{"", knows_v}, {"", R"("profiles": {})"}, {"", ""}});
  EXPECT_EQ(file.verdict(1, 2), "reject profile");
  EXPECT_EQ(file.verdict(1, 3), "accept");
}

TEST(AllKnown, WhatIsRejectedToItselfIsNamed) {
  const std::string refused = R"("profiles": {"v": {"q": 3}})";
  EXPECT_THAT(AllKnownOf({{int_parameter("q", 1, {}, "1, 2"),
                           refused + R"(, "state": [{"section": "a", "layout": 1}])"}})
                  .named(),
              testing::ElementsAre("d@1 -> d@1"));
  EXPECT_THAT(AllKnownOf({{int_parameter("q", 1, {}, "1, 2"), refused}}).named(),
              testing::ElementsAre("d@1 -> d@1"));
  EXPECT_THAT(AllKnownOf({{"", knows_v + R"(, "observed": {"v": {"o": 4}},
                                 "aspects": {"o": {"compare": "pairs", "accepts": {"4": [8]}}})"}})
                  .named(),
              testing::ElementsAre("d@1 -> d@1"));
}

TEST(AllKnown, ASourceThatWasOnlyObservedIsJudgedByWhatItShowed) {
  const AllKnownOf file({{"", knows_v + R"(, "observed": {"v": {"a": 1}})"},
                         {"", R"("observed": {"v": {"a": 2}})"},
                         {"", R"("observed": {"v": {"a": 1}})"}});
  EXPECT_EQ(file.verdict(2, 1), "reject observed profile");
  EXPECT_EQ(file.verdict(3, 1), "undetermined profile");
  EXPECT_THAT(file.named(),
              testing::UnorderedElementsAre("d@1 -> d@2", "d@2 -> d@1", "d@2 -> d@3", "d@3 -> d@2"));
}

TEST(AllKnown, TheTypeThatFailsIsNamed) {
  const auto type = [](const std::string& name, int value) {
    return fmt::format(
        R"({{"name": "{}", "migration_info": {{"models": {{"a.example/x": {{"params": {{{}}}}}}}}}}})", name,
        int_parameter("m", value, {}, std::to_string(value)));
  };
  const AllKnownOf file(fmt::format(
      R"({{"format": "portolan.catalogue/1", "implementations": [
           {{"name": "d", "version": "1", "types": [{}, {}], "models": {{"a.example/x": {{{}}}}}}},
           {{"name": "d", "version": "2", "types": [{}], "models": {{"a.example/x": {{{}}}}}}}]}})",
      type("a", 1), type("b", 2), knows_v, type("a", 1), knows_v));
  EXPECT_THAT(file.named(), testing::ElementsAre("d@1/b -> d@2"));
}

}  // namespace
