// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/explorer.hpp"

#include "solver/explore/search/bitstate.hpp"
#include "solver/explore/search/dense.hpp"
#include "solver/explore/search/fair_loops.hpp"

namespace portolan::solver::explore {

using rules::Verb;

namespace {

using Clock = std::chrono::steady_clock;

// A dense search is worth its while when a bit for each possible number is not much more than what is kept of
// a state otherwise, given that many more states are to come. With symmetry there are fewer of them.
constexpr std::uint64_t dense_bits = 4096, dense_bits_reduced = 64, dense_bytes_max = std::uint64_t{8} << 30;

/// What ended a search, as the user calls it.
std::string bound_name(SearchEnd end) {
  switch (end) {
    case SearchEnd::complete: return {};
    case SearchEnd::found: return "violation";
    case SearchEnd::states: return "states";
    case SearchEnd::memory: return "memory";
    case SearchEnd::time: return "time";
    case SearchEnd::stopped: return "stopped";
    case SearchEnd::narrow:
    case SearchEnd::grew:
    case SearchEnd::paused: break;
  }
  return {};
}
std::string bound_reason(SearchEnd end) {
  switch (end) {
    case SearchEnd::complete: return {};
    case SearchEnd::found: return "the search ended at the first violation";
    case SearchEnd::states: return "the search ended at its bound on states";
    case SearchEnd::memory: return "the search ended at its bound on memory";
    case SearchEnd::time: return "the search ended at its bound on time";
    case SearchEnd::stopped: return "the search was stopped";
    case SearchEnd::narrow:
    case SearchEnd::grew:
    case SearchEnd::paused: break;
  }
  return {};
}

rules::Expression part_of(const rules::Expression& whole, std::int32_t root) {
  rules::Expression part;
  rules::splice(part, whole.view(), root, [](const rules::Node&) { return -1; });
  return part;
}

/// Calls f(left side) for `a => b`, for every element where quantifiers stand before it; false for any other
/// form.
bool for_each_left_side(const rules::Module& module, const rules::Expression& condition, std::int32_t root,
                        rules::Arguments& bound,
                        const std::function<void(const rules::Expression&, const rules::Arguments&)>& f) {
  const rules::Node& node = condition.nodes[static_cast<std::size_t>(root)];
  if (node.op == rules::Op::implication) {
    f(part_of(condition, node.a), bound);
    return true;
  }
  if (node.op != rules::Op::for_all) return false;
  // The form is the same for every element; an empty sort has no left side that could be true.
  const std::int32_t size = module.sort_sizes[static_cast<std::size_t>(node.symbol)];
  if (size == 0) {
    rules::Arguments none = bound;
    none.push_back(0);
    return for_each_left_side(module, condition, node.a, none,
                              [](const rules::Expression&, const rules::Arguments&) {});
  }
  bool implication = true;
  for (std::int64_t e = 0; e < size && implication; ++e) {
    bound.push_back(e);
    implication = for_each_left_side(module, condition, node.a, bound, f);
    bound.pop_back();
  }
  return implication;
}

}  // namespace

struct Explorer::Engine {
  const rules::Module& module;
  ExploreOptions options;
  std::unique_ptr<CompiledModel> compiled;
  Workers workers;
  std::vector<Word> start;
  std::unique_ptr<Search> last;  ///< of `run`

  Engine(const rules::Module& m, ExploreOptions o)
      : module(m), options(std::move(o)), workers(std::max(1u, options.threads)) {}

  CompiledModel& model() { return *compiled; }

  /// Compiles the module, unless that is done. A module with very many elements takes long before its first
  /// state, so the bounds hold here, too.
  SearchEnd prepare(const SearchLimits& bounds) {
    if (compiled) return SearchEnd::complete;
    struct Ended {
      SearchEnd end;
    };
    try {
      compiled = std::make_unique<CompiledModel>(module, options.admits, [&](std::uint64_t bytes) {
        if (bounds.stop && bounds.stop()) throw Ended{SearchEnd::stopped};
        if (bounds.deadline && Clock::now() >= *bounds.deadline) throw Ended{SearchEnd::time};
        if (bounds.bytes_max > 0 && bytes > bounds.bytes_max) throw Ended{SearchEnd::memory};
      });
    } catch (const Ended& ended) {
      return ended.end;
    }
    return SearchEnd::complete;
  }

