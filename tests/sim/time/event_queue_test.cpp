// SPDX-License-Identifier: Apache-2.0
#include "sim/time/event_queue.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sim/time/random.hpp"

namespace portolan::sim::time {
namespace {

TEST(EventQueue, GivesWhatIsDueFirst) {
  EventQueue<std::string> queue;
  queue.add(30, "c");
  queue.add(10, "a");
  queue.add(20, "b");
  std::string order;
  while (!queue.empty()) order += queue.take().what;
  EXPECT_EQ(order, "abc");
}

TEST(EventQueue, GivesWhatIsDueAtOnceInTheOrderInWhichItCame) {
  EventQueue<int> queue;
  Stream stream({1, 0, 1}, Purpose::duration);
  for (int k = 0; k < 1000; ++k) queue.add(static_cast<Time>(stream.below(5)), k);
  Time time = 0;
  int last = -1;
  while (!queue.empty()) {
    const auto entry = queue.take();
    if (entry.at != time) last = -1;
    EXPECT_GE(entry.at, time);
    EXPECT_GT(entry.what, last);
    time = entry.at;
    last = entry.what;
  }
}

}  // namespace
}  // namespace portolan::sim::time
