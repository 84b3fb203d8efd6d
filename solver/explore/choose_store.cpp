// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/choose_store.hpp"

#include <cassert>

#include "solver/explore/bounds.hpp"
#include "solver/explore/search/bitstate.hpp"
#include "solver/explore/search/dense.hpp"
#include "solver/explore/search/packed.hpp"

namespace portolan::solver::explore {

namespace {

// A dense search is worth its while when a bit for each possible number is not much more than what is kept of
// a state otherwise, given that many more states are to come. With symmetry there are fewer of them.
constexpr std::uint64_t dense_bits = 4096, dense_bits_reduced = 64, dense_bytes_max = std::uint64_t{8} << 30;
constexpr unsigned dense_state_bits_max = 40;
/// When a search that is no dense one yet is looked at again, times as many states.
constexpr std::uint64_t look_again = 16;

}  // namespace

/// What was found over the model before is gone.
void ModelSearch::rebuild(const SearchLimits& bounds) {
  search_.reset();
  model_.reset();
  model_ = builder_.build([tick = preparation_tick(bounds)] { tick(0); });
}

SearchEnd ModelSearch::run(std::unique_ptr<Search> search, const SetUp& set_up) {
  search_ = std::move(search);
  start_.assign(model_->words(), 0);
  [[maybe_unused]] const bool inside = model_->pack(module_.initial, start_.data());
  assert(inside && "the initial state lies in the packing's ranges by construction");
  std::uint64_t hash = 0;
  model_->represent(start_.data(), hash);
  set_up(*search_);
  return search_->run(start_.data());
}

/// Whether a dense search is worth its while, and has room, when so many states are known.
bool ModelSearch::dense_fits(std::uint64_t states, const SearchLimits& bounds) const {
  unsigned bits = 0;
  for (const unsigned width : builder_.components().tight()) bits += width;
  if (bits > dense_state_bits_max) return false;
  return (std::uint64_t{1} << bits) <= states * (model_->reduces() ? dense_bits_reduced : dense_bits) &&
         dense_bytes(bits) <= (bounds.bytes_max > 0 ? bounds.bytes_max / 2 : dense_bytes_max);
}

/// After a search that paused: a dense one, again whenever it met a value that it had no number for. What
/// that costs is bounded: then numbers are not worth it yet, and the end is `narrow`.
SearchEnd ModelSearch::run_dense(const SearchLimits& bounds, const SetUp& set_up, std::uint64_t look_at,
                                 SearchEnd end) {
  for (std::uint64_t wasted = 0; end == SearchEnd::paused || end == SearchEnd::grew;) {
    const std::uint64_t known = search_->states;
    if (end == SearchEnd::grew) wasted += known;
    search_.reset();
    model_->meet_values_ahead();
    builder_.tighten(model_->overflowed());
    rebuild(bounds);
    if (wasted > look_again * look_at || !dense_fits(std::max(known, look_at), bounds))
      return SearchEnd::narrow;
    end = run(make_dense_search(*model_, workers_, bounds), set_up);
  }
  return end;
}

SearchEnd ModelSearch::run_exact(SearchLimits bounds, const SetUp& set_up, std::uint64_t dense_from,
                                 const Independence* independence) {
  std::uint64_t look_at = bounds.states_max == 0 ? dense_from : 0;
  bounds.pause = [&](std::uint64_t states) {
    if (look_at == 0 || states < look_at) return false;
    if (dense_fits(states, bounds)) return true;
    look_at *= look_again;
    return false;
  };
  for (;; builder_.widen()) {
    rebuild(bounds);
    SearchEnd end = run(make_packed_search(*model_, workers_, bounds, independence), set_up);
    end = run_dense(bounds, set_up, look_at, end);
    if (end != SearchEnd::narrow) return end;
    look_at *= look_again;
    search_.reset();
  }
}

SearchEnd ModelSearch::run_bitstate(const SearchLimits& bounds, const SetUp& set_up,
                                    std::uint64_t table_bytes, double& coverage) {
  for (;; builder_.widen()) {
    rebuild(bounds);
    std::unique_ptr<BitstateSearch> table = make_bitstate_search(*model_, workers_, bounds, table_bytes);
    const BitstateSearch& kept = *table;
    const SearchEnd end = run(std::move(table), set_up);
    coverage = kept.coverage();
    if (end != SearchEnd::narrow) return end;
  }
}

bool ModelSearch::visited(const rules::Cells& cells) const {
  if (!search_) return false;
  std::vector<Word> state(start_.size());
  if (!model_->find(cells, state.data())) return false;
  std::uint64_t hash = 0;
  model_->represent(state.data(), hash);
  return search_->visited(state.data());
}

}  // namespace portolan::solver::explore
