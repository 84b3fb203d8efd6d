#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A ground model made quick. Actions that look at few and the same bits of a state form a *cluster*; the bits that a cluster
// reads number the rows of its table, and a row lists what its enabled actions do: which bits they keep, which they set. A row
// is filled when a search first comes to it, by the terms themselves, so that only local states that occur cost anything.
// What a cluster cannot hold is looked at one by one: the rest of a guard as tests (tables of truth values, filled the same
// way, or the term itself where it reads too much), and writes that read too much from their terms.
//
// A search may use one compiled model from several threads.

#include <atomic>
#include <memory>
#include <mutex>

#include "solver/grounding.hpp"

namespace portolan::solver {

enum class Truth : std::uint8_t { unknown, no, yes, undefined };

/// Bits of a state that are gathered into a number.
struct Gather {
  struct Run {
    std::uint32_t word;
    std::uint8_t shift, to;
    Word mask;
  };
  std::vector<Run> runs;
  unsigned bits = 0;

  Gather() = default;
  explicit Gather(std::span<const Word> mask);
  std::size_t operator()(const Word* state) const {
    std::size_t result = 0;
    for (const Run& run : runs) result |= ((state[run.word] >> run.shift) & run.mask) << run.to;
    return result;
  }
};

/// What one enabled action does to one word. `more` further ones of the same action follow it.
struct Outcome {
  enum Flag : std::uint8_t { fault = 1, undefined = 2, guarded = 4, computed = 8 };
  Word keep = ~Word{0}, set = 0;
  std::uint32_t action = 0;  ///< position in GroundModel::actions
  std::uint16_t word = 0;
  std::uint8_t flags = 0, more = 0;
};

/// A condition over states, compiled.
struct Predicate {
  std::vector<std::uint32_t> tests;  ///< of the compiled model; all must hold, in order
  bool inverted = false;
};

class CompiledModel {
 public:
  /// `tick`: see GroundModel.
  CompiledModel(const rules::Module& module, const std::function<bool(const rules::Action&)>& admits, const std::function<void(std::uint64_t)>& tick = {});

  const Packing& packing() const { return packing_; }
  const std::vector<GroundAction>& actions() const { return ground_.actions; }
  Terms& terms() { return ground_.terms; }

  /// Not while a search runs.
  Predicate predicate(TermId condition);
  /// Whether the condition is true; a condition that is undefined is not.
  bool holds(const Predicate& predicate, const Word* state) const {
    const Truth truth = conjunction(predicate.tests, state);
    return truth == (predicate.inverted ? Truth::no : Truth::yes);
  }

  /// Calls f(action, flags, next) for every action that is enabled, in an order that depends on the model alone. `next` is the
  /// state that follows, in `scratch` (of packing().words() words); for an undefined event it means nothing. An answer of false
  /// ends it. W: the number of words, 0 where it is known at run time only.
  template <unsigned W, class F>
  void successors(const Word* state, Word* scratch, const F& f) const {
    const std::size_t words = W > 0 ? W : packing_.words();
    for (const Cluster& cluster : clusters_) {
      const std::size_t number = cluster.gather(state);
      const Outcome* row = cluster.rows[number].load(std::memory_order_acquire);
      if (row == nullptr) [[unlikely]] row = fill(cluster, number, state);
      for (const Outcome *outcome = row + 1, *end = outcome + row->action; outcome != end; ++outcome) {
        std::uint8_t flags = outcome->flags;
        if (flags > Outcome::fault) [[unlikely]] {
          const Truth truth = (flags & Outcome::guarded) == 0 ? Truth::yes : conjunction(residual_[outcome->action], state);
          if (truth == Truth::no) { outcome += outcome->more; continue; }
          if (truth == Truth::undefined) flags |= Outcome::undefined;
          if ((flags & (Outcome::computed | Outcome::undefined)) == Outcome::computed && !compute(outcome->action, state, scratch)) flags |= Outcome::undefined;
          if ((flags & (Outcome::computed | Outcome::undefined)) != 0) {
            outcome += outcome->more;
            if (!f(outcome->action, flags, static_cast<const Word*>(scratch))) return;
            continue;
          }
        }
        if constexpr (W == 1) {
          scratch[0] = (state[0] & outcome->keep) | outcome->set;
        } else {
          for (std::size_t w = 0; w < words; ++w) scratch[w] = state[w];
          for (const Outcome* last = outcome + outcome->more;; ++outcome) {
            scratch[outcome->word] = (scratch[outcome->word] & outcome->keep) | outcome->set;
            if (outcome == last) break;
          }
        }
        if (!f(outcome->action, flags, static_cast<const Word*>(scratch))) return;
      }
    }
  }

  std::uint64_t bytes() const;

 private:
  using Mask = std::vector<Word>;
  struct Cluster {
    Mask mask;
    Gather gather;
    std::vector<std::uint32_t> actions;
    std::unique_ptr<std::atomic<const Outcome*>[]> rows;
  };
  struct Test {
    std::vector<TermId> conjuncts;
    Gather gather;
    std::unique_ptr<std::atomic<Truth>[]> table;  ///< null: ask the conjuncts
  };
  struct Part {
    std::vector<TermId> guards;  ///< what the rows of the cluster decide
    bool writes = false;         ///< whether they also say what is written
    bool guarded = false;        ///< whether residual tests follow
  };

  GroundModel ground_;
  Packing packing_;
  std::vector<Cluster> clusters_;
  std::vector<Test> tests_;
  std::map<std::vector<TermId>, std::uint32_t> test_numbers_;
  std::vector<Part> parts_;                             ///< for each action
  std::vector<std::vector<std::uint32_t>> residual_;    ///< for each action, tests
  mutable std::mutex filling_;
  mutable std::vector<std::unique_ptr<Outcome[]>> arena_;
  mutable std::size_t arena_used_ = 0, arena_size_ = 0, arena_total_ = 0;

  Mask mask_of(const std::function<void(const std::function<void(std::size_t)>&)>& cells) const;
  Mask mask_of(TermId term) const;
  Mask mask_of(const GroundWrite& write) const;
  void place(std::uint32_t action);
  std::uint32_t test(const std::vector<TermId>& conjuncts, const Mask& mask);
  std::vector<std::uint32_t> tests(const std::vector<TermId>& conjuncts);
  Truth conjunction(const std::vector<TermId>& conjuncts, const Word* state) const;
  Truth conjunction(const std::vector<std::uint32_t>& tests, const Word* state) const {
    for (const std::uint32_t t : tests) {
      const Test& test = tests_[t];
      Truth truth = Truth::unknown;
      if (test.table) {
        std::atomic<Truth>& known = test.table[test.gather(state)];
        truth = known.load(std::memory_order_relaxed);
        if (truth == Truth::unknown) [[unlikely]] known.store(truth = conjunction(test.conjuncts, state), std::memory_order_relaxed);
      } else {
        truth = conjunction(test.conjuncts, state);
      }
      if (truth != Truth::yes) return truth;
    }
    return Truth::yes;
  }
  /// The state after the action's writes; false where one of them is undefined.
  bool compute(std::uint32_t action, const Word* state, Word* next) const;
  const Outcome* fill(const Cluster& cluster, std::size_t number, const Word* state) const;
};

}  // namespace portolan::solver
