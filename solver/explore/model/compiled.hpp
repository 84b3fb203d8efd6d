#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A ground model made quick, over states as numbers of components (components.hpp): the finished thing that
// searches use, made by ModelBuilder (builder.hpp) for one layout of states. For every cluster of actions
// (clusters.hpp) the values of its components number a row that says what its actions do (rows.hpp); gates
// (gates.hpp) leave few of a row's actions, and what is still open is looked at one by one as tests
// (truth_tables.hpp). Tables are filled by the terms themselves when a search first comes to them, so that
// only what occurs costs anything; writes to very much are made from their terms.
//
//   ModelBuilder builder(module, {});
//   const Predicate wanted = builder.predicate(term);
//   const auto model = builder.build();
//   model->successors<0>(state, model->see(state), scratch, [&](action, flags, next, hash) { … });
//
// Constant but for what it meets: a search may use one model from several threads, two searches may not use
// it at the same time. The builder must outlive it; it means nothing once the builder has changed the layout.

#include <algorithm>
#include <bit>
#include <mutex>
#include <span>

#include "solver/explore/model/predicates.hpp"
#include "solver/explore/model/values.hpp"

namespace portolan::solver::explore {

/// Of which a model is made; all but the clustering belong to the builder.
struct ModelParts {
  const GroundModel& ground;
  const Packing& packing;
  const Evaluation& evaluation;
  const TermReader& reader;
  Components& components;
  const TestList& tests;
  const PredicateList& predicates;
  std::shared_ptr<const Clustering> clustering;
  std::shared_ptr<const Symmetry> symmetry;  ///< null: none
};

class CompiledModel {
 public:
  explicit CompiledModel(const ModelParts& parts);

  const std::vector<GroundAction>& actions() const { return ground_.actions; }
  const Components& components() const { return components_; }
  const Packing& packing() const { return packing_; }
  std::size_t words() const { return components_.words(); }

  /// False for cells outside their domain, or different from what they are in every state, and where there is
  /// no room for a value. Not while a search runs.
  bool pack(const rules::Cells& cells, Word* into) const;
  /// The same for a state that was met before, without adding to what is known.
  bool find(const rules::Cells& cells, Word* into) const;
  rules::Cells unpack(const Word* state) const;

  /// Whether states that differ by a symmetry are one: `successors` then gives representatives.
  bool reduces() const { return values_.representatives() != nullptr; }
  /// Null where it does not.
  const Symmetry* symmetry() const { return reduces() ? &values_.representatives()->symmetry() : nullptr; }
  /// The state's representative, and its hash. Where a model does not reduce, or overflowed, the state stays.
  void represent(Word* state, std::uint64_t& hash) const {
    // After an overflow some values have no images, and nothing that is found counts any more.
    if (!reduces() || overflowed()) [[unlikely]]
      return;
    values_.representatives()->represent(state, hash);
  }

  /// A component has more values than its number has room for: what was found since then means nothing.
  bool overflowed() const { return values_.overflowed(); }
  /// Values were met since the model was built.
  bool grew() const { return values_.grew(); }
  /// Meets values ahead of a search, as far as they follow from known ones wherever few components play a
  /// part: rows for all of their values together, whether or not some state has them. What is met this way
  /// need not occur.
  void meet_values_ahead() const;

  Seen see(const Word* state) const { return components_.see(state); }
  /// Whether the condition is true; a condition that is undefined is not.
  bool holds(const Predicate& predicate, const Word* state) const {
    return holds(predicate, see(state), state);
  }
  bool holds(const Predicate& predicate, const Seen& seen, const Word* state) const {
    const std::uint32_t word = predicate.fact / 32, bit = predicate.fact % 32;
    bool all = true;
    for (std::size_t c = 0, n = components_.count(); c < n && all; ++c)
      all = (seen.at[c]->slots[word] >> bit & 1) != 0;
    const TruthValue truth = all ? truth_tables_.all_of(predicate.tests, seen, state) : TruthValue::no;
    return truth == (predicate.inverted ? TruthValue::no : TruthValue::yes);
  }

  /// Not inverted.
  Expected expected(std::span<const Predicate> predicates) const;
  /// Whether all of them hold.
  bool holds(const Expected& expected, const Seen& seen, const Word* state) const {
    for (std::size_t w = 0; w < expected.facts.size(); ++w) {
      std::uint32_t all = expected.facts[w];
      for (std::size_t c = 0, n = components_.count(); c < n; ++c) all &= seen.at[c]->slots[w];
      if (all != expected.facts[w]) return false;
    }
    return truth_tables_.all_of(expected.tests, seen, state) == TruthValue::yes;
  }
  /// Where no row of a state is suspect, the condition holds.
  bool covered_by_rows(const Predicate& predicate) const {
    return !predicate.inverted && coverage_.covered[predicate.fact];
  }

  /// Whether one action may lead from a state to another, without symmetry: a quick look at what differs.
  bool may_lead(const Word* from, const Word* to) const {
    const std::size_t words = components_.words();
    const std::vector<Word>& changes = clustering_->changes;
    for (std::size_t at = 0; at < changes.size(); at += words) {
      bool within = true;
      for (std::size_t w = 0; w < words && within; ++w) within = ((from[w] ^ to[w]) & ~changes[at + w]) == 0;
      if (within) return true;
    }
    return false;
  }