  std::unique_ptr<Search> begin_search(std::unique_ptr<Search> made,
                                       const std::function<void(Search&)>& set_up) {
    start.assign(model().words(), 0);
    const bool inside = model().pack(module.initial, start.data());
    static_cast<void>(inside);
    assert(inside && "the initial state lies in the packing's ranges by construction");
    std::uint64_t hash = 0;
    if (model().symmetry() != nullptr) model().represent(start.data(), hash);
    set_up(*made);
    return made;
  }

  /// Runs a search from the initial state, again with more room for the values of components wherever there
  /// was too little. When very many states came up and their numbers turn out to be short, it begins again as
  /// a dense search. `set_up` tells a search what to look for; every predicate is made before.
  SearchEnd search_through(std::unique_ptr<Search>& search, SearchLimits bounds,
                           const std::function<void(Search&)>& set_up, bool dense,
                           const Independence* independence = nullptr) {
    model().ready();
    std::uint64_t look_at = dense && bounds.states_max == 0 ? options.dense_from : 0;
    const auto fits = [&](std::uint64_t known) {
      unsigned bits = 0;
      for (const unsigned width : model().components().tight()) bits += width;
      if (bits > 40) return false;
      const std::uint64_t bytes = dense_bytes(bits);
      return (std::uint64_t{1} << bits) <=
                 known * (model().symmetry() == nullptr ? dense_bits : dense_bits_reduced) &&
             bytes <= (bounds.bytes_max > 0 ? bounds.bytes_max / 2 : dense_bytes_max);
    };
    bounds.pause = [&](std::uint64_t states) {
      if (look_at == 0 || states < look_at) return false;
      if (fits(states)) return true;
      look_at *= 16;
      return false;
    };
    for (;; model().widen()) {
      search.reset();
      search = begin_search(Search::make(model(), workers, bounds, independence), set_up);
      SearchEnd end = search->run(start.data());
      // A dense search begins again whenever it met a value that it had no number for. What that costs is
      // bounded: then numbers are not worth it yet.
      for (std::uint64_t wasted = 0; end == SearchEnd::paused || end == SearchEnd::grew;) {
        const std::uint64_t known = search->states;
        if (end == SearchEnd::grew) wasted += known;
        search.reset();
        model().look_ahead();
        model().tighten();
        if (wasted > 16 * look_at || !fits(std::max(known, look_at))) {
          end = SearchEnd::narrow;
          break;
        }
        search = begin_search(make_dense_search(model(), workers, bounds), set_up);
        end = search->run(start.data());
      }
      if (end != SearchEnd::narrow) return end;
      look_at *= 16;
      search.reset();
    }
  }

  /// The same with a few bits for each state.
  SearchEnd search_by_bits(SearchLimits bounds, const std::function<void(Search&)>& set_up,
                           double& coverage) {
    model().ready();
    for (;; model().widen()) {
      last.reset();
      auto search = make_bitstate_search(model(), workers, bounds, options.bitstate_bytes);
      BitstateSearch& table = *search;
      last = begin_search(std::move(search), set_up);
      const SearchEnd end = table.run(start.data());
      coverage = table.coverage();
      if (end != SearchEnd::narrow) return end;
    }
  }

