// SPDX-License-Identifier: Apache-2.0
#include "model/compat/judging/accepted.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using namespace portolan::compat;
using std::chrono::sys_days;
using testing::HasSubstr;

constexpr std::chrono::year_month_day day(int year, unsigned month, unsigned number) {
  return {std::chrono::year(year), std::chrono::month(month), std::chrono::day(number)};
}

Finding finding(const std::string& rule, const std::string& parameter, const std::string& source = "a@1",
                const std::string& destination = "b@1") {
  Finding made;
  made.rule = rule;
  made.severity = Severity::error;
  made.model = "a.com/x";
  made.parameter = parameter;
  made.source = source;
  made.destination = destination;
  made.message = rule + " of " + parameter;
  return made;
}

TEST(Fingerprints, DependOnWhatAFindingIsAboutAlone) {
  Finding one = finding("backward", "p"), other = one;
  other.message = "worded anew";
  other.place = {"moved.json", {99, 1}, "models"};
  other.witness = Configuration{{"p", Value(true)}};
  other.remedy = "better";
  EXPECT_EQ(fingerprints({one}), fingerprints({other}));
  for (std::string Finding::*member :
       {&Finding::rule, &Finding::model, &Finding::parameter, &Finding::source, &Finding::destination,
        &Finding::direction, &Finding::profile, &Finding::aspect}) {
    Finding changed = one;
    changed.*member += "x";
    EXPECT_NE(fingerprints({one}), fingerprints({changed}));
  }
}

TEST(Fingerprints, AreThoseOfYesterday) {
  EXPECT_EQ(fingerprints({finding("backward", "p")}).front(), "01c7d663af3d9324")
      << "a change here makes every file of accepted findings worthless";
}

TEST(Fingerprints, AreUnique) {
  const auto prints = fingerprints({finding("r", "p"), finding("r", "p"), finding("r", "q")});
  EXPECT_EQ(prints[1], prints[0] + "-2");
  EXPECT_NE(prints[2], prints[0]);
}

TEST(Fingerprints, OfAFileHoldItsMember) {
  Finding one = finding("unknown-member", "", "", ""), other = one;
  one.place.path = "models.a";
  other.place.path = "models.b";
  EXPECT_NE(fingerprints({one}), fingerprints({other}));
}

AcceptedFindings accepting(const std::vector<Finding>& findings,
                           std::optional<std::chrono::year_month_day> until,
                           const std::string& reason = "known") {
  AcceptedFindings made;
  for (const std::string& print : fingerprints(findings))
    made.accepted.push_back({print, "r", "f", reason, until, {}});
  return made;
}

std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
  std::vector<std::string> rules;
  for (const Finding& one : findings) rules.push_back(one.rule);
  return rules;
}

TEST(Acceptance, CountsToTheLastDay) {
  const std::vector<Finding> findings = {finding("r", "p")};
  const auto accepted = accepting(findings, day(2027, 1, 31));
  EXPECT_NE(accept(findings, accepted, sys_days(day(2027, 1, 31))).of[0], nullptr);
  const auto later = accept(findings, accepted, sys_days(day(2027, 2, 1)));
  EXPECT_EQ(later.of[0], nullptr) << "it counts again";
  EXPECT_THAT(rules_of(later.warnings), testing::ElementsAre("acceptance-expired"));
  EXPECT_THAT(later.warnings[0].message, HasSubstr("2027-01-31"));
  EXPECT_NE(accept(findings, accepting(findings, std::nullopt), sys_days(day(9999, 12, 31))).of[0], nullptr)
      << "for ever";
}

TEST(Acceptance, WarnsOfWhatIsNotUsedAndOfWhatHasNoReason) {
  const auto accepted = accepting({finding("r", "p"), finding("r", "gone")}, std::nullopt, "");
  const auto result = accept({finding("r", "p"), finding("r", "new")}, accepted, sys_days(day(2026, 1, 1)));
  EXPECT_NE(result.of[0], nullptr);
  EXPECT_EQ(result.of[1], nullptr);
  EXPECT_THAT(rules_of(result.warnings),
              testing::ElementsAre("acceptance-without-reason", "acceptance-unused"));
}

TEST(Acceptance, KeepsReasonsWhenItIsWrittenAnew) {
  Finding note = finding("r", "note");
  note.severity = Severity::info;
  const auto before =
      accepting({finding("r", "p"), finding("r", "gone")}, day(2027, 1, 31), "the vendor promised a fix");
  const auto made = all_accepted({finding("r", "p"), finding("r", "new"), note}, before);
  ASSERT_EQ(made.accepted.size(), 2u) << "what is gone is gone, and notes need no acceptance";
  EXPECT_EQ(made.accepted[0].reason, "the vendor promised a fix");
  EXPECT_EQ(made.accepted[0].expires, day(2027, 1, 31));
  EXPECT_EQ(made.accepted[1].reason, "");
}

class AcceptedFile : public testing::Test {
 protected:
  Result<AcceptedFindings> read(const std::string& text) {
    std::ofstream(file) << text;
    return read_accepted(file);
  }
  test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "accepted.json";
};

TEST_F(AcceptedFile, IsReadAsItWasWritten) {
  const auto made = accepting({finding("r", "p"), finding("r", "q\"\n")}, day(2028, 2, 29));
  const auto again = read(write_accepted(made));
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(write_accepted(*again), write_accepted(made));
}

TEST_F(AcceptedFile, SaysEverythingThatIsWrong) {
  const auto read_one = [&](const std::string& entry) {
    const auto result = read(R"({"format": "portolan.accepted-findings/1", "accepted": [)" + entry + "]}");
    return result ? std::string() : to_string(result.error());
  };
  EXPECT_EQ(read_one(R"({"fingerprint": "00"})"), "");
  EXPECT_THAT(read_one(R"({"reason": "x"})"), HasSubstr("fingerprint"));
  EXPECT_THAT(read_one(R"({"fingerprint": "00", "expires": "2027-02-29"})"),
              HasSubstr("got \"2027-02-29\", expected a day"));
  EXPECT_THAT(read_one(R"({"fingerprint": "00", "expires": "soon"})"), HasSubstr("expected a day"));
  EXPECT_THAT(read_one(R"({"fingerprint": "00", "expire": "2027-02-28"})"),
              HasSubstr("did you mean \"expires\"?"))
      << "an exception that was to end must not last for ever";
  EXPECT_THAT(read_one(R"({"fingerprint": "00"}, {"fingerprint": "00"})"), HasSubstr("accepted twice"));
  EXPECT_FALSE(read("{}"));
  EXPECT_FALSE(read(R"({"format": "other", "accepted": []})"));
}

}  // namespace
