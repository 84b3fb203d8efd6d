// SPDX-License-Identifier: Apache-2.0
#include "solver/smt/separate_process.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace portolan::solver::smt {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Ending = SeparateResult::Ending;

Clock::time_point in(std::chrono::milliseconds time) { return Clock::now() + time; }

/// After each test: nothing is left to wait for.
class SeparateProcess : public testing::Test {
 protected:
  void TearDown() override {
    errno = 0;
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    EXPECT_EQ(errno, ECHILD);
  }
};

TEST_F(SeparateProcess, GivesBackWhatTheFunctionReturns) {
  const std::string bytes("a\0b\n\xff", 5);
  const auto result = run_separately([&] { return bytes; }, in(10s));
  EXPECT_EQ(result.ending, Ending::answered) << result.reason;
  EXPECT_EQ(result.bytes, bytes);
}

TEST_F(SeparateProcess, GivesBackNothingWhereTheFunctionReturnsNothing) {
  const auto result = run_separately([] { return std::string(); }, in(10s));
  EXPECT_EQ(result.ending, Ending::answered) << result.reason;
  EXPECT_EQ(result.bytes, "");
}

TEST_F(SeparateProcess, GivesBackMoreThanAPipeHolds) {
  for (const std::size_t size : {65527u, 65528u, 65529u, 3'000'000u}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 % 251);
    const auto result = run_separately([&] { return bytes; }, in(10s));
    EXPECT_EQ(result.ending, Ending::answered) << result.reason;
    EXPECT_TRUE(result.bytes == bytes) << size;
  }
}

TEST_F(SeparateProcess, ChangesNothingHere) {
  int number = 1;
  const auto result = run_separately([&] { return std::to_string(++number); }, in(10s));
  EXPECT_EQ(result.bytes, "2");
  EXPECT_EQ(number, 1);
}

TEST_F(SeparateProcess, ReportsAChildThatCrashed) {
  const auto result = run_separately(
      []() -> std::string {
        kill(getpid(), SIGKILL);
        return "no";
      },
      in(10s));
  EXPECT_EQ(result.ending, Ending::failed);
  EXPECT_EQ(result.reason, "its process was ended by signal 9");
  const auto other = run_separately(
      []() -> std::string {
        std::signal(SIGABRT, SIG_DFL);
        std::abort();
      },
      in(10s));
  EXPECT_EQ(other.ending, Ending::failed);
  EXPECT_EQ(other.reason, "its process was ended by signal 6");
}

TEST_F(SeparateProcess, ReportsAChildThatEndedWithoutAnAnswer) {
  for (const auto& work :
       {std::function<std::string()>([]() -> std::string { _exit(0); }),
        std::function<std::string()>([]() -> std::string { throw std::runtime_error("no"); })}) {
    const auto result = run_separately(work, in(10s));
    EXPECT_EQ(result.ending, Ending::failed);
    EXPECT_EQ(result.reason, "its process ended without an answer");
  }
}

TEST_F(SeparateProcess, EndsAChildThatHangsInTime) {
  const auto begin = Clock::now();
  const auto busy = [] {
    for (std::atomic<int> turn = 0;;) ++turn;
    return std::string();
  };
  EXPECT_EQ(run_separately(busy, in(100ms)).ending, Ending::late);
  const auto deaf = [] {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
    for (;;) pause();
    return std::string();
  };
  EXPECT_EQ(run_separately(deaf, in(100ms)).ending, Ending::late);
  EXPECT_GE(Clock::now() - begin, 200ms);
  EXPECT_LT(Clock::now() - begin, 5s);
}

TEST_F(SeparateProcess, IsLateWithoutWorkingWhenTheDeadlineIsPast) {
  const auto hang = [] {
    for (;;) pause();
    return std::string();
  };
  EXPECT_EQ(run_separately(hang, Clock::now() - 1s).ending, Ending::late);
}

TEST_F(SeparateProcess, IsLateWhenTheChildsOwnTimerEndsIt) {
  const auto begin = Clock::now();
  const auto work = [] {
    const itimerval soon{{0, 0}, {0, 50'000}};
    setitimer(ITIMER_REAL, &soon, nullptr);
    for (;;) pause();
    return std::string();
  };
  EXPECT_EQ(run_separately(work, in(30s)).ending, Ending::late);
  EXPECT_LT(Clock::now() - begin, 10s);
}

TEST_F(SeparateProcess, GoesOnWaitingWhenASignalComes) {
  static std::atomic<int> seen;
  seen = 0;
  struct sigaction counting {
  }, before{};
  counting.sa_handler = [](int) { ++seen; };  // without SA_RESTART
  sigaction(SIGUSR1, &counting, &before);
  const pid_t here = getpid();
  const auto result = run_separately(
      [here] {
        for (int i = 0; i < 3; ++i) {
          usleep(20'000);
          kill(here, SIGUSR1);
        }
        usleep(20'000);
        return std::string("done");
      },
      in(10s));
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(result.bytes, "done");
  EXPECT_GE(seen, 1);
}

TEST_F(SeparateProcess, IsEndedBySignalsThatThisProcessTakes) {
  void (*const before)(int) = std::signal(SIGTERM, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &old);
  const auto result = run_separately(
      []() -> std::string {
        kill(getpid(), SIGTERM);
        return "no";
      },
      in(10s));
  sigprocmask(SIG_SETMASK, &old, nullptr);
  std::signal(SIGTERM, before);
  EXPECT_EQ(result.reason, "its process was ended by signal 15");
}

TEST_F(SeparateProcess, WritesNothingAndFlushesNothing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::printf("once ");  // in the buffer, which the child copies
  const auto result = run_separately(
      [] {
        std::printf("not this");
        std::fflush(stdout);
        std::fputs("nor this", stderr);
        return std::string("done");
      },
      in(10s));
  std::fflush(stdout);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "once ");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(result.bytes, "done");
}

}  // namespace
}  // namespace portolan::solver::smt
