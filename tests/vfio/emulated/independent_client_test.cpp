// SPDX-License-Identifier: Apache-2.0
//
// The independent client of tests/vfio/peer against the real program.

#include <gtest/gtest.h>

#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace {

using portolan::test::run_program;

class EveryRequest : public testing::TestWithParam<const char*> {};

TEST_P(EveryRequest, EntersTheStatesOfThePath) {
  const portolan::test::TemporaryFolder folder;
  const auto ended =
      run_program("/usr/bin/env", {"python3", PORTOLAN_SOURCE_DIR "/tests/vfio/peer/drive_states.py",
                                   PORTOLAN_DEVICE, folder / "socket", GetParam()});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(ended.out, std::string("64 pairs with ") + GetParam() + "\n");
}

INSTANTIATE_TEST_SUITE_P(Flags, EveryRequest,
                         testing::Values("stop_copy", "stop_copy,p2p", "stop_copy,pre_copy",
                                         "stop_copy,p2p,pre_copy"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), ',', '_');
                           return name;
                         });

TEST(IndependentClient, FindsNothingThatTheDeviceShouldHaveRefused) {
  const portolan::test::TemporaryFolder folder;
  const auto ended =
      run_program("/usr/bin/env", {"python3", PORTOLAN_SOURCE_DIR "/tests/vfio/peer/drive_device.py",
                                   PORTOLAN_DEVICE, folder / "socket"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
}

}  // namespace
