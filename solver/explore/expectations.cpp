// SPDX-License-Identifier: Apache-2.0
#include "solver/explore/expectations.hpp"

#include <fmt/format.h>

#include "model/support/text.hpp"
#include "model/traces/replay.hpp"
#include "solver/explore/end_of_trace.hpp"

namespace portolan::solver::explore {

namespace {

/// Of the expected traces.
void trace_surprises(const rules::Module& module, const fleet::Expectation& expect,
                     std::vector<std::string>& result) {
  for (const auto& [name, events] : expect.traces) {
    const traces::Replay followed = traces::follow(module, events);
    if (!followed.misfit.empty()) {
      result.push_back(fmt::format("{}: its expected trace does not fit at step {}: {}", name, followed.step,
                                   followed.misfit));
      continue;
    }
    const int known = module.property(name);
    const bool sometimes =
        known >= 0 && module.properties[static_cast<std::size_t>(known)].verb == rules::Verb::sometimes;
    const PropertyVerdict verdict = verdict_at_end(module, followed, name),
                          wanted = sometimes ? PropertyVerdict::holds : PropertyVerdict::violated;
    if (verdict != wanted)
      result.push_back(fmt::format("{}: {} at the end of its expected trace, expected {}", name,
                                   name_of(verdict), name_of(wanted)));
  }
}

}  // namespace

bool expects_something(const fleet::Expectation& expect) {
  return expect.states || expect.transitions || expect.depth || !expect.verdicts.empty() ||
         !expect.traces.empty();
}

std::vector<std::string> surprises(const rules::Module& module, const fleet::Expectation& expect,
                                   const Exploration& found) {
  std::vector<std::string> result;
  const auto number = [&](const char* what, const std::optional<std::uint64_t>& wanted, std::uint64_t got) {
    if (wanted && *wanted != got)
      result.push_back(fmt::format("{}: {}, expected {}", what, grouped(got), grouped(*wanted)));
  };
  // Numbers are those of all states.
  if (found.reduced > 0 && (expect.states || expect.transitions || expect.depth)) {
    result.push_back("states, transitions and depth are expected of all states: leave --partial-order out");
  } else if (found.interchangeable.empty()) {
    number("states", expect.states, found.states);
    number("transitions", expect.transitions, found.transitions);
    number("depth", expect.depth, found.depth);
  } else if (expect.states || expect.transitions || expect.depth) {
    result.push_back("states, transitions and depth are expected without symmetry: --symmetry off");
  }
  for (const auto& [name, verdict] : expect.verdicts)
    for (const auto& property : found.properties)
      if (property.name == name && name_of(property.verdict) != verdict)
        result.push_back(fmt::format("{}: {}, expected {}", name, name_of(property.verdict), verdict));
  trace_surprises(module, expect, result);
  return result;
}

}  // namespace portolan::solver::explore
