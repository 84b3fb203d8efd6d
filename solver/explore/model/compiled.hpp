#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A ground model made quick, over states as numbers of components (components.hpp). Actions that write the
// same components form a *cluster*: the values of those components, and what else the writes depend on,
// number the rows of its table, and a row lists what its actions do. Of a component that is only read, a
// table needs no value but its *class*: values that make the same subterms true are one (`place[w] == h` is
// one bit, whatever else w may be). Rows are filled by the terms themselves when a search first comes to
// them, so that only what occurs costs anything. Guards that rows do not decide come after: what one
// component says alone, or a few together, is a *gate*, a set of the cluster's actions for each value, or for
// what the few are together, so that an intersection leaves few of a row's actions. What is still open, and
// conditions, are looked at one by one as tests (tables of truth values, filled the same way); writes to very
// much are made from their terms.
//
// A search may use one compiled model from several threads; between searches it belongs to one.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <map>
#include <mutex>
#include <set>
#include <span>

#include "solver/explore/model/cache.hpp"
#include "solver/explore/model/components.hpp"
#include "solver/explore/model/grounding.hpp"
#include "solver/explore/model/symmetry.hpp"

namespace portolan::solver::explore {

enum class Truth : std::uint8_t { unknown, no, yes, undefined };

/// What one enabled action does to one word. All actions of a cluster take as many of these: one for each
/// word that it writes.
struct Outcome {
  enum Flag : std::uint8_t {
    fault = 1,
    undefined = 2,
    computed = 4,
    guarded = 8,
    late = 16
  };  ///< guarded: by tests; late: even where the gates are open
  Word keep = ~Word{0}, set = 0;
  std::uint64_t hash = 0;    ///< by which the state's hash changes, all words together
  std::uint32_t action = 0;  ///< position in GroundModel::actions
  std::uint16_t word = 0;
  std::uint8_t flags = 0;
};

/// Which of the gated actions of its cluster a row has, and where.
struct Gated {
  std::vector<Word> set;          ///< a bit for each
  std::vector<std::uint16_t> at;  ///< for each, its position among those of the row
};

/// What the actions of a cluster do; the outcomes lie behind it, those of gated actions last.
struct Row {
  const Gated* gated = nullptr;  ///< null: none
  std::uint32_t free = 0;        ///< outcomes of actions that no gate can close
  bool suspect = false;
  const Outcome* outcomes() const { return reinterpret_cast<const Outcome*>(this + 1); }
};

/// A condition over states, compiled.
struct Predicate {
  std::uint32_t fact = 0;            ///< what the components say of it, each alone
  std::vector<std::uint32_t> tests;  ///< what they say together; all must hold, in order
  bool inverted = false;
};

/// Conditions that nearly every state satisfies, asked together.
struct Expected {
  std::vector<std::uint32_t> facts;  ///< a bit for each
  std::vector<std::uint32_t> tests;
};

/// The values of a state's components, looked up once.
struct Seen {
  std::array<const Local*, Components::count_max> at;
};

class CompiledModel {
 public:
  /// `tick`: see GroundModel.
  CompiledModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits,
                const std::function<void(std::uint64_t)>& tick = {});

  const GroundModel& ground() const { return ground_; }
  const std::vector<GroundAction>& actions() const { return ground_.actions; }
  Terms& terms() { return ground_.terms; }
  Components& components() { return components_; }
  const Components& components() const { return components_; }

  /// Not while a search runs.
  Predicate predicate(TermId condition);
  /// Rows shall tell where the condition fails, so that nobody has to ask every state for it.
  void speak_for(const Predicate& predicate);
  /// Whether they do: where no row of a state is suspect, the condition holds.
  bool spoken_for(const Predicate& predicate) const {
    return !predicate.inverted && spoken_[predicate.fact] == Spoken::yes;
  }
  /// After the last predicate and after every change of the layout, before a search.
  void ready();

  /// From here on states that differ by a symmetry are one: `successors` gives representatives. Null: none
  /// are. Before `ready`.
  void reduce(std::unique_ptr<Symmetry> symmetry);
  const Symmetry* symmetry() const { return symmetry_.get(); }
  const Packing& packing() const { return packing_; }
  /// The state's representative, and its hash.
  void represent(Word* state, std::uint64_t& hash) const;

  std::size_t words() const { return components_.words(); }
  /// False for cells outside their domain, or different from what they are in every state. Not while a search
  /// runs.
  bool pack(const rules::Cells& cells, Word* into);
  /// The same for a state that was met before, without adding to what is known.
  bool find(const rules::Cells& cells, Word* into) const;
  rules::Cells unpack(const Word* state) const;

