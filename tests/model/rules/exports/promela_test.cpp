// SPDX-License-Identifier: Apache-2.0
#include "model/rules/exports/promela.hpp"

#include "model/rules/compile.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace portolan::rules::exports::promela_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Small enough to read, with one of everything that Promela has to be told in other words.
constexpr std::string_view diners[] = {"ann", "bob"}, dishes[] = {"soup", "cake"};
constexpr SortText sorts[] = {{"diner", diners}, {"dish", dishes}};
constexpr ModuleVariableText variables[] = {{"fork", "", "diner?", "none", Role::state, "who holds it"},
                                            {"meals", "diner", "0..2", "0"},
                                            {"ate", "diner, dish", "bool", "false"},
                                            {"price", "dish", "0..300", "1", Role::fixed},
                                            {"hungry", "diner", "bool", "true", Role::fixed},
                                            {"init", "", "dish", "soup"}};
constexpr ActionText actions[] = {
    {"take", "d: diner", "fork == none && hungry[d] && meals[d] < 2", "", "fork := d", "house rule 1",
     "takes the fork"},
    {"eat", "", "fork != none", "",
     "meals[fork] := meals[fork] + price[init]; ate[fork, init] := true; fork := none", "house rule 2",
     "eats */ and puts it back"},
    {"swap", "", "!(init == cake => ate[ann, cake])", "",
     "meals[ann] := meals[bob]; meals[bob] := meals[ann]", "", "", Actor::fault},
    {"serve", "d: dish", "", "", "init := d", "", ""},
    {"never", "d: diner", "!hungry[d]", "", "fork := none", "", ""},
    {"clear", "", "forall(d in diner: meals[d] == 2)", "", "forall(d in diner: meals[d] := 0)",
     "house rule 3", "clears the table"}};
constexpr PropertyText properties[] = {
    {"one-fork", Verb::always, "count(d in diner: fork == d) <= 1 || meals[ann] in {0, 1 .. 2}",
     "house rule 1", ""},
    {"fair", Verb::always, "meals[ann] - meals[bob] < 2", "", ""},
    {"full", Verb::sometimes, "exists(d in diner: meals[d] == 2)", "", ""},
    {"all-eat", Verb::eventually, "forall(d in diner: meals[d] == 2)", "house rule 2", ""}};
constexpr ModuleText dinner{"dinner", sorts, variables, {}, actions, properties};
#ifndef __clang__  // as in model/fleet/actions.cpp
static_assert(compile(dinner).faults.empty());
#endif

Module made() {
  Module module = compile(dinner).module;
  module.initial[module.cell(module.variable("price"), 1)] = 2;
  module.initial[module.cell(module.variable("meals"), 1)] = 1;
  return module;
}

TEST(Promela, OfADinnerReadsAsItsGoldenFile) {
  const std::string golden =
      std::string(PORTOLAN_SOURCE_DIR) + "/tests/model/rules/exports/golden/dinner.pml";
  const auto text = promela(made());
  ASSERT_TRUE(text) << to_string(text.error());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << *text;
  std::stringstream kept;
  kept << std::ifstream(golden).rdbuf();
  EXPECT_EQ(*text, kept.str()) << "UPDATE_GOLDEN=1 writes it anew";
}

TEST(Promela, ChecksTheChosenPropertyOnly) {
  const std::string fair = promela(made(), {.property = "fair"}).value();
  EXPECT_THAT(fair, HasSubstr("assert(!violated_fair)"));
  EXPECT_THAT(fair, Not(HasSubstr("violated_one_fork")));
  const std::string full = promela(made(), {.property = "full"}).value();
  EXPECT_THAT(full, HasSubstr("  :: d_step { meals[diner_ann] == 2 || meals[diner_bob] == 2 -> reached_full "
                              "= 1; assert(!reached_full) }\n"));
  EXPECT_THAT(full, Not(HasSubstr("violated")));
  const std::string all_eat = promela(made(), {.property = "all-eat"}).value();
  EXPECT_THAT(all_eat, HasSubstr("Not checked here: eventually all-eat"));
  EXPECT_THAT(all_eat, Not(HasSubstr("violated")));
}

