#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A ground model made quick, over states as numbers of components (components.hpp). Actions that write the same components form a *cluster*:
// the values of those components, and what else its guards need to know, number the rows of its table, and a row lists what its
// enabled actions do. Of a component that is only read, a table needs no value but its *class*: values that make the same subterms true
// are one (`place[w] == h` is one bit, whatever else w may be). Rows are filled by the terms themselves when a search first comes to them, so
// that only what occurs costs anything. What a cluster cannot hold is looked at one by one: the rest of a guard as tests (tables of truth
// values, filled the same way), and writes to very much from their terms.
//
// A search may use one compiled model from several threads; between searches it belongs to one.

#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include "solver/cache.hpp"
#include "solver/components.hpp"
#include "solver/grounding.hpp"
#include "solver/symmetry.hpp"

namespace portolan::solver {

enum class Truth : std::uint8_t { unknown, no, yes, undefined };

/// What one enabled action does to one word. `more` further ones of the same action follow it.
struct Outcome {
  enum Flag : std::uint8_t { fault = 1, undefined = 2, guarded = 4, computed = 8 };
  Word keep = ~Word{0}, set = 0;
  std::uint64_t hash = 0;    ///< by which the state's hash changes, all words together
  std::uint32_t action = 0;  ///< position in GroundModel::actions
  std::uint16_t word = 0;
  std::uint8_t flags = 0, more = 0;
};

/// A condition over states, compiled.
struct Predicate {
  std::uint32_t fact = 0;             ///< what the components say of it, each alone
  std::vector<std::uint32_t> tests;   ///< what they say together; all must hold, in order
  bool inverted = false;
};

/// The values of a state's components, looked up once.
struct Seen {
  std::array<const Local*, Components::count_max> at;
};

class CompiledModel {
 public:
  /// `tick`: see GroundModel.
  CompiledModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits, const std::function<void(std::uint64_t)>& tick = {});

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
  bool spoken_for(const Predicate& predicate) const { return !predicate.inverted && spoken_[predicate.fact] == Spoken::yes; }
  /// After the last predicate and after every change of the layout, before a search.
  void ready();

  /// From here on states that differ by a symmetry are one: `successors` gives representatives. Null: none are. Before `ready`.
  void reduce(std::unique_ptr<Symmetry> symmetry);
  const Symmetry* symmetry() const { return symmetry_.get(); }
  const Packing& packing() const { return packing_; }
  /// The state's representative, and its hash.
  void represent(Word* state, std::uint64_t& hash) const;

  std::size_t words() const { return components_.words(); }
  /// False for cells outside their domain, or different from what they are in every state. Not while a search runs.
  bool pack(const rules::Cells& cells, Word* into);
  /// The same for a state that was met before, without adding to what is known.
  bool find(const rules::Cells& cells, Word* into) const;
  rules::Cells unpack(const Word* state) const;

  /// A component has more values than its number has room for: what was found since then means nothing.
  bool overflowed() const { return overflowed_.load(std::memory_order_relaxed); }
  /// Twice the room wherever it was used up, and at least `bits` in all others.
  void widen();
  /// Meets values ahead of a search, as far as they follow from known ones wherever few components play a part: rows for all of their values together,
  /// whether or not some state has them. What is met this way need not occur.
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
  bool holds(const Predicate& predicate, const Word* state) const { return holds(predicate, see(state), state); }
  bool holds(const Predicate& predicate, const Seen& seen, const Word* state) const {
    const std::uint32_t word = predicate.fact / 32, bit = predicate.fact % 32;
    bool all = true;
    for (std::size_t c = 0, n = components_.count(); c < n && all; ++c) all = (seen.at[c]->slots[word] >> bit & 1) != 0;
    const Truth truth = all ? together(predicate.tests, seen, state) : Truth::no;
    return truth == (predicate.inverted ? Truth::no : Truth::yes);
  }

  /// Calls f(action, flags, next, hash) for every action that is enabled, in an order that depends on the model alone. `next` is the
  /// state that follows, in `scratch` (of words() words), `hash` its hash; for an undefined event they mean nothing. An answer of false
  /// ends it. W: the number of words, 0 where it is known at run time only. Represented: see `reduce`.
  /// True when a row is suspect (see `speak_for`); an answer of false leaves that open.
  template <unsigned W, bool Represented = true, class F>
  bool successors(const Word* state, const Seen& seen, Word* scratch, const F& f) const {
    const std::size_t words = W > 0 ? W : components_.words();
    std::uint8_t suspect = 0;
    std::uint64_t hash = 0;
    for (std::size_t c = 0, n = components_.count(); c < n; ++c) hash ^= seen.at[c]->hash;
    for (const Cluster& cluster : clusters_) {
      const Outcome* row = cluster.rows->find(cluster.number(seen));
      if (row == nullptr) [[unlikely]] row = fill(cluster, seen, state);
      suspect |= row->flags;
      for (const Outcome *outcome = row + 1, *end = outcome + row->action; outcome != end; ++outcome) {
        std::uint8_t flags = outcome->flags;
        if (flags > Outcome::fault) [[unlikely]] {
          const Truth truth = (flags & Outcome::guarded) == 0 ? Truth::yes : together(residual_[outcome->action], seen, state);
          if (truth == Truth::no) { outcome += outcome->more; continue; }
          if (truth == Truth::undefined) flags |= Outcome::undefined;
          if ((flags & (Outcome::computed | Outcome::undefined)) == Outcome::computed && !compute(outcome->action, state, scratch)) flags |= Outcome::undefined;
          if ((flags & (Outcome::computed | Outcome::undefined)) != 0) {
            std::uint64_t there = (flags & Outcome::undefined) != 0 ? 0 : components_.hash(scratch);
            if (Represented && symmetry_ != nullptr && (flags & Outcome::undefined) == 0) represent(scratch, there);
            outcome += outcome->more;
            if (!f(outcome->action, flags, static_cast<const Word*>(scratch), there)) return false;
            continue;
          }
        }
        std::uint64_t there = hash ^ outcome->hash;
        if constexpr (W == 1) {
          scratch[0] = (state[0] & outcome->keep) | outcome->set;
        } else {
          for (std::size_t w = 0; w < words; ++w) scratch[w] = state[w];
          for (const Outcome* last = outcome + outcome->more;; ++outcome) {
            scratch[outcome->word] = (scratch[outcome->word] & outcome->keep) | outcome->set;
            if (outcome == last) break;
          }
        }
        if (Represented && symmetry_ != nullptr) represent(scratch, there);
        if (!f(outcome->action, flags, static_cast<const Word*>(scratch), there)) return false;
      }
    }
    return suspect != 0;
  }

