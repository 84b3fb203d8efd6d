#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The backward pass of *eventually*: from which states can a condition be reached? What leads to a state is
// not kept, so that the states are gone through depth first instead, each along the way on which the pass
// comes to it. Everything on the way, and everything that leads back to it, reaches what its top reaches. So
// the way ends as soon as its top is known to reach every condition, and a strongly connected component that
// is done (Gabow's algorithm, by the path) reaches what was found from it. A state is expanded once, and
// again for each way that went on from it and came back without everything.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace portolan::solver::explore {

/// A byte for each state: a bit for each condition that is known to be reached from it, and where the pass
/// stands.
struct Reach {
  static constexpr unsigned conditions_max = 6;
  static constexpr std::uint8_t open = 1u << 6, done = 1u << 7, conditions = open - 1;
};

/// Graph: `std::uint8_t& mark(node)`, for a node of 64 bits, and `each_next(node, f)`, which calls f(next) in
/// an order that stays the same until one answer is false.
template <class Graph>
class Reaching {
 public:
  using Node = std::uint64_t;

  /// `all`: the conditions that hold somewhere; what a node satisfies by itself is marked.
  Reaching(Graph& graph, unsigned all) : graph_(graph), all_(static_cast<std::uint8_t>(all)) {}

  /// Marks everything that can be reached from the node. `goes_on()` is asked now and then; false ends the
  /// pass, which is not complete then.
  template <class GoesOn>
  bool settle(Node root, const GoesOn& goes_on) {
    if (known(graph_.mark(root))) return true;
    enter(root);
    while (!way_.empty()) {
      if (++steps_ % steps_a_look == 0 && !goes_on()) return false;
      Step& top = way_.back();
      std::uint32_t at = 0;
      Node child = 0;
      enum { left, deeper, everything } then = left;
      graph_.each_next(top.node, [&](Node next) {
        if (at++ < top.looked_at) return true;
        top.looked_at = at;
        const std::uint8_t mark = graph_.mark(next);
        if (!known(mark) && (mark & Reach::open) == 0) {
          child = next;
          then = deeper;
          return false;
        }
        if ((mark & Reach::open) != 0) {
          for (const std::uint32_t number = numbers_.find(next)->second; bounds_.back() > number;)
            bounds_.pop_back();
          gain(graph_.mark(opened_[bounds_.back()]));
        } else {
          gain(mark);
        }
        if (!complete(graph_.mark(top.node))) return true;
        then = everything;
        return false;
      });
      if (then == left) {
        close();
      } else if (then == everything || complete(gain(graph_.mark(child)))) {
        for (const Node node : opened_) graph_.mark(node) = static_cast<std::uint8_t>(all_ | Reach::done);
        opened_.clear();
        bounds_.clear();
        numbers_.clear();
        way_.clear();
      } else {
        enter(child);
      }
    }
    return true;
  }
  /// Held now.
  std::uint64_t bytes() const {
    return way_.capacity() * sizeof(Step) + opened_.capacity() * sizeof(Node) +
           bounds_.capacity() * sizeof(std::uint32_t) +
           numbers_.bucket_count() * (sizeof(std::pair<Node, std::uint32_t>) + 1);
  }
  /// The most that can be held at once before `goes_on` is asked again.
  std::uint64_t bytes_soon() const {
    const auto soon = [](std::size_t size, std::size_t capacity, std::size_t each) {
      return (size + steps_a_look <= capacity ? capacity : capacity + std::bit_ceil(size + steps_a_look)) *
             each;  // the old and the new place of a vector
    };
    return soon(way_.size(), way_.capacity(), sizeof(Step)) +
           soon(opened_.size(), opened_.capacity(), sizeof(Node)) +
           soon(bounds_.size(), bounds_.capacity(), sizeof(std::uint32_t)) +
           soon(numbers_.size(), numbers_.max_load(), sizeof(std::pair<Node, std::uint32_t>) + 1) * 8 / 7;
  }

 private:
  static constexpr std::uint64_t steps_a_look = 4096;
  struct Step {
    Node node;
    std::uint32_t looked_at = 0;  ///< of its next states
  };

  Graph& graph_;
  std::uint8_t all_;
  std::vector<Step> way_;
  std::vector<Node> opened_;  ///< nodes whose component is not done, as they came
  std::vector<std::uint32_t>
      bounds_;  ///< positions in opened_ at which components begin, as far as is known; each is on the way
  boost::unordered_flat_map<Node, std::uint32_t> numbers_;  ///< positions in opened_
  std::uint64_t steps_ = 0;

  bool complete(std::uint8_t mark) const { return (mark & all_) == all_; }
  bool known(std::uint8_t mark) const { return (mark & Reach::done) != 0 || complete(mark); }
  void enter(Node node) {
    const auto number = static_cast<std::uint32_t>(opened_.size());
    graph_.mark(node) = static_cast<std::uint8_t>(graph_.mark(node) | Reach::open);
    numbers_.emplace(node, number);
    opened_.push_back(node);
    bounds_.push_back(number);
    way_.push_back({node});
  }
  /// The top reaches what `mark` says, and so does the whole way, which already reaches whatever something
  /// above it does. Gives what the top reaches.
  std::uint8_t gain(std::uint8_t mark) {
    const auto bits = static_cast<std::uint8_t>(mark & all_);
    for (auto step = way_.rbegin(); step != way_.rend(); ++step) {
      std::uint8_t& known = graph_.mark(step->node);
      if ((bits & ~known) == 0) break;
      known = static_cast<std::uint8_t>(known | bits);
    }
    return graph_.mark(way_.back().node);
  }
  /// The top has nothing more to look at.
  void close() {
    const Node node = way_.back().node;
    way_.pop_back();
    if (opened_[bounds_.back()] != node) return;
    const std::uint8_t reached =
        static_cast<std::uint8_t>((graph_.mark(node) & Reach::conditions) | Reach::done);
    for (std::size_t o = bounds_.back(); o < opened_.size(); ++o) {
      graph_.mark(opened_[o]) = reached;
      numbers_.erase(opened_[o]);
    }
    opened_.resize(bounds_.back());
    bounds_.pop_back();
  }
};

}  // namespace portolan::solver::explore
