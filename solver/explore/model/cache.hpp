#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Answers by number, filled while a search runs. Few numbers have a place each, many are hashed. Whoever asks
// takes no lock; whoever fills holds one, and an answer never changes. A table that became too small is kept
// until the end: somebody may still be reading it.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace portolan::solver::explore {

template <class T>
class Cache {
 public:
  /// Numbers are below 2^bits; up to 2^direct of them have a place each.
  Cache(unsigned bits, unsigned direct) : direct_(bits <= direct) { make(direct_ ? bits : 6); }

  [[gnu::always_inline]] const T* find(std::uint64_t number) const {
    const Table& table = *table_.load(std::memory_order_acquire);
    if (direct_) return table.places[number].answer.load(std::memory_order_acquire);
    for (std::size_t at = spread(number) & table.mask;; at = (at + 1) & table.mask) {
      const Place& place = table.places[at];
      const T* answer = place.answer.load(std::memory_order_acquire);
      if (answer == nullptr || place.number == number) return answer;
    }
  }
  /// Under the owner's lock, for a number that is not there. The answer must stay where it is.
  void fill(std::uint64_t number, const T* answer) {
    Table* table = table_.load(std::memory_order_relaxed);
    if (direct_) {
      table->places[number].answer.store(answer, std::memory_order_release);
      ++used_;
      return;
    }
    if (used_ * 4 > table->mask * 3) {  // a table that is read by chance had better be small
      unsigned bits = 0;
      while ((std::size_t{2} << bits) <= table->mask + 1) ++bits;
      const Table& old = *table;
      table = make(bits + 1, false);
      for (std::size_t at = 0; at <= old.mask; ++at)
        if (const T* known = old.places[at].answer.load(std::memory_order_relaxed))
          put(*table, old.places[at].number, known);
      put(*table, number, answer);
      ++used_;
      table_.store(table, std::memory_order_release);
      return;
    }
    put(*table, number, answer);
    ++used_;
  }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const {
    std::uint64_t result = 0;
    for (const auto& table : tables_) result += (table->mask + 1) * sizeof(Place);
    return result;
  }

 private:
  struct Place {
    std::atomic<const T*> answer{nullptr};
    std::uint64_t number = 0;
  };
  struct Table {
    std::size_t mask = 0;
    std::unique_ptr<Place[]> places;
  };
  bool direct_;
  std::atomic<std::size_t> used_ = 0;
  std::atomic<Table*> table_{nullptr};
  std::vector<std::unique_ptr<Table>> tables_;

  static std::size_t spread(std::uint64_t number) {
    return static_cast<std::size_t>((number * std::uint64_t{0x9e3779b97f4a7c15u}) >> 32);
  }
  static void put(Table& table, std::uint64_t number, const T* answer) {
    std::size_t at = spread(number) & table.mask;
    while (table.places[at].answer.load(std::memory_order_relaxed) != nullptr) at = (at + 1) & table.mask;
    table.places[at].number = number;
    table.places[at].answer.store(answer, std::memory_order_release);
  }
  Table* make(unsigned bits, bool publish = true) {
    auto table = std::make_unique<Table>();
    table->mask = (std::size_t{1} << bits) - 1;
    table->places = std::make_unique<Place[]>(table->mask + 1);
    tables_.push_back(std::move(table));
    if (publish) table_.store(tables_.back().get(), std::memory_order_release);
    return tables_.back().get();
  }
};

}  // namespace portolan::solver::explore
