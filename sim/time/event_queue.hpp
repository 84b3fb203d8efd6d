#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What is due when: a binary heap of entries by time; entries of the same time come out in the order in which
// they went in, so that the order is the same on every machine. Nothing is taken out before its time: whoever
// no longer wants an entry recognises it by a number of its own.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace portolan::sim::time {

using Time = std::int64_t;  ///< nanoseconds since the beginning of the simulation

template <class What>
class EventQueue {
 public:
  struct Entry {
    Time at = 0;
    std::uint64_t sequence = 0;
    What what;
  };

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Entry& next() const { return heap_.front(); }
  void add(Time at, What what) {
    heap_.push_back({at, ++sequence_, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Entry take() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    return entry;
  }

 private:
  static bool later(const Entry& a, const Entry& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  }
  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace portolan::sim::time
