// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/explorer.hpp"

#include <algorithm>

#include "solver/explore/bounds.hpp"
#include "solver/explore/choose_store.hpp"
#include "solver/explore/property_watches.hpp"
#include "solver/explore/traces.hpp"
#include "solver/explore/verdicts.hpp"

namespace portolan::solver::explore {

using rules::Verb;

using Clock = std::chrono::steady_clock;

namespace {

std::string why_no_way(const Way& way, SearchEnd end, std::span<const rules::Expression> keep) {
  if (way.states == 0) {
    const auto first = static_cast<std::size_t>(std::find(way.refused.begin(), way.refused.end(), true) -
                                                way.refused.begin());
    return "the initial state does not satisfy " + keep[first].source;
  }
  if (way.complete)
    return "none of the " + std::to_string(way.states) + " states that can be reached has the goal";
  return bound_reason(end) + " before it came to the goal";
}

/// While a search is prepared its terms are made under its bounds.
class UnderBounds {
 public:
  UnderBounds(Terms& terms, const SearchLimits& bounds) : terms_(terms) {
    terms.tick = preparation_tick(bounds);
  }
  UnderBounds(const UnderBounds&) = delete;
  UnderBounds& operator=(const UnderBounds&) = delete;
  ~UnderBounds() { terms_.tick = {}; }

 private:
  Terms& terms_;
};

}  // namespace

struct Explorer::Engine {
  const rules::Module& module;
  ExploreOptions options;
  std::unique_ptr<ModelBuilder> builder;
  Workers workers;
  std::optional<ModelSearch> last;  ///< of `run`

  Engine(const rules::Module& m, ExploreOptions o)
      : module(m), options(std::move(o)), workers(std::max(1u, options.threads)) {}

  Exploration run();
  Way shortest(const rules::Expression& goal, std::span<const rules::Expression> keep);

