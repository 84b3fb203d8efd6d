#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A few threads that share the items of one piece of work after another. `each` returns when every item is
// done. Items are begun in increasing order; whoever calls takes part as worker 0, and with one worker no
// thread is made at all. Work must not throw.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace portolan::solver::explore {

class Workers {
 public:
  explicit Workers(unsigned count) {
    for (unsigned w = 1; w < count; ++w) threads_.emplace_back([this, w] { serve(w); });
  }
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    begun_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  unsigned count() const { return static_cast<unsigned>(threads_.size()) + 1; }

  /// f(worker, item) for every item below `items`. `alone`: too little to wake the others for.
  template <class F>
  void each(std::size_t items, bool alone, const F& f) {
    if (threads_.empty() || alone || items <= 1) {
      for (std::size_t i = 0; i < items; ++i) f(0u, i);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      call_ = [](const void* what, unsigned worker, std::size_t item) {
        (*static_cast<const F*>(what))(worker, item);
      };
      what_ = &f;
      items_ = items;
      next_.store(0, std::memory_order_relaxed);
      busy_ = threads_.size();
      ++round_;
    }
    begun_.notify_all();
    take(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begun_, done_;
  std::atomic<std::size_t> next_{0};
  void (*call_)(const void*, unsigned, std::size_t) = nullptr;
  const void* what_ = nullptr;
  std::size_t items_ = 0, busy_ = 0;
  std::uint64_t round_ = 0;
  bool ending_ = false;

  void take(unsigned worker) {
    for (std::size_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < items_;)
      call_(what_, worker, i);
  }
  void serve(unsigned worker) {
    std::uint64_t seen = 0;
    for (std::unique_lock lock(mutex_);;) {
      begun_.wait(lock, [&] { return ending_ || round_ != seen; });
      if (ending_) return;
      seen = round_;
      lock.unlock();
      take(worker);
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }
};

}  // namespace portolan::solver::explore
