// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/verdicts.hpp"

#include <algorithm>

#include "solver/explore/bounds.hpp"

namespace portolan::solver::explore {

using rules::Verb;

Verdicts::Verdicts(const rules::Module& module, const SearchLimits& bounds, ModelSearch& searched,
                   const PropertyWatches& watched, SearchEnd end, bool bitstate)
    : module_(module),
      bounds_(bounds),
      model_(searched.model()),
      search_(searched.search()),
      watched_(watched),
      end_(end),
      bitstate_(bitstate) {}

std::vector<PropertyResult> Verdicts::undetermined(const rules::Module& module, SearchEnd end) {
  std::vector<PropertyResult> results;
  for (const rules::Property& property : module.properties)
    results.push_back({property.name, property.verb, PropertyVerdict::undetermined, {}, bound_reason(end)});
  results.push_back(
      {std::string(well_defined), Verb::always, PropertyVerdict::undetermined, {}, bound_reason(end)});
  return results;
}

std::string Verdicts::why_open() const {
  return end_ == SearchEnd::complete && bitstate_
             ? "the search kept a few bits of each state, so that some may have been left out"
             : bound_reason(end_);
}

void Verdicts::answer(Exploration& result) {
  if (looks_back()) look_back();
  if (result.complete) look_for_fair_loops();
  for (std::size_t p = 0; p < module_.properties.size(); ++p) {
    const rules::Property& property = module_.properties[p];
    PropertyResult& made = result.properties.emplace_back(
        PropertyResult{property.name, property.verb, PropertyVerdict::undetermined, {}, why_open()});
    if (property.fair)
      answer_fair(p, made, result);
    else if (property.verb == Verb::eventually)
      answer_eventually(p, made, result);
    else
      answer_watched(p, made, result);
  }
  answer_well_defined(
      result.properties.emplace_back(PropertyResult{
          std::string(well_defined), Verb::always, PropertyVerdict::undetermined, {}, why_open()}),
      result);
  find_traces(result);
}

/// Backward passes of *eventually*, several conditions in each.
void Verdicts::look_back() {
  std::vector<std::size_t> asked;
  for (std::size_t p = 0; p < module_.properties.size(); ++p)
    if (module_.properties[p].verb == Verb::eventually && !module_.properties[p].fair) asked.push_back(p);
  for (std::size_t begin = 0; begin < asked.size(); begin += Search::conditions_max) {
    const std::span<const std::size_t> some(asked.data() + begin,
                                            std::min(Search::conditions_max, asked.size() - begin));
    std::vector<Predicate> conditions;
    for (const std::size_t p : some) conditions.push_back(watched_.properties[p].condition);
    SearchEnd pass = SearchEnd::complete;
    const auto first = search_.hopeless(conditions, pass);
    for (std::size_t c = 0; c < some.size(); ++c) lost_[some[c]] = {pass, first[c]};
  }
}

/// Those with fairness, which only a whole search answers.
void Verdicts::look_for_fair_loops() {
  for (std::size_t p = 0; p < module_.properties.size(); ++p) {
    const auto& named = module_.properties[p].fair;
    if (!named) continue;
    std::vector<std::uint8_t> fair;
    for (const GroundAction& action : model_.actions())
      fair.push_back(std::find(named->begin(), named->end(), action.event.action) != named->end());
    const std::uint64_t held = search_.peak_bytes;
    const FairLoopLimits within{
        bounds_.bytes_max == 0 ? 0 : std::max<std::uint64_t>(bounds_.bytes_max, held + 1) - held, [&] {
          return (bounds_.deadline && std::chrono::steady_clock::now() >= *bounds_.deadline) ||
                 (bounds_.stop && bounds_.stop());
        }};
    PutOff& one = put_off_[p];
    one.loop = fair_loop(model_, search_, watched_.properties[p].condition, fair, within, one.end);
  }
}

void Verdicts::seek(std::size_t property, const StateAt& at) {
  ends_.push_back(at);
  end_of_.push_back(property);
}

void Verdicts::answer_fair(std::size_t property, PropertyResult& made, Exploration& result) {
  if (!result.complete) return;
  const PutOff& one = put_off_.at(property);
  if (one.end != SearchEnd::complete) {
    made.reason = one.end == SearchEnd::memory
                      ? "the states without the condition, and what leads from one to another, do not "
                        "fit into the bound on memory"
                      : "the search was ended before it was known what can be put off for ever";
    if (result.bound.empty()) result.bound = bound_name(one.end);
  } else if (one.loop) {
    made.verdict = PropertyVerdict::violated;
    made.reason.clear();
    made.loop = unpacked_trace(module_, model_, one.loop->around).steps;
    seek(property, one.loop->at);
  } else {
    not_refuted(property, made);
  }
}

void Verdicts::answer_eventually(std::size_t property, PropertyResult& made, Exploration& result) {
  if (bitstate_) made.reason = "the search kept a few bits of each state, not what the backward pass needs";
  if (!looks_back()) return;
  const Lost& lost = lost_.at(property);
  if (lost.end == SearchEnd::memory) {
    made.reason = "the backward pass does not fit into the bound on memory";
    if (result.bound.empty()) result.bound = bound_name(lost.end);
  } else if (lost.end != SearchEnd::complete) {
    made.reason = "the search was ended before its backward pass was done";
  } else if (lost.first) {
    made.verdict = PropertyVerdict::violated;
    made.reason.clear();
    seek(property, *lost.first);
  } else if (result.complete) {
    not_refuted(property, made);
  }
}

void Verdicts::answer_watched(std::size_t property, PropertyResult& made, const Exploration& result) {
  const PropertyWatch& watched = watched_.properties[property];
  const Watch& witness = search_.watches[*watched.witness];
  const bool always = made.verb == Verb::always;
  if (witness.found) {
    made.verdict = always ? PropertyVerdict::violated : PropertyVerdict::holds;
    made.reason.clear();
    if (witness.trace)
      made.trace = unpacked_trace(module_, model_, *witness.trace);
    else
      seek(property, *witness.found);
  } else if (result.complete && !always) {
    made.verdict = PropertyVerdict::violated;
    const std::string& remedy = module_.properties[property].remedy;
    made.reason = "no reachable state has the condition" + (remedy.empty() ? "" : "; " + remedy);
  } else if (result.complete) {
    not_refuted(property, made);
  }
}

void Verdicts::not_refuted(std::size_t property, PropertyResult& made) const {
  const std::optional<std::size_t>& left_side = watched_.properties[property].left_side;
  const bool tested = !left_side || search_.watches[*left_side].found;
  made.verdict = tested ? PropertyVerdict::holds : PropertyVerdict::vacuous;
  made.reason = tested ? "" : "no reachable state makes the left side of the implication true";
}

void Verdicts::answer_well_defined(PropertyResult& made, const Exploration& result) {
  if (search_.undefined) {
    made.verdict = PropertyVerdict::violated;
    made.reason.clear();
    seek(result.properties.size() - 1, search_.undefined->source);
  } else if (result.complete) {
    made.verdict = PropertyVerdict::holds;
  }
}

void Verdicts::find_traces(Exploration& result) {
  const auto traces = search_.traces(ends_);
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    PropertyResult& made = result.properties[end_of_[i]];
    if (!traces[i]) {
      made.reason = "the way there was not reconstructed within the time";
      continue;
    }
    made.trace = unpacked_trace(module_, model_, *traces[i]);
    if (&made != &result.properties.back()) continue;
    // Of `well-defined`: the undefined event itself, with the state before it repeated.
    const rules::Cells before =
        made.trace->steps.empty() ? made.trace->start : made.trace->steps.back().after;
    const std::uint32_t action =
        model_.reduces() ? undefined_action_in(model_, before) : search_.undefined->action;
    made.trace->steps.push_back({model_.actions()[action].event, before});
  }
}

}  // namespace portolan::solver::explore
