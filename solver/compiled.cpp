// SPDX-License-Identifier: Apache-2.0
#include "solver/compiled.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace portolan::solver {

namespace {

// Of what an action only reads, the rows of its cluster tell at most 2^8 cases apart; more is looked at one by one. Tables of truth values may have more.
constexpr unsigned read_bits_max = 8, test_bits_max = 12;
constexpr unsigned number_bits_max = 31;
// Tables with a place for every number: rows are few tables, tests are many.
constexpr unsigned row_table_bits = 13, test_table_bits = 12;
constexpr std::size_t ahead_rows_max = 1u << 15;
// What Outcome::more and Outcome::word can say.
constexpr std::size_t patched_words_max = 256;
constexpr Truth truths[] = {Truth::unknown, Truth::no, Truth::yes, Truth::undefined};
constexpr Outcome no_outcomes[1] = {};

}  // namespace

CompiledModel::CompiledModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits, const std::function<void(std::uint64_t)>& tick)
    : ground_(module, admits, tick), packing_(module, ground_.terms.constants()), components_(packing_, module), asked_(components_.count()) {
  place();
}

// --- what terms read -------------------------------------------------------------------------------------------------

int CompiledModel::home(TermId id) {
  const auto at = static_cast<std::size_t>(id);
  if (home_.size() <= at) home_.resize(at + 1, unasked_);
  if (home_[at] != unasked_) return home_[at];
  const Term term = ground_.terms[id];
  int result = none_;
  const auto meet = [&](int other) {
    if (other == none_ || result == other) return;
    result = result == none_ ? other : many_;
  };
  for (const TermId child : {term.a, term.b, term.c}) if (child >= 0) meet(home(child));
  if (term.op == TermOp::cell || term.op == TermOp::select)
    ground_.terms.own_cells(id, [&](std::size_t cell) { meet(components_.of(cell)); });
  if (home_.size() <= at) home_.resize(at + 1, unasked_);
  return home_[at] = result;
}

void CompiledModel::collect(TermId id, Readings& into) {
  const int alone = home(id);
  if (alone == none_) return;
  if (alone >= 0) {
    std::vector<TermId>& subterms = into[static_cast<std::size_t>(alone)].subterms;
    const auto at = std::lower_bound(subterms.begin(), subterms.end(), id);
    if (at == subterms.end() || *at != id) subterms.insert(at, id);
    return;
  }
  const Term term = ground_.terms[id];
  for (const TermId child : {term.a, term.b, term.c}) if (child >= 0) collect(child, into);
  if (term.op != TermOp::select) return;
  std::vector<std::size_t> cells;
  ground_.terms.own_cells(id, [&](std::size_t cell) { cells.push_back(cell); });
  for (const std::size_t cell : cells)
    if (components_.of(cell) >= 0) collect(ground_.terms.cell(cell), into);
}

void CompiledModel::collect(const GroundWrite& write, Readings& into) {
  for (const TermId term : {write.i, write.j, write.value}) if (term >= 0) collect(term, into);
}

/// Bits that tell the values of a term apart, and that it has none.
unsigned CompiledModel::bits(TermId id) const {
  const Term& term = ground_.terms[id];
  return static_cast<unsigned>(std::bit_width(static_cast<Word>(term.high) - static_cast<Word>(term.low))) + (term.partial ? 1 : 0);
}
unsigned CompiledModel::bits(std::size_t component, const Reading& reading) const {
  unsigned result = 0;
  for (const TermId term : reading.subterms) result += bits(term);
  return reading.whole || result > components_.width(component) ? components_.width(component) : result;
}
unsigned CompiledModel::bits(const Readings& readings) const {
  unsigned result = 0;
  for (const auto& [component, reading] : readings) result += bits(component, reading);
  return result;
}
void CompiledModel::add(Readings& into, const Readings& from) {
  for (const auto& [component, reading] : from) {
    Reading& there = into[component];
    there.whole = there.whole || reading.whole;
    std::vector<TermId> both;
    std::set_union(there.subterms.begin(), there.subterms.end(), reading.subterms.begin(), reading.subterms.end(), std::back_inserter(both));
    there.subterms = std::move(both);
  }
}

// --- layout ----------------------------------------------------------------------------------------------------------

void CompiledModel::place() {
  clusters_.clear();
  parts_.assign(ground_.actions.size(), {});
  residual_.assign(ground_.actions.size(), {});
  for (std::uint32_t a = 0; a < ground_.actions.size(); ++a) place(a);
}

