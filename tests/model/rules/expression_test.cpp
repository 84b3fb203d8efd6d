// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/compat/constraint.hpp"
#include "model/rules/evaluate.hpp"
#include "model/rules/parse.hpp"

namespace portolan::compat {
namespace {

Parameters parameters() {
  Parameters all;
  const auto add = [&](const std::string& name, ValueType type, Value init) {
    Parameter p;
    p.name = name;
    p.type = type;
    p.init = std::move(init);
    all[name] = p;
  };
  add("a", ValueType::boolean, true);
  add("b", ValueType::boolean, false);
  add("n", ValueType::integer, std::uint64_t{5});
  add("num-queues", ValueType::integer, std::numeric_limits<std::uint64_t>::max());
  add("m", ValueType::integer, std::uint64_t{3});
  add("4.0", ValueType::integer, std::uint64_t{4});
  add("odd`name", ValueType::integer, std::uint64_t{9});
  add("mode", ValueType::string, std::string("gold"));
  return all;
}

bool truth(std::string_view text) {
  const auto expression =
      parse_parameter_expression(text, parameters(), {"f", {3, 10}, {}}, ValueType::boolean);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : to_string(expression.error()));
  return expression && holds(*expression, parameters(), {});
}

Fault first_fault(std::string_view text) {
  const auto expression =
      parse_parameter_expression(text, parameters(), {"f", {3, 10}, {}}, ValueType::boolean);
  EXPECT_FALSE(expression) << text;
  return expression ? Fault{} : expression.error().front();
}

TEST(Expressions, EveryOperatorHasItsUsualMeaning) {
  for (const char* yes : {"a",
                          "!b",
                          "a && !b",
                          "b || a",
                          "b => a",
                          "b => b",
                          "a => a",
                          "n == 5",
                          "n != m",
                          "m < n",
                          "n <= 5",
                          "n > m",
                          "n >= 5",
                          "n + m == 8",
                          "n - m == 2",
                          "n * m == 15",
                          "n in {1, 5}",
                          "n in {1..5}",
                          "mode == \"gold\"",
                          "mode in {\"silver\", \"gold\"}",
                          "if a then n == 5 else b",
                          "a == !b",
                          "(a)",
                          "true",
                          "!false",
                          "!!a"})
    EXPECT_TRUE(truth(yes)) << yes;
  for (const char* no :
       {"b", "!a", "a && b", "b || b", "a => b", "n == 6", "n != 5", "n < m", "n <= 4", "m > n", "m >= 5",
        "n in {}", "n in {6..9}", "n in {9..6}", "mode == \"silver\"", "if b then a else n == 6", "false"})
    EXPECT_FALSE(truth(no)) << no;
}

TEST(Expressions, BindAsUsersExpect) {
  EXPECT_TRUE(truth("n + m * 2 == 11"));
  EXPECT_TRUE(truth("n - m - 2 == 0"));  // to the left
  EXPECT_TRUE(truth("b => b => b"));     // to the right
  EXPECT_FALSE(truth("(b => b) => b"));
  EXPECT_TRUE(truth("a || b && b"));
  EXPECT_TRUE(truth("!b && a"));
  EXPECT_TRUE(truth("b && b => b"));
}

TEST(Expressions, NeverWrapAround) {
  EXPECT_TRUE(truth("num-queues + 1 > num-queues"));
  EXPECT_TRUE(truth("m - n < 0"));
  EXPECT_TRUE(truth("num-queues * num-queues > num-queues"));
  EXPECT_TRUE(truth("num-queues == 18446744073709551615"));
}

TEST(Expressions, TakeNamesBareWithDashesAndOthersInBackquotes) {
  EXPECT_TRUE(truth("num-queues > 4"));
  EXPECT_TRUE(truth("`4.0` == 4"));
  EXPECT_TRUE(truth("`odd``name` == 9"));
}

TEST(Expressions, PointAtTheColumn) {
  struct Case {
    const char* text;
    FaultCode code;
    std::uint32_t column;
    const char* part;
  };
  for (const Case& c :
       std::vector<Case>{{"n > ", FaultCode::syntax, 5, "end of the expression"},
                         {"n = 5", FaultCode::syntax, 3, "'='"},
                         {"a & b", FaultCode::syntax, 3, "'&'"},
                         {"n > 'x'", FaultCode::syntax, 5, "unexpected '"},
                         {"(a", FaultCode::syntax, 3, "end"},
                         {"1 < n < 3", FaultCode::syntax, 7, "'<'"},
                         {"n in 5", FaultCode::syntax, 6, "'5'"},
                         {"mode == \"gold", FaultCode::syntax, 9, "closing quote"},
                         {"n > 1.0", FaultCode::syntax, 5, "not a number"},
                         {"n > -1", FaultCode::syntax, 5, "'-'"},
                         {"", FaultCode::syntax, 1, "end"},
                         {"a b", FaultCode::syntax, 3, "'b'"},
                         {"a && queues > 2", FaultCode::unknown_name, 6, "unknown name 'queues'"},
                         {"n-1 > 2", FaultCode::unknown_name, 1, "'n-1'"},
                         {"a + 1 == 2", FaultCode::type_error, 1, "bool"},
                         {"n && a", FaultCode::type_error, 1, "int"},
                         {"n == mode", FaultCode::type_error, 3, "int and str"},
                         {"mode < mode", FaultCode::type_error, 6, "str"},
                         {"n in {1, \"x\"}", FaultCode::type_error, 10, "str"},
                         {"n", FaultCode::type_error, 1, "int"},
                         {"n == 18446744073709551616", FaultCode::out_of_range, 6, "too large"}}) {
    const Fault fault = first_fault(c.text);
    EXPECT_EQ(fault.code, c.code) << c.text << ": " << to_string(fault);
    EXPECT_EQ(fault.place.mark.column, 10 + c.column - 1) << c.text << ": " << to_string(fault);
    EXPECT_NE(fault.finding.find(c.part), std::string::npos) << c.text << ": " << to_string(fault);
  }
}

TEST(Expressions, ReportEveryUnknownNameAtOnce) {
  const auto expression = parse_parameter_expression("x > 1 && y < 2", parameters(), {}, ValueType::boolean);
  ASSERT_FALSE(expression);
  EXPECT_EQ(expression.error().size(), 2u);
}

TEST(Expressions, RefuseNestingWithoutEnd) {
  EXPECT_EQ(first_fault(std::string(100000, '(')).code, FaultCode::limit);
  EXPECT_EQ(first_fault(std::string(100000, '!') + "a").code, FaultCode::limit);
  for (const char* link : {" && a", " || a", " => a"}) {
    std::string chain = "a";
    for (int k = 0; k < 100'000; ++k) chain += link;
    EXPECT_EQ(first_fault(chain).code, FaultCode::limit) << link;
  }
}

TEST(Expressions, NameTheParametersTheyMention) {
  const auto expression = parse_parameter_expression("n > 2 => m < n", parameters(), {}, ValueType::boolean);
  ASSERT_TRUE(expression);
  EXPECT_EQ(parameters_of(*expression, parameters()), (std::vector<std::string>{"m", "n"}));
}

}  // namespace
}  // namespace portolan::compat

