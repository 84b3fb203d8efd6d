// SPDX-License-Identifier: Apache-2.0
#include "sim/time/agenda.hpp"

#include <gtest/gtest.h>

#include <string>

namespace portolan::sim::time {
namespace {

TEST(Agendas, GiveTheTasksInTheOrderOfTheirTimes) {
  Agenda<std::string> agenda;
  agenda.add(30, "c");
  agenda.add(10, "a");
  agenda.add(30, "d");
  agenda.add(20, "b");
  std::string order;
  while (agenda.next_at()) order += agenda.take();
  EXPECT_EQ(order, "abcd");
}

TEST(Agendas, ForgetWhatIsCalledOffAlsoWhereItsNumberIsUsedAgain) {
  Agenda<std::string> agenda;
  const std::size_t number = agenda.add(10, "off");
  agenda.cancel(number);
  EXPECT_EQ(agenda.add(20, "on"), number);
  EXPECT_EQ(agenda[number], "on");
  EXPECT_EQ(agenda.next_at(), Time{20});
  EXPECT_EQ(agenda.take(), "on");
  EXPECT_FALSE(agenda.next_at());
}

}  // namespace
}  // namespace portolan::sim::time
