// SPDX-License-Identifier: Apache-2.0

#include "model/compat/value.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace portolan::compat {
namespace {

constexpr std::uint64_t greatest = UINT64_MAX;

ValueSet integers(std::vector<Range> ranges) {
  ValueSet set(ValueType::integer);
  set.add(std::move(ranges));
  return set;
}

ValueSet strings(std::vector<std::string> texts) {
  ValueSet set(ValueType::string);
  set.add(std::move(texts));
  return set;
}

TEST(PlainNumber, IsExactUpTo64Bits) {
  EXPECT_EQ(parse_u64("0"), 0u);
  EXPECT_EQ(parse_u64("18446744073709551614"), greatest - 1);
  EXPECT_EQ(parse_u64("18446744073709551615"), greatest);
  EXPECT_EQ(parse_u64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_u64("18446744073709551620"), std::nullopt);
  EXPECT_EQ(parse_u64("99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_u64("9007199254740993"), 9007199254740993u) << "2^53 + 1: no double on the way";
  EXPECT_EQ(parse_u64(std::string(50, '0') + "7"), 7u);
}

TEST(PlainNumber, HasDigitsOnly) {
  for (const char* text : {"", " ", "+1", "-1", "-0", "1.0", "1e3", "0x10", "1_000", " 1", "1 ", "1\n", "٣"})
    EXPECT_EQ(parse_u64(text), std::nullopt) << text;
}

TEST(ValueOnACommandLine, IsReadByItsType) {
  for (const char* text : {"on", "true", "1"})
    EXPECT_EQ(parse_value(ValueType::boolean, text), Value(true)) << text;
  for (const char* text : {"off", "false", "0"})
    EXPECT_EQ(parse_value(ValueType::boolean, text), Value(false)) << text;
  for (const char* text : {"", "On", "TRUE", "yes", "2", "01"})
    EXPECT_EQ(parse_value(ValueType::boolean, text), std::nullopt) << text;
  EXPECT_EQ(parse_value(ValueType::integer, "18446744073709551615"), Value(greatest));
  EXPECT_EQ(parse_value(ValueType::integer, "on"), std::nullopt);
  EXPECT_EQ(parse_value(ValueType::string, "on"), Value(std::string("on")));
  EXPECT_EQ(parse_value(ValueType::string, ""), Value(std::string()));
  EXPECT_EQ(parse_value(ValueType::string, "a\nb"), std::nullopt) << "a value has no newline";
}

TEST(ValueText, IsBareInListsAndQuotedInJson) {
  EXPECT_EQ(to_string(Value(true)), "true");
  EXPECT_EQ(to_string(Value(greatest)), "18446744073709551615");
  EXPECT_EQ(to_string(Value(std::string("gold"))), "gold");
  EXPECT_EQ(to_json(Value(false)), "false");
  EXPECT_EQ(to_json(Value(std::uint64_t{4})), "4");
  EXPECT_EQ(to_json(Value(std::string("a\"b"))), "\"a\\\"b\"");
}

TEST(ValueType, IsSpelledAsInMigrationInformation) {
  for (const ValueType type : {ValueType::boolean, ValueType::integer, ValueType::string})
    EXPECT_EQ(value_type_named(name_of(type)), type);
  EXPECT_EQ(name_of(ValueType::boolean), "bool");
  EXPECT_EQ(value_type_named("boolean"), std::nullopt);
}

TEST(ValueSet, JoinsRangesThatTouchAndKeepsThoseThatDoNot) {
  EXPECT_EQ(integers({{5, 9}, {0, 3}, {4, 4}}).ranges(), (std::vector<Range>{{0, 9}}));
  EXPECT_EQ(integers({{5, 9}, {0, 3}}).ranges(), (std::vector<Range>{{0, 3}, {5, 9}}));
  EXPECT_EQ(integers({{0, greatest}, {7, 7}}).ranges(), (std::vector<Range>{{0, greatest}}));
  EXPECT_EQ(integers({{greatest, greatest}, {0, greatest - 1}}).ranges(),
            (std::vector<Range>{{0, greatest}}));
  EXPECT_EQ(integers({{0, 0}, {greatest, greatest}}).ranges(),
            (std::vector<Range>{{0, 0}, {greatest, greatest}}));
}

// E13: allowed ["0-255", 512, "1024-2048"]
TEST(ValueSet, HoldsTheEdgesOfItsRangesAndNothingBeyond) {
  const ValueSet set = integers({{0, 255}, {512, 512}, {1024, 2048}});
  for (const std::uint64_t in : {0u, 255u, 512u, 1024u, 2048u}) EXPECT_TRUE(set.contains(Value(in))) << in;
  for (const std::uint64_t out : {256u, 511u, 513u, 1023u, 2049u})
    EXPECT_FALSE(set.contains(Value(out))) << out;
  EXPECT_FALSE(set.contains(Value(false))) << "0 and false are not the same value";
  EXPECT_FALSE(set.contains(Value(std::string("0"))));
  EXPECT_EQ(set.size(), 256u + 1 + 1025);
}

TEST(ValueSet, CountsUpToWhatACounterHolds) {
  EXPECT_EQ(integers({{0, greatest}}).size(), greatest) << "2^64 values, saturated";
  EXPECT_EQ(integers({{1, greatest}}).size(), greatest);
  EXPECT_EQ(integers({{2, greatest}}).size(), greatest - 1);
  EXPECT_EQ(integers({{0, 5}, {8, greatest}}).size(), greatest - 1);
  EXPECT_EQ(ValueSet(ValueType::integer).size(), 0u);
}

TEST(ValueSet, OfBooleansAndStringsIsASet) {
  ValueSet booleans(ValueType::boolean);
  EXPECT_TRUE(booleans.empty());
  booleans.add(Value(true));
  booleans.add(Value(true));
  EXPECT_EQ(booleans.size(), 1u);
  EXPECT_EQ(booleans.least(), Value(true));
  booleans.add(Value(false));
  EXPECT_EQ(booleans.least(), Value(false));
  EXPECT_EQ(strings({"b", "a", "b"}).strings(), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(strings({"0-255"}).contains(Value(std::string("7")))) << "a literal in a str parameter (R1)";
}

TEST(ValueSet, IsShownAsASet) {
  EXPECT_EQ(to_string(integers({{1, 1}, {4, 4}, {16, 64}})), "{1, 4, 16-64}");
  EXPECT_EQ(to_string(strings({"b", "a\x1b"})), "{\"a\\x1b\", \"b\"}");
  ValueSet booleans(ValueType::boolean);
  booleans.add(Value(true));
  booleans.add(Value(false));
  EXPECT_EQ(to_string(booleans), "{false, true}");
  EXPECT_EQ(to_string(ValueSet(ValueType::integer)), "{}");
}

TEST(ValueSet, OfAnotherTypeSharesNothing) {
  EXPECT_FALSE(integers({{0, 1}}).subset_of(strings({"0"})));
  EXPECT_TRUE(ValueSet(ValueType::integer).subset_of(strings({"0"}))) << "the empty set is part of every set";
  EXPECT_TRUE(integers({{0, 1}}).intersection(strings({"0"})).empty());
  EXPECT_EQ(integers({{0, 1}}).minus(strings({"0"})), integers({{0, 1}}));
}

// ---- every operation against std::set over a small domain, at both ends of the 64 bits

using Small = std::set<std::uint64_t>;

/// Numbers 0–20 and 2^64-21 – 2^64-1 fold to 0–41, so that wrapping around would show.
std::uint64_t unfolded(std::uint64_t k) { return k < 21 ? k : greatest - (41 - k); }

std::vector<Range> ranges_of(const std::vector<std::pair<std::uint8_t, std::uint8_t>>& seeds) {
  std::vector<Range> out;
  for (const auto& [from, width] : seeds) {
    const std::uint64_t low = from % 42, high = std::min<std::uint64_t>(low + width % 6, 41);
    if (low < 21 && high >= 21) continue;  // the gap of 2^64-42 numbers is not enumerable
    out.push_back({unfolded(low), unfolded(high)});
  }
  return out;
}

Small values_of(const std::vector<Range>& ranges) {
  Small out;
  for (const Range& range : ranges)
    for (std::uint64_t k = range.min;; ++k) {
      out.insert(k);
      if (k == range.max) break;
    }
  return out;
}

void expect_canonical(const ValueSet& set) {
  for (std::size_t k = 0; k < set.ranges().size(); ++k) {
    RC_ASSERT(set.ranges()[k].min <= set.ranges()[k].max);
    if (k > 0) RC_ASSERT(set.ranges()[k - 1].max + 1 < set.ranges()[k].min);
  }
}

using Seeds = std::vector<std::pair<std::uint8_t, std::uint8_t>>;

RC_GTEST_PROP(ValueSetAlgebra, AgreesWithSetsOfNumbers, (const Seeds& left, const Seeds& right)) {
  const std::vector<Range> a = ranges_of(left), b = ranges_of(right);
  const Small in_a = values_of(a), in_b = values_of(b);
  const ValueSet set_a = integers(a), set_b = integers(b);
  Small both, only;
  std::set_intersection(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), std::inserter(both, both.end()));
  std::set_difference(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), std::inserter(only, only.end()));
  const ValueSet intersection = set_a.intersection(set_b), difference = set_a.minus(set_b);
  expect_canonical(set_a);
  expect_canonical(intersection);
  expect_canonical(difference);
  RC_ASSERT(values_of(intersection.ranges()) == both);
  RC_ASSERT(values_of(difference.ranges()) == only);
  RC_ASSERT(set_a.subset_of(set_b) == only.empty());
  RC_ASSERT(set_a.size() == in_a.size());
  RC_ASSERT((set_a == set_b) == (in_a == in_b));
  if (!in_a.empty()) RC_ASSERT(set_a.least() == Value(*in_a.begin()));
  for (std::uint64_t k = 0; k < 42; ++k)
    RC_ASSERT(set_a.contains(Value(unfolded(k))) == in_a.contains(unfolded(k)));
}

RC_GTEST_PROP(ValueSetAlgebra, BuildsTheSameSetOneByOneAndAtOnce, (const Seeds& seeds)) {
  const std::vector<Range> ranges = ranges_of(seeds);
  ValueSet one_by_one(ValueType::integer);
  for (const Range& range : ranges) one_by_one.add(range);
  expect_canonical(one_by_one);
  RC_ASSERT(one_by_one == integers(ranges));
}

RC_GTEST_PROP(ValueSetAlgebra, AgreesWithSetsOfStrings,
              (const std::set<std::string>& left, const std::set<std::string>& right)) {
  const ValueSet a = strings({left.begin(), left.end()}), b = strings({right.begin(), right.end()});
  std::vector<std::string> both, only;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only));
  RC_ASSERT(a.intersection(b).strings() == both);
  RC_ASSERT(a.minus(b).strings() == only);
  RC_ASSERT(a.subset_of(b) == only.empty());
  RC_ASSERT(a.size() == left.size());
}

}  // namespace
}  // namespace portolan::compat
