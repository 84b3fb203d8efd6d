// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/compiled.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>
#include <new>

namespace portolan::solver::explore {

namespace {

// What the values that an action writes depend on may tell so many cases more apart; and so many cases may
// share a test.
constexpr unsigned test_bits_max = 12;
constexpr unsigned number_bits_max = 63;
constexpr std::size_t gates_from = 16, gated_max = 4096;  ///< actions of one cluster: gates have to be worth
                                                          ///< it, and what one says of a value stays small
constexpr unsigned read_bits_max = 8;  ///< what the rows of fewer tell apart of what is only read
constexpr std::size_t joint_answers_max = 1u << 15;
// Tables with a place for every number: rows and conditions are few tables, other tests are many.
constexpr unsigned row_table_bits = 13, test_table_bits = 12, condition_table_bits = 15;
constexpr std::size_t ahead_rows_max = 1u << 15;
// What Outcome::word can say.
constexpr std::size_t patched_words_max = 1u << 16;
constexpr Truth truths[] = {Truth::unknown, Truth::no, Truth::yes, Truth::undefined};
constexpr Row no_row;
static_assert(alignof(Outcome) <= alignof(Row) && sizeof(Row) % alignof(Outcome) == 0,
              "outcomes lie behind their row");

}  // namespace

CompiledModel::CompiledModel(const rules::Module& module,
                             const std::function<bool(const rules::Action&)>& admits,
                             const std::function<void(std::uint64_t)>& tick)
    : ground_(module, admits, tick),
      packing_(module, ground_.terms.constants()),
      components_(packing_, module),
      asked_(components_.count()) {
  place();
}

// --- what terms read
// -------------------------------------------------------------------------------------------------

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
  for (const TermId child : {term.a, term.b, term.c})
    if (child >= 0) meet(home(child));
  if (term.op == TermOp::cell || term.op == TermOp::select)
    ground_.terms.own_cells(id, [&](std::size_t cell) { meet(components_.of(cell)); });
  if (home_.size() <= at) home_.resize(at + 1, unasked_);
  return home_[at] = result;
}

/// Whether a condition reads only what never changes, and holds.
bool CompiledModel::always(TermId condition) {
  return home(condition) == none_ &&
         conjunction({condition}, std::vector<Word>(packing_.words()).data()) == Truth::yes;
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
  for (const TermId child : {term.a, term.b, term.c})
    if (child >= 0) collect(child, into);
  if (term.op != TermOp::select) return;
  std::vector<std::size_t> cells;
  ground_.terms.own_cells(id, [&](std::size_t cell) { cells.push_back(cell); });
  for (const std::size_t cell : cells)
    if (components_.of(cell) >= 0) collect(ground_.terms.cell(cell), into);
}

void CompiledModel::collect(const GroundWrite& write, Readings& into) {
  for (const TermId term : {write.i, write.j, write.value})
    if (term >= 0) collect(term, into);
}

/// Bits that tell the values of a term apart, and that it has none.
unsigned CompiledModel::bits(TermId id) const {
  const Term& term = ground_.terms[id];
  return static_cast<unsigned>(std::bit_width(static_cast<Word>(term.high) - static_cast<Word>(term.low))) +
         (term.partial ? 1 : 0);
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
    std::set_union(there.subterms.begin(), there.subterms.end(), reading.subterms.begin(),
                   reading.subterms.end(), std::back_inserter(both));
    there.subterms = std::move(both);
  }
}

// --- layout
// ----------------------------------------------------------------------------------------------------------

void CompiledModel::place() {
  clusters_.clear();
  parts_.assign(ground_.actions.size(), {});
  tests_of_.assign(ground_.actions.size(), {});
  late_.assign(ground_.actions.size(), {});
  std::set<std::vector<Word>> changes;
  for (std::uint32_t a = 0; a < ground_.actions.size(); ++a) {
    std::vector<Word> change(components_.words());
    for (const std::size_t c : join_cluster(a))
      change[components_.place(c).word] |= components_.place(c).mask << components_.place(c).shift;
    changes.insert(std::move(change));
  }
  changes_.clear();
  for (const std::vector<Word>& change : changes)
    changes_.insert(changes_.end(), change.begin(), change.end());
  for (std::uint32_t a = 0; a < ground_.actions.size(); ++a) split_guards(a);
}