/// Decides which part of an action a cluster holds, and which cluster.
void CompiledModel::place(std::uint32_t action) {
  const GroundAction& ground = ground_.actions[action];
  Part& part = parts_[action];
  std::vector<std::size_t> written;
  for (const GroundWrite& write : ground.writes)
    ground_.written_cells(write, [&](std::size_t cell) {
      if (components_.of(cell) >= 0) written.push_back(static_cast<std::size_t>(components_.of(cell)));
    });
  std::sort(written.begin(), written.end());
  written.erase(std::unique(written.begin(), written.end()), written.end());
  Readings readings;
  for (const GroundWrite& write : ground.writes) collect(write, readings);
  for (const std::size_t component : written) readings[component].whole = true;
  unsigned own = 0;
  for (const std::size_t component : written) own += components_.width(component);
  part.writes = bits(readings) <= number_bits_max && bits(readings) - own <= test_bits_max && components_.words() <= patched_words_max;
  if (!part.writes) readings.clear(), written.clear();
  if (written.empty()) {
    // A table all the same, by the component that its first guard reads alone: most rows then need not ask for the rest.
    for (const TermId guard : ground.guards) {
      if (home(guard) < 0) continue;
      written.push_back(static_cast<std::size_t>(home(guard)));
      readings[written.front()].whole = true;
      break;
    }
  }
  own = 0;
  for (const std::size_t component : written) own += components_.width(component);

  auto cluster = std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& c) { return c.written == written; });
  if (cluster == clusters_.end()) {
    cluster = clusters_.emplace(clusters_.end());
    cluster->written = written;
  }
  cluster->actions.push_back(action);
  add(cluster->readings, readings);

  std::vector<TermId> rest;
  // Conjuncts may be looked at out of their order as long as all of them have a value: up to the first that may have none.
  bool partial = false;
  for (const TermId guard : ground.guards) {
    partial = partial || ground_.terms[guard].partial;
    Readings with = cluster->readings;
    collect(guard, with);
    const unsigned all = bits(with), before = bits(cluster->readings);
    if ((partial && !rest.empty()) || all > number_bits_max || (all > before && all - own > read_bits_max)) {
      rest.push_back(guard);
      continue;
    }
    part.guards.push_back(guard);
    cluster->readings = std::move(with);
  }
  residual_[action] = tests(rest);
  part.guarded = !rest.empty();
}

std::uint32_t CompiledModel::test(const std::vector<TermId>& conjuncts, const Readings& readings) {
  const auto [at, fresh] = test_numbers_.try_emplace(conjuncts, static_cast<std::uint32_t>(tests_.size()));
  if (fresh) {
    Test& made = tests_.emplace_back();
    made.conjuncts = conjuncts;
    made.readings = readings;
  }
  return at->second;
}

/// Neighbours share a test as long as a small table holds what they read.
std::vector<std::uint32_t> CompiledModel::tests(const std::vector<TermId>& conjuncts) {
  std::vector<std::uint32_t> result;
  std::vector<TermId> group;
  Readings read;
  const auto close = [&] {
    if (!group.empty()) result.push_back(test(group, read));
    group.clear();
    read.clear();
  };
  for (const TermId conjunct : conjuncts) {
    Readings with = read;
    collect(conjunct, with);
    if (!group.empty() && bits(with) > test_bits_max) {
      close();
      with.clear();
      collect(conjunct, with);
    }
    group.push_back(conjunct);
    read = std::move(with);
  }
  close();
  return result;
}

Predicate CompiledModel::predicate(TermId condition) {
  // A disjunction holds where the conjunction of the opposites does not: either way the first decisive part ends it.
  Terms& terms = ground_.terms;
  const bool inverted = terms[condition].op == TermOp::disjunction;
  const std::vector<TermId> conjuncts = terms.conjuncts(inverted ? terms.negation(condition) : condition);
  const auto [at, fresh] = predicates_.try_emplace({conjuncts, inverted});
  if (!fresh) return at->second;
  Predicate& made = at->second;
  made.inverted = inverted;
  made.fact = static_cast<std::uint32_t>(facts_.size());
  std::map<std::size_t, std::vector<TermId>>& alone = facts_.emplace_back();
  // "All are true" may be asked in any order, "the first that is not true is false" only where none is without a value.
  const bool ordered = inverted && std::any_of(conjuncts.begin(), conjuncts.end(), [&](TermId c) { return terms[c].partial; });
  std::vector<TermId> rest;
  for (const TermId conjunct : conjuncts) {
    const int one = home(conjunct);
    if (one >= 0 && !ordered) alone[static_cast<std::size_t>(one)].push_back(conjunct);
    else rest.push_back(conjunct);
  }
  made.tests = tests(rest);
  spoken_.push_back(Spoken::unasked);
  return made;
}

