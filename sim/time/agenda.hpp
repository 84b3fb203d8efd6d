#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Tasks that are to be done at their times, in the order of the event queue, and that can be called off: a
// task has a number while it waits, and the number's generation tells the queue's entry of a task that was
// called off from that of the next task which gets its number.

#include <optional>

#include "sim/time/event_queue.hpp"

namespace portolan::sim::time {

template <class Task>
class Agenda {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// The number of the task, until it is taken or called off.
  std::size_t add(Time at, Task task) {
    const std::size_t number = free_.empty() ? slots_.size() : free_.back();
    if (free_.empty())
      slots_.emplace_back();
    else
      free_.pop_back();
    queue_.add(at, {number, slots_[number].generation});
    slots_[number].task = std::move(task);
    return number;
  }
  void cancel(std::size_t number) {
    ++slots_[number].generation;
    free_.push_back(number);
  }
  /// One that waits.
  const Task& operator[](std::size_t number) const { return slots_[number].task; }

  /// When the next task is due; empty where none waits.
  std::optional<Time> next_at() {
    while (!queue_.empty() && slots_[queue_.next().what.number].generation != queue_.next().what.generation)
      queue_.take();
    return queue_.empty() ? std::nullopt : std::optional(queue_.next().at);
  }
  /// The task that `next_at` told of.
  Task take() {
    const std::size_t number = queue_.take().what.number;
    Task task = std::move(slots_[number].task);
    cancel(number);
    return task;
  }

 private:
  struct Slot {
    Task task;
    std::uint64_t generation = 0;
  };
  struct Due {
    std::size_t number = 0;
    std::uint64_t generation = 0;
  };
  EventQueue<Due> queue_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

}  // namespace portolan::sim::time