namespace portolan::rules {
namespace {

TEST(Expressions, SayWhatANameThatIsNotKnownWouldHaveToBe) {
  static constexpr std::string_view hosts[] = {"host1", "host2"}, drivers[] = {"acme-gfx@1", "acme-gfx@2"};
  const SortView sorts[] = {{"host", hosts}, {"driver", drivers}};
  const VariableView variables[] = {{"driver-of", {TypeKind::element, false, 1}, {0, -1}},
                                    {"place", {TypeKind::element, true, 0}, {-1, -1}},
                                    {"load", {TypeKind::integer, false, -1}, {-1, -1}}};
  struct Case {
    std::string_view text, name, expectation, remedy;
  };
  constexpr std::string_view of_hosts = "one of host1, host2", of_drivers = "one of acme-gfx@1, acme-gfx@2",
                             all = "one of driver-of, place, load";
  for (const Case& c : std::vector<Case>{
           {"driver-of[host1] == `acme-gfx@3`", "acme-gfx@3", of_drivers, "did you mean \"acme-gfx@1\"?"},
           {"`acme-gfx@3` != driver-of[host1]", "acme-gfx@3", of_drivers, "did you mean \"acme-gfx@1\"?"},
           {"driver-of[host1] == nvidia", "nvidia", of_drivers, ""},
           {"place in {host1, hots2}", "hots2", of_hosts, "did you mean \"host2\"?"},
           {"driver-of[hots1] == `acme-gfx@1`", "hots1", of_hosts, "did you mean \"host1\"?"},
           {"lood < 3", "lood", all, "did you mean \"load\"?"},
           {"plce == host1", "plce", of_hosts, "did you mean \"place\"?"},
           {"driver-off[host1] == `acme-gfx@1`", "driver-off", all, "did you mean \"driver-of\"?"}}) {
    const Parsed parsed = parse_expression(c.text, {sorts, variables, {}}, nullptr);
    ASSERT_EQ(parsed.faults.size(), 1u) << c.text;
    EXPECT_EQ(parsed.faults[0].finding, "unknown name '" + std::string(c.name) + "'") << c.text;
    EXPECT_EQ(parsed.faults[0].expectation, c.expectation) << c.text;
    EXPECT_EQ(parsed.faults[0].remedy, c.remedy) << c.text;
  }
}

TEST(Expressions, RangeOverSorts) {
  static constexpr std::string_view versions[] = {"old", "new"};
  const SortView sorts[] = {{"host", {}}, {"version", versions}};
  const VariableView variables[] = {{"version-of", {TypeKind::element, false, 1}, {0, -1}},
                                    {"place", {TypeKind::element, true, 0}, {-1, -1}}};
  const std::int64_t cells[] = {1, 0, 1, 2};
  const std::int32_t offsets[] = {0, 3}, strides[] = {1, 1}, widths[] = {3, 1}, sizes[] = {3, 2};
  const auto evaluated = [&](std::string_view text, Type type) {
    const Parsed parsed = parse_expression(text, {sorts, variables, {}}, &type);
    EXPECT_TRUE(parsed.faults.empty())
        << text << ": " << (parsed.faults.empty() ? "" : parsed.faults.front().finding);
    Integers integers{cells, offsets, strides, widths, sizes};
    return fold({parsed.nodes, parsed.strings}, integers);
  };
  EXPECT_EQ(evaluated("count(h in host: version-of[h] == new)", {TypeKind::integer, false, -1}), 2);
  EXPECT_EQ(evaluated("sum(h in host: if version-of[h] == new then 5 else 2) - 1", {TypeKind::integer, false, -1}), 11);
  EXPECT_EQ(evaluated("exists(h in host: version-of[h] == old)", {}), 1);
  EXPECT_EQ(evaluated("forall(h in host: version-of[h] == new)", {}), 0);
  EXPECT_EQ(evaluated("place != none && version-of[place] == new", {}), 1);
}

TEST(Expressions, ReadVariablesOfTwoIndicesRowByRow) {
  static constexpr std::string_view hosts[] = {"h0", "h1"}, types[] = {"t0", "t1", "t2"};
  const SortView sorts[] = {{"host", hosts}, {"type", types}};
  const VariableView variables[] = {{"pad", {TypeKind::integer, false, -1}},
                                    {"free", {TypeKind::integer, false, -1}, {0, 1}}};
  const std::int64_t cells[] = {99, 10, 11, 12, 20, 21, 22};
  const std::int32_t offsets[] = {0, 1}, strides[] = {1, 3}, widths[] = {1, 6}, sizes[] = {2, 3};
  for (int h = 0; h < 2; ++h)
    for (int t = 0; t < 3; ++t) {
      const Parsed parsed = parse_expression("free[h" + std::to_string(h) + ", t" + std::to_string(t) + "]",
                                             {sorts, variables, {}}, nullptr);
      ASSERT_TRUE(parsed.faults.empty());
      Integers integers{cells, offsets, strides, widths, sizes};
      EXPECT_EQ(fold({parsed.nodes, parsed.strings}, integers), 10 * (h + 1) + t);
      EXPECT_FALSE(integers.undefined);
    }
}

}  // namespace
}  // namespace portolan::rules