  SearchLimits limits(Clock::time_point begin) const {
    SearchLimits result;
    result.states_max = options.states_max;
    result.bytes_max = options.bytes_max;
    if (options.seconds_max > 0) {
      result.deadline = begin + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(options.seconds_max));
      result.grace = std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(options.seconds_max * 0.08));
    }
    result.stop = options.stop;
    if (options.progress)
      result.progress = [this, begin, most = std::uint64_t{0}](
                            std::uint64_t states, std::uint64_t transitions, std::uint64_t depth,
                            std::uint64_t frontier, std::uint64_t bytes) mutable {
        if (states < most) return;  // a search that began again has not come as far as the one before
        most = states;
        options.progress({states, transitions, depth, frontier, bytes, seconds_since(begin)});
      };
    return result;
  }
  static double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  Predicate predicate(const rules::Expression& condition, std::span<const std::int64_t> arguments = {}) {
    return model().predicate(condition.nodes.empty() ? model().terms().constant(1)
                                                     : model().terms().ground(condition, arguments));
  }

  Trace unpacked(const PackedTrace& packed) const {
    Trace trace{module.initial, {}};
    if (compiled->symmetry() != nullptr) return unreduced(packed);
    for (std::size_t i = 0; i < packed.actions.size(); ++i)
      trace.steps.push_back({compiled->actions()[packed.actions[i]].event,
                             compiled->unpack(packed.states.data() + i * start.size())});
    return trace;
  }

  /// A run from the initial state itself along representatives: at each step the first action that leads to a
  /// state with the next one.
  Trace unreduced(const PackedTrace& packed) const {
    Trace trace{module.initial, {}};
    const std::size_t words = start.size();
    std::vector<Word> at(words), scratch(words), next(words);
    [[maybe_unused]] const bool known = compiled->find(module.initial, at.data());
    assert(known);
    for (std::size_t i = 0; i < packed.actions.size(); ++i) {
      std::optional<std::uint32_t> taken;
      compiled->successors<0, false>(
          at.data(), compiled->see(at.data()), scratch.data(),
          [&](std::uint32_t action, std::uint8_t flags, const Word* after, std::uint64_t hash) {
            if ((flags & Outcome::undefined) != 0 || (taken && *taken <= action)) return true;
            std::vector<Word> representative(after, after + words);
            compiled->represent(representative.data(), hash);
            if (!std::equal(representative.begin(), representative.end(), packed.states.data() + i * words))
              return true;
            taken = action;
            next.assign(after, after + words);
            return true;
          });
      assert(taken && "what a representative leads to, every state that it stands for leads to as well");
      at = next;
      trace.steps.push_back({compiled->actions()[*taken].event, compiled->unpack(at.data())});
    }
    return trace;
  }
  /// The first action that is undefined in a state.
  std::uint32_t undefined_in(const rules::Cells& cells) const {
    std::vector<Word> at(start.size()), scratch(start.size());
    [[maybe_unused]] const bool known = compiled->find(cells, at.data());
    std::optional<std::uint32_t> first;
    compiled->successors<0, false>(at.data(), compiled->see(at.data()), scratch.data(),
                                   [&](std::uint32_t action, std::uint8_t flags, const Word*, std::uint64_t) {
                                     if ((flags & Outcome::undefined) != 0 && (!first || action < *first))
                                       first = action;
                                     return true;
                                   });
    return *first;
  }

  Exploration run();
  Way shortest(const rules::Expression& goal, std::span<const rules::Expression> keep);
};

