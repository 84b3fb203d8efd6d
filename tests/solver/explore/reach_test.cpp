// SPDX-License-Identifier: Apache-2.0
//
// What can be reached from each node of a random graph, beside the fixpoint over its edges.

#include "solver/explore/search/reach.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/thorough.hpp"

namespace portolan::solver::explore {
namespace {

struct Graph {
  std::vector<std::vector<std::uint64_t>> next;
  std::vector<std::uint8_t> marks;
  std::size_t looks = 0;
  std::uint8_t& mark(std::uint64_t node) { return marks[node]; }
  template <class F>
  void each_next(std::uint64_t node, const F& f) {
    ++looks;
    for (const std::uint64_t to : next[node])
      if (!f(to)) return;
  }
};

const auto always = [] { return true; };

std::vector<std::uint8_t> fixpoint(const Graph& graph) {
  std::vector<std::uint8_t> reached = graph.marks;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t node = 0; node < reached.size(); ++node)
      for (const std::uint64_t to : graph.next[node]) {
        const auto both = static_cast<std::uint8_t>(reached[node] | reached[to]);
        changed = changed || both != reached[node];
        reached[node] = both;
      }
  }
  return reached;
}

void expect_the_fixpoint(Graph graph, unsigned all, bool from_the_end) {
  const std::vector<std::uint8_t> wanted = fixpoint(graph);
  Reaching reaching(graph, all);
  const std::size_t nodes = graph.next.size();
  for (std::size_t n = 0; n < nodes; ++n)
    ASSERT_TRUE(reaching.settle(from_the_end ? nodes - 1 - n : n, always));
  for (std::size_t n = 0; n < nodes; ++n)
    ASSERT_EQ(graph.marks[n] & Reach::conditions, wanted[n]) << "node " << n;
  ASSERT_LE(graph.looks, 2 * nodes) << "a node is looked at once, and once for each that was entered from it";
}

TEST(Reach, IsTheFixpointOnRandomGraphs) {
  std::mt19937_64 random(7);
  for (std::uint64_t round = 0; round < test::thorough(4000); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::size_t nodes = 1 + random() % 24, edges = random() % (3 * nodes);
    const unsigned conditions = 1 + random() % Reach::conditions_max;
    Graph graph{std::vector<std::vector<std::uint64_t>>(nodes), std::vector<std::uint8_t>(nodes)};
    for (std::size_t e = 0; e < edges; ++e) graph.next[random() % nodes].push_back(random() % nodes);
    unsigned all = 0;
    for (std::uint8_t& mark : graph.marks) {
      if (random() % 4 == 0) mark = static_cast<std::uint8_t>(1u << random() % conditions);
      all |= mark;
    }
    expect_the_fixpoint(graph, all, round % 2 == 0);
  }
}

TEST(Reach, GoesAlongALongWayWithoutRecursion) {
  constexpr std::size_t nodes = 200'000;
  Graph graph{std::vector<std::vector<std::uint64_t>>(nodes), std::vector<std::uint8_t>(nodes)};
  for (std::size_t n = 0; n + 1 < nodes; ++n) graph.next[n] = {n + 1};
  graph.marks[nodes / 2] = 1;
  graph.marks[nodes - 1] = 2;
  Reaching reaching(graph, 3);
  ASSERT_TRUE(reaching.settle(0, always));
  EXPECT_EQ(graph.marks[0] & Reach::conditions, 3);
  EXPECT_EQ(graph.marks[nodes / 2] & Reach::conditions, 3);
  ASSERT_TRUE(reaching.settle(nodes / 2 + 1, always));
  EXPECT_EQ(graph.marks[nodes / 2 + 1] & Reach::conditions, 2) << "what lies behind it is not reached";
}

TEST(Reach, SaysWhenItWasEnded) {
  Graph graph{std::vector<std::vector<std::uint64_t>>(100'000), std::vector<std::uint8_t>(100'000)};
  for (std::size_t n = 0; n + 1 < graph.next.size(); ++n) graph.next[n] = {n + 1};
  Reaching reaching(graph, 1);
  EXPECT_FALSE(reaching.settle(0, [] { return false; }));
}

}  // namespace
}  // namespace portolan::solver::explore