  /// A component has more values than its number has room for: what was found since then means nothing.
  bool overflowed() const { return overflowed_.load(std::memory_order_relaxed); }
  /// Twice the room wherever it was used up, and at least `bits` in all others.
  void widen();
  /// Meets values ahead of a search, as far as they follow from known ones wherever few components play a
  /// part: rows for all of their values together, whether or not some state has them. What is met this way
  /// need not occur.
  void look_ahead();
  /// Just the room that the known values need, and numbers that depend on the values alone.
  void tighten();
  /// Values met since `ready`.
  bool grew() const { return grew_.load(std::memory_order_relaxed); }

  Seen see(const Word* state) const {
    Seen seen;
    for (std::size_t c = 0, n = components_.count(); c < n; ++c) seen.at[c] = &components_.local(c, state);
    return seen;
  }
  /// Whether the condition is true; a condition that is undefined is not.
  bool holds(const Predicate& predicate, const Word* state) const {
    return holds(predicate, see(state), state);
  }
  bool holds(const Predicate& predicate, const Seen& seen, const Word* state) const {
    const std::uint32_t word = predicate.fact / 32, bit = predicate.fact % 32;
    bool all = true;
    for (std::size_t c = 0, n = components_.count(); c < n && all; ++c)
      all = (seen.at[c]->slots[word] >> bit & 1) != 0;
    const Truth truth = all ? together(predicate.tests, seen, state) : Truth::no;
    return truth == (predicate.inverted ? Truth::no : Truth::yes);
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
    return together(expected.tests, seen, state) == Truth::yes;
  }

  /// Whether one action may lead from a state to another, without symmetry: a quick look at what differs.
  bool may_lead(const Word* from, const Word* to) const {
    const std::size_t words = components_.words();
    for (std::size_t at = 0; at < changes_.size(); at += words) {
      bool within = true;
      for (std::size_t w = 0; w < words && within; ++w) within = ((from[w] ^ to[w]) & ~changes_[at + w]) == 0;
      if (within) return true;
    }
    return false;
  }

  /// Calls f(action, flags, next, hash) for every action that is enabled, in an order that depends on the
  /// model alone. `next` is the state that follows, in `scratch` (of words() words), `hash` its hash; for an
  /// undefined event they mean nothing. An answer of false ends it. W: the number of words, 0 where it is
  /// known at run time only. Represented: see `reduce`. True when a row is suspect (see `speak_for`); an
  /// answer of false leaves that open.
  template <unsigned W, bool Represented = true, class F>
  bool successors(const Word* state, const Seen& seen, Word* scratch, const F& f) const {
    const std::size_t words = W > 0 ? W : components_.words();
    bool suspect = false;
    std::uint64_t hash = 0;
    for (std::size_t c = 0, n = components_.count(); c < n; ++c) hash ^= seen.at[c]->hash;
    const auto offer = [&](const Outcome* outcome, std::size_t stride, Outcome::Flag asks)
        __attribute__((always_inline)) {
      std::uint8_t flags = outcome->flags;
      if ((flags & (Outcome::undefined | Outcome::computed | asks)) != 0) [[unlikely]] {
        const Truth truth =
            (flags & asks) == 0
                ? Truth::yes
                : together((asks == Outcome::late ? late_ : tests_of_)[outcome->action], seen, state);
        if (truth == Truth::no) return true;
        if (truth == Truth::undefined) flags |= Outcome::undefined;
        if ((flags & (Outcome::computed | Outcome::undefined)) == Outcome::computed &&
            !compute(outcome->action, state, scratch))
          flags |= Outcome::undefined;
        if ((flags & (Outcome::computed | Outcome::undefined)) != 0) {
          std::uint64_t there = (flags & Outcome::undefined) != 0 ? 0 : components_.hash(scratch);
          if (Represented && symmetry_ != nullptr && (flags & Outcome::undefined) == 0)
            represent(scratch, there);
          return f(outcome->action, flags, static_cast<const Word*>(scratch), there);
        }
      }
      std::uint64_t there = hash ^ outcome->hash;
      if constexpr (W == 1) {
        scratch[0] = (state[0] & outcome->keep) | outcome->set;
      } else {
        for (std::size_t w = 0; w < words; ++w) scratch[w] = state[w];
        for (std::size_t i = 0; i < stride; ++i)
          scratch[outcome[i].word] = (scratch[outcome[i].word] & outcome[i].keep) | outcome[i].set;
      }
      if (Represented && symmetry_ != nullptr) represent(scratch, there);
      return f(outcome->action, flags, static_cast<const Word*>(scratch), there);
    };
    for (const Cluster& cluster : clusters_) {
      const Row* row = cluster.rows->find(cluster.number(seen));
      if (row == nullptr) [[unlikely]]
        row = fill(cluster, seen, state);
      suspect = suspect || row->suspect;
      const std::size_t stride = W == 1 ? 1 : cluster.stride;
      const Outcome* free = row->outcomes();
      const Outcome* const gated = free + row->free * stride;
      Opened opened;
      for (;;) {
        const Outcome* outcome = free;
        if (free != gated) {
          free += stride;
        } else {
          if (row->gated == nullptr || !open_next(cluster, *row->gated, seen, state, opened)) break;
          outcome = gated + row->gated->at[(opened.words - 1) * 64 +
                                           static_cast<std::size_t>(std::countr_zero(opened.open))] *
                                stride;
          opened.open &= opened.open - 1;
        }
        if (!offer(outcome, stride, opened.asks)) return false;
      }
    }
    return suspect;
  }