Exploration Explorer::Engine::run() {
  const auto begin = Clock::now();
  last.reset();
  SearchLimits bounds = limits(begin);
  if (const SearchEnd end = prepare(bounds); end != SearchEnd::complete) {
    Exploration nothing;
    nothing.bound = bound_name(end);
    for (const rules::Property& property : module.properties)
      nothing.properties.push_back(
          {property.name, property.verb, PropertyVerdict::undetermined, {}, bound_reason(end)});
    nothing.properties.push_back(
        {std::string(well_defined), Verb::always, PropertyVerdict::undetermined, {}, bound_reason(end)});
    nothing.seconds = seconds_since(begin);
    return nothing;
  }

  const bool asks_eventually =
      std::any_of(module.properties.begin(), module.properties.end(),
                  [](const rules::Property& p) { return p.verb == Verb::eventually; });
  if (asks_eventually && !options.bitstate) bounds.bytes_per_state_later = 2;
  std::unique_ptr<Independence> independence;
  if (options.partial_order && !asks_eventually && !options.bitstate) {
    std::vector<TermId> seen;
    for (const rules::Property& property : module.properties)
      if (!property.condition.nodes.empty()) seen.push_back(model().terms().ground(property.condition, {}));
    independence = std::make_unique<Independence>(model().ground(), seen);
    if (independence->trivial()) independence.reset();
  }
  // Actions are named with their arguments: which of several alike elements is neglected makes a difference.
  const bool names_actions = std::any_of(module.properties.begin(), module.properties.end(),
                                         [](const rules::Property& p) { return p.fair.has_value(); });
  if (options.symmetry && !independence && !names_actions) {
    auto symmetry = std::make_unique<Symmetry>(module, model().packing(), model().components());
    model().reduce(symmetry->trivial() ? nullptr : std::move(symmetry));
  }

  // What each property looks for, and the left side of an implication beside it.
  constexpr std::size_t none = ~std::size_t{0};
  struct Sought {
    std::size_t witness = none, left = none;
    Predicate condition;
  };
  std::vector<Sought> sought;
  std::vector<Watch> watches;
  for (const rules::Property& property : module.properties) {
    Sought& s = sought.emplace_back();
    s.condition = predicate(property.condition);
    if (property.verb == Verb::eventually) continue;
    const bool always = property.verb == Verb::always;
    s.witness = watches.size();
    if (always) model().speak_for(s.condition);
    watches.push_back({.predicates = {s.condition},
                       .when = !always,
                       .ends = always && options.stop_at_violation,
                       .traced = true,
                       .found = {},
                       .trace = {}});
    if (!always || property.condition.nodes.empty()) continue;
    std::vector<Predicate> lefts;
    rules::Arguments bound;
    if (!for_each_left_side(module, property.condition, property.condition.view().root(), bound,
                            [&](const rules::Expression& left, const rules::Arguments& elements) {
                              const TermId term = model().terms().ground(left, elements);
                              if (!model().terms().is_false(term)) lefts.push_back(model().predicate(term));
                            }))
      continue;
    s.left = watches.size();
    watches.push_back({.predicates = std::move(lefts),
                       .when = true,
                       .ends = false,
                       .traced = false,
                       .found = {},
                       .trace = {}});
  }
  const auto set_up = [&](Search& search) {
    search.watches = watches;
    search.undefined_ends = options.stop_at_violation;
  };
  Exploration result;
  const SearchEnd end = options.bitstate
                            ? search_by_bits(bounds, set_up, result.coverage.emplace())
                            : search_through(last, bounds, set_up, !independence, independence.get());
  Search& search = *last;
  if (model().symmetry() != nullptr) result.interchangeable = model().symmetry()->told();
  result.states = search.states;
  result.transitions = search.transitions;
  result.depth = search.depth;
  result.reduced = search.reduced;
  result.complete = end == SearchEnd::complete && !options.bitstate;
  result.bound = end == SearchEnd::complete && options.bitstate ? "bitstate" : bound_name(end);
  const std::string why_open =
      end == SearchEnd::complete && options.bitstate
          ? "the search kept a few bits of each state, so that some may have been left out"
          : bound_reason(end);

  // Backward passes of *eventually*, several conditions in each.
  struct Lost {
    SearchEnd end = SearchEnd::complete;
    std::optional<StateAt> first;
  };
  std::map<std::size_t, Lost> hopeless;  // by property
  if (!options.bitstate && end != SearchEnd::time && end != SearchEnd::stopped && end != SearchEnd::found) {
    std::vector<std::size_t> asked;
    for (std::size_t p = 0; p < module.properties.size(); ++p)
      if (module.properties[p].verb == Verb::eventually && !module.properties[p].fair) asked.push_back(p);
    for (std::size_t begin_at = 0; begin_at < asked.size(); begin_at += Search::conditions_max) {
      const std::span<const std::size_t> some(asked.data() + begin_at,
                                              std::min(Search::conditions_max, asked.size() - begin_at));
      std::vector<Predicate> conditions;
      for (const std::size_t p : some) conditions.push_back(sought[p].condition);
      SearchEnd pass = SearchEnd::complete;
      const auto first = search.hopeless(conditions, pass);
      for (std::size_t c = 0; c < some.size(); ++c) hopeless[some[c]] = {pass, first[c]};
    }
  }

  // And those with fairness, which only a whole search answers.
  struct PutOff {
    SearchEnd end = SearchEnd::complete;
    std::optional<FairLoop> loop;
  };
  std::map<std::size_t, PutOff> put_off;
  for (std::size_t p = 0; p < module.properties.size() && result.complete; ++p) {
    const auto& named = module.properties[p].fair;
    if (!named) continue;
    std::vector<std::uint8_t> fair;
    for (const GroundAction& action : model().actions())
      fair.push_back(std::find(named->begin(), named->end(), action.event.action) != named->end());
    const FairLoopLimits within{
        bounds.bytes_max == 0
            ? 0
            : std::max<std::uint64_t>(bounds.bytes_max, search.peak_bytes + 1) - search.peak_bytes,
        [&] {
          return (bounds.deadline && Clock::now() >= *bounds.deadline) || (bounds.stop && bounds.stop());
        }};
    PutOff& one = put_off[p];
    one.loop = fair_loop(model(), search, sought[p].condition, fair, within, one.end);
  }

  // Verdicts; the ways are looked for together.
  std::vector<StateAt> ends;
  std::vector<std::size_t> end_of;  // property of each
  const auto seek = [&](std::size_t property, const StateAt& at) {
    ends.push_back(at);
    end_of.push_back(property);
  };
  for (std::size_t p = 0; p < module.properties.size(); ++p) {
    const rules::Property& property = module.properties[p];
    PropertyResult& made = result.properties.emplace_back(
        PropertyResult{property.name, property.verb, PropertyVerdict::undetermined, {}, why_open});
    if (property.fair) {
      if (!result.complete) continue;
      const PutOff& one = put_off.at(p);
      if (one.end != SearchEnd::complete) {
        made.reason = one.end == SearchEnd::memory
                          ? "the states without the condition, and what leads from one to another, do not "
                            "fit into the bound on memory"
                          : "the search was ended before it was known what can be put off for ever";
        if (result.bound.empty()) result.bound = bound_name(one.end);
      } else if (one.loop) {
        made.verdict = PropertyVerdict::violated;
        made.reason.clear();
        made.loop = unpacked(one.loop->around).steps;
        seek(p, one.loop->at);
      } else {
        made.verdict = PropertyVerdict::holds;
      }
      continue;
    }
    if (property.verb == Verb::eventually) {
      if (options.bitstate)
        made.reason = "the search kept a few bits of each state, not what the backward pass needs";
      if (options.bitstate || end == SearchEnd::time || end == SearchEnd::stopped || end == SearchEnd::found)
        continue;
      const Lost& lost = hopeless.at(p);
      if (lost.end == SearchEnd::memory) {
        made.reason = "the backward pass does not fit into the bound on memory";
        if (result.bound.empty()) result.bound = bound_name(lost.end);
      } else if (lost.end != SearchEnd::complete) {
        made.reason = "the search was ended before its backward pass was done";
      } else if (lost.first) {
        made.verdict = PropertyVerdict::violated;
        made.reason.clear();
        seek(p, *lost.first);
      } else if (result.complete) {
        made.verdict = PropertyVerdict::holds;
      }
      continue;
    }
    Watch& watch = search.watches[sought[p].witness];
    const bool always = property.verb == Verb::always;
    if (watch.found) {
      made.verdict = always ? PropertyVerdict::violated : PropertyVerdict::holds;
      made.reason.clear();
      if (watch.trace)
        made.trace = unpacked(*watch.trace);
      else
        seek(p, *watch.found);
    } else if (result.complete && !always) {
      made.verdict = PropertyVerdict::violated;
      made.reason = "no reachable state has the condition";
    } else if (result.complete && sought[p].left != none && !search.watches[sought[p].left].found) {
      made.verdict = PropertyVerdict::vacuous;
      made.reason = "no reachable state makes the left side of the implication true";
    } else if (result.complete) {
      made.verdict = PropertyVerdict::holds;
    }
  }
  PropertyResult& defined = result.properties.emplace_back(
      PropertyResult{std::string(well_defined), Verb::always, PropertyVerdict::undetermined, {}, why_open});
  if (search.undefined) {
    defined.verdict = PropertyVerdict::violated;
    defined.reason.clear();
    seek(result.properties.size() - 1, search.undefined->source);
  } else if (result.complete) {
    defined.verdict = PropertyVerdict::holds;
  }
  const auto traces = search.traces(ends);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    PropertyResult& made = result.properties[end_of[i]];
    if (!traces[i]) {
      made.reason = "the way there was not reconstructed within the time";
      continue;
    }
    made.trace = unpacked(*traces[i]);
    if (&made != &result.properties.back()) continue;
    const rules::Cells before =
        made.trace->steps.empty() ? made.trace->start : made.trace->steps.back().after;
    const std::uint32_t action =
        model().symmetry() == nullptr ? search.undefined->action : undefined_in(before);
    made.trace->steps.push_back({model().actions()[action].event, before});
  }
  result.peak_bytes = search.peak_bytes;
  result.seconds = seconds_since(begin);
  return result;
}

