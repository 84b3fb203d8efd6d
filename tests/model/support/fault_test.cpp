// SPDX-License-Identifier: Apache-2.0

#include "model/support/fault.hpp"

#include <set>

#include <gmock/gmock.h>

#include "model/support/text.hpp"

namespace portolan {
namespace {

TEST(Fault, SaysPlaceFindingExpectationAndRemedyInOneLine) {
  const Fault fault{FaultCode::unknown_name,
                    {"fleet.yaml", {12, 8}, "fleet.hosts[0].version"},
                    "got \"2.x\"",
                    "a version of acme-gfx (1.0, 2.0)",
                    "name one of them"};
  EXPECT_EQ(to_string(fault),
            "fleet.yaml:12:8: fleet.hosts[0].version: got \"2.x\", expected a version of acme-gfx (1.0, "
            "2.0); name one of them");
}

TEST(Fault, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(to_string(Fault{FaultCode::unreadable, {"a.json", {}, {}}, "no such file", {}, "check the path"}),
            "a.json: no such file; check the path");
  EXPECT_EQ(to_string(Fault{FaultCode::usage, {}, "nothing to do", {}, {}}), "nothing to do");
  EXPECT_EQ(to_string(Fault{FaultCode::usage, {"--set", {}, {}}, {}, "name=value", {}}),
            "--set: expected name=value");
  EXPECT_EQ(to_string(Fault{FaultCode::usage, {{}, {}, "a.b"}, "x", {}, {}}), "a.b: x");
  EXPECT_EQ(to_string(Place{"a", {3, 0}, {}}), "a:3");
  EXPECT_EQ(to_string(Place{{}, {3, 4}, "p"}), "3:4: p");
}

TEST(Text, IsFoldedUnderItsLastCell) {
  EXPECT_EQ(folded("one two three four", 9), "one two\n    three\n    four");
  EXPECT_EQ(folded("  one two three four\nfive\n", 12), "  one two\n      three\n      four\nfive\n");
  EXPECT_EQ(folded("  a  bb cc dd ee ff\n", 12), "  a  bb cc\n     dd ee\n     ff\n");
  EXPECT_EQ(folded("  name      is what it says", 16), "  name      is\n      what it\n      says")
      << "no room under the cell";
  EXPECT_EQ(folded("a very-long-word-indeed b", 8), "a\n    very-long-word-indeed\n    b");
  EXPECT_EQ(folded("\x1b[31merror\x1b[0m ü ü ü", 11), "\x1b[31merror\x1b[0m ü ü ü") << "colours take no room";
  EXPECT_EQ(folded("ends in blanks    \n\n", 14), "ends in blanks    \n\n");
  EXPECT_EQ(folded("", 10), "");
}

TEST(Fault, StandsOnOneLineEachOfAList) {
  const Fault one{FaultCode::usage, {"a", {}, {}}, "x\ny", {}, {}};
  EXPECT_EQ(to_string(Faults{one, one}), "a: x\\ny\na: x\\ny\n");
}

TEST(Fault, SendsNothingToTheTerminalThatCouldSteerIt) {
  const Fault fault{
      FaultCode::syntax, {"\x1b[2J.json", {1, 1}, "a\u202eb"}, "got \x1b]0;x\x07", "\xff", "\u009b1m"};
  EXPECT_EQ(to_string(fault),
            "\\x1b[2J.json:1:1: a\\u{202e}b: got \\x1b]0;x\\x07, expected \\xff; \\u{9b}1m");
}

TEST(Fault, IsNeverLongerThanAPersonCanRead) {
  const std::string much(100'000, 'x');
  EXPECT_LT(to_string(Fault{FaultCode::syntax, {much, {1, 1}, much}, much, much, much}).size(), 5000u);
}

TEST(FaultCodes, HaveNamesOfTheirOwnAndAMeaning) {
  std::set<std::string_view> names;
  FaultCode next{};
  for (const FaultCodeEntry& entry : fault_code_table()) {
    EXPECT_EQ(entry.code, next) << "in the order of the enumeration";
    next = static_cast<FaultCode>(static_cast<int>(next) + 1);
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(name_of(entry.code), entry.name);
    EXPECT_FALSE(entry.meaning.empty());
  }
  EXPECT_EQ(fault_code_table().back().code, FaultCode::refused) << "none is left out";
  EXPECT_EQ(name_of(FaultCode::wrong_type), "wrong-type");
}

TEST(PrintableText, IsLeftAsItIsAndEscapingTwiceChangesNothing) {
  EXPECT_EQ(printable("naïve – 日本 \\ \"x\""), "naïve – 日本 \\ \"x\"");
  const std::string once = printable("a\x01\xc3\x28\n\u200b");
  EXPECT_EQ(once, "a\\x01\\xc3(\\n\\u{200b}");
  EXPECT_EQ(printable(once), once);
}

TEST(QuotedText, EscapesQuotesAndBackslashes) { EXPECT_EQ(in_quotes("a\"b\\c\n"), R"("a\"b\\c\n")"); }

TEST(QuotedText, IsCutAtWholeCharacters) {
  EXPECT_EQ(in_quotes("éééé", 3), "\"ééé…\"");
  EXPECT_EQ(in_quotes("ééé", 3), "\"ééé\"");
}

TEST(JsonText, KeepsEveryCharacter) {
  EXPECT_EQ(json_quoted("a\"\\\n\t\r\x01\x7f é\u202e"), "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f é\u202e\"");
  EXPECT_EQ(json_quoted("\xff"), "\"\uFFFD\"");
}

TEST(Utf8, KnowsTheFirstByteThatIsWrong) {
  EXPECT_EQ(first_invalid_utf8(""), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("ascii, more than eight bytes, é and 日本 and \U0001F600"),
            std::string_view::npos);
  for (const char* wrong :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xf0\x9f\x98"}) {
    EXPECT_EQ(first_invalid_utf8(wrong), 0u) << printable(wrong);
    EXPECT_EQ(first_invalid_utf8("12345678901é" + std::string(wrong)), 13u) << printable(wrong);
  }
}

TEST(Suggestion, IsTheNearestWordAndNoneWhenAllAreFar) {
  constexpr std::string_view words[] = {"init_value", "off_value", "allowed_values"};
  EXPECT_EQ(nearest("allowed_value", words), "allowed_values");
  EXPECT_EQ(nearest("inti_value", words), "init_value");
  EXPECT_EQ(nearest("colour", words), "");
  EXPECT_EQ(did_you_mean("of_value", words), "did you mean \"off_value\"?");
  EXPECT_EQ(did_you_mean("colour", words), "");
}

TEST(List, EndsWithTheNumberOfWhatIsLeftOut) {
  EXPECT_EQ(listed({"a", "b"}), "a, b");
  const std::string sentence(200, 'x');
  EXPECT_EQ(listed({sentence, "b"}), sentence + ", b") << "a name is never cut";
  EXPECT_EQ(listed({"a", "b", "c", "d"}, 2), "a, b and 2 more");
}

}  // namespace
}  // namespace portolan
