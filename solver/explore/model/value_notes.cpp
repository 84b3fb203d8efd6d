// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/value_notes.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace portolan::solver::explore {

ValueNotes::ValueNotes(const Terms& terms, const Packing& packing, const TermReader& reader,
                       Components& components, const FactConjuncts& facts)
    : terms_(terms),
      packing_(packing),
      reader_(reader),
      components_(components),
      facts_(facts),
      fact_words_((facts.size() + 31) / 32),
      questions_(components.count()) {}

std::size_t ValueNotes::ComponentQuestions::position(TermId term) {
  const auto [at, fresh] = positions.try_emplace(term, terms.size());
  if (fresh) terms.push_back(term);
  return at->second;
}

TableNumber ValueNotes::number(const Readings& readings, unsigned narrow) {
  TableNumber made;
  made.bits = reader_.bits(readings);
  const bool counted = made.bits > narrow;
  if (counted) made.bits = reader_.whole_bits(readings);
  if (made.bits > TableNumber::bits_max) return made;
  unsigned shift = 0;
  for (const auto& [component, reading] : readings) {
    const unsigned whole = components_.width(component);
    const unsigned width = counted ? whole : reader_.bits(component, reading);
    if (width == 0) continue;
    ComponentQuestions& questions = questions_[component];
    Slot slot;
    if (counted) slot.form = Slot::Form::counted;
    if (reading.whole || (!counted && width == whole)) slot.form = Slot::Form::whole;
    if (slot.form != Slot::Form::whole)
      for (const TermId term : reading.subterms) slot.asked.push_back(questions.position(term));
    const auto same = std::find_if(questions.slots.begin(), questions.slots.end(), [&](const Slot& s) {
      return s.form == slot.form && s.asked == slot.asked;
    });
    made.uses.push_back(
        {static_cast<std::uint32_t>(component),
         static_cast<std::uint32_t>(fact_words_ + static_cast<std::size_t>(same - questions.slots.begin())),
         shift});
    if (same == questions.slots.end()) questions.slots.push_back(std::move(slot));
    shift += width;
  }
  return made;
}

SlotUse ValueNotes::gate(std::size_t component, const std::vector<std::vector<TermId>>& asked) {
  ComponentQuestions& questions = questions_[component];
  const SlotUse use{static_cast<std::uint32_t>(component), static_cast<std::uint32_t>(questions.gates.size()),
                    0};
  ComponentGate& gate = questions.gates.emplace_back();
  gate.asked.resize(asked.size());
  for (std::size_t action = 0; action < asked.size(); ++action)
    for (const TermId term : asked[action]) gate.asked[action].push_back(questions.position(term));
  return use;
}

void ValueNotes::begin() {
  for (std::size_t c = 0; c < questions_.size(); ++c) {
    for (const auto& by_component : facts_) {
      std::vector<std::size_t>& positions = questions_[c].facts.emplace_back();
      const auto found = by_component.find(c);
      if (found == by_component.end()) continue;
      for (const TermId term : found->second) positions.push_back(questions_[c].position(term));
    }
  }
}

/// In one piece, which begins where a line of a cache does, if it is as long.
std::byte* ValueNotes::reserve(std::size_t size) {
  const std::size_t line = std::min<std::size_t>(64, std::bit_ceil(std::max(size, sizeof(Word))));
  arena_used_ = (arena_used_ + line - 1) / line * line;
  if (arena_.empty() || arena_used_ + size > arena_size_) {
    arena_size_ = std::max<std::size_t>(size, 1u << 14);
    arena_total_ += arena_size_;
    arena_used_ = 0;
    arena_.push_back(std::make_unique<Line[]>((arena_size_ + sizeof(Line) - 1) / sizeof(Line)));
  }
  std::byte* const place = reinterpret_cast<std::byte*>(arena_.back().get()) + arena_used_;
  arena_used_ += size;
  return place;
}

ValueNotes::TermValues ValueNotes::evaluated(const ComponentQuestions& questions, const Word* raw) const {
  TermValues of{std::vector<std::int64_t>(questions.terms.size()), std::vector<bool>(questions.terms.size())};
  for (std::size_t t = 0; t < questions.terms.size(); ++t) {
    bool without = false;
    of.values[t] = terms_.value(questions.terms[t], packing_, raw, without);
    of.undefined[t] = without;
  }
  return of;
}

std::uint32_t ValueNotes::slot(const ComponentQuestions& questions, Slot& slot, std::uint32_t value,
                               const TermValues& of) {
  if (slot.form == Slot::Form::counted) {
    std::vector<std::int64_t> together;
    for (const std::size_t t : slot.asked) together.insert(together.end(), {of.values[t], of.undefined[t]});
    const std::size_t bytes = together.size() * sizeof(std::int64_t) + 64;
    const auto [known, fresh] =
        slot.counted.try_emplace(std::move(together), static_cast<std::uint32_t>(slot.counted.size()));
    if (fresh) other_bytes_ += bytes;
    return known->second;
  }
  std::uint32_t number = slot.form == Slot::Form::whole ? value : 0;
  unsigned shift = 0;
  for (const std::size_t t : slot.asked) {
    const Term& term = terms_[questions.terms[t]];
    const unsigned width = bits_of(term);
    if (of.undefined[t])
      number |= std::uint32_t{1} << (shift + width - 1);
    else
      number |= static_cast<std::uint32_t>(of.values[t] - term.low) << shift;
    shift += width;
  }
  return number;
}

void ValueNotes::describe(std::size_t component, std::uint32_t value) {
  ComponentQuestions& questions = questions_[component];
  ComponentValue& described = components_.value_to_fill(component, value);
  const std::size_t gates_size = questions.gates.size() * sizeof(const Word*),
                    slot_count = fact_words_ + questions.slots.size();
  std::byte* const place = reserve(gates_size + slot_count * sizeof(std::uint32_t));
  const Word** const gates = new (place) const Word*[questions.gates.size()]();
  std::uint32_t* const slots = new (place + gates_size) std::uint32_t[slot_count]();
  const TermValues of = evaluated(questions, described.raw);
  for (std::size_t p = 0; p < questions.facts.size(); ++p) {
    const bool all = std::all_of(questions.facts[p].begin(), questions.facts[p].end(),
                                 [&](std::size_t t) { return of.values[t] != 0 && !of.undefined[t]; });
    if (all) slots[p / 32] |= std::uint32_t{1} << (p % 32);
  }
  for (std::size_t s = 0; s < questions.slots.size(); ++s)
    slots[fact_words_ + s] = slot(questions, questions.slots[s], value, of);
  described.slots = slots;
  for (std::size_t g = 0; g < questions.gates.size(); ++g) {
    ComponentGate& gate = questions.gates[g];
    gates[g] = gate.sets.enter(gate.asked.size(), other_bytes_, [&](std::size_t action) {
      for (const std::size_t t : gate.asked[action]) {
        if (of.undefined[t]) return TruthValue::undefined;
        if (of.values[t] == 0) return TruthValue::no;
      }
      return TruthValue::yes;
    });
  }
  described.gates = gates;
}

}  // namespace portolan::solver::explore