/// Decides which cluster an action belongs to, and whether its rows say what it writes. Returns the
/// components that it writes.
std::vector<std::size_t> CompiledModel::join_cluster(std::uint32_t action) {
  const GroundAction& ground = ground_.actions[action];
  Part& part = parts_[action];
  std::vector<std::size_t> written;
  for (const GroundWrite& write : ground.writes)
    ground_.written_cells(write, [&](std::size_t cell) {
      if (components_.of(cell) >= 0) written.push_back(static_cast<std::size_t>(components_.of(cell)));
    });
  std::sort(written.begin(), written.end());
  written.erase(std::unique(written.begin(), written.end()), written.end());
  std::vector<std::size_t> changed = written;
  Readings readings;
  for (const GroundWrite& write : ground.writes) collect(write, readings);
  for (const std::size_t component : written) readings[component].whole = true;
  unsigned own = 0;
  for (const std::size_t component : written) own += components_.width(component);
  part.writes = bits(readings) <= number_bits_max && bits(readings) - own <= test_bits_max &&
                components_.words() <= patched_words_max;
  if (!part.writes) readings.clear(), written.clear();
  if (written.empty()) {
    // A table all the same, by the component that its first guard reads alone: most rows then need not ask
    // for the rest.
    for (const TermId guard : ground.guards) {
      if (home(guard) < 0) continue;
      written.push_back(static_cast<std::size_t>(home(guard)));
      readings[written.front()].whole = true;
      break;
    }
  }
  auto cluster = std::find_if(clusters_.begin(), clusters_.end(),
                              [&](const Cluster& c) { return c.written == written; });
  if (cluster == clusters_.end()) {
    cluster = clusters_.emplace(clusters_.end());
    cluster->written = written;
  }
  cluster->actions.push_back(action);
  add(cluster->readings, readings);
  part.cluster = static_cast<std::size_t>(cluster - clusters_.begin());
  return changed;
}

