#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How long things take in a scenario, for the simulator: the members `network`, `workload`, `durations`,
// `operator`, `simulation` and `faults.rates` (docs/formats/timing.md). Time is whole nanoseconds, sizes are
// bytes; nothing here is floating point. What may happen is decided by the module alone; this only says when.

#include <cstdint>
#include <map>
#include <span>
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

  /// With the defaults of the tables below; an action that is not there takes a second.
  Distribution duration(std::string_view action) const;
  std::uint64_t rate_ns(std::string_view fault) const;
  std::uint64_t weight(std::string_view action) const;
};

/// `messages`: how often the latency is added on top, once for each message that the step waits for.
struct UsualDuration {
  std::string_view action;
  std::uint64_t ns = 0;
  std::uint32_t messages = 0;
};
/// `each`: what has the clock, so that a fleet twice as large sees twice as many.
struct UsualRate {
  std::string_view fault;
  std::uint64_t ns = 0;
  std::string_view each;
};
struct UsualWeight {
  std::string_view action;
  std::uint64_t weight = 0;
};

// clang-format off
inline constexpr UsualDuration usual_durations[] = {
  { "create",                        1'000'000'000, 0 },
  { "open",                            100'000'000, 0 },
  { "run",                             100'000'000, 0 },
  { "power_cycle",                   5'000'000'000, 0 },
  { "destroy",                         100'000'000, 0 },
  { "set_param",                        10'000'000, 0 },
  { "migrate_begin",                    50'000'000, 2 },
  { "migrate_step.reinitialise",       500'000'000, 2 },
  { "migrate_step.prepare",             10'000'000, 2 },
  { "migrate_step.settle",               1'000'000, 2 },
  { "migrate_step.settle_p2p",           1'000'000, 2 },
  { "migrate_step.open",                50'000'000, 2 },
  { "migrate_step.pre_copy",             1'000'000, 0 },
  { "migrate_step.pause",                1'000'000, 0 },
  { "migrate_step.save_p2p",             1'000'000, 0 },
  { "migrate_step.pre_copy_p2p",         1'000'000, 0 },
  { "migrate_step.stop",                 1'000'000, 0 },
  { "migrate_step.save",                 1'000'000, 0 },
  { "migrate_step.load",                 5'000'000, 2 },
  { "migrate_step.refuse",               5'000'000, 2 },
  { "migrate_commit",                    1'000'000, 2 },
  { "migrate_step.wake_p2p",             1'000'000, 2 },
  { "migrate_step.wake",                 1'000'000, 2 },
  { "migrate_step.start",                1'000'000, 2 },
  { "migrate_step.rebuild",          5'000'000'000, 2 },
  { "migrate_end",                      50'000'000, 0 },
  { "migrate_abort",                30'000'000'000, 0 },
  { "migrate_step.back_to_stop",         1'000'000, 0 },
  { "migrate_step.back_to_p2p",          1'000'000, 0 },
  { "migrate_step.back_to_running",      1'000'000, 0 },
  { "migrate_step.resume",               1'000'000, 0 },
  { "migrate_end_aborted",              50'000'000, 0 },
  { "ask",                           1'000'000'000, 2 },
  { "drain",                           100'000'000, 0 },
  { "undrain",                         100'000'000, 0 },
  { "upgrade",                     600'000'000'000, 0 },
  { "downgrade",                   600'000'000'000, 0 },
  { "upgrade_live",                 60'000'000'000, 0 },
  { "adopt",                         1'000'000'000, 0 },
  { "host_recovers",               300'000'000'000, 0 },
  { "link_recovers",                60'000'000'000, 0 },
  { "source_dies",                   1'000'000'000, 0 },
  { "destination_dies",              1'000'000'000, 0 },
  { "destination_dies_early",        1'000'000'000, 0 },
  { "vm_dies",                       1'000'000'000, 0 },
};

inline constexpr UsualRate usual_rates[] = {
  { "host_fails",            2'592'000'000'000'000, "host" },
  { "link_fails",              864'000'000'000'000, "host" },
  { "device_error",             36'000'000'000'000, "vm" },
  { "device_error_source",      36'000'000'000'000, "vm" },
  { "answer_lost",               3'600'000'000'000, "vm" },
  { "answer_lost_loaded",        3'600'000'000'000, "vm" },
};

inline constexpr UsualWeight usual_weights[] = {
  { "create",         20 },
  { "open",          200 },
  { "run",           200 },
  { "power_cycle",     1 },
  { "destroy",         1 },
  { "set_param",       5 },
  { "migrate_begin",  40 },
  { "migrate_abort",   1 },
  { "drain",           4 },
  { "undrain",         4 },
  { "upgrade",        20 },
  { "downgrade",       2 },
  { "upgrade_live",    4 },
  { "adopt",         200 },
};
// clang-format on

/// How often the latency is added to an action.
std::uint32_t messages_of(std::string_view action);

}  // namespace portolan::fleet