/// Gives a table its place in the slots of the components that it reads.
void CompiledModel::number(Numbered& numbered) {
  numbered.uses.clear();
  numbered.bits = bits(numbered.readings);
  if (numbered.bits > number_bits_max) return;
  unsigned shift = 0;
  for (const auto& [component, reading] : numbered.readings) {
    const unsigned width = bits(component, reading);
    if (width == 0) continue;
    Asked& asked = asked_[component];
    Slot slot;
    slot.shift = shift;
    slot.whole = reading.whole || width == components_.width(component);
    if (!slot.whole)
      for (const TermId term : reading.subterms) {
        const auto [at, fresh] = asked.positions.try_emplace(term, asked.terms.size());
        if (fresh) asked.terms.push_back(term);
        slot.asked.push_back(at->second);
      }
    const auto same = std::find_if(asked.slots.begin(), asked.slots.end(), [&](const Slot& s) { return s.shift == slot.shift && s.whole == slot.whole && s.asked == slot.asked; });
    numbered.uses.push_back({static_cast<std::uint32_t>(component), static_cast<std::uint32_t>(same - asked.slots.begin())});
    if (same == asked.slots.end()) asked.slots.push_back(std::move(slot));
    shift += width;
  }
}

void CompiledModel::speak_for(const Predicate& predicate) {
  if (!predicate.inverted) spoken_[predicate.fact] = Spoken::asked;
}

/// Whether states of one row of the cluster agree in the test.
bool CompiledModel::covers(const Cluster& cluster, const Test& test) const {
  return std::all_of(test.readings.begin(), test.readings.end(), [&](const auto& reading) {
    const auto known = cluster.readings.find(reading.first);
    if (known == cluster.readings.end()) return bits(reading.first, reading.second) == 0;
    if (known->second.whole || bits(reading.first, known->second) == components_.width(reading.first)) return true;
    const std::vector<TermId>& there = known->second.subterms;
    return !reading.second.whole && std::includes(there.begin(), there.end(), reading.second.subterms.begin(), reading.second.subterms.end());
  });
}

/// Gives each part of the conditions that rows shall speak for to a cluster whose rows can tell.
void CompiledModel::assign_conditions() {
  for (Cluster& cluster : clusters_) cluster.tests.clear(), cluster.facts.clear();
  for (auto& [key, predicate] : predicates_) {
    if (spoken_[predicate.fact] == Spoken::unasked) continue;
    bool whole = true;
    std::vector<std::pair<Cluster*, std::uint32_t>> tests;
    std::vector<std::pair<Cluster*, std::size_t>> facts;
    for (const std::uint32_t test : predicate.tests) {
      const auto at = std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& c) { return covers(c, tests_[test]); });
      if (at == clusters_.end()) whole = false;
      else tests.emplace_back(&*at, test);
    }
    for (const auto& [component, conjuncts] : facts_[predicate.fact]) {
      const auto at = std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& c) { return std::find(c.written.begin(), c.written.end(), component) != c.written.end(); });
      if (at == clusters_.end()) whole = false;
      else facts.emplace_back(&*at, component);
    }
    spoken_[predicate.fact] = whole ? Spoken::yes : Spoken::asked;
    if (!whole) continue;
    for (const auto& [cluster, test] : tests) cluster->tests.push_back(test);
    for (const auto& [cluster, component] : facts) cluster->facts.emplace_back(component, predicate.fact);
  }
}

