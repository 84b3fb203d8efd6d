#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Pre-copy: state is sent while the guest still runs and dirties it again. Round 1 sends the whole state;
// round k sends what was dirtied during round k-1, at most the whole state. It ends when the rest would take
// no longer than the downtime limit, or after the last round that is allowed; the rest is then sent while
// nobody runs. Whole bytes and nanoseconds, rounded so that nothing is ever sent too early.

#include <cassert>
#include <cstdint>

#include "sim/time/random.hpp"

namespace portolan::sim::time {

inline constexpr std::uint64_t second_ns = 1'000'000'000;

/// Rounded up. A transfer that would take longer than 146 years takes 146 years.
constexpr std::uint64_t transfer_ns(std::uint64_t bytes, std::uint64_t bytes_per_s) {
  assert(bytes_per_s > 0);
  const Wide ns = (static_cast<Wide>(bytes) * second_ns + bytes_per_s - 1) / bytes_per_s;
  constexpr std::uint64_t longest = std::uint64_t{1} << 62;
  return ns > longest ? longest : static_cast<std::uint64_t>(ns);
}

/// Rounded up, at most the whole state: a page that is dirtied twice is sent once.
constexpr std::uint64_t dirtied_bytes(std::uint64_t state_bytes, std::uint64_t dirty_bytes_per_s,
                                      std::uint64_t ns) {
  const Wide bytes = (static_cast<Wide>(dirty_bytes_per_s) * ns + second_ns - 1) / second_ns;
  return bytes > state_bytes ? state_bytes : static_cast<std::uint64_t>(bytes);
}

/// The copying of one migration. `begin` a round with the bandwidth that it gets, `end` it, until `done`; the
/// rest is `remaining`.
class PreCopy {
 public:
  PreCopy() = default;
  PreCopy(std::uint64_t state_bytes, std::uint64_t dirty_bytes_per_s, std::uint64_t downtime_max_ns,
          std::uint64_t rounds_max)
      : state_bytes_(state_bytes),
        dirty_bytes_per_s_(dirty_bytes_per_s),
        downtime_max_ns_(downtime_max_ns),
        rounds_max_(rounds_max),
        remaining_(state_bytes) {}

  /// How long the round takes that begins now.
  constexpr std::uint64_t begin(std::uint64_t bytes_per_s) {
    bytes_per_s_ = bytes_per_s;
    round_ns_ = transfer_ns(remaining_, bytes_per_s);
    return round_ns_;
  }
  /// The round is over: its bytes have arrived, and as many are dirty as the guest wrote meanwhile.
  constexpr void end() {
    ++rounds_;
    sent_ += remaining_;
    remaining_ = dirtied_bytes(state_bytes_, dirty_bytes_per_s_, round_ns_);
  }
  constexpr bool done() const { return rounds_ > 0 && (converged() || rounds_ >= rounds_max_); }
  /// The rest fits into the downtime limit, at the bandwidth of the last round.
  constexpr bool converged() const { return transfer_ns(remaining_, bytes_per_s_) <= downtime_max_ns_; }

  std::uint64_t remaining() const { return remaining_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t rounds() const { return rounds_; }
  std::uint64_t round_ns() const { return round_ns_; }

 private:
  std::uint64_t state_bytes_ = 0, dirty_bytes_per_s_ = 0, downtime_max_ns_ = 0, rounds_max_ = 1;
  std::uint64_t remaining_ = 0, sent_ = 0, rounds_ = 0, round_ns_ = 0, bytes_per_s_ = 1;
};

}  // namespace portolan::sim::time
