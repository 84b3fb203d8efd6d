// SPDX-License-Identifier: Apache-2.0
//
// Bounds and progress where no search runs yet: while the input is read. A FIFO whose writer writes nothing
// stands for an input that takes long.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/support/background.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

namespace portolan::test {
namespace {

using testing::HasSubstr;

class SlowInput : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    writer_ = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(writer_, 0);
  }
  void TearDown() override { ::close(writer_); }

  TemporaryFolder folder;
  const std::string fifo = folder / "slow.yaml";

 private:
  int writer_ = -1;
};

TEST_F(SlowInput, EndsAtTheTimeOfTheCommand) {
  for (const char* command : {"explore", "plan"}) {
    const Ended ended = run_program(PORTOLAN_BINARY, {command, fifo, "--time", "500ms", "--no-store"});
    EXPECT_EQ(ended.status, 3) << command;
    EXPECT_THAT(ended.err, HasSubstr("portolan: ended at --time: the input takes longer")) << command;
    EXPECT_EQ(ended.out, "") << command;
  }
}

TEST_F(SlowInput, HearsTheFirstSignal) {
  Background child(PORTOLAN_BINARY, {"explore", fifo, "--no-store"});
  ::usleep(300'000);
  EXPECT_EQ(child.end(SIGINT), 130);
}

TEST_F(SlowInput, IsToldAsProgress) {
  const Ended ended =
      run_program(PORTOLAN_BINARY, {"explore", fifo, "--time", "4s", "--no-store", "--progress", "json"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("{\"phase\":\"reading the scenario\",\"seconds\":"));
}

}  // namespace
}  // namespace portolan::test
