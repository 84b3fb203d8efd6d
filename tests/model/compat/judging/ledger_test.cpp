// SPDX-License-Identifier: Apache-2.0
//
// The one place where the verdict of a property is decided.

#include "model/compat/judging/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace portolan::compat;
using testing::EndsWith;

const PropertyRow& proof = row_of(Property::loads);
const PropertyRow& level = row_of(Property::forward);

Finding saying(const std::string& message, const std::string& model = "a.com/n") {
  Finding finding;
  finding.message = message;
  finding.model = model;
  return finding;
}

Examination closed(Ledger ledger) {
  Examination examination;
  std::move(ledger).into(examination);
  return examination;
}

PropertyResult result_of(Ledger ledger) { return closed(std::move(ledger)).properties.at(0); }

TEST(Ledger, IsVacuousWhereNothingWasLookedAt) {
  const PropertyResult result = result_of(Ledger(proof));
  EXPECT_EQ(result.name, "loads");
  EXPECT_EQ(result.verdict, PropertyVerdict::vacuous);
  EXPECT_EQ(result.reason, proof.vacuous);
}

TEST(Ledger, HoldsWhereEverythingThatWasLookedAtIsRight) {
  Ledger ledger(proof);
  ledger.looked_at_one();
  EXPECT_EQ(result_of(std::move(ledger)).verdict, PropertyVerdict::holds);
}

TEST(Ledger, IsUndeterminedByTheFirstReasonWhereNothingIsWrong) {
  Ledger ledger(proof);
  ledger.looked_at_one();
  ledger.open("first");
  ledger.open("second", 3);
  const PropertyResult result = result_of(std::move(ledger));
  EXPECT_EQ(result.verdict, PropertyVerdict::undetermined);
  EXPECT_EQ(result.reason, "first");
  EXPECT_EQ(result.count, 0u);
}

TEST(Ledger, IsViolatedWhateverElseIsOpenAndSaysHowManyCasesAreNotKnown) {
  Ledger silent(proof), told(proof);
  for (Ledger* one : {&silent, &told}) one->violated([] { return saying("wrong"); });
  silent.open("nobody knows");
  told.open("nobody knows", 2);
  EXPECT_EQ(result_of(std::move(silent)).reason, "");
  const PropertyResult result = result_of(std::move(told));
  EXPECT_EQ(result.verdict, PropertyVerdict::violated);
  EXPECT_EQ(result.count, 1u);
  EXPECT_EQ(result.reason, "at least: 2 further cases are not known; nobody knows");
}

TEST(Ledger, GivesAFindingTheNameAndTheSeverityOfItsRow) {
  Ledger ledger(level);
  ledger.tell(saying("a note"));
  ledger.tell({saying("asked for"), Severity::error});
  const Examination examination = closed(std::move(ledger));
  EXPECT_EQ(examination.findings.at(0).rule, "forward");
  EXPECT_EQ(examination.findings.at(0).severity, Severity::info);
  EXPECT_EQ(examination.findings.at(1).severity, Severity::error);
  EXPECT_EQ(examination.properties.at(0).verdict, PropertyVerdict::vacuous) << "a finding counts nothing";
}

TEST(Ledger, CountsEverythingAndMakesNoMoreFindingsThanTheLimit) {
  Ledger ledger(row_of(Property::undeclared_change), 2);
  std::size_t made = 0;
  for (int k = 0; k < 5; ++k)
    ledger.violated([&] {
      ++made;
      return saying("wrong");
    });
  const Examination examination = closed(std::move(ledger));
  EXPECT_EQ(made, 2u);
  EXPECT_EQ(examination.findings.size(), 2u);
  EXPECT_EQ(examination.properties.at(0).count, 5u);
  EXPECT_EQ(examination.properties.at(0).reason, "the first 2 of 5 findings are told");
}

TEST(Ledger, TellsOneFindingForEverythingThatGoesWrongInTheSameWay) {
  Ledger ledger(proof);
  for (const std::size_t cases : {2, 1, 0})
    ledger.violated("a.com/n", "rings", cases, {{"a@" + std::to_string(cases)}, {"a@9"}, {}},
                    [] { return saying("rings"); });
  ledger.violated("b.com/n", "rings", 1, {{"b@1"}, {"b@2"}, {}}, [] { return saying("other", "b.com/n"); });
  const Examination examination = closed(std::move(ledger));
  ASSERT_EQ(examination.findings.size(), 2u);
  EXPECT_EQ(examination.findings[0].message, "rings; so do 2 further cases of a.com/n");
  ASSERT_EQ(examination.findings[0].alike.size(), 3u);
  EXPECT_EQ(examination.findings[0].alike[1].sources, std::vector<std::string>{"a@1"});
  EXPECT_EQ(examination.findings[1].message, "other");
  EXPECT_TRUE(examination.findings[1].alike.empty()) << "it stands for itself alone";
  EXPECT_EQ(examination.properties.at(0).count, 4u);
}

TEST(Ledger, SpeaksOfPairsWhereALevelIsBroken) {
  Ledger ledger(level);
  ledger.stands_for(ledger.tell(saying("refused")), 1, {{"a@2"}, {"a@1"}, {}});
  EXPECT_THAT(closed(std::move(ledger)).findings.at(0).message,
              EndsWith("; the same breaks 1 further pair of implementations"));
}

TEST(Ledger, OfARemarkHoldsWarningsAndNoVerdict) {
  Ledger ledger(remark_named("profile-refused"));
  ledger.violated([] { return saying("refused"); });
  const Examination examination = closed(std::move(ledger));
  EXPECT_TRUE(examination.properties.empty());
  EXPECT_EQ(examination.findings.at(0).rule, "profile-refused");
  EXPECT_EQ(examination.findings.at(0).severity, Severity::warning);
}

}  // namespace
