#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are counted and not drawn from a state (rules.md §determinism): Philox4x32 with ten
// rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A stream is
// named by (seed, point, replication, purpose) and nothing else, so that no thread, and no other purpose, can
// change what it gives. Everything is integers and usable in constant evaluation.

#include <array>
#include <cassert>
#include <cstdint>

namespace portolan::sim::time {

__extension__ using Wide = unsigned __int128;

using Block = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

/// The bijection of the paper; tests hold it to its known answers.
constexpr Block philox(Block counter, Key key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0],
                        b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// What a stream is for. Numbers are part of every result: new purposes go to the end, old ones keep theirs.
enum class Purpose : std::uint16_t {
  operator_when,
  operator_what,
  duration,
  latency,
  state_bytes,
  dirty_rate,
  repair,
  fault_when,
  fault_where
};

/// What names a replication: 64 bits of seed, the point of a sweep (0 for a run), the number of the
/// replication.
struct StreamName {
  std::uint64_t seed = 0;
  std::uint32_t point = 0, replication = 0;
};

/// Thread-safe in that each object belongs to one thread and objects share nothing. 2^48 blocks of two
/// numbers each.
class Stream {
 public:
  constexpr Stream(const StreamName& name, Purpose purpose) : name_(name), purpose_(purpose) {}

  /// The next 64 bits.
  constexpr std::uint64_t next() {
    if (half_) {
      half_ = false;
      return second_;
    }
    assert(index_ >> 48 == 0 && "a stream is used up");
    const Block counter = {static_cast<std::uint32_t>(index_),
                           static_cast<std::uint32_t>(index_ >> 32) | static_cast<std::uint32_t>(purpose_)
                                                                          << 16,
                           name_.replication, name_.point};
    const Block block = philox(
        counter, {static_cast<std::uint32_t>(name_.seed), static_cast<std::uint32_t>(name_.seed >> 32)});
    ++index_;
    half_ = true;
    second_ = std::uint64_t{block[2]} << 32 | block[3];
    return std::uint64_t{block[0]} << 32 | block[1];
  }

  /// A whole number below `size`, each equally likely: multiplied and, where that would favour some, drawn
  /// again (Lemire, "Fast random integer generation in an interval", 2019).
  constexpr std::uint64_t below(std::uint64_t size) {
    assert(size > 0);
    const std::uint64_t unfair = (0 - size) % size;
    for (;;) {
      const Wide product = static_cast<Wide>(next()) * size;
      if (static_cast<std::uint64_t>(product) >= unfair) return static_cast<std::uint64_t>(product >> 64);
    }
  }

 private:
  StreamName name_;
  Purpose purpose_;
  std::uint64_t index_ = 0, second_ = 0;
  bool half_ = false;
};

}  // namespace portolan::sim::time