void CompiledModel::ready() {
  assign_conditions();
  for (Asked& asked : asked_) asked = {};
  for (Cluster& cluster : clusters_) {
    number(cluster);
    cluster.rows = std::make_unique<Cache<Outcome>>(cluster.bits, row_table_bits);
  }
  for (Test& test : tests_) {
    number(test);
    test.few = test.bits <= test_table_bits ? std::make_unique<std::atomic<Truth>[]>(std::size_t{1} << test.bits) : nullptr;
    test.many = !test.few && test.bits <= number_bits_max ? std::make_unique<Cache<Truth>>(test.bits, 0) : nullptr;
  }
  arena_.clear();
  arena_used_ = arena_size_ = arena_total_ = 0;
  // Facts come before the slots.
  const auto fact_words = static_cast<std::uint32_t>((facts_.size() + 31) / 32);
  for (Numbered* numbered : [&] {
         std::vector<Numbered*> all;
         for (Cluster& cluster : clusters_) all.push_back(&cluster);
         for (Test& test : tests_) all.push_back(&test);
         return all;
       }())
    for (Use& use : numbered->uses) use.slot += fact_words;
  for (std::size_t c = 0; c < components_.count(); ++c) {
    Asked& asked = asked_[c];
    for (const auto& by_component : facts_) {
      std::vector<std::size_t>& positions = asked.facts.emplace_back();
      const auto found = by_component.find(c);
      if (found == by_component.end()) continue;
      for (const TermId term : found->second) {
        const auto [at, fresh] = asked.positions.try_emplace(term, asked.terms.size());
        if (fresh) asked.terms.push_back(term);
        positions.push_back(at->second);
      }
    }
  }
  slot_arena_.clear();
  slot_bytes_ = 0;
  for (std::size_t c = 0; c < components_.count(); ++c)
    for (std::uint32_t v = 0; v < components_.known(c); ++v) describe(c, v);
  overflowed_ = false;
  images_.clear();
  least_.clear();
  if (symmetry_ != nullptr) {
    for (std::size_t c = 0; c < components_.count(); ++c)
      for (std::uint32_t v = 0, known = components_.known(c); v < known; ++v) unpictured_.emplace_back(c, v);
    picture();
  }
  grew_ = false;
}

/// Fills in the slots of a value.
void CompiledModel::describe(std::size_t component, std::uint32_t value) const {
  const Asked& asked = asked_[component];
  Local& local = components_.local_to_fill(component, value);
  const std::size_t fact_words = (facts_.size() + 31) / 32, count = fact_words + asked.slots.size();
  slot_arena_.push_back(std::make_unique<std::uint32_t[]>(count));
  slot_bytes_ += count * sizeof(std::uint32_t);
  std::uint32_t* slots = slot_arena_.back().get();
  std::vector<std::int64_t> values(asked.terms.size());
  std::vector<bool> undefined(asked.terms.size());
  for (std::size_t t = 0; t < asked.terms.size(); ++t) {
    bool without = false;
    values[t] = ground_.terms.value(asked.terms[t], packing_, local.raw, without);
    undefined[t] = without;
  }
  for (std::size_t p = 0; p < asked.facts.size(); ++p) {
    const bool all = std::all_of(asked.facts[p].begin(), asked.facts[p].end(), [&](std::size_t t) { return values[t] != 0 && !undefined[t]; });
    if (all) slots[p / 32] |= std::uint32_t{1} << (p % 32);
  }
  for (std::size_t s = 0; s < asked.slots.size(); ++s) {
    const Slot& slot = asked.slots[s];
    std::uint32_t number = slot.whole ? value : 0;
    unsigned shift = 0;
    for (const std::size_t t : slot.asked) {
      const Term& term = ground_.terms[asked.terms[t]];
      const unsigned width = bits(asked.terms[t]);
      if (undefined[t]) number |= std::uint32_t{1} << (shift + width - 1);
      else number |= static_cast<std::uint32_t>(values[t] - term.low) << shift;
      shift += width;
    }
    slots[fact_words + s] = number << slot.shift;
  }
  local.slots = slots;
}

void CompiledModel::widen() {
  std::vector<unsigned> widths = components_.tight();
  for (std::size_t c = 0; c < widths.size(); ++c) {
    const bool full = components_.known(c) == std::size_t{1} << components_.width(c);
    widths[c] = std::min(components_.raw_bits(c), full ? components_.width(c) + 3 : std::max(widths[c] + 2, std::min(components_.width(c), 8u)));
  }
  if (symmetry_ != nullptr)
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group) widths[c] = widths[group.front()];
  components_.lay_out(widths);
  place();
  ready();
}

