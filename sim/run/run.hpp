#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// All replications of a run, by several threads, as the source that a store pulls. What a replication does
// depends on seed, point and number alone, so threads change only the order in which batches of different
// replications arrive; batches of one replication come in order, from one thread.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "sim/run/replication.hpp"

namespace portolan::sim::run {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint32_t point = 0;
  std::uint32_t replications = 1;
  unsigned threads = 1;
};

/// Events in a batch; a replication's last batch may hold fewer.
inline constexpr std::size_t batch_events = 10'000;

class Run : public ports::EventSource {
 public:
  /// `stop` ends the run early when it becomes true: no further batch then comes.
  Run(std::shared_ptr<const Blueprint> blueprint, const RunOptions& options,
      const std::atomic<bool>* stop = nullptr);
  ~Run() override;

  std::span<const std::string> names() const override { return blueprint_->names(); }
  /// Throws what a replication threw (Disagreement).
  bool next(ports::Batch& batch) override;

 private:
  std::shared_ptr<const Blueprint> blueprint_;
  RunOptions options_;
  const std::atomic<bool>* stop_;
  std::mutex mutex_;
  std::condition_variable filled_, emptied_;
  std::deque<ports::Batch> ready_;
  std::uint32_t next_replication_ = 1;
  unsigned working_ = 0;
  bool abandoned_ = false;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;

  void work();
  bool stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }
};

}  // namespace portolan::sim::run