Way Explorer::Engine::shortest(const rules::Expression& goal, std::span<const rules::Expression> keep) {
  const auto begin = Clock::now();
  const SearchLimits bounds = limits(begin);
  if (const SearchEnd end = prepare(bounds); end != SearchEnd::complete) {
    Way none;
    none.bound = bound_name(end);
    none.reason = bound_reason(end) + " before it came to the first state";
    none.refused.assign(keep.size(), false);
    none.seconds = seconds_since(begin);
    return none;
  }
  model().reduce(nullptr);
  const Watch at_goal{
      .predicates = {predicate(goal)}, .when = true, .ends = true, .traced = true, .found = {}, .trace = {}};
  std::vector<Predicate> kept;
  for (const rules::Expression& condition : keep) kept.push_back(predicate(condition));
  std::unique_ptr<Search> search;
  const SearchEnd end = search_through(
      search, bounds,
      [&](Search& made) {
        made.watches = {at_goal};
        made.keep = kept;
      },
      false);

  Way way;
  way.states = search->states;
  way.transitions = search->transitions;
  way.refused.assign(search->refused.begin(), search->refused.end());
  if (end == SearchEnd::found) {
    const Watch& watch = search->watches[0];
    std::optional<PackedTrace> trace = watch.trace;
    if (!trace) trace = search->traces(std::span(&*watch.found, 1))[0];
    way.bound = "goal";
    if (trace)
      way.trace = unpacked(*trace);
    else
      way.reason = "the goal can be reached, but the way there was not reconstructed within the time";
  } else {
    way.complete = end == SearchEnd::complete;
    way.bound = bound_name(end);
    if (way.states == 0) {
      const auto first = static_cast<std::size_t>(std::find(way.refused.begin(), way.refused.end(), true) -
                                                  way.refused.begin());
      way.reason = "the initial state does not satisfy " + keep[first].source;
    } else if (way.complete) {
      way.reason = "none of the " + std::to_string(way.states) + " states that can be reached has the goal";
    } else {
      way.reason = bound_reason(end) + " before it came to the goal";
    }
  }
  way.seconds = seconds_since(begin);
  return way;
}

Explorer::Explorer(const rules::Module& module, ExploreOptions options)
    : engine_(std::make_unique<Engine>(module, std::move(options))) {}
Explorer::~Explorer() = default;
Explorer::Explorer(Explorer&&) noexcept = default;
Explorer& Explorer::operator=(Explorer&&) noexcept = default;

Exploration Explorer::run() { return engine_->run(); }
bool Explorer::visited(const rules::Cells& cells) const {
  if (!engine_->last) return false;
  std::vector<Word> packed(engine_->start.size());
  if (!engine_->compiled->find(cells, packed.data())) return false;
  std::uint64_t hash = 0;
  if (engine_->compiled->symmetry() != nullptr) engine_->compiled->represent(packed.data(), hash);
  return engine_->last->visited(packed.data());
}
Way Explorer::shortest(const rules::Expression& goal, std::span<const rules::Expression> keep) {
  return engine_->shortest(goal, keep);
}

}  // namespace portolan::solver::explore
