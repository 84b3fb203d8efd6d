// SPDX-License-Identifier: Apache-2.0
#include "model/rules/print.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/support/random_expressions.hpp"

namespace portolan::rules::print_test {
namespace {

// Names of every kind: plain, dashed, dotted, words of the grammar, odd characters, one that stands in two
// sorts.
constexpr std::string_view hosts[] = {"alpha", "beta", "shared", "odd`name"};
constexpr std::string_view versions[] = {"old", "new", "shared", "4.0", "odd`name", "only-in-version"};
constexpr std::string_view lone[] = {"in"};
constexpr SortView sorts[] = {{"host", hosts}, {"version", versions}, {"hue", lone}};
constexpr Type truth{}, number{TypeKind::integer, false, -1}, text{TypeKind::text, false, -1};
constexpr Type host{TypeKind::element, false, 0}, maybe_host{TypeKind::element, true, 0},
    version{TypeKind::element, false, 1};
constexpr VariableView variables[] = {{"up", truth, {0, -1}}, {"version-of", version, {0, -1}},
                                      {"place", maybe_host},  {"distance", number, {0, 0}},
                                      {"num-queues", number}, {"forall", truth},
                                      {"2fast", number},      {"mode", text},
                                      {"with space", truth},  {"a.b", number},
                                      {"h", number},          {"", truth},
                                      {"ends-", truth},       {"twice``", truth},
                                      {"runs", truth, {0, 1}}};
constexpr BoundView bound[] = {{"to", host}, {"n", number}, {"odd one", version}, {"v", maybe_host}};
constexpr Scope everything{sorts, variables, bound};

Parsed parsed(std::string_view source, const Type* wanted = nullptr, const Scope& scope = everything) {
  Parsed result = parse_expression(source, scope, wanted);
  EXPECT_TRUE(result.faults.empty()) << source << ": " << result.faults.front().column << ": "
                                     << result.faults.front().finding;
  return result;
}
std::string printed(const Parsed& expression, const Scope& scope = everything) {
  return print({expression.nodes, expression.strings}, scope);
}
std::string again(std::string_view source) { return printed(parsed(source)); }

bool same(const Parsed& a, const Parsed& b) {
  if (a.strings != b.strings || a.nodes.size() != b.nodes.size() || !a.faults.empty() || !b.faults.empty())
    return false;
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const Node &x = a.nodes[i], &y = b.nodes[i];
    if (x.op != y.op || x.type != y.type || x.symbol != y.symbol || x.a != y.a || x.b != y.b || x.c != y.c ||
        x.number != y.number)
      return false;
  }
  return true;
}

TEST(Printer, LeavesOutEveryParenthesisThatIsNotNeeded) {
  struct Case {
    const char* source;
    const char* wanted;
  };
  for (const Case& c : std::vector<Case>{
           {"((h)) + ((1))*(2)  ==  ((n))", "h + 1 * 2 == n"},
           {"(h + 1) * 2 == n", "(h + 1) * 2 == n"},
           {"h - (1 - n) == 0", "h - (1 - n) == 0"},
           {"(h - 1) - n == 0", "h - 1 - n == 0"},
           {"h + (1 + n) == 0", "h + (1 + n) == 0"},
           {"true => (false => true)", "true => false => true"},
           {"(true => false) => true", "(true => false) => true"},
           {"(true || false) && true", "(true || false) && true"},
           {"true || (false && true)", "true || false && true"},
           {"true && (false && true)", "true && (false && true)"},
           {"!(true && false)", "!(true && false)"},
           {"!(!(true))", "!!true"},
           {"(1 == 2) == true", "(1 == 2) == true"},
           {"true == (1 in {1})", "true == (1 in {1})"},
           {"(!true) == false", "!true == false"},
           {"!(true == false)", "!(true == false)"},
           {"h in {1, (n + 1)..(2 * h), ((3))}", "h in {1, n + 1..2 * h, 3}"},
           {"h in {}", "h in {}"},
           {"(if true then 1 else 2) + 1 == 2", "(if true then 1 else 2) + 1 == 2"},
           {"if true then (1 == 2) else (false => true)", "if true then 1 == 2 else false => true"},
           {"if (if true then false else true) then false else (if true then true else false)",
            "if if true then false else true then false else if true then true else false"},
           {"distance[(to), (alpha)] < 18446744073709551615", "distance[to, alpha] < 18446744073709551615"},
           {"up[(if true then to else beta)]", "up[if true then to else beta]"}})
    EXPECT_EQ(again(c.source), c.wanted);
}

TEST(Printer, PutsBackquotesOnlyWhereTheyAreNeeded) {
  EXPECT_EQ(again("`forall` && `with space` && `2fast` == `a.b` && ``  && `ends-` && `twice`````"),
            "`forall` && `with space` && `2fast` == a.b && `` && `ends-` && `twice`````");
  EXPECT_EQ(again("`num-queues` == `h`"), "num-queues == h");
  EXPECT_EQ(again("version-of[to] in {old, `4.0`, `odd``name`, shared, `odd one`}"),
            "version-of[to] in {old, `4.0`, `odd``name`, shared, `odd one`}");
  EXPECT_EQ(again("`in` == `in`"), "`in` == `in`");
  for (const char* bare : {"a", "_", "a-b", "a.b.c-1", "A0", "inn", "nonesuch", "sum"})
    EXPECT_EQ(name_in_text(bare), bare);
  for (const char* quoted :
       {"",   "1",  "a b",  "a-",   "-a",    "a..b",   "a--b",   "none",     "true", "false",
        "in", "if", "then", "else", "count", "exists", "forall", "\xc3\xbc", " a",   "a "})
    EXPECT_EQ(name_in_text(quoted), "`" + std::string(quoted) + "`");
}

TEST(Printer, NamesQuantifiedElementsAfterTheirSort) {
  EXPECT_EQ(again("forall(machine in version: exists(other in version: machine != other))"),
            "forall(v2 in version: exists(v3 in version: v2 != v3))");
  EXPECT_EQ(again("count(any in host: up[any] && to != any) > 1"),
            "count(h2 in host: up[h2] && to != h2) > 1");
  constexpr Scope plain{sorts, {}, {}};
  const Parsed expression = parse_expression(
      "forall(any in host: any == alpha) && exists(other in host: other == beta)", plain, nullptr);
  EXPECT_EQ(printed(expression, plain), "forall(h in host: h == alpha) && exists(h in host: h == beta)");
}

TEST(Printer, KeepsEveryCharacterOfAString) {
  EXPECT_EQ(again("mode == \"a \\\"b\\\" \\\\ (\n`\""), "mode == \"a \\\"b\\\" \\\\ (\n`\"");
}

TEST(Printer, CallsTheEmptyExpressionTrue) { EXPECT_EQ(print({}, everything), "true"); }

TEST(Parser, TellsASharedNameByWhatItIsComparedWith) {
  EXPECT_EQ(parsed("shared in {beta, shared}").nodes.front().symbol, 0);
  EXPECT_EQ(parsed("shared == version-of[to]").nodes.front().symbol, 1);
  EXPECT_EQ(parsed("`odd``name` == version-of[to]").nodes.front().symbol, 1);
  for (const char* unclear :
       {"shared == shared", "shared in {}", "shared in {shared}", "if true then shared else shared"}) {
    const Parsed result = parse_expression(unclear, everything, nullptr);
    ASSERT_FALSE(result.faults.empty()) << unclear;
    EXPECT_EQ(result.faults.front().finding, "'shared' belongs to several sorts");
  }
}

TEST(PrinterProperty, PrintsWhatParsesToTheSameNodes) {
  std::map<Op, int> met;
  const auto prints = [&met] {
    test::RandomExpressions random(everything);
    const Type type = *rc::gen::arbitrary<bool>() ? truth : random.some_type();
    const std::string source =
        random.of_type(type, *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 8)));
    const Parsed first = parse_expression(source, everything, &type);
    RC_LOG() << source << "\n";
    if (!first.faults.empty()) RC_FAIL(first.faults.front().finding);
    for (const Node& node : first.nodes) ++met[node.op];
    const std::string once = printed(first);
    RC_LOG() << once << "\n";
    const Parsed second = parse_expression(once, everything, &type);
    if (!second.faults.empty()) RC_FAIL(second.faults.front().finding);
    RC_ASSERT(same(first, second));
    RC_ASSERT(printed(second) == once);
  };
  ASSERT_TRUE(rc::check([&] {
    for (int round = 0; round < 5; ++round) prints();
  }));
  for (int op = 0; op <= static_cast<int>(Op::count); ++op)
    EXPECT_GT(met[static_cast<Op>(op)], 0) << "never met: operation " << op;
}

