// SPDX-License-Identifier: Apache-2.0
#include "solver/compiled.hpp"

#include <algorithm>
#include <bit>

namespace portolan::solver {

namespace {

// A table of 2^12 rows takes 32 KiB, one of truth values 4 KiB: several of each stay in the second-level cache.
constexpr unsigned cluster_bits_max = 12, test_bits_max = 12;
// What Outcome::more and Outcome::word can say.
constexpr std::ptrdiff_t patches_max = 256;
constexpr std::size_t patched_words_max = 65536;

unsigned bits(std::span<const Word> mask) {
  unsigned result = 0;
  for (const Word word : mask) result += static_cast<unsigned>(std::popcount(word));
  return result;
}
unsigned common_bits(std::span<const Word> a, std::span<const Word> b) {
  unsigned result = 0;
  for (std::size_t w = 0; w < a.size(); ++w) result += static_cast<unsigned>(std::popcount(a[w] & b[w]));
  return result;
}
void add(std::vector<Word>& into, std::span<const Word> from) {
  for (std::size_t w = 0; w < into.size(); ++w) into[w] |= from[w];
}
std::vector<Word> joined(std::vector<Word> a, std::span<const Word> b) {
  add(a, b);
  return a;
}

}  // namespace

Gather::Gather(std::span<const Word> mask) {
  for (std::size_t w = 0; w < mask.size(); ++w) {
    for (Word left = mask[w]; left != 0;) {
      const auto shift = static_cast<unsigned>(std::countr_zero(left));
      const auto width = static_cast<unsigned>(std::countr_one(left >> shift));
      const Word run = width == 64 ? ~Word{0} : (Word{1} << width) - 1;
      runs.push_back({static_cast<std::uint32_t>(w), static_cast<std::uint8_t>(shift), static_cast<std::uint8_t>(bits), run});
      bits += width;
      left &= ~(run << shift);
    }
  }
}

CompiledModel::CompiledModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits, const std::function<void(std::uint64_t)>& tick)
    : ground_(module, admits, tick), packing_(module, ground_.terms.constants()), parts_(ground_.actions.size()), residual_(ground_.actions.size()) {
  for (std::uint32_t a = 0; a < ground_.actions.size(); ++a) place(a);
  for (Cluster& cluster : clusters_) {
    cluster.gather = Gather(cluster.mask);
    cluster.rows = std::make_unique<std::atomic<const Outcome*>[]>(std::size_t{1} << cluster.gather.bits);
  }
}

CompiledModel::Mask CompiledModel::mask_of(const std::function<void(const std::function<void(std::size_t)>&)>& cells) const {
  Mask mask(packing_.words());
  cells([&](std::size_t cell) {
    const Field& field = packing_.fields()[cell];
    mask[field.word] |= field.mask << field.shift;
  });
  return mask;
}
CompiledModel::Mask CompiledModel::mask_of(TermId term) const {
  return mask_of([&](const auto& f) { ground_.terms.read_cells(term, f); });
}
CompiledModel::Mask CompiledModel::mask_of(const GroundWrite& write) const {
  return mask_of([&](const auto& f) {
    for (const TermId term : {write.i, write.j, write.value}) if (term >= 0) ground_.terms.read_cells(term, f);
  });
}

/// Decides which part of an action a cluster holds, and which cluster.
void CompiledModel::place(std::uint32_t action) {
  const GroundAction& ground = ground_.actions[action];
  Part& part = parts_[action];
  Mask mask(packing_.words());
  for (const GroundWrite& write : ground.writes) add(mask, mask_of(write));
  Mask written(packing_.words());
  for (const GroundWrite& write : ground.writes)
    add(written, mask_of([&](const auto& f) { ground_.written_cells(write, f); }));
  const auto touched = std::count_if(written.begin(), written.end(), [](Word word) { return word != 0; });
  part.writes = bits(mask) <= cluster_bits_max && touched <= patches_max && written.size() <= patched_words_max;
  if (!part.writes) mask.assign(packing_.words(), 0);
  std::vector<Mask> read;
  Mask all = mask;
  for (const TermId guard : ground.guards) add(all, read.emplace_back(mask_of(guard)));
  std::vector<TermId> rest;
  if (bits(all) <= cluster_bits_max) {
    part.guards = ground.guards;
    mask = all;
  } else {
    // Conjuncts may be looked at out of their order as long as all of them have a value: up to the first that may have none.
    bool partial = false;
    for (std::size_t g = 0; g < ground.guards.size(); ++g) {
      partial = partial || ground_.terms[ground.guards[g]].partial;
      Mask with = joined(mask, read[g]);
      const bool fits = !partial && bits(with) <= cluster_bits_max;
      (fits ? part.guards : rest).push_back(ground.guards[g]);
      if (fits) mask = std::move(with);
    }
  }
  residual_[action] = tests(rest);
  part.guarded = !rest.empty();

  Cluster* best = nullptr;
  unsigned least = ~0u;
  for (Cluster& cluster : clusters_) {
    const unsigned growth = bits(joined(cluster.mask, mask)) - bits(cluster.mask), common = common_bits(cluster.mask, mask);
    if (growth >= least || bits(cluster.mask) + growth > cluster_bits_max || (growth > common && common < bits(cluster.mask))) continue;
    least = growth;
    best = &cluster;
  }
  if (best == nullptr) {
    best = &clusters_.emplace_back();
    best->mask.assign(packing_.words(), 0);
  }
  add(best->mask, mask);
  best->actions.push_back(action);
}

