#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Conjunctions of conditions that neither rows nor gates nor facts decide, as *tests*: tables of truth
// values, by the classes of values that the conjuncts read, filled by the terms themselves when a state first
// asks.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "solver/explore/model/cache.hpp"
#include "solver/explore/model/value_notes.hpp"

namespace portolan::solver::explore {

/// The tests that a model has, each once. They keep their numbers for ever.
class TestList {
 public:
  struct Test {
    std::vector<TermId> conjuncts;
    Readings readings;
  };

  explicit TestList(TermReader& reader) : reader_(reader) {}

  /// Neighbours share a test as long as a small table holds what they read; and those of a condition over
  /// states (not a guard) where they read the same components. Gives the tests' numbers, in order.
  std::vector<std::uint32_t> tests_of(const std::vector<TermId>& conjuncts, bool condition = false);

  std::size_t size() const { return tests_.size(); }
  const Test& operator[](std::uint32_t number) const { return tests_[number]; }

 private:
  TermReader& reader_;
  std::vector<Test> tests_;
  std::map<std::vector<TermId>, std::uint32_t> numbers_;

  std::uint32_t number_of(const std::vector<TermId>& conjuncts, const Readings& readings);
};

/// What the values that an action writes depend on may tell so many bits of cases more apart; and so many may
/// share a test.
inline constexpr unsigned test_bits_max = 12;

/// Their tables. Several threads may ask at the same time.
class TruthTables {
 public:
  /// Tests of `conditions` get their slots first: every state needs them, and they are then near to each
  /// other. `filling` is held while a table is changed.
  TruthTables(const TestList& tests, const std::vector<std::uint32_t>& conditions, ValueNotes& notes,
              const Evaluation& evaluation, const Components& components, std::mutex& filling);

  /// Of all these tests together, in order, up to the first that is not true.
  TruthValue all_of(const std::vector<std::uint32_t>& tests, const Seen& seen, const Word* state) const {
    for (const std::uint32_t t : tests) {
      const Table& table = tables_[t];
      TruthValue truth = TruthValue::unknown;
      if (table.few) [[likely]]
        truth = table.few[table.number.of(seen)].load(std::memory_order_relaxed);
      else if (const TruthValue* known = table.many ? table.many->find(table.number.of(seen)) : nullptr)
        truth = *known;
      if (truth == TruthValue::unknown) [[unlikely]]
        truth = evaluate(table, seen, state);
      if (truth != TruthValue::yes) return truth;
    }
    return TruthValue::yes;
  }
  /// Of one test, from its terms.
  TruthValue evaluate(std::uint32_t test, const Word* raw) const {
    return evaluation_.conjunction(tables_[test].conjuncts, raw);
  }
  std::uint64_t bytes() const;

 private:
  struct Table {
    TableNumber number;
    std::vector<TermId> conjuncts;
    std::unique_ptr<std::atomic<TruthValue>[]> few;  ///< with a place for each number
    std::unique_ptr<Cache<TruthValue>> many;  ///< where that would be large; neither: ask the conjuncts
  };
  const Evaluation& evaluation_;
  const Components& components_;
  std::mutex& filling_;
  std::vector<Table> tables_;

  TruthValue evaluate(const Table& table, const Seen& seen, const Word* state) const;
};

}  // namespace portolan::solver::explore
