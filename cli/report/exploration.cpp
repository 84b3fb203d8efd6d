// SPDX-License-Identifier: Apache-2.0
#include "cli/report/exploration.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>

#include "model/support/text.hpp"
#include "model/traces/itf.hpp"
#include "model/traces/sequence.hpp"
#include "solver/explore/expectations.hpp"

namespace portolan::cli {

namespace {

const rules::Cells& end_of(const rules::Trace& trace) {
  return trace.steps.empty() ? trace.start : trace.steps.back().after;
}

std::string ended(const std::string& bound) {
  if (bound == "states") return "ended at --max-states";
  if (bound == "memory") return "ended at --memory";
  if (bound == "time") return "ended at --time";
  if (bound == "violation") return "ended at the first violation";
  if (bound == "bitstate") return "bits of states may have been those of others (--bitstate)";
  return "stopped before its end";
}

/// Never more than it is: `99.99 %`, and 100 only for all.
std::string shown_share(double share) {
  return share >= 1 ? "100 %" : fmt::format("{:.4f} %", std::floor(share * 1e6) / 1e4);
}

std::string word(solver::explore::PropertyVerdict verdict, const Output& output) {
  const std::string padded = fmt::format("{:<12}", name_of(verdict));
  switch (verdict) {
    case solver::explore::PropertyVerdict::holds: return output.good(padded);
    case solver::explore::PropertyVerdict::violated: return output.bad(padded);
    default: return output.unsure(padded);
  }
}

/// The properties as a list, each with its verdict.
void print_verdicts(const rules::Module& module, const solver::explore::Exploration& found, Output& output) {
  output.print("{}\n", output.bold(fmt::format(
                           "{}, {}, depth {}{}", counted(found.states, "state"),
                           counted(found.transitions, "transition"), found.depth,
                           found.complete ? ""
                                          : fmt::format(" — {}: what was not found so far may still be there",
                                                        ended(found.bound)))));
  output.print("  {:.2f} s, {}\n", found.seconds, shown_bytes(found.peak_bytes));
  if (found.coverage)
    output.print("  of the states that were met, an estimated {} was looked at\n",
                 shown_share(*found.coverage));
  if (found.reduced > 0)
    output.print(
        "  {} by some of their actions, which stand for all (--partial-order): a counterexample need not be "
        "the shortest\n",
        counted(found.reduced, "state") + (found.reduced == 1 ? " was expanded" : " were expanded"));
  if (!found.interchangeable.empty())
    output.print("  states that differ only by which is which count once: {}\n",
                 fmt::join(found.interchangeable, "; "));
  output.print("\n");
  std::size_t width = 0;
  for (const auto& property : found.properties) width = std::max(width, property.name.size());
  for (const auto& property : found.properties) {
    const int known = module.property(property.name);
    const rules::Property* asked = known < 0 ? nullptr : &module.properties[static_cast<std::size_t>(known)];
    const std::string meaning = asked == nullptr         ? "no event of the model lacks a meaning"
                                : asked->meaning.empty() ? asked->condition.source
                                                         : asked->meaning;
    output.print("  {} {:<10} {:<{}}  {}\n", word(property.verdict, output), rules::name_of(property.verb),
                 property.name, width, output.faint(meaning));
    // What is said of the whole search is not repeated under each property.
    if (!property.reason.empty() &&
        (found.complete || property.verdict != solver::explore::PropertyVerdict::undetermined))
      output.print("  {:>12} {}\n", "", property.reason);
  }
}

/// `broken (R8): always …`
std::string broken(const rules::Module& module, const solver::explore::PropertyResult& property) {
  const int known = module.property(property.name);
  if (known < 0)
    return "broken: the last event has no meaning: an index is none, a value leaves its domain, or one "
           "variable is given two values";
  const rules::Property& asked = module.properties[static_cast<std::size_t>(known)];
  const char* what = property.loop                           ? "put off"
                     : asked.verb == rules::Verb::eventually ? "out of reach"
                     : asked.verb == rules::Verb::sometimes  ? "shown"
                                                             : "broken";
  std::vector<std::string> fair;
  if (asked.fair)
    for (const std::size_t action : *asked.fair) fair.push_back(module.actions[action].name);
  const std::string promise = !asked.fair    ? ""
                              : fair.empty() ? ", with no fairness"
                                             : ", with fairness of " + listed(fair);
  return fmt::format("{}{}: {} {}{}", what, asked.source.empty() ? "" : " (" + asked.source + ")",
                     rules::name_of(asked.verb), asked.condition.source, promise);
}

void print_counterexample(const ShownProperty& shown, const fleet::LoadedScenario& loaded,
                          const std::string& again, Output& output) {
  const solver::explore::PropertyResult& property = shown.result();
  const bool no_return =
      property.verb == rules::Verb::eventually && !property.loop && !property.trace->steps.empty();
  output.print("\n{} {}{}:\n", output.bad(property.name), after_steps(property),
               no_return ? "; the last one is the point of no return" : "");
  if (shown.smaller) {
    output.print("  {}\n",
                 output.faint(fmt::format(
                     "in a smaller scenario ({}); with everything it takes {} (--no-minimise)",
                     listed(shown.smaller->removed), counted(shown.found->trace->steps.size(), "step"))));
    if (!shown.smaller->undecided.empty())
      output.print("  {}\n", output.faint(fmt::format("not tried to the end within the bound: {}",
                                                      listed(shown.smaller->undecided))));
  }
  const rules::Module& module = shown.scenario(loaded).module;
  tell(module, shown.trace(), output);
  if (property.loop) {
    output.print("  {}\n", property.loop->empty() ? "and there nothing has to happen any more"
                                                  : "and from there, for ever:");
    const rules::Cells* before = &end_of(shown.trace());
    std::size_t number = shown.trace().steps.size();
    for (const rules::Trace::Step& step : *property.loop) {
      tell(module, step.event, *before, step.after, ++number, output);
      before = &step.after;
    }
  }
  output.print("  {}\n  again: portolan {}\n", broken(module, property), again);
}

}  // namespace

std::string after_steps(const solver::explore::PropertyResult& property) {
  const bool eventually = property.verb == rules::Verb::eventually;
  const std::size_t steps = property.trace->steps.size();
  if (property.verb == rules::Verb::sometimes)
    return steps == 0 ? "is so at the beginning" : "is so after " + counted(steps, "step");
  if (property.loop)
    return steps == 0 ? "can be put off for ever from the beginning"
                      : "can be put off for ever after " + counted(steps, "step");
  if (steps == 0) return eventually ? "is out of reach from the beginning" : "is violated at the beginning";
  return (eventually ? "cannot be had any more after " : "is violated after ") + counted(steps, "step");
}

void print_exploration(const fleet::LoadedScenario& loaded, const std::string& again,
                       const solver::explore::Exploration& found, const std::vector<ShownProperty>& shown,
                       Output& output) {
  print_verdicts(loaded.module, found, output);
  for (const ShownProperty& one : shown) print_counterexample(one, loaded, again, output);
}

Json exploration_json(const fleet::LoadedScenario& loaded, const solver::explore::Exploration& found,
                      const std::vector<ShownProperty>& shown, const std::vector<std::string>& wrong) {
  Json json = versioned();
  json["scenario"] = loaded.scenario.file;
  json["states"] = found.states;
  json["transitions"] = found.transitions;
  json["depth"] = found.depth;
  json["seconds"] = found.seconds;
  json["peak_bytes"] = found.peak_bytes;
  json["complete"] = found.complete;
  if (!found.bound.empty()) json["bound"] = found.bound;
  if (found.coverage) json["coverage"] = *found.coverage;
  if (found.reduced > 0) json["reduced"] = found.reduced;
  if (!found.interchangeable.empty()) json["interchangeable"] = found.interchangeable;
  json["properties"] = Json::array();
  for (const auto& property : found.properties) {
    Json one{{"name", property.name},
             {"verb", rules::name_of(property.verb)},
             {"verdict", name_of(property.verdict)}};
    if (!property.reason.empty()) one["reason"] = property.reason;
    one["trace"] = property.trace ? json_of(loaded.module, *property.trace) : Json::array();
    if (property.loop) one["loop"] = json_of(loaded.module, {end_of(*property.trace), *property.loop});
    for (const ShownProperty& other : shown) {
      if (other.found != &property || !other.smaller) continue;
      const rules::Module& module = other.smaller->loaded.module;
      Json& smaller = one["smaller"] = {{"removed", other.smaller->removed},
                                        {"undecided", other.smaller->undecided},
                                        {"scenario", Json::parse(other.smaller->loaded.content)},
                                        {"trace", json_of(module, other.trace())}};
      if (other.result().loop)
        smaller["loop"] = json_of(module, {end_of(other.trace()), *other.result().loop});
    }
    json["properties"].push_back(std::move(one));
  }
  if (solver::explore::expects_something(loaded.scenario.expect)) json["unexpected"] = wrong;
  return json;
}

void print_trace(const ShownProperty& shown, const fleet::LoadedScenario& loaded, Output& output) {
  const fleet::LoadedScenario& scenario = shown.scenario(loaded);
  const solver::explore::PropertyResult& property = shown.result();
  if (output.format() == Format::mermaid) {
    output.write(traces::sequence_diagram(
        scenario.module, shown.trace(), property.loop ? &*property.loop : nullptr,
        property.name + " " + after_steps(property), broken(scenario.module, property), scenario.is_fleet()));
    return;
  }
  const bool undefined = property.name == solver::explore::well_defined &&
                         property.verdict == solver::explore::PropertyVerdict::violated;
  output.write(traces::write_itf(
      scenario.module, shown.trace(), property.loop ? &*property.loop : nullptr,
      {loaded.scenario.file, shown.smaller ? scenario.content : std::string(), property.name,
       std::string(rules::name_of(property.verb)), std::string(name_of(property.verdict)), undefined}));
}

}  // namespace portolan::cli
