// SPDX-License-Identifier: Apache-2.0
#include "solver/matrix/coupling/coupling_bytes.hpp"

#include <gtest/gtest.h>

#include "tests/support/small_catalogues.hpp"

namespace portolan::solver::matrix {
namespace {

using namespace portolan::test;

const Implementation& one() {
  static const Implementation made =
      implementation("v1", {parameter("b", false), parameter("n", u64(1)), parameter("s", std::string("x"))});
  return made;
}
Coupling coupling() { return whole_pair(Scheme::rfc_v3, end_of(one()), end_of(one())); }

std::vector<CouplingAnswer> answers() {
  std::vector<CouplingAnswer> made;
  for (unsigned bits = 0; bits < 32; ++bits) {
    made.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0,
                    bits % 3 == 0 ? std::string() : std::string("why\0\n\xff", 6)});
  }
  return made;
}

std::vector<CouplingWitness> witnesses() {
  const PartialConfiguration least{0, {false, u64(1), std::string("x")}};
  const PartialConfiguration other{3, {true, u64(~0ull), std::string("\0\"\n\xff", 4)}};
  const PartialConfiguration empty{1, {false, u64(0), std::string()}};
  return {{},
          {least, std::nullopt, {}},
          {least, other, {}},
          {empty, empty, "why"},
          {std::nullopt, other, std::string(70000, 'r')}};
}

void expect_equal(const CouplingAnswer& a, const CouplingAnswer& b) {
  EXPECT_EQ(a.known, b.known);
  EXPECT_EQ(a.exists, b.exists);
  EXPECT_EQ(a.accepted, b.accepted);
  EXPECT_EQ(a.rejected, b.rejected);
  EXPECT_EQ(a.undetermined, b.undetermined);
  EXPECT_EQ(a.reason, b.reason);
}

TEST(CouplingBytes, GiveBackTheSameAnswer) {
  for (const CouplingAnswer& answer : answers()) {
    const auto again = answer_from(to_bytes(answer));
    ASSERT_TRUE(again.has_value());
    expect_equal(*again, answer);
  }
}

TEST(CouplingBytes, GiveBackTheSameWitness) {
  for (const CouplingWitness& witness : witnesses()) {
    const auto again = witness_from(to_bytes(witness), coupling());
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->any == witness.any);
    EXPECT_TRUE(again->rejected == witness.rejected);
    EXPECT_EQ(again->reason, witness.reason);
  }
}

TEST(CouplingBytes, AreRefusedWhenSomethingIsMissingOrTooMuch) {
  for (const CouplingAnswer& answer : answers()) {
    const std::string bytes = to_bytes(answer);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(answer_from(std::string_view(bytes).substr(0, size))) << size;
    EXPECT_FALSE(answer_from(bytes + '\0'));
  }
  for (const CouplingWitness& witness : witnesses()) {
    const std::string bytes = to_bytes(witness);
    for (std::size_t size = 0; size<bytes.size(); size += bytes.size()> 1000 ? 997 : 1)
      EXPECT_FALSE(witness_from(std::string_view(bytes).substr(0, size), coupling())) << size;
    EXPECT_FALSE(witness_from(bytes + '\0', coupling()));
  }
}

TEST(CouplingBytes, AreRefusedOrReadButNeverTrustedWhenOneByteIsAnother) {
  const std::string bytes = to_bytes(witnesses()[2]);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char wrong : {'\0', '\1', '\3', '\x7f', '\xff'}) {
      std::string other = bytes;
      other[i] = wrong;
      const auto read = witness_from(other, coupling());
      if (!read || !read->any) continue;
      ASSERT_EQ(read->any->values.size(), 3u);
      EXPECT_TRUE(std::holds_alternative<std::uint64_t>(read->any->values[1]));
      EXPECT_LE(read->any->distance, 3u);
    }
  }
}

TEST(CouplingBytes, AreRefusedForTheParametersOfAnotherCoupling) {
  const Implementation other =
      implementation("v2", {parameter("b", false), parameter("n", true), parameter("s", std::string("x"))});
  const Implementation fewer = implementation("v3", {parameter("b", false), parameter("n", u64(1))});
  const std::string bytes = to_bytes(witnesses()[1]);
  for (const Implementation* wrong : {&other, &fewer})
    EXPECT_FALSE(witness_from(bytes, whole_pair(Scheme::rfc_v3, end_of(*wrong), end_of(*wrong))));
}

}  // namespace
}  // namespace portolan::solver::matrix
