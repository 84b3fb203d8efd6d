// SPDX-License-Identifier: Apache-2.0
//
// A second name of one parameter: the destination takes either, the list keeps the source's.

#include <gtest/gtest.h>

#include "model/compat/judging/all_known.hpp"
#include "model/compat/judging/types.hpp"
#include "tests/support/small_catalogues.hpp"

namespace {

using namespace portolan::test;

Parameter speed(const std::string& name) {
  return parameter(name, u64(4), std::nullopt, std::vector<Value>{u64(1), u64(4), u64(8)});
}

TEST(Aliases, LetADestinationTakeTheSecondNameOfItsParameter) {
  const Implementation old = implementation("old", {speed("speed-mbit")});
  Implementation renamed = implementation("renamed", {speed("speed")});
  const Configuration eight = {{"speed-mbit", u64(8)}};
  EXPECT_EQ(check(Scheme::rfc_v3, end_of(old), eight, end_of(renamed)).reasons.front().rule, "C2");

  renamed.annotations[model_name].aliases["speed-mbit"] = "speed";
  for (const Scheme scheme : {Scheme::rfc_v3, Scheme::rfc_v3_strict}) {
    const Verdict verdict = check(scheme, end_of(old), eight, end_of(renamed));
    EXPECT_EQ(verdict.decision, Decision::accept);
    EXPECT_TRUE(verdict.list.contains("speed-mbit")) << "the list keeps the source's name";
    EXPECT_EQ(prepared(as_known(verdict.list, end_of(renamed)), *end_of(renamed).model).at("speed"), u64(8));
  }
  EXPECT_EQ(judge_all_known({end_of(old), eight, end_of(renamed), {}, nullptr, false}).decision,
            Decision::accept);
  // Whoever knows the first name alone is told nothing of a second one.
  EXPECT_EQ(check(Scheme::rfc_v3, end_of(renamed), {{"speed", u64(8)}}, end_of(old)).reasons.front().rule,
            "C2");
}

TEST(Aliases, GiveTheChosenTypeTheValueThatWasListed) {
  const Implementation old = implementation("old", {speed("speed-mbit")});
  Catalogue there = catalogue({implementation("renamed", {speed("speed")})});
  there.implementations.front().annotations[model_name].aliases["speed-mbit"] = "speed";
  const auto choice = choose_type({end_of(old), {{"speed-mbit", u64(8)}}, {}, {}, nullptr, false}, there);
  ASSERT_NE(choice.chosen(), nullptr);
  EXPECT_EQ(choice.chosen()->given.at("speed"), u64(8));
}

TEST(Aliases, AreReadAndWritten) {
  const char* text = R"({"format": "portolan.catalogue/1", "implementations": [{"name": "card",
    "migration_info": {"models": {"a.com/x": {"params": {"speed": {"type": "int", "init_value": 1}}}}},
    "models": {"a.com/x": {"params": {"speed-mbit": {"alias-of": "speed"}}}}}]})";
  const auto read = parse_catalogue(text, "card.json");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->implementations.front().annotations_of("a.com/x").aliases.at("speed-mbit"), "speed");
  EXPECT_EQ(write_catalogue(*parse_catalogue(write_catalogue(*read), "again.json")), write_catalogue(*read));
}

}  // namespace
