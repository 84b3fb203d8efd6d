#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Guards that rows (rows.hpp) do not decide. What one component says alone, or a few together, is a *gate*: a
// set of the cluster's actions for each value, or for what the few are together, so that an intersection
// leaves few of a row's actions. Gates are asked in any order, hence they mean something only where each
// guard that they stand for has a value; elsewhere all actions of the row are open, and tables of truth
// values (truth_tables.hpp) decide.

#include <array>
#include <memory>
#include <set>
#include <vector>

#include "solver/explore/model/cache.hpp"
#include "solver/explore/model/evaluation.hpp"
#include "solver/explore/model/rows.hpp"
#include "solver/explore/model/table_number.hpp"

namespace portolan::solver::explore {

/// What gates say, each once: first whether there is an action of which they say nothing, as its guard has no
/// value; then those that are open, a bit for each; then those of which nothing is said, which count as open.
class OpenSets {
 public:
  /// `truth(action)`: of its guards, in their order. Adds to `bytes` what is held more.
  template <class F>
  const Word* enter(std::size_t actions, std::uint64_t& bytes, const F& truth) {
    const std::size_t size = (actions + 63) / 64;
    std::vector<Word> said(1 + 2 * size);
    for (std::size_t a = 0; a < actions; ++a) {
      const TruthValue here = truth(a);
      if (here != TruthValue::no) said[1 + a / 64] |= Word{1} << (a % 64);
      if (here != TruthValue::undefined) continue;
      said[0] = 1;
      said[1 + size + a / 64] |= Word{1} << (a % 64);
    }
    const auto [set, fresh] = sets_.insert(std::move(said));
    if (fresh) bytes += set->capacity() * sizeof(Word) + 64;
    return set->data();
  }
  /// Whether something is said of each of the row's actions.
  static bool speak_of(const Word* said, const GatedActions& gated) {
    if (said[0] == 0) [[likely]]
      return true;
    const std::size_t size = gated.set.size();
    for (std::size_t w = 0; w < size; ++w)
      if ((said[1 + size + w] & gated.set[w]) != 0) return false;
    return true;
  }

 private:
  std::set<std::vector<Word>> sets_;
};

/// The actions of a cluster that some components together leave open.
struct JointGate {
  TableNumber number;
  std::vector<std::vector<TermId>> asked;  ///< by gated action
  std::unique_ptr<Cache<Word>> answers;
  mutable OpenSets sets;
};

/// All gates of a cluster.
struct Gates {
  static constexpr std::size_t joint_max = 16;

  std::vector<SlotUse> of_components;  ///< for each component with one
  std::vector<JointGate> joint;

  /// How far the gated actions of a row were gone through.
  struct Opened {
    Word open = 0;                        ///< of the word before `words`, what is still to come
    std::size_t words = 0;                ///< whose gates were asked
    bool joint_looked_at = false;         ///< whether the joint gates were
    bool known = true;                    ///< whether all gates say what they are asked
    Effect::Flag asks = Effect::guarded;  ///< which tests are left
    std::array<const Word*, joint_max> joint;
  };
  /// Goes on to the next open action; false when there is none. `answer(gate)`: what a joint gate says, or
  /// null where that is not known.
  template <class F>
  bool open_next(const GatedActions& gated, const Seen& seen, Opened& at, const F& answer) const {
    if (at.words == 0) {
      for (const SlotUse& gate : of_components)
        at.known = at.known && OpenSets::speak_of(seen.at[gate.component]->gates[gate.slot], gated);
      at.asks = at.known ? Effect::late : Effect::guarded;
    }
    while (at.open == 0) {
      if (at.words == gated.set.size()) return false;
      const std::size_t w = at.words++;
      at.open = gated.set[w];
      if (!at.known) continue;
      for (const SlotUse& gate : of_components) at.open &= seen.at[gate.component]->gates[gate.slot][1 + w];
      if (at.open == 0) continue;
      if (!at.joint_looked_at) {
        at.joint_looked_at = true;
        for (std::size_t g = 0; g < joint.size() && at.known; ++g) {
          at.joint[g] = answer(joint[g]);
          at.known = at.joint[g] != nullptr && OpenSets::speak_of(at.joint[g], gated);
        }
        if (!at.known) {
          at.asks = Effect::guarded;
          at.open = at.words = 0;
          while (at.open == 0 && at.words < gated.set.size()) at.open = gated.set[at.words++];
          continue;
        }
      }
      for (std::size_t g = 0; g < joint.size(); ++g) at.open &= at.joint[g][1 + w];
    }
    return true;
  }
};

}  // namespace portolan::solver::explore
