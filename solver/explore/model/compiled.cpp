// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/model/compiled.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace portolan::solver::explore {

namespace {

constexpr std::size_t joint_answers_max = 1u << 15;
// Tables with a place for every number: those of rows are few, those of gates many.
constexpr unsigned row_table_bits = 13, gate_table_bits = 12;
constexpr std::size_t ahead_rows_max = 1u << 15;
constexpr Row no_row;

}  // namespace

CompiledModel::CompiledModel(const ModelParts& parts)
    : ground_(parts.ground),
      packing_(parts.packing),
      evaluation_(parts.evaluation),
      components_(parts.components),
      clustering_(parts.clustering),
      coverage_(parts.predicates.coverage_by(clustering_->clusters, components_)),
      notes_(ground_.terms, packing_, parts.reader, components_, parts.predicates.facts()),
      clusters_(tables_of(*clustering_, components_, notes_)),
      truth_tables_(parts.tests, parts.predicates.tests(), notes_, evaluation_, components_, filling_),
      values_(components_, notes_, parts.symmetry) {
  notes_.begin();
  values_.begin();
}

std::vector<CompiledModel::Cluster> CompiledModel::tables_of(const Clustering& clustering,
                                                             const Components& components,
                                                             ValueNotes& notes) {
  std::vector<Cluster> made;
  for (const ClusterPlan& plan : clustering.clusters) {
    Cluster& cluster = made.emplace_back();
    cluster.number = notes.number(plan.readings);
    for (const auto& [component, asked] : plan.gates)
      cluster.gates.of_components.push_back(notes.gate(component, asked));
    for (const ClusterPlan::Joint& joint : plan.joint_gates) {
      JointGate& gate = cluster.gates.joint.emplace_back();
      gate.asked = joint.asked;
      gate.number = notes.number(joint.readings, gate_table_bits);
      gate.answers = std::make_unique<Cache<Word>>(gate.number.bits, gate_table_bits);
    }
    cluster.rows = std::make_unique<Cache<Row>>(cluster.number.bits, row_table_bits);
    std::set<std::uint32_t> words;
    for (const std::size_t c : plan.written) words.insert(components.place(c).word);
    cluster.stride = std::max<std::size_t>(words.size(), 1);
  }
  return made;
}

Expected CompiledModel::expected(std::span<const Predicate> predicates) const {
  Expected made;
  made.facts.resize(notes_.fact_words());
  std::set<std::uint32_t> tests;
  for (const Predicate& predicate : predicates) {
    made.facts[predicate.fact / 32] |= std::uint32_t{1} << (predicate.fact % 32);
    tests.insert(predicate.tests.begin(), predicate.tests.end());
  }
  made.tests.assign(tests.begin(), tests.end());
  return made;
}

// --- states

bool CompiledModel::pack(const rules::Cells& cells, Word* into) const {
  std::vector<Word> raw(packing_.words());
  if (!packing_.pack(cells, raw.data())) return false;
  std::fill_n(into, components_.words(), Word{0});
  const std::lock_guard lock(filling_);
  for (std::size_t c = 0; c < components_.count(); ++c) {
    const std::uint32_t number = values_.intern(c, raw.data());
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

std::size_t CompiledModel::known_values() const {
  std::size_t known = 0;
  for (std::size_t c = 0; c < components_.count(); ++c) known += components_.known(c);
  return known;
}

void CompiledModel::meet_values_ahead() const {
  std::size_t known = known_values();
  const std::size_t known_max = 4 * known + 1000;
  for (bool grown = true; grown && !overflowed();) {
    grown = false;
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
      std::size_t rows = 1;
      for (const auto& [component, reading] : clustering_->clusters[c].readings)
        rows = rows > ahead_rows_max ? rows : rows * components_.known(component);
      if (rows > ahead_rows_max) continue;
      meet_rows(c);
      const std::size_t now = known_values();
      grown = grown || now > known;
      known = now;
      if (known > known_max) return;
    }
  }
}

/// Fills the rows of a cluster for all values that its components are known to have.
void CompiledModel::meet_rows(std::size_t cluster) const {
  std::vector<std::size_t> parts;
  std::vector<std::uint32_t> counts;
  std::size_t rows = 1;
  for (const auto& [component, reading] : clustering_->clusters[cluster].readings) {
    parts.push_back(component);
    counts.push_back(components_.known(component));
    rows *= counts.back();
  }
  std::vector<Word> state(components_.words());
  for (std::size_t row = 0; row < rows; ++row) {
    std::fill(state.begin(), state.end(), Word{0});
    std::size_t rest = row;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Components::Place& place = components_.place(parts[i]);
      state[place.word] |= Word{rest % counts[i]} << place.shift;
      rest /= counts[i];
    }
    const Seen seen = see(state.data());
    if (clusters_[cluster].rows->find(clusters_[cluster].number.of(seen)) == nullptr)
      fill(cluster, seen, state.data());
  }
}

