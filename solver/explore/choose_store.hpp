#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Which store of states a search uses (packed, dense, bitstate), and when it is begun again: with more room
// for the values of components wherever there was too little, or as a dense search when very many states came
// up and their numbers turn out to be short.

#include "solver/explore/ground/independence.hpp"
#include "solver/explore/model/builder.hpp"
#include "solver/explore/search/search.hpp"

namespace portolan::solver::explore {

/// A search and the model that it went through. The module, the builder and the workers must outlive it.
class ModelSearch {
 public:
  ModelSearch(const rules::Module& module, ModelBuilder& builder, Workers& workers)
      : module_(module), builder_(builder), workers_(workers) {}

  /// Tells a search what to look for; every predicate was made before. Called again for each new beginning.
  using SetUp = std::function<void(Search&)>;

  /// From the initial state. `dense_from`: from so many states on a dense search is considered; 0: never.
  /// Never ends `narrow`, `grew` or `paused`. Throws PreparationEnded where a bound ends the preparation of a
  /// model: then there is nothing to ask.
  SearchEnd run_exact(SearchLimits bounds, const SetUp& set_up, std::uint64_t dense_from,
                      const Independence* independence = nullptr);
  /// The same with a few bits for each state (bitstate.hpp). `table_bytes`: see make_bitstate_search.
  SearchEnd run_bitstate(const SearchLimits& bounds, const SetUp& set_up, std::uint64_t table_bytes,
                         double& coverage);

  // After a run.
  Search& search() { return *search_; }
  const CompiledModel& model() const { return *model_; }
  bool visited(const rules::Cells& cells) const;

 private:
  const rules::Module& module_;
  ModelBuilder& builder_;
  Workers& workers_;
  std::shared_ptr<const CompiledModel> model_;
  std::unique_ptr<Search> search_;
  std::vector<Word> start_;

  void rebuild(const SearchLimits& bounds);
  SearchEnd run(std::unique_ptr<Search> search, const SetUp& set_up);
  SearchEnd run_dense(const SearchLimits& bounds, const SetUp& set_up, std::uint64_t look_at, SearchEnd end);
  bool dense_fits(std::uint64_t states, const SearchLimits& bounds) const;
};

}  // namespace portolan::solver::explore
