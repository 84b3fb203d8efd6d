// SPDX-License-Identifier: Apache-2.0
//
// The table of reasons says everything of each, has a remedy for both who may read it, and knows every rule
// that a reason of any scheme can name.

#include "model/compat/judging/reasons_table.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/small_catalogues.hpp"

namespace {

using namespace portolan::compat;
using testing::HasSubstr;
using testing::Not;

const ReasonRow* reason_named(std::string_view name) {
  const auto* row = std::find_if(reasons_table.begin(), reasons_table.end(),
                                 [&](const ReasonRow& one) { return one.name == name; });
  return row == reasons_table.end() ? nullptr : row;
}

TEST(ReasonsTable, SaysEverythingOfEachReasonAndNamesItOnce) {
  std::set<std::string_view> names;
  for (const ReasonRow& row : reasons_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const std::string_view text : {row.heading, row.meaning, row.why, row.example})
      EXPECT_FALSE(text.empty()) << row.name;
  }
  names.clear();
  for (const RuleRow& row : rules_table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const std::string_view text : {row.meaning, row.why, row.example, row.follows})
      EXPECT_FALSE(text.empty()) << row.name;
  }
}

TEST(ReasonsTable, KnowsWhateverAReasonCanName) {
  for (const std::string_view rule :
       {"R2", "C1", "C2", "C3", "C4", "C5", "C6", "loads", "lost", "interface", "takes", "observed",
        "profile", "blocks", "room", "mdev-type", "version-string", "semver"})
    EXPECT_NE(reason_named(rule), nullptr) << rule;
}

TEST(ReasonsTable, HasARemedyForWhoMovesAndForWhoPublishes) {
  for (const ReasonRow& row : reasons_table)
    for (const Audience audience : {Audience::migrating, Audience::publishing})
      EXPECT_TRUE(std::any_of(remedies_table.begin(), remedies_table.end(), [&](const RemedyRow& remedy) {
        return remedy.rule == row.name && remedy.audience == audience;
      })) << row.name;
  for (const RemedyRow& remedy : remedies_table) EXPECT_NE(reason_named(remedy.rule), nullptr) << remedy.rule;
}

TEST(ReasonsTable, FillsEachPlaceholder) {
  for (const RemedyRow& row : remedies_table)
    EXPECT_THAT(filled(row.remedy, {}), Not(HasSubstr("{"))) << row.rule;
  RemedyWords words;
  words.destination = "card@1";
  words.parameter = "queues{x}";
  EXPECT_EQ(filled(Remedy::c4, words),
            "the implementer of card@1 has to give queues{x} an off_value that it accepts (R3)");
}

TEST(ReasonsTable, OffersNeitherOffNorAnotherVersionWhereTheTypeDiffers) {
  namespace test = portolan::test;
  const Implementation source =
      test::implementation("old", {test::parameter("queues", test::u64(4), test::u64(1))});
  const Implementation destination =
      test::implementation("new", {test::parameter("queues", std::string("4"), std::string("1"))});
  const End from = test::end_of(source), to = test::end_of(destination);
  const Verdict verdict = check(Scheme::rfc_v3_strict, from, {{"queues", test::u64(4)}}, to);
  ASSERT_EQ(verdict.reasons.size(), 1u);
  EXPECT_EQ(verdict.reasons.front().rule, "C2");
  RemedyWords words;
  words.parameter = "queues";
  EXPECT_EQ(remedy_of(verdict.reasons.front(), from, to), filled(Remedy::c2_other_type, words));
  EXPECT_EQ(check(Scheme::rfc_v3_strict, from, {{"queues", test::u64(1)}}, to).decision, Decision::reject)
      << "off, it is not listed, and the off values differ";
}

TEST(ReasonsTable, OffersNoChangeOfValuesWhereTheSourceHasNone) {
  namespace test = portolan::test;
  const Implementation source = test::implementation("bare", {});
  Implementation destination = test::implementation(
      "new", {test::parameter("q", test::u64(1), test::u64(1), std::vector<Value>{test::u64(1)})}, {"q > 2"});
  const End from = test::end_of(source), to = test::end_of(destination);
  const Verdict verdict = check(Scheme::rfc_v3_strict, from, {}, to);
  ASSERT_EQ(verdict.reasons.size(), 1u);
  EXPECT_EQ(remedy_of(verdict.reasons.front(), from, to), filled(Remedy::c6_elsewhere, {}));
  Reason interface;
  interface.rule = "interface";
  interface.about = "bar";
  EXPECT_EQ(remedy_of(interface, from, to), filled(Remedy::interface_elsewhere, {}));
}

TEST(ReasonsTable, LetsTheSourceSaveWhatNeverComes) {
  namespace test = portolan::test;
  const Implementation source = test::implementation("old", {}),
                       destination = test::implementation("new", {});
  Reason lost;
  lost.rule = "lost";
  EXPECT_EQ(remedy_of(lost, test::end_of(source), test::end_of(destination)), "let new apply what it reads");
  lost.never_sent = true;
  EXPECT_EQ(remedy_of(lost, test::end_of(source), test::end_of(destination)),
            "let old save it, or let new begin without it (`missing: default`) or refuse such a state");
}

TEST(ReasonsTable, OffersNoValueThatTheSourceCannotHave) {
  namespace test = portolan::test;
  const auto queues = [](std::uint64_t value) {
    return test::parameter("q", test::u64(value), std::nullopt, std::vector<Value>{test::u64(value)});
  };
  const Implementation source = test::implementation("old", {queues(1)});
  Implementation destination = test::implementation("new", {queues(1)});
  destination.annotations[test::model_name].notes["q"].takes = ValueSet(ValueType::integer);
  Reason takes;
  takes.rule = "takes";
  takes.parameter = "q";
  takes.value = test::u64(1);
  EXPECT_EQ(remedy_of(takes, test::end_of(source), test::end_of(destination)),
            "choose a destination that takes in q=1: old can have no value that this one takes in");
}

TEST(ReasonsTable, RefusesAWordThatNobodyFills) {
  static_assert(names_known_words("pin {parameter}={value}"));
  static_assert(!names_known_words("pin {paramter}"));
  static_assert(!names_known_words("pin {parameter"));
  static_assert(!names_known_words("pin }"));
}

}  // namespace