// --- what is filled in while a search runs

/// The state after an action, without tables; false where the event is undefined, or where there is no room
/// for a value.
bool CompiledModel::compute(std::uint32_t action, const Word* state, Word* next) const {
  std::vector<Word> raw(packing_.words()), after(packing_.words());
  components_.raw(state, raw.data());
  if (!evaluation_.write(action, raw.data(), after.data())) return false;
  std::copy_n(state, components_.words(), next);
  const std::lock_guard lock(filling_);
  for (std::size_t c = 0; c < components_.count(); ++c) {
    const std::vector<Word>& mask = components_.mask(c);
    bool changed = false;
    for (std::size_t w = 0; w < raw.size(); ++w) changed = changed || ((raw[w] ^ after[w]) & mask[w]) != 0;
    if (!changed) continue;
    const std::uint32_t number = values_.intern(c, after.data());
    if (number == Components::unknown) return false;
    const Components::Place& place = components_.place(c);
    next[place.word] = (next[place.word] & ~(place.mask << place.shift)) | Word{number} << place.shift;
  }
  return true;
}

/// An effect without its words: what is known of it, and the raw state after it where rows say that.
Effect CompiledModel::begun(std::uint32_t action, TruthValue guards, RawStep& step) const {
  Effect effect;
  effect.action = action;
  effect.flags = static_cast<std::uint8_t>((ground_.actions[action].fault ? Effect::fault : 0) |
                                           (clustering_->tests[action].empty() ? 0 : Effect::guarded) |
                                           (clustering_->late_tests[action].empty() ? 0 : Effect::late));
  if (guards == TruthValue::undefined)
    effect.flags = static_cast<std::uint8_t>((effect.flags & Effect::fault) | Effect::undefined);
  else if (!clustering_->actions[action].writes)
    effect.flags |= Effect::computed;
  else if (!evaluation_.write(action, step.before.data(), step.after.data()))
    effect.flags |= Effect::undefined;
  return effect;
}

/// Appends the words that an effect changes; false where there is no room for a value.
bool CompiledModel::patch(const ClusterPlan& plan, const Seen& seen, const Word* after, Effect& effect,
                          std::vector<Effect>& into) const {
  std::vector<Word> keep(components_.words(), ~Word{0}), set(components_.words());
  for (const std::size_t c : plan.written) {
    const std::uint32_t number = values_.intern(c, after);
    if (number == Components::unknown) return false;
    const Components::Place& place = components_.place(c);
    keep[place.word] &= ~(place.mask << place.shift);
    set[place.word] |= Word{number} << place.shift;
    effect.hash ^= seen.at[c]->hash ^ components_.value(c, number).hash;
  }
  for (std::size_t w = 0; w < keep.size(); ++w) {
    if (keep[w] == ~Word{0}) continue;
    effect.word = static_cast<std::uint16_t>(w);
    effect.keep = keep[w];
    effect.set = set[w];
    into.push_back(effect);
  }
  return true;
}

