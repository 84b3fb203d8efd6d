// SPDX-License-Identifier: Apache-2.0
#include "sim/run/run.hpp"

namespace portolan::sim::run {

Run::Run(std::shared_ptr<const Blueprint> blueprint, const RunOptions& options, const std::atomic<bool>* stop)
    : blueprint_(std::move(blueprint)), options_(options), stop_(stop) {
  // Not `working_` in the loop: a thread that is done already counts it down.
  const unsigned threads = std::max(1u, std::min<unsigned>(options.threads, options.replications));
  working_ = threads;
  for (unsigned t = 0; t < threads; ++t) threads_.emplace_back([this] { work(); });
}

Run::~Run() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  emptied_.notify_all();
  threads_.clear();  // joins
}

void Run::work() {
  // Twice as many batches as threads may wait: enough to keep everybody busy, and a bound on memory.
  const std::size_t waiting_max = 2 * static_cast<std::size_t>(options_.threads) + 2;
  try {
    for (;;) {
      std::uint32_t number = 0;
      {
        const std::lock_guard lock(mutex_);
        if (abandoned_ || stopped() || next_replication_ > options_.replications) break;
        number = next_replication_++;
      }
      const auto replication = blueprint_->replicate({options_.seed, options_.point, number});
      for (bool ended = false; !ended;) {
        ports::Batch batch;
        batch.replication = number;
        // In pieces, so that a wish to stop is heard soon.
        for (std::size_t size = 0; !ended && size < batch_events && !stopped();)
          ended = replication->run(batch, size = std::min(batch_events, size + 500));
        std::unique_lock lock(mutex_);
        emptied_.wait(lock, [&] { return ready_.size() < waiting_max || abandoned_; });
        if (abandoned_) break;
        ready_.push_back(std::move(batch));
        filled_.notify_one();
        if (stopped()) break;
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
    abandoned_ = true;
    emptied_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  --working_;
  filled_.notify_all();
}

bool Run::next(ports::Batch& batch) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return !ready_.empty() || working_ == 0 || error_; });
  if (error_) std::rethrow_exception(error_);
  if (ready_.empty()) return false;
  batch = std::move(ready_.front());
  ready_.pop_front();
  emptied_.notify_one();
  return true;
}

}  // namespace portolan::sim::run
