// SPDX-License-Identifier: Apache-2.0
#include "tests/architecture/scanner.hpp"

#include <gmock/gmock.h>

namespace portolan::architecture {

namespace {

/// `name first-last` of each function.
std::vector<std::string> found_in(std::string_view text) {
  std::vector<std::string> found;
  for (const Function& f : functions_of(text))
    found.push_back(f.name + " " + std::to_string(f.first_line) + "-" + std::to_string(f.last_line));
  return found;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Scanner, BlanksWhatIsNoCode) {
  EXPECT_EQ(code_only("a; // b {\nc;"), "a;       \nc;");
  EXPECT_EQ(code_only("a /* {\n } */ b"), "a     \n      b");
  EXPECT_EQ(code_only("f(\"}\\\"{\", '{', '\\'')"), "f(      ,    ,     )");
  EXPECT_EQ(code_only("x = R\"sql({\n\")sql\";"), "x =        \n      ;");
  EXPECT_EQ(code_only("#define A { \\\n }\nb"), "             \n  \nb");
  EXPECT_EQ(code_only("n = 1'000'000;"), "n = 1'000'000;");
}

TEST(Scanner, KeepsTheOtherHalf) {
  EXPECT_EQ(prose_only("a; // b {\nc;"), "   // b {\n  ");
  EXPECT_EQ(prose_only("f(\"R9\");"), "  \"R9\"  ");
}

TEST(Scanner, ReadsIncludes) {
  const auto includes = includes_of("// #include <no>\n#include <string>\n  # include \"a/b.hpp\"  // why\n");
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].to, "string");
  EXPECT_FALSE(includes[0].ours);
  EXPECT_EQ(includes[1].to, "a/b.hpp");
  EXPECT_TRUE(includes[1].ours);
  EXPECT_EQ(includes[1].line, 3u);
}

TEST(Scanner, SplitsLines) {
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(Scanner, FindsFunctions) {
  EXPECT_THAT(found_in("int f() { return 1; }\n\nvoid g(int a,\n       int b) {\n  if (a) { b(); }\n}\n"),
              ElementsAre("f 1-1", "g 3-6"));
  EXPECT_THAT(found_in("namespace a::b {\nnamespace {\nauto f() -> int {\n}\n}\n}\n"), ElementsAre("f 3-4"));
  EXPECT_THAT(found_in("template <class T, int n = 3>\nrequires good<T>\nT f(T t) {\n}\n"),
              ElementsAre("f 1-4"));
}

TEST(Scanner, FindsMembersOfClasses) {
  EXPECT_THAT(found_in("class A final : public B<int> {\n public:\n  int f() const noexcept override {\n  }\n"
                       " private:\n  int x = 1;\n  int y{2};\n  void g();\n};\n"),
              ElementsAre("f 3-4"));
  EXPECT_THAT(found_in("template <class T>\nstruct A {\n  bool operator()(int a) const {\n  }\n"
                       "  friend bool operator==(const A& a, const A& b) {\n  }\n};\n"),
              ElementsAre("operator() 3-4", "operator== 5-6"));
  EXPECT_THAT(found_in("std::string A::Inner::name() const {\n}\nA::~A() {\n}\n"),
              ElementsAre("A::Inner::name 1-2", "A::~A 3-4"));
}

TEST(Scanner, FindsConstructorsWhateverTheirMembersBeginWith) {
  EXPECT_THAT(
      found_in("A::A(int x)\n    : x_{x},\n      y_(x),\n      z_{} {\n  f();\n}\nA::A() : B() {\n}\n"),
      ElementsAre("A::A 1-6", "A::A 7-8"));
}

TEST(Scanner, SeesNoFunctionInAValue) {
  EXPECT_THAT(
      found_in("constexpr int a[] = {\n  1, 2};\nstd::vector<int> b{f(1)};\nenum class E { a, b };\n"),
      IsEmpty());
  EXPECT_THAT(found_in("int f(Options options = {}, int b = g(1));\nint h(Options options = {}) {\n}\n"),
              ElementsAre("h 2-3"));
  EXPECT_THAT(found_in("struct { int a; } x;\nstatic const struct Row {\n  int a;\n} rows[] = {\n  {1}};\n"),
              IsEmpty());
}

TEST(Scanner, CountsALambdaWhereItIsHeld) {
  EXPECT_THAT(found_in("const auto f = [](int a) {\n  return a;\n};\n"), ElementsAre("f 1-3"));
  EXPECT_THAT(found_in("void g() {\n  const auto f = [](int a) {\n    return a;\n  };\n}\n"),
              ElementsAre("g 1-5"));
}

TEST(Scanner, NamesATestByItsTwoNames) {
  EXPECT_THAT(found_in("TEST(Suite, Name) {\n}\nTEST_P(Other, Name) {\n}\n"),
              ElementsAre("TEST(Suite, Name) 1-2", "TEST_P(Other, Name) 3-4"));
}

TEST(Scanner, IsNotLedAstrayByBracesInLiterals) {
  EXPECT_THAT(found_in("void f() {\n  g(\"{\", '{', R\"({{)\");  // {\n}\nvoid h() {\n}\n"),
              ElementsAre("f 1-3", "h 4-5"));
}

}  // namespace

}  // namespace portolan::architecture