  std::uint64_t bytes() const;

 private:
  /// What some terms need to know of a component: the values of the largest subterms that read it alone, or
  /// which value it is.
  struct Reading {
    std::vector<TermId> subterms;  ///< sorted
    bool whole = false;
  };
  using Readings = std::map<std::size_t, Reading>;  ///< by component
  /// One number in the slots of a component's values: subterms side by side, or the number of what they are
  /// together among all that occurs, or the value's own number.
  struct Slot {
    enum class Kind : std::uint8_t { bits, kinds, whole };
    std::vector<std::size_t> asked;  ///< positions in asked_ of the component
    Kind kind = Kind::bits;
    mutable std::map<std::vector<std::int64_t>, std::uint32_t> kinds;
  };
  /// A slot's place in a table's number; or a gate.
  struct Use {
    std::uint32_t component, slot;
    unsigned shift;
  };
  /// Something with a table, and how a state's number in it comes together.
  struct Numbered {
    Readings readings;
    std::vector<Use> uses;
    unsigned bits = 0;
    std::uint64_t number(const Seen& seen) const {
      std::uint64_t result = 0;
      for (const Use& use : uses)
        result += std::uint64_t{seen.at[use.component]->slots[use.slot]} << use.shift;
      return result;
    }
  };
  /// What gates say: whether there is an action of which they say nothing, as its guard has no value; those
  /// that are open, a bit for each; and those of which nothing is said, which count as open.
  using GateSets = std::set<std::vector<Word>>;
  static bool says(const Word* said, const Gated& gated) {
    if (said[0] == 0) [[likely]]
      return true;
    const std::size_t size = gated.set.size();
    for (std::size_t w = 0; w < size; ++w)
      if ((said[1 + size + w] & gated.set[w]) != 0) return false;
    return true;
  }
  /// By `truth`, of each action, in the order of the guard.
  template <class F>
  const Word* enter_gate(GateSets& sets, std::size_t actions, const F& truth) const {
    const std::size_t size = (actions + 63) / 64;
    std::vector<Word> said(1 + 2 * size);
    for (std::size_t a = 0; a < actions; ++a) {
      const Truth here = truth(a);
      if (here != Truth::no) said[1 + a / 64] |= Word{1} << (a % 64);
      if (here != Truth::undefined) continue;
      said[0] = 1;
      said[1 + size + a / 64] |= Word{1} << (a % 64);
    }
    const auto [set, fresh] = sets.insert(std::move(said));
    if (fresh) gate_bytes_ += set->capacity() * sizeof(Word) + 64;
    return set->data();
  }
  /// The actions of a cluster that some components together leave open.
  struct JointGate : Numbered {
    std::vector<std::size_t> of;             ///< components
    std::vector<std::vector<TermId>> asked;  ///< by action
    std::unique_ptr<Cache<Word>> answers;
    mutable GateSets sets;
  };
  static constexpr std::size_t joint_gates_max = 16;
  struct Cluster : Numbered {
    std::vector<std::size_t> written;
    std::vector<std::uint32_t> actions;
    std::unique_ptr<Cache<Row>> rows;
    std::size_t stride = 1;  ///< outcomes of one action
    std::size_t gated = 0;   ///< actions with gates
    std::vector<Use> gates;  ///< for each component with one
    std::vector<JointGate> joints;
    mutable std::map<std::vector<Word>, Gated> sets;  ///< of rows
    /// Makes sure that there is a gate of these components; false where there are too many.
    bool with_joint(const std::vector<std::size_t>& of) {
      if (std::any_of(joints.begin(), joints.end(), [&](const JointGate& gate) { return gate.of == of; }))
        return true;
      if (joints.size() == joint_gates_max) return false;
      joints.emplace_back().of = of;
      return true;
    }
    std::vector<std::uint32_t> tests;                          ///< of conditions that rows speak for
    std::vector<std::pair<std::size_t, std::uint32_t>> facts;  ///< the same: component and fact
  };
  struct Test : Numbered {
    std::vector<TermId> conjuncts;
    std::unique_ptr<std::atomic<Truth>[]> few;  ///< a table with a place for each number
    std::unique_ptr<Cache<Truth>> many;         ///< where that would be large; neither: ask the conjuncts
  };
  struct Part {
    std::size_t cluster = 0;
    std::vector<TermId> guards;                        ///< what the rows of the cluster decide
    bool writes = false;                               ///< whether they also say what is written
    std::map<std::size_t, std::vector<TermId>> gates;  ///< what one component must say alone, by component
    std::map<std::vector<std::size_t>, std::vector<TermId>> joints;  ///< and several together
    std::size_t gated = 0;  ///< its number among the cluster's actions that have some of these
    bool closable() const { return !gates.empty() || !joints.empty(); }
  };
  /// The actions of a cluster that a value of a component leaves open.
  struct Gate {
    std::vector<std::vector<std::size_t>> asked;  ///< by action, positions in asked_ of the component
    mutable GateSets sets;
  };
  /// What is asked of every value of a component.
  struct Asked {
    std::vector<TermId> terms;
    std::map<TermId, std::size_t> positions;
    std::vector<Slot> slots;
    std::vector<Gate> gates;
    std::vector<std::vector<std::size_t>> facts;  ///< for each predicate, positions in terms
    std::size_t position(TermId term) {
      const auto [at, fresh] = positions.try_emplace(term, terms.size());
      if (fresh) terms.push_back(term);
      return at->second;
    }
  };