void CompiledModel::look_ahead() {
  std::size_t known = 0;
  for (std::size_t c = 0; c < components_.count(); ++c) known += components_.known(c);
  const std::size_t known_max = 4 * known + 1000;
  std::vector<Word> state(components_.words());
  for (bool grown = true; grown && !overflowed();) {
    grown = false;
    for (const Cluster& cluster : clusters_) {
      std::vector<std::size_t> parts;
      std::size_t rows = 1;
      for (const auto& [component, reading] : cluster.readings) {
        parts.push_back(component);
        rows = rows > ahead_rows_max ? rows : rows * components_.known(component);
      }
      if (rows > ahead_rows_max) continue;
      std::vector<std::uint32_t> counts, values(parts.size());
      for (const std::size_t part : parts) counts.push_back(components_.known(part));
      for (std::size_t row = 0; row < rows; ++row) {
        std::fill(state.begin(), state.end(), Word{0});
        std::size_t rest = row;
        for (std::size_t i = 0; i < parts.size(); ++i) {
          const Components::Place& place = components_.place(parts[i]);
          state[place.word] |= Word{rest % counts[i]} << place.shift;
          rest /= counts[i];
        }
        const Seen seen = see(state.data());
        if (cluster.rows->find(cluster.number(seen)) == nullptr) fill(cluster, seen, state.data());
      }
      std::size_t now = 0;
      for (std::size_t c = 0; c < components_.count(); ++c) now += components_.known(c);
      grown = grown || now > known;
      known = now;
      if (known > known_max) return;
    }
  }
}

void CompiledModel::tighten() {
  std::vector<unsigned> widths = components_.tight();
  for (std::size_t c = 0; c < widths.size(); ++c)
    if (overflowed() && components_.known(c) == std::size_t{1} << components_.width(c)) widths[c] = std::min(components_.width(c) + 1, components_.raw_bits(c));
  components_.sort(symmetry_ == nullptr ? std::vector<std::vector<std::size_t>>{} : symmetry_->sorted());
  components_.lay_out(widths);
  place();
  ready();
}

// --- states ----------------------------------------------------------------------------------------------------------

bool CompiledModel::pack(const rules::Cells& cells, Word* into) {
  std::vector<Word> raw(packing_.words());
  if (!packing_.pack(cells, raw.data())) return false;
  std::fill_n(into, components_.words(), Word{0});
  const std::lock_guard lock(filling_);
  for (std::size_t c = 0; c < components_.count(); ++c) {
    const std::uint32_t number = intern(c, raw.data());
    if (number == Components::unknown) return false;
    into[components_.place(c).word] |= Word{number} << components_.place(c).shift;
  }
  return true;
}

bool CompiledModel::find(const rules::Cells& cells, Word* into) const {
  std::vector<Word> raw(packing_.words());
  if (!packing_.pack(cells, raw.data())) return false;
  std::fill_n(into, components_.words(), Word{0});
  for (std::size_t c = 0; c < components_.count(); ++c) {
    const std::uint32_t number = components_.find(c, raw.data());
    if (number == Components::unknown) return false;
    into[components_.place(c).word] |= Word{number} << components_.place(c).shift;
  }
  return true;
}

rules::Cells CompiledModel::unpack(const Word* state) const {
  std::vector<Word> raw(packing_.words());
  components_.raw(state, raw.data());
  return packing_.unpack(raw.data());
}

void CompiledModel::reduce(std::unique_ptr<Symmetry> symmetry) {
  if (symmetry == nullptr && symmetry_ == nullptr) return;
  symmetry_ = std::move(symmetry);
  components_.forget();  // members of a sorted group number their values alike from the first one on, and have the same room
  if (symmetry_ != nullptr && !symmetry_->sorted().empty()) {
    std::vector<unsigned> widths;
    for (std::size_t c = 0; c < components_.count(); ++c) widths.push_back(components_.width(c));
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group) widths[group.front()] = std::min(widths[group.front()], components_.width(c));
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group) widths[c] = widths[group.front()];
    components_.lay_out(widths);
    place();
  }
  sorted_group_.assign(components_.count(), -1);
  first_settled_ = -1;
  if (symmetry_ == nullptr) return;
  for (std::size_t g = 0; g < symmetry_->sorted().size(); ++g)
    for (const std::size_t c : symmetry_->sorted()[g]) sorted_group_[c] = static_cast<int>(g);
  const std::vector<std::size_t>& settled = symmetry_->settled();
  if (settled.empty()) return;
  first_settled_ = static_cast<int>(settled.front());
  for (std::size_t p = 0; p < symmetry_->permutations(); ++p)
    if (symmetry_->component(p, settled.front()) != settled.front()) first_settled_ = -1;
}

