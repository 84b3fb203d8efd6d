#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How long the fleet's actions take, how often its faults come, and how often the operator picks an action,
// where a scenario does not say (docs/formats/timing.md, which lists these tables). Checked when it is
// compiled: each action has a duration or is a fault with a rate.

#include "model/fleet/vocabulary.hpp"

namespace portolan::fleet::usual {

namespace action = vocabulary::action;
namespace sort = vocabulary::sort;

/// Each action of the fleet but the faults has one. `messages`: how often the latency is added on top, once
/// for each message that the step waits for.
struct Duration {
  vocabulary::Action action;
  std::uint64_t ns = 0;
  std::uint32_t messages = 0;
};
/// Each fault has one. `each`: what has the clock, so that a fleet twice as large sees twice as many.
struct Rate {
  vocabulary::Action action;
  std::uint64_t ns = 0;
  vocabulary::Sort each;
};
/// Each action that the operator may take of himself has one.
struct Weight {
  vocabulary::Action action;
  std::uint64_t weight = 0;
};

// clang-format off
inline constexpr Duration durations[] = {
  { action::create,                        1'000'000'000, 0 },
  { action::open,                            100'000'000, 0 },
  { action::run,                             100'000'000, 0 },
  { action::power_cycle,                   5'000'000'000, 0 },
  { action::destroy,                         100'000'000, 0 },
  { action::set_param,                        10'000'000, 0 },
  { action::migrate_begin,                    50'000'000, 2 },
  { action::migrate_step_reinitialise,       500'000'000, 2 },
  { action::migrate_step_prepare,             10'000'000, 2 },
  { action::migrate_step_settle,               1'000'000, 2 },
  { action::migrate_step_settle_p2p,           1'000'000, 2 },
  { action::migrate_step_open,                50'000'000, 2 },
  { action::migrate_step_pre_copy,             1'000'000, 0 },
  { action::migrate_step_pause,                1'000'000, 0 },
  { action::migrate_step_save_p2p,             1'000'000, 0 },
  { action::migrate_step_pre_copy_p2p,         1'000'000, 0 },
  { action::migrate_step_stop,                 1'000'000, 0 },
  { action::migrate_step_save,                 1'000'000, 0 },
  { action::migrate_step_load,                 5'000'000, 2 },
  { action::migrate_step_refuse,               5'000'000, 2 },
  { action::migrate_commit,                    1'000'000, 2 },
  { action::migrate_step_wake_p2p,             1'000'000, 2 },
  { action::migrate_step_wake,                 1'000'000, 2 },
  { action::migrate_step_start,                1'000'000, 2 },
  { action::migrate_step_rebuild,          5'000'000'000, 2 },
  { action::migrate_end,                      50'000'000, 0 },
  { action::migrate_abort,                30'000'000'000, 0 },
  { action::migrate_step_back_to_stop,         1'000'000, 0 },
  { action::migrate_step_back_to_p2p,          1'000'000, 0 },
  { action::migrate_step_back_to_running,      1'000'000, 0 },
  { action::migrate_step_resume,               1'000'000, 0 },
  { action::migrate_end_aborted,              50'000'000, 0 },
  { action::ask,                           1'000'000'000, 2 },
  { action::drain,                           100'000'000, 0 },
  { action::undrain,                         100'000'000, 0 },
  { action::upgrade,                     600'000'000'000, 0 },
  { action::downgrade,                   600'000'000'000, 0 },
  { action::upgrade_live,                 60'000'000'000, 0 },
  { action::adopt,                         1'000'000'000, 0 },
  { action::host_recovers,               300'000'000'000, 0 },
  { action::link_recovers,                60'000'000'000, 0 },
  { action::source_dies,                   1'000'000'000, 0 },
  { action::destination_dies,              1'000'000'000, 0 },
  { action::destination_dies_early,        1'000'000'000, 0 },
  { action::vm_dies,                       1'000'000'000, 0 },
};

inline constexpr Rate rates[] = {
  { action::host_fails,            2'592'000'000'000'000, sort::host },
  { action::link_fails,              864'000'000'000'000, sort::host },
  { action::device_error,             36'000'000'000'000, sort::vm },
  { action::device_error_source,      36'000'000'000'000, sort::vm },
  { action::answer_lost,               3'600'000'000'000, sort::vm },
  { action::answer_lost_loaded,        3'600'000'000'000, sort::vm },
};

inline constexpr Weight weights[] = {
  { action::create,         20 },
  { action::open,          200 },
  { action::run,           200 },
  { action::power_cycle,     1 },
  { action::destroy,         1 },
  { action::set_param,       5 },
  { action::migrate_begin,  40 },
  { action::migrate_abort,   1 },
  { action::drain,           4 },
  { action::undrain,         4 },
  { action::upgrade,        20 },
  { action::downgrade,       2 },
  { action::upgrade_live,    4 },
  { action::adopt,         200 },
};
// clang-format on

/// The row of an action, or null.
template <class Row, std::size_t size>
constexpr const Row* row_of(const Row (&table)[size], std::string_view name) {
  for (const Row& row : table)
    if (row.action == name) return &row;
  return nullptr;
}

}  // namespace portolan::fleet::usual