/// Decides what of an action's guards the rows say, what gates and what tests.
void CompiledModel::split_guards(std::uint32_t action) {
  Part& part = parts_[action];
  Cluster& cluster = clusters_[part.cluster];
  // Rows of few actions may tell some cases more apart. Those of many say what follows from what they know
  // anyway: one row for each case of every guard would be very many.
  const bool few = cluster.actions.size() < gates_from;
  unsigned own = 0;
  for (const std::size_t component : cluster.written) own += components_.width(component);
  std::vector<TermId> rest;
  // Conjuncts may be looked at out of their order as long as all of them have a value: up to the first that
  // may have none.
  bool partial = false;
  for (const TermId guard : ground_.actions[action].guards) {
    if (always(guard)) continue;
    partial = partial || ground_.terms[guard].partial;
    Readings with = cluster.readings;
    collect(guard, with);
    const unsigned all = bits(with);
    if ((partial && !rest.empty()) ||
        (all > bits(cluster.readings) && (!few || all > number_bits_max || all - own > read_bits_max))) {
      rest.push_back(guard);
      continue;
    }
    part.guards.push_back(guard);
    cluster.readings = std::move(with);
  }
  tests_of_[action] = tests(rest);
  // Gates are asked in any order, and mean something where all that they say has a value. Those of one
  // component come first: one that stands behind a guard of several that may have no value is asked with
  // these. What stands behind a guard that is no gate and may have no value is no gate either.
  std::vector<TermId> late;
  partial = few || cluster.gated == gated_max;
  bool joint = false;
  for (const TermId guard : rest) {
    Readings read;
    collect(guard, read);
    std::vector<std::size_t> components;
    unsigned width = 0;
    for (const auto& [component, reading] : read) {
      components.push_back(component);
      width += components_.width(component);
    }
    if (!partial && !joint && home(guard) >= 0) {
      part.gates[components.front()].push_back(guard);
    } else if (!partial && width <= number_bits_max && cluster.with_joint(components)) {
      part.joints[components].push_back(guard);
      joint = joint || ground_.terms[guard].partial;
    } else {
      late.push_back(guard);
      partial = partial || ground_.terms[guard].partial;
    }
  }
  if (part.closable()) part.gated = cluster.gated++;
  late_[action] = tests(late);
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

/// Neighbours share a test as long as a small table holds what they read; and those of a condition where they
/// read the same components.
std::vector<std::uint32_t> CompiledModel::tests(const std::vector<TermId>& conjuncts, bool condition) {
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
    if (!group.empty() && bits(with) > test_bits_max && (!condition || with.size() > read.size())) {
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
  // A disjunction holds where the conjunction of the opposites does not: either way the first decisive part
  // ends it.
  Terms& terms = ground_.terms;
  const bool inverted = terms[condition].op == TermOp::disjunction;
  const std::vector<TermId> conjuncts = terms.conjuncts(inverted ? terms.negation(condition) : condition);
  const auto [at, fresh] = predicates_.try_emplace({conjuncts, inverted});
  if (!fresh) return at->second;
  Predicate& made = at->second;
  made.inverted = inverted;
  made.fact = static_cast<std::uint32_t>(facts_.size());
  std::map<std::size_t, std::vector<TermId>>& alone = facts_.emplace_back();
  // "All are true" may be asked in any order, "the first that is not true is false" only where none is
  // without a value.
  const bool ordered =
      inverted && std::any_of(conjuncts.begin(), conjuncts.end(), [&](TermId c) { return terms[c].partial; });
  std::vector<TermId> rest;
  for (const TermId conjunct : conjuncts) {
    const int one = home(conjunct);
    if (always(conjunct)) continue;
    if (one >= 0 && !ordered)
      alone[static_cast<std::size_t>(one)].push_back(conjunct);
    else
      rest.push_back(conjunct);
  }
  if (!ordered) {
    std::map<std::vector<std::size_t>, std::vector<TermId>> alike;  // by the components that they read
    for (const TermId conjunct : rest) {
      Readings read;
      collect(conjunct, read);
      std::vector<std::size_t> components;
      for (const auto& [component, reading] : read) components.push_back(component);
      alike[components].push_back(conjunct);
    }
    rest.clear();
    for (const auto& [components, some] : alike) rest.insert(rest.end(), some.begin(), some.end());
  }
  made.tests = tests(rest, true);
  spoken_.push_back(Spoken::unasked);
  return made;
}

/// Gives a table its place in the slots of the components that it reads. With more bits than `narrow` it goes
/// by what occurs together.
void CompiledModel::number(Numbered& numbered, unsigned narrow) {
  numbered.uses.clear();
  numbered.bits = bits(numbered.readings);
  const bool kinds = numbered.bits > narrow;
  if (kinds) {
    numbered.bits = 0;
    for (const auto& [component, reading] : numbered.readings) numbered.bits += components_.width(component);
  }
  if (numbered.bits > number_bits_max) return;
  unsigned shift = 0;
  for (const auto& [component, reading] : numbered.readings) {
    const unsigned width = kinds ? components_.width(component) : bits(component, reading);
    if (width == 0) continue;
    Asked& asked = asked_[component];
    Slot slot;
    if (kinds) slot.kind = Slot::Kind::kinds;
    if (reading.whole || (!kinds && width == components_.width(component))) slot.kind = Slot::Kind::whole;
    if (slot.kind != Slot::Kind::whole)
      for (const TermId term : reading.subterms) slot.asked.push_back(asked.position(term));
    const auto same = std::find_if(asked.slots.begin(), asked.slots.end(), [&](const Slot& s) {
      return s.kind == slot.kind && s.asked == slot.asked;
    });
    numbered.uses.push_back(
        {static_cast<std::uint32_t>(component),
         static_cast<std::uint32_t>(fact_words() + static_cast<std::size_t>(same - asked.slots.begin())),
         shift});
    if (same == asked.slots.end()) asked.slots.push_back(std::move(slot));
    shift += width;
  }
}

/// Has the components say which actions of the cluster they leave open.
void CompiledModel::open_gates(Cluster& cluster) {
  cluster.gates.clear();
  cluster.sets.clear();
  std::set<std::size_t> components;
  for (const std::uint32_t a : cluster.actions)
    for (const auto& [component, conjuncts] : parts_[a].gates) components.insert(component);
  for (const std::size_t component : components) {
    Asked& asked = asked_[component];
    cluster.gates.push_back(
        {static_cast<std::uint32_t>(component), static_cast<std::uint32_t>(asked.gates.size()), 0});
    Gate& gate = asked.gates.emplace_back();
    gate.asked.resize(cluster.gated);
    for (const std::uint32_t a : cluster.actions) {
      const auto here = parts_[a].gates.find(component);
      if (here == parts_[a].gates.end()) continue;
      for (const TermId term : here->second) gate.asked[parts_[a].gated].push_back(asked.position(term));
    }
  }
  for (JointGate& gate : cluster.joints) {
    gate.readings.clear();
    gate.asked.assign(cluster.gated, {});
    gate.sets.clear();
    for (const std::uint32_t a : cluster.actions) {
      const auto here = parts_[a].joints.find(gate.of);
      if (here == parts_[a].joints.end()) continue;
      gate.asked[parts_[a].gated] = here->second;
      for (const TermId term : here->second) collect(term, gate.readings);
    }
    number(gate, test_table_bits);
    gate.answers = std::make_unique<Cache<Word>>(gate.bits, test_table_bits);
  }
}

Expected CompiledModel::expected(std::span<const Predicate> predicates) const {
  Expected made;
  made.facts.resize(fact_words());
  std::set<std::uint32_t> tests;
  for (const Predicate& predicate : predicates) {
    made.facts[predicate.fact / 32] |= std::uint32_t{1} << (predicate.fact % 32);
    tests.insert(predicate.tests.begin(), predicate.tests.end());
  }
  made.tests.assign(tests.begin(), tests.end());
  return made;
}

void CompiledModel::speak_for(const Predicate& predicate) {
  if (!predicate.inverted) spoken_[predicate.fact] = Spoken::asked;
}

/// Whether states of one row of the cluster agree in the test.
bool CompiledModel::covers(const Cluster& cluster, const Test& test) const {
  return std::all_of(test.readings.begin(), test.readings.end(), [&](const auto& reading) {
    const auto known = cluster.readings.find(reading.first);
    if (known == cluster.readings.end()) return bits(reading.first, reading.second) == 0;
    if (known->second.whole || bits(reading.first, known->second) == components_.width(reading.first))
      return true;
    const std::vector<TermId>& there = known->second.subterms;
    return !reading.second.whole && std::includes(there.begin(), there.end(), reading.second.subterms.begin(),
                                                  reading.second.subterms.end());
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
      const auto at = std::find_if(clusters_.begin(), clusters_.end(),
                                   [&](const Cluster& c) { return covers(c, tests_[test]); });
      if (at == clusters_.end())
        whole = false;
      else
        tests.emplace_back(&*at, test);
    }
    for (const auto& [component, conjuncts] : facts_[predicate.fact]) {
      const auto at = std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& c) {
        return std::find(c.written.begin(), c.written.end(), component) != c.written.end();
      });
      if (at == clusters_.end())
        whole = false;
      else
        facts.emplace_back(&*at, component);
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
  for (Test& test : tests_) test.few.reset(), test.many.reset();
  for (Cluster& cluster : clusters_) {
    number(cluster);
    open_gates(cluster);
    cluster.rows = std::make_unique<Cache<Row>>(cluster.bits, row_table_bits);
    std::set<std::uint32_t> words;
    for (const std::size_t c : cluster.written) words.insert(components_.place(c).word);
    cluster.stride = std::max<std::size_t>(words.size(), 1);
  }
  // Slots that every state needs come first, so that they are near to each other: those of conditions before
  // those of guards.
  std::vector<std::uint32_t> order;
  for (const auto& [key, predicate] : predicates_)
    order.insert(order.end(), predicate.tests.begin(), predicate.tests.end());
  const std::size_t of_conditions = order.size();
  for (std::uint32_t t = 0; t < tests_.size(); ++t) order.push_back(t);
  for (std::size_t i = 0; i < order.size(); ++i) {
    Test& test = tests_[order[i]];
    if (test.few || test.many) continue;
    const unsigned table_bits = i < of_conditions ? condition_table_bits : test_table_bits;
    number(test, table_bits);
    if (test.bits <= table_bits)
      test.few = std::make_unique<std::atomic<Truth>[]>(std::size_t{1} << test.bits);
    else if (test.bits <= number_bits_max)
      test.many = std::make_unique<Cache<Truth>>(test.bits, 0);
  }
  arena_.clear();
  arena_used_ = arena_size_ = arena_total_ = 0;
  for (std::size_t c = 0; c < components_.count(); ++c) {
    Asked& asked = asked_[c];
    for (const auto& by_component : facts_) {
      std::vector<std::size_t>& positions = asked.facts.emplace_back();
      const auto found = by_component.find(c);
      if (found == by_component.end()) continue;
      for (const TermId term : found->second) positions.push_back(asked.position(term));
    }
  }
  told_.clear();
  told_used_ = told_size_ = told_total_ = gate_bytes_ = 0;
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

/// Fills in what readers want to know of a value.
void CompiledModel::describe(std::size_t component, std::uint32_t value) const {
  const Asked& asked = asked_[component];
  Local& local = components_.local_to_fill(component, value);
  // In one piece, which begins where a line of a cache does, if it is as long.
  const std::size_t facts = fact_words(), gates_size = asked.gates.size() * sizeof(const Word*),
                    size = gates_size + (facts + asked.slots.size()) * sizeof(std::uint32_t);
  const std::size_t line = std::min<std::size_t>(64, std::bit_ceil(std::max(size, sizeof(Word))));
  told_used_ = (told_used_ + line - 1) / line * line;
  if (told_.empty() || told_used_ + size > told_size_) {
    told_size_ = std::max<std::size_t>(size, 1u << 14);
    told_total_ += told_size_;
    told_used_ = 0;
    told_.push_back(std::make_unique<Line[]>((told_size_ + sizeof(Line) - 1) / sizeof(Line)));
  }
  std::byte* const place = reinterpret_cast<std::byte*>(told_.back().get()) + told_used_;
  told_used_ += size;
  const Word** const gates = new (place) const Word*[asked.gates.size()]();
  std::uint32_t* const slots = new (place + gates_size) std::uint32_t[facts + asked.slots.size()]();
  std::vector<std::int64_t> values(asked.terms.size());
  std::vector<bool> undefined(asked.terms.size());
  for (std::size_t t = 0; t < asked.terms.size(); ++t) {
    bool without = false;
    values[t] = ground_.terms.value(asked.terms[t], packing_, local.raw, without);
    undefined[t] = without;
  }
  for (std::size_t p = 0; p < asked.facts.size(); ++p) {
    const bool all = std::all_of(asked.facts[p].begin(), asked.facts[p].end(),
                                 [&](std::size_t t) { return values[t] != 0 && !undefined[t]; });
    if (all) slots[p / 32] |= std::uint32_t{1} << (p % 32);
  }
  for (std::size_t s = 0; s < asked.slots.size(); ++s) {
    const Slot& slot = asked.slots[s];
    if (slot.kind == Slot::Kind::kinds) {
      std::vector<std::int64_t> together;
      for (const std::size_t t : slot.asked) together.insert(together.end(), {values[t], undefined[t]});
      const std::size_t bytes = together.size() * sizeof(std::int64_t) + 64;
      const auto [kind, fresh] =
          slot.kinds.try_emplace(std::move(together), static_cast<std::uint32_t>(slot.kinds.size()));
      if (fresh) gate_bytes_ += bytes;
      slots[facts + s] = kind->second;
      continue;
    }
    std::uint32_t number = slot.kind == Slot::Kind::whole ? value : 0;
    unsigned shift = 0;
    for (const std::size_t t : slot.asked) {
      const Term& term = ground_.terms[asked.terms[t]];
      const unsigned width = bits(asked.terms[t]);
      if (undefined[t])
        number |= std::uint32_t{1} << (shift + width - 1);
      else
        number |= static_cast<std::uint32_t>(values[t] - term.low) << shift;
      shift += width;
    }
    slots[facts + s] = number;
  }
  local.slots = slots;
  for (std::size_t g = 0; g < asked.gates.size(); ++g)
    gates[g] = enter_gate(asked.gates[g].sets, asked.gates[g].asked.size(), [&](std::size_t action) {
      for (const std::size_t t : asked.gates[g].asked[action]) {
        if (undefined[t]) return Truth::undefined;
        if (values[t] == 0) return Truth::no;
      }
      return Truth::yes;
    });
  local.gates = gates;
}

void CompiledModel::widen() {
  std::vector<unsigned> widths = components_.tight();
  for (std::size_t c = 0; c < widths.size(); ++c) {
    const bool full = components_.known(c) == std::size_t{1} << components_.width(c);
    widths[c] =
        std::min(components_.raw_bits(c), full ? components_.width(c) + 3
                                               : std::max(widths[c] + 2, std::min(components_.width(c), 8u)));
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
    if (overflowed() && components_.known(c) == std::size_t{1} << components_.width(c))
      widths[c] = std::min(components_.width(c) + 1, components_.raw_bits(c));
  components_.sort(symmetry_ == nullptr ? std::vector<std::vector<std::size_t>>{} : symmetry_->sorted());
  components_.lay_out(widths);
  place();
  ready();
}

// --- states
// ----------------------------------------------------------------------------------------------------------

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
  components_.forget();  // members of a sorted group number their values alike from the first one on, and
                         // have the same room
  if (symmetry_ != nullptr && !symmetry_->sorted().empty()) {
    std::vector<unsigned> widths;
    for (std::size_t c = 0; c < components_.count(); ++c) widths.push_back(components_.width(c));
    for (const std::vector<std::size_t>& group : symmetry_->sorted())
      for (const std::size_t c : group)
        widths[group.front()] = std::min(widths[group.front()], components_.width(c));
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

/// Notes what the symmetry makes of values; what is not known yet becomes known, until all that belongs
/// together is.
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
      if (number == Components::unknown) {
        unpictured_.clear();
        return;
      }  // the search begins again with more room
      // Members of a sorted group are compared by what they would be in its first place.
      const int group = sorted_group_[component];
      images[p] = {
          components_
              .local(group < 0 ? to : symmetry_->sorted()[static_cast<std::size_t>(group)].front(), number)
              .hash,
          number};
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

/// The hashes of a state's image, by component, those of each sorted group in increasing order, and its
/// values.
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
  if (overflowed()) [[unlikely]]
    return;  // some values have no images, and nothing that is found counts any more
  const Seen seen = see(state);
  const std::size_t count = components_.count();
  const std::uint32_t* least =
      first_settled_ < 0 ? nullptr : seen.at[static_cast<std::size_t>(first_settled_)]->least;
  const std::size_t candidates = least != nullptr ? least[0] : symmetry_->permutations();
  // The representative is the image that is least, by hashes, which depend on values alone: first of the
  // component for which `least` is known, then by a sum, in which the members of a group count alike so that
  // nothing has to be sorted, then by everything in order.
  const auto sum = [&](std::size_t permutation) {
    std::uint64_t result = 0;
    for (const std::size_t c : symmetry_->settled())
      result += seen.at[c]->images[permutation].hash * (2 * symmetry_->component(permutation, c) + 3);
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
      if (!std::lexicographical_compare(
              arranged[1 - best].hashes.begin(),
              arranged[1 - best].hashes.begin() + static_cast<std::ptrdiff_t>(count),
              arranged[best].hashes.begin(),
              arranged[best].hashes.begin() + static_cast<std::ptrdiff_t>(count)))
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

// --- evaluation
// ------------------------------------------------------------------------------------------------------

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
  const std::uint64_t number = test.number(seen);
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
    const auto term = [&](TermId id) {
      return id >= 0 ? ground_.terms.value(id, packing_, raw, undefined) : 0;
    };
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

/// The state after an action, without tables; false where the event is undefined, or where there is no room
/// for a value.
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

const Row* CompiledModel::fill(const Cluster& cluster, const Seen& seen, const Word* state) const {
  const std::lock_guard lock(filling_);
  const std::uint64_t number = cluster.number(seen);
  if (const Row* known = cluster.rows->find(number)) return known;
  const std::size_t words = components_.words();
  std::vector<Outcome> free, gated;
  Gated members{std::vector<Word>((cluster.gated + 63) / 64), std::vector<std::uint16_t>(cluster.gated)};
  std::vector<Word> raw(packing_.words()), after(packing_.words()), keep(words), set(words);
  components_.raw(state, raw.data());
  for (const std::uint32_t a : cluster.actions) {
    const Part& part = parts_[a];
    const Truth truth = conjunction(part.guards, raw.data());
    if (truth == Truth::no) continue;
    Outcome outcome;
    outcome.action = a;
    outcome.flags = static_cast<std::uint8_t>((ground_.actions[a].fault ? Outcome::fault : 0) |
                                              (tests_of_[a].empty() ? 0 : Outcome::guarded) |
                                              (late_[a].empty() ? 0 : Outcome::late));
    // What a row decides comes before its gates and tests wherever it may have no value.
    const bool closable = truth == Truth::yes && part.closable();
    if (truth == Truth::undefined)
      outcome.flags = static_cast<std::uint8_t>((outcome.flags & Outcome::fault) | Outcome::undefined);
    else if (!part.writes)
      outcome.flags |= Outcome::computed;
    else if (!write(a, raw.data(), after.data()))
      outcome.flags |= Outcome::undefined;
    std::vector<Outcome>& into = closable ? gated : free;
    if (closable) {
      members.set[part.gated / 64] |= Word{1} << (part.gated % 64);
      members.at[part.gated] = static_cast<std::uint16_t>(gated.size() / cluster.stride);
    }
    const std::size_t end = into.size() + cluster.stride;
    if ((outcome.flags & (Outcome::undefined | Outcome::computed)) != 0) {
      into.resize(end, outcome);
      continue;
    }
    keep.assign(words, ~Word{0});
    set.assign(words, 0);
    for (const std::size_t c : cluster.written) {
      const std::uint32_t after_number = intern(c, after.data());
      if (after_number == Components::unknown) return &no_row;
      const Components::Place& place = components_.place(c);
      keep[place.word] &= ~(place.mask << place.shift);
      set[place.word] |= Word{after_number} << place.shift;
      outcome.hash ^= seen.at[c]->hash ^ components_.local(c, after_number).hash;
    }
    for (std::size_t w = 0; w < words; ++w) {
      if (keep[w] == ~Word{0}) continue;
      outcome.word = static_cast<std::uint16_t>(w);
      outcome.keep = keep[w];
      outcome.set = set[w];
      into.push_back(outcome);
    }
    into.resize(end, outcome);  // writes what is there already
  }
  Row made{nullptr, static_cast<std::uint32_t>(free.size() / cluster.stride), false};
  for (const std::uint32_t test : cluster.tests)
    made.suspect = made.suspect || conjunction(tests_[test].conjuncts, raw.data()) != Truth::yes;
  for (const auto& [component, fact] : cluster.facts)
    made.suspect = made.suspect || (seen.at[component]->slots[fact / 32] >> (fact % 32) & 1) == 0;
  if (!gated.empty()) {
    const auto [known, fresh] = cluster.sets.try_emplace(members.set, members);
    if (fresh)
      gate_bytes_ += 2 * members.set.size() * sizeof(Word) + members.at.size() * sizeof(std::uint16_t) + 128;
    made.gated = &known->second;
  }
  const std::size_t outcomes = free.size() + gated.size(), bytes = sizeof(Row) + outcomes * sizeof(Outcome);
  if (arena_.empty() || arena_used_ + bytes > arena_size_) {
    arena_size_ = std::max<std::size_t>(bytes, 1u << 15);
    arena_total_ += arena_size_;
    arena_used_ = 0;
    arena_.push_back(std::make_unique<std::byte[]>(arena_size_));
  }
  std::byte* place = arena_.back().get() + arena_used_;
  arena_used_ += bytes;
  const Row* row = new (place) Row(made);
  std::uninitialized_copy(
      gated.begin(), gated.end(),
      std::uninitialized_copy(free.begin(), free.end(), reinterpret_cast<Outcome*>(place + sizeof(Row))));
  cluster.rows->fill(number, row);
  return row;
}

const Word* CompiledModel::fill(const JointGate& gate, std::uint64_t number, const Word* state) const {
  if (gate.answers->used() >= joint_answers_max) return nullptr;
  const std::lock_guard lock(filling_);
  if (const Word* known = gate.answers->find(number)) return known;
  std::vector<Word> raw(packing_.words());
  components_.raw(state, raw.data());
  const Word* said = enter_gate(gate.sets, gate.asked.size(), [&](std::size_t action) {
    return conjunction(gate.asked[action], raw.data());
  });
  gate.answers->fill(number, said);
  return said;
}

std::uint64_t CompiledModel::bytes() const {
  const std::lock_guard lock(filling_);
  std::uint64_t result = components_.bytes() + told_total_ + gate_bytes_ + arena_total_;
  for (const Cluster& cluster : clusters_) {
    if (cluster.rows) result += cluster.rows->bytes();
    for (const JointGate& gate : cluster.joints) result += gate.answers ? gate.answers->bytes() : 0;
  }
  for (const Test& test : tests_)
    result += (test.few ? std::uint64_t{1} << test.bits : 0) + (test.many ? test.many->bytes() : 0);
  return result;
}

}  // namespace portolan::solver::explore