/// Every pair of parentheses that groups, by where it opens and closes; those of quantifiers and inside
/// quotes are none.
std::vector<std::pair<std::size_t, std::size_t>> grouping_parentheses(const std::string& source) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::vector<std::pair<std::size_t, bool>> open;
  char quote = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"')
        ++i;
      else if (c == quote)
        quote = 0;
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (c == '(') {
      open.push_back({i, i > 0 && (source[i - 1] == 'l' || source[i - 1] == 's' ||
                                   source[i - 1] == 't' || source[i - 1] == 'm')});  // forall( exists( count( sum(
    } else if (c == ')') {
      if (!open.back().second) pairs.push_back({open.back().first, i});
      open.pop_back();
    }
  }
  return pairs;
}

RC_GTEST_PROP(PrinterProperty, NeedsEveryParenthesisThatItPrints, ()) {
  test::RandomExpressions random(everything);
  const Type type = random.some_type();
  const Parsed first = parse_expression(random.of_type(type, 4), everything, &type);
  if (!first.faults.empty()) RC_FAIL(first.faults.front().finding);
  const std::string once = printed(first);
  for (const auto& [begin, end] : grouping_parentheses(once)) {
    std::string without = once;
    without[begin] = without[end] = ' ';
    RC_LOG() << once << "\n" << without << "\n";
    RC_ASSERT(!same(first, parse_expression(without, everything, &type)));
  }
}

RC_GTEST_PROP(PrinterProperty, ReadsBackEveryName, (const std::string& name)) {
  const VariableView self[] = {{name, truth}};
  const Parsed read = parse_expression(name_in_text(name), {{}, self, {}}, &truth);
  RC_ASSERT(read.faults.empty());
  RC_ASSERT(read.nodes.size() == 1u);
  RC_ASSERT(read.nodes.front().op == Op::variable);
}

}  // namespace
}  // namespace portolan::rules::print_test
