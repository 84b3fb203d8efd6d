// SPDX-License-Identifier: Apache-2.0
#include "model/support/sha256.hpp"

#include <gtest/gtest.h>

namespace {

using namespace portolan;

TEST(Sha256, IsThatOfTheStandard) {
  // FIPS 180-4, examples.
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotSeeWhereItsBytesWereCut) {
  const std::string text(1000, 'x');
  for (const std::size_t cut : {0u, 1u, 63u, 64u, 65u, 999u, 1000u}) {
    Sha256 pieces;
    pieces.add(std::string_view(text).substr(0, cut));
    const std::string before = pieces.hexadecimal();
    EXPECT_EQ(before, sha256(std::string_view(text).substr(0, cut))) << "asking ends nothing";
    pieces.add(std::string_view(text).substr(cut));
    EXPECT_EQ(pieces.hexadecimal(), sha256(text));
    EXPECT_EQ(pieces.bytes(), text.size());
  }
}

TEST(Hexadecimal, HasTwoLowerCaseDigitsForEachByte) {
  EXPECT_EQ(hexadecimal(Bytes{}), "");
  EXPECT_EQ(hexadecimal(Bytes{0x00, 0x0f, 0xAB}), "000fab");
}

}  // namespace
