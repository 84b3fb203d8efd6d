// SPDX-License-Identifier: Apache-2.0
#include "model/support/name.hpp"

#include <gmock/gmock.h>

namespace portolan {
namespace {

using testing::HasSubstr;

TEST(Names, AreOneFileNameAndWhatIsSeenOfThem) {
  for (const char* good : {"web", "vm-1", "a.b", "...", "web server", "größe", "-x", "=x"})
    EXPECT_EQ(wrong_with_name(good), "") << good;
  EXPECT_EQ(wrong_with_name(std::string(64, 'x')), "");
  EXPECT_THAT(wrong_with_name(std::string(65, 'x')), HasSubstr("has 65 bytes"));
  EXPECT_THAT(wrong_with_name(""), HasSubstr("is empty"));
  for (const char* folder : {".", ".."}) EXPECT_THAT(wrong_with_name(folder), HasSubstr("means a folder"));
  for (const char* path : {"../../x", "/x", "a/b", "x/"})
    EXPECT_THAT(wrong_with_name(path), HasSubstr("has a slash")) << path;
  for (const char* hidden : {"a\x1b[31mb", "a\nb", "a\tb", "a\x7f", "a\u0085b", "a\u202eb", "a\xff"})
    EXPECT_THAT(wrong_with_name(hidden), HasSubstr("has a control or invisible character"));
  EXPECT_THAT(wrong_with_name(std::string_view("a\0b", 3)), HasSubstr("control or invisible"));
}

}  // namespace
}  // namespace portolan
