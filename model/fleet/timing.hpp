#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How long things take in a scenario, for the simulator: the members `network`, `workload`, `durations`,
// `operator`, `simulation` and `faults.rates` (docs/formats/timing.md). Time is whole nanoseconds, sizes are
// bytes; nothing here is floating point. What may happen is decided by the module alone; this only says when.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace portolan::fleet {

/// constant a · uniform over the whole numbers a..b · exponential with mean a.
struct Distribution {
  enum class Kind : std::uint8_t { constant, uniform, exponential };
  Kind kind = Kind::constant;
  std::uint64_t a = 0, b = 0;
  friend bool operator==(const Distribution&, const Distribution&) = default;
};

/// No time, size or rate in a scenario is larger: sums of many of them stay below 2^63.
inline constexpr std::uint64_t quantity_max = std::uint64_t{1} << 53;

struct Timing {
  std::uint64_t bandwidth_bytes_per_s =
      1'250'000'000;  ///< of a host's link; migrations that share the link share it
  Distribution latency_ns{Distribution::Kind::exponential, 50'000};
  Distribution state_bytes{Distribution::Kind::uniform, 536'870'912, 2'147'483'648};
  Distribution dirty_bytes_per_s{Distribution::Kind::uniform, 50'000'000, 250'000'000};
  std::uint64_t downtime_max_ns = 300'000'000;  ///< pre-copy ends when the rest would take no longer
  std::uint64_t rounds_max = 30;                ///< or after so many rounds
  Distribution operator_interval_ns{Distribution::Kind::exponential, 10'000'000'000};
  std::uint64_t until_ns = 86'400'000'000'000;
  std::uint64_t events_max = 1'000'000;
  std::map<std::string, Distribution, std::less<>>
      durations;  ///< only what the scenario gives, by action or by its name before the dot
  std::map<std::string, std::uint64_t, std::less<>>
      rates_ns;  ///< only what the scenario gives: mean time between faults of a kind
  std::map<std::string, std::uint64_t, std::less<>>
      weights;  ///< only what the scenario gives: how often the operator picks an action

  /// With the defaults of usual_times.hpp; an action that is not there takes a second.
  Distribution duration(std::string_view action) const;
  std::uint64_t rate_ns(std::string_view fault) const;
  std::uint64_t weight(std::string_view action) const;
};

/// How often the latency is added to an action.
std::uint32_t messages_of(std::string_view action);

}  // namespace portolan::fleet