  GroundModel ground_;
  Packing packing_;
  mutable Components components_;
  std::vector<int> home_;     ///< by term: the one component that it reads, or none_, or many_
  std::vector<Asked> asked_;  ///< by component
  std::vector<Cluster> clusters_;
  std::vector<Test> tests_;
  std::map<std::vector<TermId>, std::uint32_t> test_numbers_;
  std::vector<Part> parts_;                           ///< for each action
  std::vector<std::vector<std::uint32_t>> tests_of_;  ///< for each action, tests of what its row does not say
  std::vector<Word> changes_;  ///< what the actions of a cluster may change in a state, one after another
  std::vector<std::vector<std::uint32_t>> late_;  ///< and of what its gates do not say either
  std::vector<std::map<std::size_t, std::vector<TermId>>> facts_;  ///< for each predicate, by component
  std::map<std::pair<std::vector<TermId>, bool>, Predicate> predicates_;
  enum class Spoken : std::uint8_t { unasked, asked, yes };
  std::vector<Spoken> spoken_;  ///< by fact

  std::unique_ptr<Symmetry> symmetry_;
  int first_settled_ = -1;  ///< the first settled component, where every permutation leaves it in its place
  std::vector<int> sorted_group_;  ///< by component: its sorted group, or -1
  mutable std::vector<std::unique_ptr<Image[]>> images_;
  mutable std::vector<std::unique_ptr<std::uint32_t[]>> least_;
  mutable std::vector<std::pair<std::size_t, std::uint32_t>> unpictured_;

  mutable std::mutex filling_;
  mutable std::vector<std::unique_ptr<std::byte[]>> arena_;
  mutable std::size_t arena_used_ = 0, arena_size_ = 0, arena_total_ = 0;
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  mutable std::vector<std::unique_ptr<Line[]>> told_;  ///< slots and gates
  mutable std::size_t told_used_ = 0, told_size_ = 0, told_total_ = 0, gate_bytes_ = 0;
  mutable std::atomic<bool> overflowed_{false}, grew_{false};

