// SPDX-License-Identifier: Apache-2.0
//
// What each relation of two observations means, at its edges; conditions of blocks over what is known; and
// that a catalogue with every member is read back as it was written.

#include "model/compat/relating.hpp"

#include <gtest/gtest.h>

#include "model/compat/judging/blocks.hpp"
#include "tests/support/annotated_catalogues.hpp"

namespace {

using namespace portolan::compat;
using portolan::test::RandomDeclared;

Shown text(const char* of) { return Value(std::string(of)); }
Shown number(std::uint64_t of) { return Value(of); }
Shown list(std::vector<const char*> items) {
  std::vector<Value> values;
  for (const char* one : items) values.emplace_back(std::string(one));
  return values;
}
Related related(const RelationRule& rule, const Observation& source, const Observation& destination) {
  return relate(rule, source, destination, {});
}

constexpr std::uint64_t greatest = 18446744073709551615u;

TEST(Relations, BitsOfTheSourceAreThereAtTheDestination) {
  EXPECT_EQ(related(Relation::bits, number(5), number(7)), Related::yes);
  EXPECT_EQ(related(Relation::bits, number(8), number(7)), Related::no);
  EXPECT_EQ(related(Relation::bits, number(greatest), text("0xffffffffffffffff")), Related::yes);
  EXPECT_EQ(related(Relation::bits, text("0x1ffffffffffffffff"), number(greatest)), Related::no) << "bit 64";
  EXPECT_EQ(related(Relation::bits, text("ffffffffffffffffffffffffffffffff"),
                    text("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")),
            Related::yes);
  EXPECT_EQ(
      related(Relation::bits, text("0x00000000000000000000000000000000000000000000000000000000000000000001"),
              number(1)),
      Related::yes)
      << "leading zeros do not count";
  EXPECT_EQ(related(Relation::bits,
                    text("0x1ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000f"), number(1)),
            Related::undetermined)
      << "more than 256 bits";
  EXPECT_EQ(related(Relation::bits, text("gold"), number(1)), Related::undetermined);
  EXPECT_EQ(related(Relation::bits, list({"a"}), number(1)), Related::undetermined);
  EXPECT_EQ(related(Relation::bits, std::nullopt, text("0x1")), Related::yes);
  EXPECT_EQ(related(Relation::bits, text("0x0"), std::nullopt), Related::yes);
  EXPECT_EQ(related(Relation::bits, text("0x1"), std::nullopt), Related::no);
}

TEST(Relations, NameTheBitsThatAreMissing) {
  Aspect aspect;
  aspect.bits[54] = "guest_uso4";
  EXPECT_EQ(missing_bits({Relation::bits, &aspect}, text("0xc0000000000000"), number(0)),
            (std::vector<std::string>{"54 (guest_uso4)", "55"}));
  EXPECT_TRUE(missing_bits(Relation::exact, number(1), number(0)).empty());
}

TEST(Relations, AreAboutTheDestinationAgainstTheSource) {
  EXPECT_EQ(related(Relation::at_least, number(100), number(400)), Related::yes);
  EXPECT_EQ(related(Relation::at_least, number(400), number(100)), Related::no);
  EXPECT_EQ(related(Relation::at_most, number(400), number(100)), Related::yes);
  EXPECT_EQ(related(Relation::at_most, number(0), number(greatest)), Related::no);
  EXPECT_EQ(related(Relation::at_least, number(0), std::nullopt), Related::yes) << "absent is 0";
  EXPECT_EQ(related(Relation::at_least, text("9.4"), number(1)), Related::undetermined);
}

TEST(Relations, OfPairsAreThoseThatAreListed) {
  Aspect aspect;
  aspect.accepts["9.4"] = {Value(std::string("9.4")), Value(std::string("9.6"))};
  aspect.accepts["10"] = {};
  const RelationRule rule{Relation::pairs, &aspect};
  EXPECT_EQ(related(rule, text("9.4"), text("9.6")), Related::yes);
  EXPECT_EQ(related(rule, text("9.4"), text("10")), Related::no);
  EXPECT_EQ(related(rule, number(10), number(10)), Related::no) << "equality is not implied";
  EXPECT_EQ(related(rule, text("9.6"), text("9.6")), Related::undetermined) << "no key";
}

TEST(Relations, OfListsAreAboutTheirItems) {
  EXPECT_EQ(related(Relation::subset, list({"a"}), list({"b", "a"})), Related::yes);
  EXPECT_EQ(related(Relation::subset, list({"a", "c"}), list({"b", "a"})), Related::no);
  EXPECT_EQ(related(Relation::subset, list({}), std::nullopt), Related::yes);
  EXPECT_EQ(related(Relation::subset, list({"a"}), std::nullopt), Related::no);
  EXPECT_EQ(related(Relation::subset, list({"a"}), text("a")), Related::undetermined);
  EXPECT_EQ(related(Relation::exact, list({"a", "b"}), list({"a", "b"})), Related::yes);
  EXPECT_EQ(related(Relation::exact, list({"a", "b"}), list({"b", "a"})), Related::no);
}

TEST(Relations, SubsetOfNumbersSaysNoMoreThanNotZero) {
  EXPECT_TRUE(passes_different_values(Relation::subset, number(7), number(1)));
  EXPECT_FALSE(passes_different_values(Relation::subset, number(7), number(7)));
  EXPECT_FALSE(passes_different_values(Relation::subset, Shown(Value(true)), Shown(Value(true))));
}

TEST(Blocks, KnowThreeTruths) {
  Block block;
  for (const char* name : {"on", "p"}) {
    Parameter variable;
    variable.name = name;
    block.variables.emplace(name, variable);
  }
  const auto holds = [&](const char* condition, const KnownValues& known) {
    block.when = *parse_parameter_expression(condition, block.variables, {}, ValueType::boolean);
    return holds_of_known(block, known);
  };
  EXPECT_EQ(holds("p && on", {{"p", false}}), std::optional(false)) << "false && unknown is false";
  EXPECT_EQ(holds("p && on", {{"p", true}}), std::nullopt);
  EXPECT_EQ(holds("p || on", {{"p", true}}), std::optional(true));
  EXPECT_EQ(holds("on => p", {{"p", true}}), std::optional(true));
  EXPECT_EQ(holds("!on", {{"on", false}}), std::optional(true));
  EXPECT_EQ(holds("if on then p else p", {{"p", true}}), std::optional(true));
}

TEST(Blocks, HaveBoundsOverParametersThatAreAsTightAsTheThreeTruths) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Catalogue catalogue = RandomDeclared(seed).make(1);
    const End end = portolan::test::end_of(catalogue.implementations.front());
    for (const Block& block : notes_of(end).blocks) {
      const BlockBounds bounds = bounds_of(block, *end.model);
      for (const Configuration& one : portolan::test::every_configuration(end)) {
        const auto known = holds_of_known(block, KnownValues(one.begin(), one.end()));
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + block.when.source);
        ASSERT_EQ(holds(bounds.certain, end.model->parameters, one), known == std::optional(true));
        ASSERT_EQ(holds(bounds.possible, end.model->parameters, one), known != std::optional(false));
      }
    }
  }
}

TEST(AnnotatedCatalogues, AreReadAsTheyAreWritten) {
  std::size_t read_back = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::string written = write_catalogue(RandomDeclared(seed).make(3));
    const auto read = parse_catalogue(written, "written.json");
    if (!read) continue;  // a condition may use what was never seen, of which a file says no type
    ++read_back;
    EXPECT_EQ(write_catalogue(*read), written) << "seed " << seed;
  }
  EXPECT_GT(read_back, 30u);
}

}  // namespace