  /// Calls f(action, flags, next, hash) for every action that is enabled, in an order that depends on the
  /// model alone. `next` is the state that follows, in `scratch` (of words() words), `hash` its hash; for an
  /// undefined event they mean nothing. An answer of false ends it. W: the number of words, 0 where it is
  /// known at run time only. Represented: whether `next` is a representative, where the model reduces. True
  /// when a row is suspect (see `covered_by_rows`); an answer of false leaves that open.
  template <unsigned W, bool Represented = true, class F>
  bool successors(const Word* state, const Seen& seen, Word* scratch, const F& f) const {
    const std::size_t words = W > 0 ? W : components_.words();
    bool suspect = false;
    std::uint64_t hash = 0;
    for (std::size_t c = 0, n = components_.count(); c < n; ++c) hash ^= seen.at[c]->hash;
    const bool represents = Represented && reduces();
    const auto offer = [&](const Effect* effect, std::size_t stride, Effect::Flag asks)
        __attribute__((always_inline)) {
      std::uint8_t flags = effect->flags;
      if ((flags & (Effect::undefined | Effect::computed | asks)) != 0) [[unlikely]] {
        if (!settle(effect->action, flags, asks, seen, state, scratch)) return true;
        if ((flags & (Effect::computed | Effect::undefined)) != 0) {
          std::uint64_t there = (flags & Effect::undefined) != 0 ? 0 : components_.hash(scratch);
          if (represents && (flags & Effect::undefined) == 0) represent(scratch, there);
          return f(effect->action, flags, static_cast<const Word*>(scratch), there);
        }
      }
      std::uint64_t there = hash ^ effect->hash;
      if constexpr (W == 1) {
        scratch[0] = (state[0] & effect->keep) | effect->set;
      } else {
        for (std::size_t w = 0; w < words; ++w) scratch[w] = state[w];
        for (std::size_t i = 0; i < stride; ++i)
          scratch[effect[i].word] = (scratch[effect[i].word] & effect[i].keep) | effect[i].set;
      }
      if (represents) represent(scratch, there);
      return f(effect->action, flags, static_cast<const Word*>(scratch), there);
    };
    for (const Cluster& cluster : clusters_) {
      const Row* row = cluster.rows->find(cluster.number.of(seen));
      if (row == nullptr) [[unlikely]]
        row = fill(static_cast<std::size_t>(&cluster - clusters_.data()), seen, state);
      suspect = suspect || row->suspect;
      const std::size_t stride = W == 1 ? 1 : cluster.stride;
      const Effect* free = row->effects();
      const Effect* const gated = free + row->free * stride;
      Gates::Opened opened;
      for (;;) {
        const Effect* effect = free;
        if (free != gated) {
          free += stride;
        } else {
          if (row->gated == nullptr ||
              !cluster.gates.open_next(*row->gated, seen, opened,
                                       [&](const JointGate& gate) { return answer(gate, seen, state); }))
            break;
          effect = gated + row->gated->at[(opened.words - 1) * 64 +
                                          static_cast<std::size_t>(std::countr_zero(opened.open))] *
                               stride;
          opened.open &= opened.open - 1;
        }
        if (!offer(effect, stride, opened.asks)) return false;
      }
    }
    return suspect;
  }

  std::uint64_t bytes() const;

 private:
  struct Cluster {
    TableNumber number;
    std::unique_ptr<Cache<Row>> rows;
    std::size_t stride = 1;  ///< effects of one action
    Gates gates;
    mutable std::map<std::vector<Word>, GatedActions> gated_sets;  ///< of rows
  };
  /// Raw states before and after an action.
  struct RawStep {
    std::vector<Word> before, after;
  };

  const GroundModel& ground_;
  const Packing& packing_;
  const Evaluation& evaluation_;
  Components& components_;
  std::shared_ptr<const Clustering> clustering_;
  Coverage coverage_;

  // What is met while a search runs; under the mutex where it is changed.
  mutable std::mutex filling_;
  mutable ValueNotes notes_;
  std::vector<Cluster> clusters_;
  TruthTables truth_tables_;
  mutable Values values_;
  mutable RowArena arena_;
  mutable std::uint64_t gate_bytes_ = 0;

  static std::vector<Cluster> tables_of(const Clustering& clustering, const Components& components,
                                        ValueNotes& notes);

  /// Where a row alone does not settle an action: asks its tests, computes its state into `next`, or adds to
  /// the flags that it is undefined. False where it is not enabled.
  [[gnu::always_inline]] bool settle(std::uint32_t action, std::uint8_t& flags, Effect::Flag asks,
                                     const Seen& seen, const Word* state, Word* next) const {
    const TruthValue truth =
        (flags & asks) == 0
            ? TruthValue::yes
            : truth_tables_.all_of(
                  (asks == Effect::late ? clustering_->late_tests : clustering_->tests)[action], seen, state);
    if (truth == TruthValue::no) return false;
    if (truth == TruthValue::undefined) flags |= Effect::undefined;
    if ((flags & (Effect::computed | Effect::undefined)) == Effect::computed && !compute(action, state, next))
      flags |= Effect::undefined;
    return true;
  }
  bool compute(std::uint32_t action, const Word* state, Word* next) const;
  /// What a gate says; null where it has as many answers as it may have.
  const Word* answer(const JointGate& gate, const Seen& seen, const Word* state) const {
    const std::uint64_t number = gate.number.of(seen);
    const Word* const known = gate.answers->find(number);
    return known != nullptr ? known : fill(gate, number, state);
  }
  const Word* fill(const JointGate& gate, std::uint64_t number, const Word* state) const;
  const Row* fill(std::size_t cluster, const Seen& seen, const Word* state) const;
  Effect begun(std::uint32_t action, TruthValue guards, RawStep& step) const;
  bool patch(const ClusterPlan& plan, const Seen& seen, const Word* after, Effect& effect,
             std::vector<Effect>& into) const;
  bool suspect(const RowConditions& conditions, const Seen& seen, const Word* raw) const;
  const GatedActions* known_once(const Cluster& cluster, const GatedActions& members) const;
  void meet_rows(std::size_t cluster) const;
  std::size_t known_values() const;
};

}  // namespace portolan::solver::explore