  static constexpr int none_ = -1, many_ = -2, unasked_ = -3;
  std::size_t fact_words() const { return (facts_.size() + 31) / 32; }  ///< facts come before the slots
  int home(TermId term);
  void collect(TermId term, Readings& into);
  void collect(const GroundWrite& write, Readings& into);
  unsigned bits(std::size_t component, const Reading& reading) const;
  unsigned bits(const Readings& readings) const;
  static void add(Readings& into, const Readings& from);
  unsigned bits(TermId term) const;
  void place();
  std::vector<std::size_t> join_cluster(std::uint32_t action);
  void split_guards(std::uint32_t action);
  bool always(TermId condition);
  void number(Numbered& numbered, unsigned narrow = 64);
  void open_gates(Cluster& cluster);
  bool covers(const Cluster& cluster, const Test& test) const;
  void assign_conditions();
  std::uint32_t test(const std::vector<TermId>& conjuncts, const Readings& readings);
  std::vector<std::uint32_t> tests(const std::vector<TermId>& conjuncts, bool condition = false);
  void describe(std::size_t component, std::uint32_t value) const;
  void picture() const;
  struct Arranged {
    std::array<std::uint64_t, Components::count_max> hashes;
    std::array<std::uint32_t, Components::count_max> values;
  };
  void arrange(std::size_t permutation, const Seen& seen, Arranged& into) const;
  std::uint32_t intern_alone(std::size_t component, const Word* raw) const;
  Truth conjunction(const std::vector<TermId>& conjuncts, const Word* raw) const;
  Truth ask(const Test& test, const Seen& seen, const Word* state) const;
  Truth together(const std::vector<std::uint32_t>& tests, const Seen& seen, const Word* state) const {
    for (const std::uint32_t t : tests) {
      const Test& test = tests_[t];
      Truth truth = Truth::unknown;
      if (test.few) [[likely]]
        truth = test.few[test.number(seen)].load(std::memory_order_relaxed);
      else if (const Truth* known = test.many ? test.many->find(test.number(seen)) : nullptr)
        truth = *known;
      if (truth == Truth::unknown) [[unlikely]]
        truth = ask(test, seen, state);
      if (truth != Truth::yes) return truth;
    }
    return Truth::yes;
  }
  /// The value's number, described; Components::unknown where there is no room.
  std::uint32_t intern(std::size_t component, const Word* raw) const;
  bool write(std::uint32_t action, const Word* raw, Word* next) const;
  bool compute(std::uint32_t action, const Word* state, Word* next) const;
  /// How far the gated actions of a row were gone through.
  struct Opened {
    Word open = 0;          ///< of the word before `words`, what is still to come
    std::size_t words = 0;  ///< whose gates were asked
    bool looked = false,
         known =
             true;  ///< whether the joint gates were looked at, and whether all gates say what they are asked
    Outcome::Flag asks = Outcome::guarded;
    std::array<const Word*, joint_gates_max> joints;
  };
  /// Goes on to the next open action; false when there is none. Where gates do not say what they are asked,
  /// all actions of the row are open, and tests decide.
  bool open_next(const Cluster& cluster, const Gated& gated, const Seen& seen, const Word* state,
                 Opened& at) const {
    if (at.words == 0) {
      for (const Use& gate : cluster.gates)
        at.known = at.known && says(seen.at[gate.component]->gates[gate.slot], gated);
      at.asks = at.known ? Outcome::late : Outcome::guarded;
    }
    while (at.open == 0) {
      if (at.words == gated.set.size()) return false;
      const std::size_t w = at.words++;
      at.open = gated.set[w];
      if (!at.known) continue;
      for (const Use& gate : cluster.gates) at.open &= seen.at[gate.component]->gates[gate.slot][1 + w];
      if (at.open == 0) continue;
      if (!at.looked) {
        at.looked = true;
        for (std::size_t g = 0; g < cluster.joints.size() && at.known; ++g) {
          at.joints[g] = answer(cluster.joints[g], seen, state);
          at.known = at.joints[g] != nullptr && says(at.joints[g], gated);
        }
        if (!at.known) {
          at.asks = Outcome::guarded;
          at.open = at.words = 0;
          while (at.open == 0 && at.words < gated.set.size()) at.open = gated.set[at.words++];
          continue;
        }
      }
      for (std::size_t g = 0; g < cluster.joints.size(); ++g) at.open &= at.joints[g][1 + w];
    }
    return true;
  }
  const Row* fill(const Cluster& cluster, const Seen& seen, const Word* state) const;
  const Word* fill(const JointGate& gate, std::uint64_t number, const Word* state) const;
  /// What a gate says; null where it has as many answers as it may have.
  const Word* answer(const JointGate& gate, const Seen& seen, const Word* state) const {
    const std::uint64_t number = gate.number(seen);
    const Word* const known = gate.answers->find(number);
    return known != nullptr ? known : fill(gate, number, state);
  }
};

}  // namespace portolan::solver::explore