/// A value, in all components of its sorted group at once.
std::uint32_t CompiledModel::intern_alone(std::size_t component, const Word* raw) const {
  bool fresh = false;
  const std::uint32_t number = components_.intern(component, raw, fresh);
  if (number == Components::unknown) overflowed_.store(true, std::memory_order_relaxed);
  if (!fresh) return number;
  describe(component, number);
  grew_.store(true, std::memory_order_relaxed);
  if (symmetry_ == nullptr) return number;
  unpictured_.emplace_back(component, number);
  if (sorted_group_[component] < 0) return number;
  std::vector<Word> moved(packing_.words());
  for (const std::size_t other : symmetry_->sorted()[static_cast<std::size_t>(sorted_group_[component])]) {
    if (other == component) continue;
    symmetry_->moved(component, other, raw, moved.data());
    bool new_there = false;
    [[maybe_unused]] const std::uint32_t there = components_.intern(other, moved.data(), new_there);
    assert(there == number && new_there);
    describe(other, number);
    unpictured_.emplace_back(other, number);
  }
  return number;
}

std::uint32_t CompiledModel::intern(std::size_t component, const Word* raw) const {
  const std::uint32_t number = intern_alone(component, raw);
  if (!unpictured_.empty()) picture();
  return number;
}

/// Notes what the symmetry makes of values; what is not known yet becomes known, until all that belongs together is.
void CompiledModel::picture() const {
  const std::size_t permutations = symmetry_->permutations();
  std::vector<Word> raw(packing_.words()), first(packing_.words());
  while (!unpictured_.empty()) {
    const auto [component, value] = unpictured_.back();
    unpictured_.pop_back();
    auto images = std::make_unique<Image[]>(permutations);
    for (std::size_t p = 0; p < permutations; ++p) {
      const std::size_t to = symmetry_->component(p, component);
      symmetry_->image(p, component, components_.local(component, value).raw, raw.data());
      const std::uint32_t number = intern_alone(to, raw.data());
      if (number == Components::unknown) { unpictured_.clear(); return; }  // the search begins again with more room
      // Members of a sorted group are compared by what they would be in its first place.
      const int group = sorted_group_[component];
      images[p] = {components_.local(group < 0 ? to : symmetry_->sorted()[static_cast<std::size_t>(group)].front(), number).hash, number};
    }
    Local& local = components_.local_to_fill(component, value);
    local.images = images.get();
    if (first_settled_ == static_cast<int>(component)) {
      std::vector<std::uint32_t> least;
      for (std::uint32_t p = 0; p < permutations; ++p) {
        if (!least.empty() && images[p].hash > images[least.front()].hash) continue;
        if (!least.empty() && images[p].hash < images[least.front()].hash) least.clear();
        least.push_back(p);
      }
      auto list = std::make_unique<std::uint32_t[]>(least.size() + 1);
      list[0] = static_cast<std::uint32_t>(least.size());
      std::copy(least.begin(), least.end(), list.get() + 1);
      local.least = list.get();
      least_.push_back(std::move(list));
    }
    images_.push_back(std::move(images));
  }
}

/// The hashes of a state's image, by component, those of each sorted group in increasing order, and its values.
void CompiledModel::arrange(std::size_t permutation, const Seen& seen, Arranged& into) const {
  for (const std::size_t c : symmetry_->settled()) {
    const Image& image = seen.at[c]->images[permutation];
    const std::size_t to = symmetry_->component(permutation, c);
    into.hashes[to] = image.hash;
    into.values[to] = image.value;
  }
  for (const std::vector<std::size_t>& group : symmetry_->sorted()) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      const Image& image = seen.at[group[i]]->images[permutation];
      std::size_t at = i;
      for (; at > 0 && into.hashes[group[at - 1]] > image.hash; --at) {
        into.hashes[group[at]] = into.hashes[group[at - 1]];
        into.values[group[at]] = into.values[group[at - 1]];
      }
      into.hashes[group[at]] = image.hash;
      into.values[group[at]] = image.value;
    }
  }
}