/// Whether some condition that rows cover fails in the states of a row.
bool CompiledModel::suspect(const RowConditions& conditions, const Seen& seen, const Word* raw) const {
  return std::any_of(
             conditions.tests.begin(), conditions.tests.end(),
             [&](std::uint32_t test) { return truth_tables_.evaluate(test, raw) != TruthValue::yes; }) ||
         std::any_of(conditions.facts.begin(), conditions.facts.end(), [&](const auto& of) {
           return (seen.at[of.first]->slots[of.second / 32] >> (of.second % 32) & 1) == 0;
         });
}

const GatedActions* CompiledModel::known_once(const Cluster& cluster, const GatedActions& members) const {
  const auto [known, fresh] = cluster.gated_sets.try_emplace(members.set, members);
  if (fresh)
    gate_bytes_ += 2 * members.set.size() * sizeof(Word) + members.at.size() * sizeof(std::uint16_t) + 128;
  return &known->second;
}

const Row* CompiledModel::fill(std::size_t at, const Seen& seen, const Word* state) const {
  const std::lock_guard lock(filling_);
  const Cluster& cluster = clusters_[at];
  const ClusterPlan& plan = clustering_->clusters[at];
  const std::uint64_t number = cluster.number.of(seen);
  if (const Row* known = cluster.rows->find(number)) return known;
  std::vector<Effect> free, gated;
  GatedActions members{std::vector<Word>((plan.gated + 63) / 64), std::vector<std::uint16_t>(plan.gated)};
  RawStep step{std::vector<Word>(packing_.words()), std::vector<Word>(packing_.words())};
  components_.raw(state, step.before.data());
  for (const std::uint32_t a : plan.actions) {
    const ActionPlan& action = clustering_->actions[a];
    const TruthValue truth = evaluation_.conjunction(action.guards, step.before.data());
    if (truth == TruthValue::no) continue;
    Effect effect = begun(a, truth, step);
    // What a row decides comes before its gates and tests wherever it may have no value.
    const bool closable = truth == TruthValue::yes && action.closable();
    std::vector<Effect>& into = closable ? gated : free;
    if (closable) {
      members.set[action.gated / 64] |= Word{1} << (action.gated % 64);
      members.at[action.gated] = static_cast<std::uint16_t>(gated.size() / cluster.stride);
    }
    const std::size_t end = into.size() + cluster.stride;
    if ((effect.flags & (Effect::undefined | Effect::computed)) == 0 &&
        !patch(plan, seen, step.after.data(), effect, into))
      return &no_row;
    into.resize(end, effect);  // of the words that are left, what is there already
  }
  Row made{nullptr, static_cast<std::uint32_t>(free.size() / cluster.stride),
           suspect(coverage_.of_clusters[at], seen, step.before.data())};
  if (!gated.empty()) made.gated = known_once(cluster, members);
  const Row* row = arena_.place(made, free, gated);
  cluster.rows->fill(number, row);
  return row;
}

const Word* CompiledModel::fill(const JointGate& gate, std::uint64_t number, const Word* state) const {
  if (gate.answers->used() >= joint_answers_max) return nullptr;
  const std::lock_guard lock(filling_);
  if (const Word* known = gate.answers->find(number)) return known;
  std::vector<Word> raw(packing_.words());
  components_.raw(state, raw.data());
  const Word* said = gate.sets.enter(gate.asked.size(), gate_bytes_, [&](std::size_t action) {
    return evaluation_.conjunction(gate.asked[action], raw.data());
  });
  gate.answers->fill(number, said);
  return said;
}

std::uint64_t CompiledModel::bytes() const {
  const std::lock_guard lock(filling_);
  std::uint64_t result =
      components_.bytes() + notes_.bytes() + gate_bytes_ + arena_.bytes() + truth_tables_.bytes();
  for (const Cluster& cluster : clusters_) {
    result += cluster.rows->bytes();
    for (const JointGate& gate : cluster.gates.joint) result += gate.answers->bytes();
  }
  return result;
}

}  // namespace portolan::solver::explore
