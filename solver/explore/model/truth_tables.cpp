// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/truth_tables.hpp"

namespace portolan::solver::explore {

namespace {

// Tables with a place for every number: conditions are few tables, other tests are many.
constexpr unsigned test_table_bits = 12, condition_table_bits = 15;
constexpr TruthValue truth_values[] = {TruthValue::unknown, TruthValue::no, TruthValue::yes,
                                       TruthValue::undefined};

}  // namespace

std::uint32_t TestList::number_of(const std::vector<TermId>& conjuncts, const Readings& readings) {
  const auto [at, fresh] = numbers_.try_emplace(conjuncts, static_cast<std::uint32_t>(tests_.size()));
  if (fresh) tests_.push_back({conjuncts, readings});
  return at->second;
}

std::vector<std::uint32_t> TestList::tests_of(const std::vector<TermId>& conjuncts, bool condition) {
  std::vector<std::uint32_t> result;
  std::vector<TermId> group;
  Readings read;
  const auto close = [&] {
    if (!group.empty()) result.push_back(number_of(group, read));
    group.clear();
    read.clear();
  };
  for (const TermId conjunct : conjuncts) {
    Readings with = read;
    reader_.collect(conjunct, with);
    if (!group.empty() && reader_.bits(with) > test_bits_max && (!condition || with.size() > read.size())) {
      close();
      with.clear();
      reader_.collect(conjunct, with);
    }
    group.push_back(conjunct);
    read = std::move(with);
  }
  close();
  return result;
}

TruthTables::TruthTables(const TestList& tests, const std::vector<std::uint32_t>& conditions,
                         ValueNotes& notes, const Evaluation& evaluation, const Components& components,
                         std::mutex& filling)
    : evaluation_(evaluation), components_(components), filling_(filling), tables_(tests.size()) {
  const auto tabulate = [&](std::uint32_t test, unsigned table_bits) {
    Table& table = tables_[test];
    if (table.few || table.many) return;
    table.conjuncts = tests[test].conjuncts;
    table.number = notes.number(tests[test].readings, table_bits);
    if (table.number.bits <= table_bits)
      table.few = std::make_unique<std::atomic<TruthValue>[]>(std::size_t{1} << table.number.bits);
    else if (table.number.bits <= TableNumber::bits_max)
      table.many = std::make_unique<Cache<TruthValue>>(table.number.bits, 0);
  };
  for (const std::uint32_t test : conditions) tabulate(test, condition_table_bits);
  for (std::uint32_t test = 0; test < tables_.size(); ++test) tabulate(test, test_table_bits);
}

TruthValue TruthTables::evaluate(const Table& table, const Seen& seen, const Word* state) const {
  std::vector<Word> raw(components_.raw_words());
  components_.raw(state, raw.data());
  const TruthValue truth = evaluation_.conjunction(table.conjuncts, raw.data());
  const std::uint64_t number = table.number.of(seen);
  if (table.few) table.few[number].store(truth, std::memory_order_relaxed);
  if (table.many) {
    const std::lock_guard lock(filling_);
    if (table.many->find(number) == nullptr)
      table.many->fill(number, &truth_values[static_cast<std::size_t>(truth)]);
  }
  return truth;
}

std::uint64_t TruthTables::bytes() const {
  std::uint64_t result = 0;
  for (const Table& table : tables_)
    result +=
        (table.few ? std::uint64_t{1} << table.number.bits : 0) + (table.many ? table.many->bytes() : 0);
  return result;
}

}  // namespace portolan::solver::explore
