// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/end_of_trace.hpp"

namespace portolan::solver::explore {

PropertyVerdict verdict_at_end(const rules::Module& module, const traces::Replay& replayed,
                               const std::string& property, std::uint64_t states_max) {
  const auto said = [](bool violated) {
    return violated ? PropertyVerdict::violated : PropertyVerdict::holds;
  };
  if (property == well_defined) return said(replayed.undefined);
  const rules::Cells& last =
      replayed.trace.steps.empty() ? replayed.trace.start : replayed.trace.steps.back().after;
  const int known = module.property(property);
  if (known < 0) return PropertyVerdict::undetermined;
  const rules::Property& asked = module.properties[static_cast<std::size_t>(known)];
  const bool here = rules::holds(module, asked.condition, last);
  if (asked.verb != rules::Verb::eventually || here) return said(!here);
  rules::Module from_there = module;
  from_there.initial = last;
  ExploreOptions options;
  options.states_max = states_max;
  if (asked.fair) {
    from_there.properties = {asked};
    return Explorer(from_there, options).run().properties.front().verdict;
  }
  options.admits = [](const rules::Action& action) { return !action.fault; };
  const Way way = Explorer(from_there, options).shortest(asked.condition);
  return way.trace || way.complete ? said(!way.trace) : PropertyVerdict::undetermined;
}

}  // namespace portolan::solver::explore