void CompiledModel::represent(Word* state, std::uint64_t& hash) const {
  if (overflowed()) [[unlikely]] return;  // some values have no images, and nothing that is found counts any more
  const Seen seen = see(state);
  const std::size_t count = components_.count();
  const std::uint32_t* least = first_settled_ < 0 ? nullptr : seen.at[static_cast<std::size_t>(first_settled_)]->least;
  const std::size_t candidates = least != nullptr ? least[0] : symmetry_->permutations();
  // The representative is the image that is least, by hashes, which depend on values alone: first of the component for which `least` is known, then by a
  // sum, in which the members of a group count alike so that nothing has to be sorted, then by everything in order.
  const auto sum = [&](std::size_t permutation) {
    std::uint64_t result = 0;
    for (const std::size_t c : symmetry_->settled()) result += seen.at[c]->images[permutation].hash * (2 * symmetry_->component(permutation, c) + 3);
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group) result += seen.at[c]->images[permutation].hash;
    return result;
  };
  Arranged arranged[2];
  unsigned best = 0;
  std::size_t chosen = least != nullptr ? least[1] : 0;
  bool is_arranged = false;
  if (candidates > 1) {
    std::uint64_t least_sum = sum(chosen);
    for (std::size_t i = 1; i < candidates; ++i) {
      const std::size_t permutation = least != nullptr ? least[i + 1] : i;
      const std::uint64_t here = sum(permutation);
      if (here > least_sum) continue;
      if (here < least_sum) {
        least_sum = here;
        chosen = permutation;
        is_arranged = false;
        continue;
      }
      if (!is_arranged) arrange(chosen, seen, arranged[best]);
      is_arranged = true;
      arrange(permutation, seen, arranged[1 - best]);
      if (!std::lexicographical_compare(arranged[1 - best].hashes.begin(), arranged[1 - best].hashes.begin() + static_cast<std::ptrdiff_t>(count),
                                        arranged[best].hashes.begin(), arranged[best].hashes.begin() + static_cast<std::ptrdiff_t>(count)))
        continue;
      best = 1 - best;
      chosen = permutation;
    }
  }
  if (!is_arranged) arrange(chosen, seen, arranged[best]);
  for (std::size_t w = 0; w < components_.words(); ++w) state[w] = 0;
  hash = 0;
  for (std::size_t c = 0; c < count; ++c) {
    const std::uint32_t value = arranged[best].values[c];
    const Components::Place& place = components_.place(c);
    state[place.word] |= Word{value} << place.shift;
    hash ^= components_.local(c, value).hash;
  }
}

// --- evaluation ------------------------------------------------------------------------------------------------------

Truth CompiledModel::conjunction(const std::vector<TermId>& conjuncts, const Word* raw) const {
  for (const TermId conjunct : conjuncts) {
    bool undefined = false;
    const bool yes = ground_.terms.value(conjunct, packing_, raw, undefined) != 0;
    if (undefined) return Truth::undefined;
    if (!yes) return Truth::no;
  }
  return Truth::yes;
}

Truth CompiledModel::ask(const Test& test, const Seen& seen, const Word* state) const {
  std::vector<Word> raw(packing_.words());
  components_.raw(state, raw.data());
  const Truth truth = conjunction(test.conjuncts, raw.data());
  const std::uint32_t number = test.number(seen);
  if (test.few) test.few[number].store(truth, std::memory_order_relaxed);
  if (test.many) {
    const std::lock_guard lock(filling_);
    if (test.many->find(number) == nullptr) test.many->fill(number, &truths[static_cast<std::size_t>(truth)]);
  }
  return truth;
}

/// The raw state after an action; false where the event is undefined.
bool CompiledModel::write(std::uint32_t action, const Word* raw, Word* next) const {
  const rules::Module& module = ground_.terms.module();
  const std::size_t words = packing_.words();
  std::vector<Word> written(words);
  std::copy_n(raw, words, next);
  bool undefined = false;
  for (const GroundWrite& write : ground_.actions[action].writes) {
    const auto term = [&](TermId id) { return id >= 0 ? ground_.terms.value(id, packing_, raw, undefined) : 0; };
    const std::int64_t i = term(write.i), j = term(write.j), value = term(write.value);
    const rules::Variable& variable = module.variables[write.variable];
    if (undefined || i < 0 || j < 0 || value < variable.low || value > variable.high) return false;
    const std::int64_t cell = write.j >= 0 ? i * module.strides[write.variable] + j : i;
    if (cell >= module.widths[write.variable]) return false;
    const Field& field = packing_.fields()[static_cast<std::size_t>(module.offsets[write.variable] + cell)];
    const Word mask = field.mask << field.shift, set = field.coded(value);
    // A constant cell has no bits; what is written to it is what it holds.
    if ((written[field.word] & mask) != 0 && (next[field.word] & mask) != set) return false;
    written[field.word] |= mask;
    next[field.word] = (next[field.word] & ~mask) | set;
  }
  return true;
}

