#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a search that ended says of each property of its module: verdicts of *always* and *sometimes* from
// what was met, of *eventually* by a backward pass (reach.hpp) or, with fairness, by the loops that a run may
// stay in (fair_loops.hpp), and the traces that show them. A search that was cut off never says `holds`.

#include <map>

#include "solver/explore/choose_store.hpp"
#include "solver/explore/property_watches.hpp"
#include "solver/explore/search/fair_loops.hpp"
#include "solver/explore/traces.hpp"

namespace portolan::solver::explore {

class Verdicts {
 public:
  /// `end`: of the search. `bitstate`: it kept a few bits of each state.
  Verdicts(const rules::Module& module, const SearchLimits& bounds, ModelSearch& searched,
           const PropertyWatches& watched, SearchEnd end, bool bitstate);

  /// Fills in the properties, and the bound where only what comes after the search met one. `complete` and
  /// `bound` are those of the search.
  void answer(Exploration& result);

  /// All of them, of a search that never began.
  static std::vector<PropertyResult> undetermined(const rules::Module& module, SearchEnd end);

 private:
  /// A state from which the condition cannot be reached any more.
  struct Lost {
    SearchEnd end = SearchEnd::complete;  ///< of the pass
    std::optional<StateAt> first;
  };
  /// What may go on for ever without the condition.
  struct PutOff {
    SearchEnd end = SearchEnd::complete;
    std::optional<FairLoop> loop;
  };

  const rules::Module& module_;
  const SearchLimits& bounds_;
  const CompiledModel& model_;
  Search& search_;
  const PropertyWatches& watched_;
  SearchEnd end_;
  bool bitstate_;
  std::map<std::size_t, Lost> lost_;       ///< by property
  std::map<std::size_t, PutOff> put_off_;  ///< by property
  // The ways are looked for together.
  std::vector<StateAt> ends_;
  std::vector<std::size_t> end_of_;  ///< property of each

  /// Whether the search came far enough for a backward pass.
  bool looks_back() const {
    return !bitstate_ && end_ != SearchEnd::time && end_ != SearchEnd::stopped && end_ != SearchEnd::found;
  }
  std::string why_open() const;
  void look_back();
  void look_for_fair_loops();
  void seek(std::size_t property, const StateAt& at);
  void answer_fair(std::size_t property, PropertyResult& made, Exploration& result);
  void answer_eventually(std::size_t property, PropertyResult& made, Exploration& result);
  void answer_watched(std::size_t property, PropertyResult& made, const Exploration& result);
  void answer_well_defined(PropertyResult& made, const Exploration& result);
  /// The verdict where nothing was found against the property in a whole search.
  void not_refuted(std::size_t property, PropertyResult& made) const;
  void find_traces(Exploration& result);
};

}  // namespace portolan::solver::explore
