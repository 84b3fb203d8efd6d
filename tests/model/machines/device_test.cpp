// SPDX-License-Identifier: Apache-2.0
//
// The rule in words, derived a second way (judges.hpp): the arcs of rules.md §device are written once more,
// by hand, and every shortest path between all pairs is enumerated over them without the product's search.
#include <gtest/gtest.h>

#include "model/machines/device.hpp"
#include "model/machines/diagram.hpp"
#include "model/machines/paths.hpp"
#include "tests/model/machines/judges.hpp"

namespace portolan::machines {
namespace {

using judges::flag_sets;
using judges::Names;
using judges::path_by_hand;

template <class F>
void for_each_request(F f) {
  for (DeviceFlags flags : flag_sets)
    for (std::string_view from : device_states)
      for (std::string_view to : device_states) f(flags, *device_state_named(from), *device_state_named(to));
}

TEST(DeviceStateMachine, WalksTheShortestPathBetweenAllPairs) {
  int refused = 0;
  for_each_request([&](DeviceFlags flags, DeviceState from, DeviceState to) {
    const auto want = path_by_hand(flags, std::string(name_of(from)), std::string(name_of(to)));
    const auto got = path(flags, from, to);
    ASSERT_EQ(want.has_value(), got.has_value()) << name_of(from) << " to " << name_of(to);
    refused += !got;
    if (!got) {
      EXPECT_FALSE(next_hop(flags, from, to));
      return;
    }
    Names names;
    for (DeviceState state : *got) names.emplace_back(name_of(state));
    EXPECT_EQ(*want, names) << name_of(from) << " to " << name_of(to);
    EXPECT_EQ(*next_hop(flags, from, to), got->empty() ? from : got->front());
  });
  EXPECT_GT(refused, 60);
}

TEST(DeviceStateMachine, ReachesEveryRequestHopByHop) {
  for_each_request([&](DeviceFlags flags, DeviceState from, DeviceState to) {
    const auto whole = path(flags, from, to);
    if (!whole) return;
    DeviceState here = from;
    for (DeviceState state : *whole) {
      here = *next_hop(flags, here, to);
      EXPECT_EQ(here, state) << name_of(from) << " to " << name_of(to);
    }
    EXPECT_EQ(here, to);
  });
}

TEST(DeviceStateMachine, ReturnsADataFdExactlyWhenTheLastArcOpensASession) {
  for_each_request([&](DeviceFlags flags, DeviceState from, DeviceState to) {
    const auto want = path_by_hand(flags, std::string(name_of(from)), std::string(name_of(to)));
    bool opens = false;
    if (want && !want->empty()) {
      const std::string before = want->size() == 1 ? std::string(name_of(from)) : (*want)[want->size() - 2];
      opens = (judges::saving(want->back()) && !judges::saving(before)) || want->back() == "RESUMING";
    }
    EXPECT_EQ(opens, returns_data_fd(flags, from, to)) << name_of(from) << " to " << name_of(to);
  });
}

TEST(DeviceStateMachine, RefusesPreCopyWhenTheDeviceLacksIt) {
  EXPECT_FALSE(next_hop({true, false}, DeviceState::running, DeviceState::pre_copy));
  EXPECT_FALSE(next_hop({true, false}, DeviceState::pre_copy, DeviceState::pre_copy));
}

TEST(DeviceStateMachine, ThrowsThePreCopySessionAwayOnStop) {
  EXPECT_EQ(*path({false, true}, DeviceState::pre_copy, DeviceState::stop),
            (std::vector{DeviceState::running, DeviceState::stop}));
}

TEST(Diagrams, ShowEveryRowOfTheTable) {
  const std::string mermaid = diagram(device, DiagramFormat::mermaid);
  for (const rules::RowText& row : device_rows)
    EXPECT_NE(
        mermaid.find(std::string(row.from) + " --> " + std::string(row.to) + " : " + std::string(row.event)),
        std::string::npos)
        << row.from << row.to;
}

}  // namespace
}  // namespace portolan::machines
