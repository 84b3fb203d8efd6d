#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the readers of components want to know of each value, worked out once when the value is met and kept
// beside it (ComponentValue::slots, ComponentValue::gates). First all that will be asked is said, table by
// table; what was said first lies first. Then values are described, one after another.

#include <map>
#include <memory>
#include <vector>

#include "solver/explore/model/gates.hpp"
#include "solver/explore/model/readings.hpp"

namespace portolan::solver::explore {

/// For each condition what components say of it alone: conjuncts by component. One bit a condition in every
/// component's slots, a *fact*.
using FactConjuncts = std::vector<std::map<std::size_t, std::vector<TermId>>>;

class ValueNotes {
 public:
  ValueNotes(const Terms& terms, const Packing& packing, const TermReader& reader, Components& components,
             const FactConjuncts& facts);

  /// Facts come before the slots, 32 to a word.
  std::size_t fact_words() const { return fact_words_; }
  /// Gives a table its place in the slots of the components that it reads. With more bits than `narrow` it
  /// goes by what occurs together; with more than TableNumber::bits_max even so it gets no place.
  TableNumber number(const Readings& readings, unsigned narrow = 64);
  /// A gate of the component, `asked` by action.
  SlotUse gate(std::size_t component, const std::vector<std::vector<TermId>>& asked);
  /// All was said that will be asked.
  void begin();

  /// Fills in what readers want to know of a value. Not thread-safe.
  void describe(std::size_t component, std::uint32_t value);
  std::uint64_t bytes() const { return arena_total_ + other_bytes_; }

 private:
  /// One number in the slots of a component's values.
  struct Slot {
    /// together: subterms side by side. counted: the number of what they are together among all that occurs.
    /// whole: the value's own number.
    enum class Form : std::uint8_t { together, counted, whole };
    std::vector<std::size_t> asked;  ///< positions in the terms of the component
    Form form = Form::together;
    std::map<std::vector<std::int64_t>, std::uint32_t> counted;
  };
  struct ComponentGate {
    std::vector<std::vector<std::size_t>> asked;  ///< by action, positions in the terms of the component
    OpenSets sets;
  };
  /// What is asked of every value of a component.
  struct ComponentQuestions {
    std::vector<TermId> terms;
    std::map<TermId, std::size_t> positions;
    std::vector<Slot> slots;
    std::vector<ComponentGate> gates;
    std::vector<std::vector<std::size_t>> facts;  ///< for each condition, positions in terms
    std::size_t position(TermId term);
  };
  struct TermValues {
    std::vector<std::int64_t> values;
    std::vector<bool> undefined;
  };
  struct alignas(64) Line {
    std::byte bytes[64];
  };

  const Terms& terms_;
  const Packing& packing_;
  const TermReader& reader_;
  Components& components_;
  const FactConjuncts& facts_;
  std::size_t fact_words_;
  std::vector<ComponentQuestions> questions_;  ///< by component
  std::vector<std::unique_ptr<Line[]>> arena_;
  std::size_t arena_used_ = 0, arena_size_ = 0, arena_total_ = 0;
  std::uint64_t other_bytes_ = 0;

  std::byte* reserve(std::size_t size);
  TermValues evaluated(const ComponentQuestions& questions, const Word* raw) const;
  std::uint32_t slot(const ComponentQuestions& questions, Slot& slot, std::uint32_t value,
                     const TermValues& of);
};

}  // namespace portolan::solver::explore