/// The state after an action, without tables; false where the event is undefined, or where there is no room for a value.
bool CompiledModel::compute(std::uint32_t action, const Word* state, Word* next) const {
  std::vector<Word> raw(packing_.words()), after(packing_.words());
  components_.raw(state, raw.data());
  if (!write(action, raw.data(), after.data())) return false;
  std::copy_n(state, components_.words(), next);
  const std::lock_guard lock(filling_);
  for (std::size_t c = 0; c < components_.count(); ++c) {
    const std::vector<Word>& mask = components_.mask(c);
    bool changed = false;
    for (std::size_t w = 0; w < raw.size(); ++w) changed = changed || ((raw[w] ^ after[w]) & mask[w]) != 0;
    if (!changed) continue;
    const std::uint32_t number = intern(c, after.data());
    if (number == Components::unknown) return false;
    const Components::Place& place = components_.place(c);
    next[place.word] = (next[place.word] & ~(place.mask << place.shift)) | Word{number} << place.shift;
  }
  return true;
}

const Outcome* CompiledModel::fill(const Cluster& cluster, const Seen& seen, const Word* state) const {
  const std::lock_guard lock(filling_);
  const std::uint32_t number = cluster.number(seen);
  if (const Outcome* known = cluster.rows->find(number)) return known;
  std::vector<Outcome> row(1);
  const std::size_t words = components_.words();
  std::vector<Word> raw(packing_.words()), after(packing_.words()), keep(words), set(words);
  components_.raw(state, raw.data());
  for (const std::uint32_t a : cluster.actions) {
    const Part& part = parts_[a];
    const Truth truth = conjunction(part.guards, raw.data());
    if (truth == Truth::no) continue;
    Outcome outcome;
    outcome.action = a;
    outcome.flags = static_cast<std::uint8_t>((ground_.actions[a].fault ? Outcome::fault : 0) | (part.guarded ? Outcome::guarded : 0));
    // What a row decides comes before its tests wherever it may have no value.
    if (truth == Truth::undefined) outcome.flags = static_cast<std::uint8_t>((outcome.flags & Outcome::fault) | Outcome::undefined);
    else if (!part.writes) outcome.flags |= Outcome::computed;
    else if (!write(a, raw.data(), after.data())) outcome.flags |= Outcome::undefined;
    if ((outcome.flags & (Outcome::undefined | Outcome::computed)) != 0) {
      row.push_back(outcome);
      continue;
    }
    keep.assign(words, ~Word{0});
    set.assign(words, 0);
    for (const std::size_t c : cluster.written) {
      const std::uint32_t after_number = intern(c, after.data());
      if (after_number == Components::unknown) return no_outcomes;
      const Components::Place& place = components_.place(c);
      keep[place.word] &= ~(place.mask << place.shift);
      set[place.word] |= Word{after_number} << place.shift;
      outcome.hash ^= seen.at[c]->hash ^ components_.local(c, after_number).hash;
    }
    const std::size_t first = row.size();
    for (std::size_t w = 0; w < words; ++w) {
      if (keep[w] == ~Word{0}) continue;
      outcome.word = static_cast<std::uint16_t>(w);
      outcome.keep = keep[w];
      outcome.set = set[w];
      row.push_back(outcome);
    }
    if (row.size() == first) row.push_back(outcome);  // writes what is there already
    row[first].more = static_cast<std::uint8_t>(row.size() - first - 1);
  }
  row[0].action = static_cast<std::uint32_t>(row.size() - 1);
  bool suspect = false;
  for (const std::uint32_t test : cluster.tests) suspect = suspect || conjunction(tests_[test].conjuncts, raw.data()) != Truth::yes;
  for (const auto& [component, fact] : cluster.facts) suspect = suspect || (seen.at[component]->slots[fact / 32] >> (fact % 32) & 1) == 0;
  row[0].flags = suspect ? 1 : 0;
  if (arena_.empty() || arena_used_ + row.size() > arena_size_) {
    arena_size_ = std::max<std::size_t>(row.size(), 1024);
    arena_total_ += arena_size_;
    arena_used_ = 0;
    arena_.push_back(std::make_unique<Outcome[]>(arena_size_));
  }
  Outcome* place = arena_.back().get() + arena_used_;
  arena_used_ += row.size();
  std::copy(row.begin(), row.end(), place);
  cluster.rows->fill(number, place);
  return place;
}

std::uint64_t CompiledModel::bytes() const {
  const std::lock_guard lock(filling_);
  std::uint64_t result = components_.bytes() + slot_bytes_ + arena_total_ * sizeof(Outcome);
  for (const Cluster& cluster : clusters_) if (cluster.rows) result += cluster.rows->bytes();
  for (const Test& test : tests_) result += (test.few ? std::uint64_t{1} << test.bits : 0) + (test.many ? test.many->bytes() : 0);
  return result;
}

}  // namespace portolan::solver
