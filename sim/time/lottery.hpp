#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A draw by weights, without putting back: each of what is left is drawn with a probability of its weight by
// the sum of their weights. Whole numbers, so that the same stream draws the same on every machine; what has
// no weight is never drawn.

#include <optional>
#include <span>
#include <vector>

#include "sim/time/random.hpp"

namespace portolan::sim::time {

///   for (Lottery lottery(groups, weights); const auto group = lottery.draw(stream);)
///     if (possible(*group)) return group;
class Lottery {
 public:
  /// `weights[t]` is the weight of ticket t; it has to live as long as the lottery.
  Lottery(std::vector<std::size_t> tickets, std::span<const std::uint64_t> weights)
      : left_(std::move(tickets)), weights_(weights) {
    for (const std::size_t ticket : left_) total_ += weights_[ticket];
  }

  /// Takes one out; empty, and without a draw from the stream, where nothing of any weight is left.
  std::optional<std::size_t> draw(Stream& stream) {
    if (total_ == 0) return std::nullopt;
    std::uint64_t at = stream.below(total_);
    std::size_t k = 0;
    for (; at >= weights_[left_[k]]; ++k) at -= weights_[left_[k]];
    const std::size_t drawn = left_[k];
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(k));
    total_ -= weights_[drawn];
    return drawn;
  }

 private:
  std::vector<std::size_t> left_;
  std::span<const std::uint64_t> weights_;
  std::uint64_t total_ = 0;
};

}  // namespace portolan::sim::time
