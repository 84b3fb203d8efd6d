// SPDX-License-Identifier: Apache-2.0
//
// The rule in words, derived a second way: the arcs of machines.md §1 are written here once more, by hand, and every
// shortest path between all pairs is enumerated over them without the product's search.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/machines/device.hpp"
#include "model/machines/diagram.hpp"
#include "model/machines/paths.hpp"

namespace portolan::machines {
namespace {

using Names = std::vector<std::string>;

std::set<std::pair<std::string, std::string>> arcs_by_hand(DeviceFlags flags) {
  std::set<std::pair<std::string, std::string>> arcs;
  const auto both = [&](const char* a, const char* b) { arcs.insert({a, b}); arcs.insert({b, a}); };
  both("STOP", "STOP_COPY");
  both("STOP", "RESUMING");
  if (!flags.p2p) both("RUNNING", "STOP");
  if (flags.p2p) { both("RUNNING", "RUNNING_P2P"); both("RUNNING_P2P", "STOP"); }
  if (flags.pre_copy) both("RUNNING", "PRE_COPY");
  if (flags.pre_copy && !flags.p2p) arcs.insert({"PRE_COPY", "STOP_COPY"});
  if (flags.pre_copy && flags.p2p) {
    both("PRE_COPY", "PRE_COPY_P2P");
    both("RUNNING_P2P", "PRE_COPY_P2P");
    arcs.insert({"PRE_COPY_P2P", "STOP_COPY"});
  }
  return arcs;
}

bool saving(const std::string& state) { return state == "PRE_COPY" || state == "PRE_COPY_P2P" || state == "STOP_COPY"; }

/// All shortest simple paths, by trying every simple path.
void extend(const std::set<std::pair<std::string, std::string>>& arcs, const std::string& to, Names& at, std::vector<Names>& found) {
  if (at.back() == to) { found.push_back(at); return; }
  for (const auto& [a, b] : arcs) {
    if (a != at.back() || std::find(at.begin(), at.end(), b) != at.end()) continue;
    at.push_back(b);
    extend(arcs, to, at, found);
    at.pop_back();
  }
}

std::optional<Names> path_by_hand(DeviceFlags flags, const std::string& from, const std::string& to) {
  const auto arcs = arcs_by_hand(flags);
  std::set<std::string> known;
  for (const auto& [a, b] : arcs) known.insert({a, b});
  if (!known.count(from) || !known.count(to)) return std::nullopt;
  if (from == to) return Names{};
  if (from == "STOP_COPY" && (to == "PRE_COPY" || to == "PRE_COPY_P2P")) return std::nullopt;
  std::vector<Names> all, kept;
  Names at{from};
  extend(arcs, to, at, all);
  for (const Names& path : all) {
    bool interior_saving = false;
    for (std::size_t i = 1; i + 1 < path.size(); ++i) interior_saving |= saving(path[i]);
    if (!interior_saving || path == Names{"PRE_COPY", "PRE_COPY_P2P", "STOP_COPY"}) kept.push_back(path);
  }
  if (kept.empty()) return std::nullopt;
  const auto shortest = std::min_element(kept.begin(), kept.end(), [](const Names& a, const Names& b) { return a.size() < b.size(); });
  EXPECT_EQ(std::count_if(kept.begin(), kept.end(), [&](const Names& p) { return p.size() == shortest->size(); }), 1) << from << " to " << to;
  return Names(shortest->begin() + 1, shortest->end());
}

constexpr DeviceFlags flag_sets[] = {{false, false}, {true, false}, {false, true}, {true, true}};

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
    if (!got) { EXPECT_FALSE(next_hop(flags, from, to)); return; }
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
      opens = (saving(want->back()) && !saving(before)) || want->back() == "RESUMING";
    }
    EXPECT_EQ(opens, returns_data_fd(flags, from, to)) << name_of(from) << " to " << name_of(to);
  });
}

TEST(DeviceStateMachine, RefusesPreCopyWhenTheDeviceLacksIt) {
  EXPECT_FALSE(next_hop({true, false}, DeviceState::running, DeviceState::pre_copy));
  EXPECT_FALSE(next_hop({true, false}, DeviceState::pre_copy, DeviceState::pre_copy));
}

TEST(DeviceStateMachine, ThrowsThePreCopySessionAwayOnStop) {
  EXPECT_EQ(*path({false, true}, DeviceState::pre_copy, DeviceState::stop), (std::vector{DeviceState::running, DeviceState::stop}));
}

TEST(Diagrams, ShowEveryRowOfTheTable) {
  const std::string mermaid = diagram(device, DiagramFormat::mermaid);
  for (const rules::RowText& row : device_rows)
    EXPECT_NE(mermaid.find(std::string(row.from) + " --> " + std::string(row.to) + " : " + std::string(row.event)), std::string::npos) << row.from << row.to;
}

}  // namespace
}  // namespace portolan::machines