 private:
  Exploration explored(const SearchLimits& bounds);
  Way way(const SearchLimits& bounds, const rules::Expression& goal, std::span<const rules::Expression> keep);
  void compile(const SearchLimits& bounds);
  bool any_property(bool (*is)(const rules::Property&)) const {
    return std::any_of(module.properties.begin(), module.properties.end(), is);
  }
  std::unique_ptr<Independence> independence();
  SearchEnd search(const SearchLimits& bounds, const PropertyWatches& watched,
                   const Independence* independence, Exploration& result);
  Way way_found(ModelSearch& searched) const;
};

/// Compiles the module, unless that is done.
void Explorer::Engine::compile(const SearchLimits& bounds) {
  if (!builder) builder = std::make_unique<ModelBuilder>(module, options.admits, preparation_tick(bounds));
}

/// Null where no state could be reduced.
std::unique_ptr<Independence> Explorer::Engine::independence() {
  std::vector<TermId> seen;
  for (const rules::Property& property : module.properties)
    if (!property.condition.nodes.empty()) seen.push_back(builder->terms().ground(property.condition, {}));
  auto made = std::make_unique<Independence>(builder->ground(), seen);
  return made->trivial() ? nullptr : std::move(made);
}

/// What was counted, and what ended it, without the properties.
SearchEnd Explorer::Engine::search(const SearchLimits& bounds, const PropertyWatches& watched,
                                   const Independence* independence, Exploration& result) {
  const auto set_up = [&](Search& search) {
    search.watches = watched.watches;
    search.undefined_ends = options.stop_at_violation;
  };
  last.emplace(module, *builder, workers);
  const SearchEnd end =
      options.bitstate
          ? last->run_bitstate(bounds, set_up, options.bitstate_bytes, result.coverage.emplace())
          : last->run_exact(bounds, set_up, independence != nullptr ? 0 : options.dense_from, independence);
  if (const Symmetry* symmetry = last->model().symmetry()) result.interchangeable = symmetry->told();
  const Search& search = last->search();
  result.states = search.states;
  result.transitions = search.transitions;
  result.depth = search.depth;
  result.reduced = search.reduced;
  result.complete = end == SearchEnd::complete && !options.bitstate;
  result.bound = end == SearchEnd::complete && options.bitstate ? "bitstate" : bound_name(end);
  return end;
}

/// A module with very many elements takes long before its first state, so the bounds hold there, too.
Exploration Explorer::Engine::run() {
  const auto begin = Clock::now();
  last.reset();
  const SearchLimits bounds = search_limits(options, begin);
  Exploration result;
  try {
    result = explored(bounds);
  } catch (const PreparationEnded& ended) {
    last.reset();
    result.bound = bound_name(ended.end);
    result.properties = Verdicts::undetermined(module, ended.end);
  }
  result.seconds = seconds_since(begin);
  return result;
}

Exploration Explorer::Engine::explored(const SearchLimits& asked) {
  SearchLimits bounds = asked;
  compile(bounds);
  std::optional<UnderBounds> preparing(std::in_place, builder->terms(), bounds);
  const bool asks_eventually =
      any_property([](const rules::Property& p) { return p.verb == Verb::eventually; });
  if (asks_eventually && !options.bitstate) bounds.bytes_per_state_later = 2;
  std::unique_ptr<Independence> reduced;
  if (options.partial_order && !asks_eventually && !options.bitstate) reduced = independence();
  // Actions are named with their arguments: which of several alike elements is neglected makes a difference.
  if (options.symmetry && !reduced &&
      !any_property([](const rules::Property& p) { return p.fair.has_value(); })) {
    auto symmetry = std::make_unique<const Symmetry>(module, builder->packing(), builder->components(),
                                                     std::span<const rules::Expression* const>{},
                                                     [tick = preparation_tick(bounds)] { tick(0); });
    builder->reduce(symmetry->trivial() ? nullptr : std::move(symmetry));
  }
  const PropertyWatches watched = watch_properties(module, *builder, options.stop_at_violation);
  preparing.reset();
  Exploration result;
  const SearchEnd end = search(bounds, watched, reduced.get(), result);
  Verdicts(module, bounds, *last, watched, end, options.bitstate).answer(result);
  result.peak_bytes = last->search().peak_bytes;
  return result;
}

/// The trace to a goal that was found.
Way Explorer::Engine::way_found(ModelSearch& searched) const {
  Way way;
  const Watch& watch = searched.search().watches[0];
  std::optional<PackedTrace> trace = watch.trace;
  if (!trace) trace = searched.search().traces(std::span(&*watch.found, 1))[0];
  way.bound = "goal";
  if (trace)
    way.trace = unpacked_trace(module, searched.model(), *trace);
  else
    way.reason = "the goal can be reached, but the way there was not reconstructed within the time";
  return way;
}

Way Explorer::Engine::shortest(const rules::Expression& goal, std::span<const rules::Expression> keep) {
  const auto begin = Clock::now();
  const SearchLimits bounds = search_limits(options, begin);
  Way found;
  try {
    found = way(bounds, goal, keep);
  } catch (const PreparationEnded& ended) {
    found.bound = bound_name(ended.end);
    found.reason = bound_reason(ended.end) + " before it came to the first state";
    found.refused.assign(keep.size(), false);
  }
  found.seconds = seconds_since(begin);
  return found;
}

Way Explorer::Engine::way(const SearchLimits& bounds, const rules::Expression& goal,
                          std::span<const rules::Expression> keep) {
  compile(bounds);
  builder->reduce(nullptr);
  std::optional<UnderBounds> preparing(std::in_place, builder->terms(), bounds);
  const Watch at_goal{.predicates = {predicate_of(*builder, goal)},
                      .when = true,
                      .ends = true,
                      .traced = true,
                      .found = {},
                      .trace = {}};
  std::vector<Predicate> kept;
  for (const rules::Expression& condition : keep) kept.push_back(predicate_of(*builder, condition));
  preparing.reset();
  ModelSearch searched(module, *builder, workers);
  const SearchEnd end = searched.run_exact(
      bounds,
      [&](Search& made) {
        made.watches = {at_goal};
        made.keep = kept;
      },
      0);
  const Search& search = searched.search();
  Way result = end == SearchEnd::found ? way_found(searched) : Way{};
  result.states = search.states;
  result.transitions = search.transitions;
  result.refused.assign(search.refused.begin(), search.refused.end());
  if (end != SearchEnd::found) {
    result.complete = end == SearchEnd::complete;
    result.bound = bound_name(end);
    result.reason = why_no_way(result, end, keep);
  }
  return result;
}

Explorer::Explorer(const rules::Module& module, ExploreOptions options)
    : engine_(std::make_unique<Engine>(module, std::move(options))) {}
Explorer::~Explorer() = default;
Explorer::Explorer(Explorer&&) noexcept = default;
Explorer& Explorer::operator=(Explorer&&) noexcept = default;

Exploration Explorer::run() { return engine_->run(); }
bool Explorer::visited(const rules::Cells& cells) const {
  return engine_->last && engine_->last->visited(cells);
}
Way Explorer::shortest(const rules::Expression& goal, std::span<const rules::Expression> keep) {
  return engine_->shortest(goal, keep);
}

}  // namespace portolan::solver::explore
