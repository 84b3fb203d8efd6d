// SPDX-License-Identifier: Apache-2.0
//
// The bytes on the wire.

#include <gtest/gtest.h>

#include "vfio/user/messages.hpp"

namespace {

using namespace portolan;
using namespace portolan::vfio::user;

template <class T>
Bytes wire(const T& value) {
  Bytes bytes;
  append(bytes, value);
  return bytes;
}

TEST(Messages, LieInMemoryAsTheProtocolSays) {
  EXPECT_EQ(
      wire(Header{
          .id = 0x0201, .command = 0x0403, .size = 0x08070605, .flags = 0x0c0b0a09, .error = 0x100f0e0d}),
      (Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(wire(Feature{.argsz = 16, .flags = feature_get | feature_migration_state}),
            (Bytes{16, 0, 0, 0, 2, 0, 1, 0}));
  EXPECT_EQ(wire(Data{.argsz = 0x1008, .size = 0x1000}), (Bytes{8, 0x10, 0, 0, 0, 0x10, 0, 0}));
  EXPECT_EQ(wire(RegionAccess{.offset = 1, .region = 2, .count = 3}),
            (Bytes{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}));
}

TEST(Messages, AreNotDecodedFromTooFewBytes) {
  Bytes bytes(32, 0xff);
  for (std::size_t count = 0; count <= bytes.size(); ++count) {
    const ByteView view(bytes.data(), count);
    EXPECT_EQ(decode<Header>(view).has_value(), count >= 16);
    EXPECT_EQ(decode<RegionInfo>(view).has_value(), count >= 32);
    EXPECT_EQ(decode<Data>(view).has_value(), count >= 8);
    EXPECT_EQ(decode<VersionNumbers>(view).has_value(), count >= 4);
  }
}

TEST(Version, TellsWhatItWasGiven) {
  std::string why;
  const auto decoded = decode_version(
      encode_version({0, 3}, {.max_msg_fds = 8, .max_data_xfer_size = 12345, .pgsize = 65536}), why);
  ASSERT_TRUE(decoded) << why;
  EXPECT_EQ(decoded->first.minor, 3);
  EXPECT_EQ(decoded->second.max_msg_fds, 8u);
  EXPECT_EQ(decoded->second.max_data_xfer_size, 12345u);
  EXPECT_EQ(decoded->second.pgsize, 65536u);
}

Bytes version_of(std::string_view text, bool terminated = true) {
  Bytes bytes = wire(VersionNumbers{0, 0});
  bytes.insert(bytes.end(), text.begin(), text.end());
  if (terminated) bytes.push_back(0);
  return bytes;
}

TEST(Version, NeedsNoMember) {
  for (const char* text :
       {"", "{}", R"({"capabilities":{}})", R"({"capabilities":{"migration":{}},"more":[1,{"x":null}]})"}) {
    std::string why;
    const auto decoded = decode_version(version_of(text), why);
    ASSERT_TRUE(decoded) << text << ": " << why;
    EXPECT_EQ(decoded->second.max_data_xfer_size, transfer_bytes_default);
  }
  std::string why;
  EXPECT_TRUE(decode_version(wire(VersionNumbers{0, 0}), why));
}

TEST(Version, IsRefusedWithAReasonWhenItIsNone) {
  const std::vector<Bytes> wrong = {{},
                                    {0, 0, 0},
                                    version_of("{}", false),
                                    version_of("[]"),
                                    version_of("{"),
                                    version_of("\xff"),
                                    version_of(R"({"capabilities":[]})"),
                                    version_of(R"({"capabilities":{"max_data_xfer_size":1.5}})"),
                                    version_of(R"({"capabilities":{"max_data_xfer_size":0}})"),
                                    version_of(R"({"capabilities":{"max_msg_fds":99999999999999999999}})"),
                                    version_of(std::string(300, '[')),
                                    version_of(std::string(version_bytes_max, ' '))};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    std::string why;
    EXPECT_FALSE(decode_version(wrong[i], why)) << i;
    EXPECT_FALSE(why.empty()) << i;
  }
}

}  // namespace
