#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The books of one VM's migrations: when one began and ended, how it came out, what it sent, and how long the
// guest ran nowhere between the two.

#include <utility>

#include "model/ports/events.hpp"
#include "sim/time/event_queue.hpp"

namespace portolan::sim::fleets {

class MigrationLog {
 public:
  bool open() const { return open_; }

  /// `row` says which VM, from where to where; `event` is the number of the event that began it.
  void begin(ports::MigrationRow row, std::int64_t event, bool guest_runs, time::Time now) {
    row_ = std::move(row);
    row_.first_event = event;
    row_.begin_ns = now;
    open_ = true;
    running_ = guest_runs;
    down_since_ = now;
  }
  /// Whether the guest runs anywhere from now on.
  void guest(bool runs, time::Time now) {
    if (open_ && running_ && !runs) down_since_ = now;
    if (open_ && !running_ && runs) row_.downtime_ns += now - down_since_;
    running_ = runs;
  }
  void sent(const ports::RoundRow& round) { row_.rounds.push_back(round); }
  ports::MigrationRow end(ports::MigrationOutcome outcome, std::int64_t event, time::Time now) {
    open_ = false;
    row_.outcome = outcome;
    row_.last_event = event;
    row_.end_ns = now;
    if (!running_) row_.downtime_ns += now - down_since_;
    return std::move(row_);
  }

 private:
  bool open_ = false, running_ = false;
  time::Time down_since_ = 0;
  ports::MigrationRow row_;
};

}  // namespace portolan::sim::fleets
