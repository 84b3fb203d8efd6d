// SPDX-License-Identifier: Apache-2.0
//
// QEMU 7.2's machine versions through the real binary: the counts of an independent implementation
// (scenarios/qemu/expected.json).

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;

const std::string data = PORTOLAN_SOURCE_DIR "/scenarios/qemu/";

class QemuSlow : public testing::TestWithParam<const char*> {};

TEST_P(QemuSlow, HasTheCountsOfAnIndependentImplementation) {
  const std::string family = GetParam();
  test::TemporaryFolder folder;
  const auto unpacked = test::run_program("/usr/bin/env", {"-C", folder.path().string(), "cmake", "-E", "tar",
                                                           "xJf", data + "migration-info.tar.xz"});
  ASSERT_EQ(unpacked.status, 0) << unpacked.err;
  const auto catalogue = folder / (family + ".yaml");
  std::filesystem::copy_file(data + family + ".yaml", catalogue);
  std::ifstream in(data + "expected.json");
  const Json expected = Json::parse(in).at(family);
  for (const auto* scheme : {"rfc-v3", "rfc-v3-strict"}) {
    const auto ended = test::run_program(
        PORTOLAN_BINARY, {"matrix", catalogue.string(), "--summary", "--json", "--scheme", scheme});
    ASSERT_EQ(ended.status, 0) << ended.err;
    const Json found = Json::parse(ended.out);
    EXPECT_EQ(found["implementations"].size(), expected["implementations"]);
    for (const auto& [name, count] : found["summary"].items())
      EXPECT_EQ(count, expected.at(name)) << scheme << " " << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, QemuSlow, testing::Values("pc-q35", "virt"));

}  // namespace
