// SPDX-License-Identifier: Apache-2.0
//
// Which process answers behind a socket: a listening socket outlives processes, so its path says nothing.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/support/temporary.hpp"
#include "vfio/emulated/server.hpp"
#include "vfio/execution/end.hpp"
#include "vfio/user/device.hpp"

namespace portolan::vfio::user {
namespace {

/// A process that serves a new device on a socket that it did not make.
class Served {
 public:
  explicit Served(Listener& listener) : process_(fork()) {
    if (process_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    emulated::DeviceSettings settings;
    settings.model = "example.org/device";
    settings.now_ns = [] { return std::uint64_t{0}; };
    settings.log = [](const std::string&) {};
    emulated::Device device(settings);
    emulated::Server(device, transfer_bytes_default, -1).serve(listener);
    _exit(0);
  }
  ~Served() { end(); }
  void end() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  pid_t id() const { return process_; }

 private:
  pid_t process_;
};

TEST(Instances, AreProcessesAndNotSockets) {
  const test::TemporaryFolder folder;
  auto listener = Listener::at(folder / "a.sock");
  ASSERT_TRUE(listener);
  Served first(*listener);
  auto device = Device::open(folder / "a.sock", {});
  ASSERT_TRUE(device) << to_string(device.error());
  const std::string instance = (*device)->instance();
  EXPECT_THAT(instance, testing::StartsWith(std::to_string(first.id()) + " "));
  execution::End end(**device);
  ASSERT_TRUE(end.go(machines::DeviceState::resuming));
  EXPECT_TRUE(end.same_for_certain());

  first.end();
  Served second(*listener);
  EXPECT_FALSE(end.go(machines::DeviceState::running));
  ASSERT_TRUE(end.lost());
  const auto again = end.reopen();
  ASSERT_FALSE(again);
  EXPECT_TRUE(dead(again.error())) << to_string(again.error());
  EXPECT_THAT((*device)->instance(), testing::StartsWith(std::to_string(second.id()) + " "));
  EXPECT_FALSE(end.same_for_certain());
  EXPECT_FALSE(end.reset()) << "the fresh one is told nothing";
  EXPECT_EQ((*device)->state().value(), machines::DeviceState::running);
}

TEST(Instances, AreTheSameAfterAConnectionWasLost) {
  const test::TemporaryFolder folder;
  auto listener = Listener::at(folder / "a.sock");
  ASSERT_TRUE(listener);
  const Served served(*listener);
  auto device = Device::open(folder / "a.sock", {});
  ASSERT_TRUE(device) << to_string(device.error());
  execution::End end(**device);
  EXPECT_TRUE(end.reopen());
  EXPECT_TRUE(end.same_for_certain());
}

}  // namespace
}  // namespace portolan::vfio::user