std::uint32_t CompiledModel::test(const std::vector<TermId>& conjuncts, const Mask& mask) {
  const auto [at, fresh] = test_numbers_.try_emplace(conjuncts, static_cast<std::uint32_t>(tests_.size()));
  if (fresh) {
    Test& made = tests_.emplace_back();
    made.conjuncts = conjuncts;
    made.gather = Gather(mask);
    if (made.gather.bits <= test_bits_max) made.table = std::make_unique<std::atomic<Truth>[]>(std::size_t{1} << made.gather.bits);
  }
  return at->second;
}

/// Neighbours share a test as long as a table holds what they read.
std::vector<std::uint32_t> CompiledModel::tests(const std::vector<TermId>& conjuncts) {
  std::vector<std::uint32_t> result;
  std::vector<TermId> group;
  Mask mask(packing_.words());
  const auto close = [&] {
    if (!group.empty()) result.push_back(test(group, mask));
    group.clear();
    mask.assign(packing_.words(), 0);
  };
  for (const TermId conjunct : conjuncts) {
    const Mask read = mask_of(conjunct);
    if (!group.empty() && bits(joined(mask, read)) > test_bits_max) close();
    group.push_back(conjunct);
    add(mask, read);
  }
  close();
  return result;
}

Predicate CompiledModel::predicate(TermId condition) {
  // A disjunction holds where the conjunction of the opposites does not: either way the first decisive part ends it.
  const TermOp op = ground_.terms[condition].op;
  const bool inverted = op == TermOp::disjunction;
  return {tests(ground_.terms.conjuncts(inverted ? ground_.terms.negation(condition) : condition)), inverted};
}

Truth CompiledModel::conjunction(const std::vector<TermId>& conjuncts, const Word* state) const {
  for (const TermId conjunct : conjuncts) {
    bool undefined = false;
    const bool yes = ground_.terms.value(conjunct, packing_, state, undefined) != 0;
    if (undefined) return Truth::undefined;
    if (!yes) return Truth::no;
  }
  return Truth::yes;
}

bool CompiledModel::compute(std::uint32_t action, const Word* state, Word* next) const {
  const rules::Module& module = ground_.terms.module();
  const std::size_t words = packing_.words();
  std::vector<Word> written(words);
  std::copy_n(state, words, next);
  bool undefined = false;
  for (const GroundWrite& write : ground_.actions[action].writes) {
    const auto term = [&](TermId id) { return id >= 0 ? ground_.terms.value(id, packing_, state, undefined) : 0; };
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

const Outcome* CompiledModel::fill(const Cluster& cluster, std::size_t number, const Word* state) const {
  const std::lock_guard lock(filling_);
  if (const Outcome* known = cluster.rows[number].load(std::memory_order_relaxed)) return known;
  std::vector<Outcome> row(1);
  const std::size_t words = packing_.words();
  std::vector<Word> mask(words), next(words);
  for (const std::uint32_t a : cluster.actions) {
    const Part& part = parts_[a];
    const GroundAction& action = ground_.actions[a];
    const Truth truth = conjunction(part.guards, state);
    if (truth == Truth::no) continue;
    Outcome outcome;
    outcome.action = a;
    outcome.flags = static_cast<std::uint8_t>((action.fault ? Outcome::fault : 0) | (part.guarded ? Outcome::guarded : 0));
    if (truth == Truth::undefined) {
      outcome.flags |= Outcome::undefined;
      row.push_back(outcome);
      continue;
    }
    if (!part.writes) {
      outcome.flags |= Outcome::computed;
      row.push_back(outcome);
      continue;
    }
    if (!compute(a, state, next.data())) {
      outcome.flags |= Outcome::undefined;
      row.push_back(outcome);
      continue;
    }
    mask.assign(words, 0);
    for (const GroundWrite& write : action.writes) {
      bool undefined = false;
      const rules::Module& module = ground_.terms.module();
      const auto term = [&](TermId id) { return id >= 0 ? ground_.terms.value(id, packing_, state, undefined) : 0; };
      const std::int64_t i = term(write.i), j = term(write.j);
      const Field& field = packing_.fields()[module.cell(static_cast<int>(write.variable), i, j)];
      mask[field.word] |= field.mask << field.shift;
    }
    const std::size_t first = row.size();
    for (std::size_t w = 0; w < words; ++w) {
      if (mask[w] == 0) continue;
      outcome.word = static_cast<std::uint16_t>(w);
      outcome.keep = ~mask[w];
      outcome.set = next[w] & mask[w];
      row.push_back(outcome);
    }
    if (row.size() == first) row.push_back(outcome);  // writes what is there already
    row[first].more = static_cast<std::uint8_t>(row.size() - first - 1);
  }
  row[0].action = static_cast<std::uint32_t>(row.size() - 1);
  if (arena_.empty() || arena_used_ + row.size() > arena_size_) {
    arena_size_ = std::max<std::size_t>(row.size(), 1024);
    arena_total_ += arena_size_;
    arena_used_ = 0;
    arena_.push_back(std::make_unique<Outcome[]>(arena_size_));
  }
  Outcome* place = arena_.back().get() + arena_used_;
  arena_used_ += row.size();
  std::copy(row.begin(), row.end(), place);
  cluster.rows[number].store(place, std::memory_order_release);
  return place;
}

std::uint64_t CompiledModel::bytes() const {
  std::uint64_t result = 0;
  for (const Cluster& cluster : clusters_) result += sizeof(void*) << cluster.gather.bits;
  for (const Test& test : tests_) result += test.table ? std::uint64_t{1} << test.gather.bits : 0;
  const std::lock_guard lock(filling_);
  return result + arena_total_ * sizeof(Outcome);
}

}  // namespace portolan::solver