  std::uint64_t bytes() const;

 private:
  /// What some terms need to know of a component: the values of the largest subterms that read it alone, or which value it is.
  struct Reading {
    std::vector<TermId> subterms;  ///< sorted
    bool whole = false;
  };
  using Readings = std::map<std::size_t, Reading>;  ///< by component
  /// One number in the slots of a component's values: subterms side by side, or the value's own number, at a place in a table's number.
  struct Slot {
    std::vector<std::size_t> asked;  ///< positions in asked_ of the component
    bool whole = false;
    unsigned shift = 0;
  };
  struct Use { std::uint32_t component, slot; };
  /// Something with a table, and how a state's number in it comes together.
  struct Numbered {
    Readings readings;
    std::vector<Use> uses;
    unsigned bits = 0;
    std::uint32_t number(const Seen& seen) const {
      std::uint32_t result = 0;
      for (const Use& use : uses) result += seen.at[use.component]->slots[use.slot];
      return result;
    }
  };
  struct Cluster : Numbered {
    std::vector<std::size_t> written;
    std::vector<std::uint32_t> actions;
    std::unique_ptr<Cache<Outcome>> rows;
    std::vector<std::uint32_t> tests;                              ///< of conditions that rows speak for
    std::vector<std::pair<std::size_t, std::uint32_t>> facts;  ///< the same: component and fact
  };
  struct Test : Numbered {
    std::vector<TermId> conjuncts;
    std::unique_ptr<std::atomic<Truth>[]> few;  ///< a table with a place for each number
    std::unique_ptr<Cache<Truth>> many;         ///< where that would be large; neither: ask the conjuncts
  };
  struct Part {
    std::vector<TermId> guards;  ///< what the rows of the cluster decide
    bool writes = false;         ///< whether they also say what is written
    bool guarded = false;        ///< whether residual tests follow
  };
  /// What is asked of every value of a component.
  struct Asked {
    std::vector<TermId> terms;
    std::map<TermId, std::size_t> positions;
    std::vector<Slot> slots;
    std::vector<std::vector<std::size_t>> facts;  ///< for each predicate, positions in terms
  };

  GroundModel ground_;
  Packing packing_;
  mutable Components components_;
  std::vector<int> home_;  ///< by term: the one component that it reads, or none_, or many_
  std::vector<Asked> asked_;  ///< by component
  std::vector<Cluster> clusters_;
  std::vector<Test> tests_;
  std::map<std::vector<TermId>, std::uint32_t> test_numbers_;
  std::vector<Part> parts_;                             ///< for each action
  std::vector<std::vector<std::uint32_t>> residual_;    ///< for each action, tests
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
  mutable std::vector<std::unique_ptr<Outcome[]>> arena_;
  mutable std::size_t arena_used_ = 0, arena_size_ = 0, arena_total_ = 0;
  mutable std::vector<std::unique_ptr<std::uint32_t[]>> slot_arena_;
  mutable std::size_t slot_bytes_ = 0;
  mutable std::atomic<bool> overflowed_{false}, grew_{false};

  static constexpr int none_ = -1, many_ = -2, unasked_ = -3;
  int home(TermId term);
  void collect(TermId term, Readings& into);
  void collect(const GroundWrite& write, Readings& into);
  unsigned bits(std::size_t component, const Reading& reading) const;
  unsigned bits(const Readings& readings) const;
  static void add(Readings& into, const Readings& from);
  unsigned bits(TermId term) const;
  void place();
  void place(std::uint32_t action);
  void number(Numbered& numbered);
  bool covers(const Cluster& cluster, const Test& test) const;
  void assign_conditions();
  std::uint32_t test(const std::vector<TermId>& conjuncts, const Readings& readings);
  std::vector<std::uint32_t> tests(const std::vector<TermId>& conjuncts);
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
      if (test.few) [[likely]] truth = test.few[test.number(seen)].load(std::memory_order_relaxed);
      else if (const Truth* known = test.many ? test.many->find(test.number(seen)) : nullptr) truth = *known;
      if (truth == Truth::unknown) [[unlikely]] truth = ask(test, seen, state);
      if (truth != Truth::yes) return truth;
    }
    return Truth::yes;
  }
  /// The value's number, described; Components::unknown where there is no room.
  std::uint32_t intern(std::size_t component, const Word* raw) const;
  bool write(std::uint32_t action, const Word* raw, Word* next) const;
  bool compute(std::uint32_t action, const Word* state, Word* next) const;
  const Outcome* fill(const Cluster& cluster, const Seen& seen, const Word* state) const;
};

}  // namespace portolan::solver
