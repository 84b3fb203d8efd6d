// SPDX-License-Identifier: Apache-2.0
#include "model/support/named.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace portolan {
namespace {

enum class Weather : std::uint8_t { sunny, cloudy, raining_hard };
inline constexpr auto weather_names = enumerator_names<Weather>(
    {{Weather::sunny, "sunny"}, {Weather::cloudy, "cloudy"}, {Weather::raining_hard, "raining hard"}});
constexpr std::string_view name_of(Weather weather) { return weather_names[weather]; }

TEST(NamedEnumerators, HaveTheTextThatStandsBesideThem) {
  static_assert(name_of(Weather::raining_hard) == "raining hard");
  EXPECT_EQ(name_of(Weather::sunny), "sunny");
}

TEST(NamedEnumerators, AreFoundByTheirTextAndByNoOther) {
  static_assert(weather_names.find("cloudy") == Weather::cloudy);
  for (const std::string_view word : {"", "Cloudy", "cloud", "raining_hard"})
    EXPECT_FALSE(weather_names.find(word)) << word;
}

TEST(NamedEnumerators, AreListedInTheirOrder) {
  static_assert(weather_names.size() == 3);
  EXPECT_EQ(weather_names.texts()[0], "sunny");
  EXPECT_EQ(weather_names.texts()[2], "raining hard");
}

TEST(NamedEnumerators, AreToldApartFromOtherValuesOfTheirType) {
  static_assert(is_enumerator<Weather::raining_hard>());
  static_assert(is_enumerator<static_cast<Weather>(1)>());
  static_assert(!is_enumerator<static_cast<Weather>(3)>());
}

}  // namespace
}  // namespace portolan