TEST(Promela, KeepsImpossibleChoicesWhenAsked) {
  EXPECT_THAT(promela(made()).value(), Not(HasSubstr("never(ann)")));
  EXPECT_THAT(promela(made(), {.keep_impossible = true}).value(),
              HasSubstr("  /* never(ann) */\n  :: d_step { false -> skip }\n"));
}

TEST(Promela, RefusesAnUnknownProperty) {
  const auto text = promela(made(), {.property = "fare"});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().front().code, FaultCode::unknown_name);
  EXPECT_EQ(to_string(text.error().front()),
            "properties: unknown property \"fare\", expected one of one-fork, fair, full, all-eat");
}

// Promela counts in 32 bits, the reference in 64: one more than the largest number is not written, the
// largest is.
TEST(Promela, RefusesNumbersBeyond32Bits) {
  const auto with = [](std::string_view domain, std::string_view guard) {
    const ModuleVariableText wide[] = {{"x", "", domain, ""}};
    const ActionText act[] = {{"act", "", guard, "", "x := 0", "", ""}};
    return promela(compile({"wide", {}, wide, {}, act, {}}).module);
  };
  EXPECT_TRUE(with("0..2147483647", "x > 1"));
  EXPECT_FALSE(with("0..2147483648", "x > 1"));
  EXPECT_TRUE(with("0..2147483646", "x + 1 > 1"));
  EXPECT_FALSE(with("0..2147483647", "x + 1 > 1"));
  EXPECT_TRUE(with("0..46340", "x * x > 1"));
  const auto product = with("0..46341", "x * x > 1");
  ASSERT_FALSE(product);
  EXPECT_EQ(product.error().front().code, FaultCode::out_of_range);
  EXPECT_EQ(product.error().front().place.path, "actions.act");
  EXPECT_TRUE(with("0..9", "x < 9000000000 && 3000000000 * 3 > 1"))
      << "constants are gone before Promela sees them";
}

// Spin refuses negative numbers in the list that an array begins with.
TEST(Promela, StoresAnArrayShiftedThatBeginsWithDifferentNegativeValues) {
  const ModuleVariableText levels[] = {{"level", "diner", "-3..3", "0"}};
  const ActionText act[] = {{"rise", "d: diner", "level[d] < 0", "", "level[d] := level[d] + 2", "", ""}};
  Module module = compile({"levels", sorts, levels, {}, act, {}}).module;
  EXPECT_THAT(promela(module).value(), HasSubstr("short level[2] = 0;"));
  module.initial = {-3, 1};
  const std::string text = promela(module).value();
  EXPECT_THAT(text,
              HasSubstr("byte level_cells[2] = { 0, 4 };  /* level[diner]: -3..3 */\n#define level(i) "
                        "(level_cells[i] - 3)\n#define set_level(i, value) level_cells[i] = (value) + 3\n"));
  EXPECT_THAT(text, HasSubstr(":: level(diner_ann) + 2 > 3 -> undefined_rise = 1; assert(!undefined_rise)\n  "
                              "     :: else -> set_level(diner_ann, level(diner_ann) + 2)\n"));
}

TEST(Promela, ChoosesTheNarrowestTypeOfEachDomain) {
  const auto type_of = [](std::string_view domain) {
    const ModuleVariableText one[] = {{"x", "", domain, ""}};
    const ActionText act[] = {{"act", "", "", "", "x := x", "", ""}};
    const std::string text = promela(compile({"types", sorts, one, {}, act, {}}).module).value();
    const std::size_t at = text.find(" x = ");
    return text.substr(text.rfind('\n', at) + 1, at - text.rfind('\n', at) - 1);
  };
  EXPECT_EQ(type_of("bool"), "bool");
  EXPECT_EQ(type_of("0..1"), "bit");
  EXPECT_EQ(type_of("0..255"), "byte");
  EXPECT_EQ(type_of("0..256"), "short");
  EXPECT_EQ(type_of("-1..1"), "short");
  EXPECT_EQ(type_of("-32768..32767"), "short");
  EXPECT_EQ(type_of("0..32768"), "int");
  EXPECT_EQ(type_of("diner"), "bit");
  EXPECT_EQ(type_of("diner?"), "byte");
}

}  // namespace
}  // namespace portolan::rules::exports::promela_test
