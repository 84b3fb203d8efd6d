// SPDX-License-Identifier: Apache-2.0
//
// `portolan explore`: every state that a scenario can reach, and what its properties say of them.

#include <algorithm>
#include <chrono>
#include <cmath>

#include "cli/exploring.hpp"
#include "cli/proving.hpp"
#include "cli/regression.hpp"
#include "cli/replay.hpp"
#include "cli/sequence.hpp"
#include "cli/smaller.hpp"
#include "cli/stepping.hpp"
#include "cli/whole_file.hpp"
#include "model/fleet/scenario.hpp"
#include "model/rules/graph.hpp"
#include "model/rules/promela.hpp"
#include "model/rules/tla.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {
namespace {

struct ExploreOptions {
  std::string scenario, export_to, property, replay, save_scenario;
  std::string engine;  ///< of --prove; empty: not given, which is `direct`
  SearchOptions search;
  bool expected = false, first_violation = false, interactive = false, proving = false, minimise = true;
};

/// A violated property as it is shown: in the scenario, or in a smaller one that violates it too.
struct ShownProperty {
  const solver::explore::PropertyResult* found = nullptr;
  std::optional<Smaller> smaller;

  const fleet::LoadedScenario& scenario(const fleet::LoadedScenario& whole) const {
    return smaller ? smaller->loaded : whole;
  }
  const solver::explore::PropertyResult& result() const { return smaller ? smaller->found : *found; }
  const solver::explore::Trace& trace() const { return *result().trace; }
};

const rules::Cells& end_of(const solver::explore::Trace& trace) {
  return trace.steps.empty() ? trace.start : trace.steps.back().after;
}

/// What the scenario expects and did not get, one sentence each.
std::vector<std::string> surprises(const rules::Module& module, const fleet::Expectation& expect,
                                   const solver::explore::Exploration& found) {
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
  for (const auto& [name, events] : expect.traces) {
    const Replay followed = follow(module, events);
    if (!followed.misfit.empty()) {
      result.push_back(fmt::format("{}: its expected trace does not fit at step {}: {}", name, followed.step,
                                   followed.misfit));
      continue;
    }
    const int known = module.property(name);
    const bool sometimes =
        known >= 0 && module.properties[static_cast<std::size_t>(known)].verb == rules::Verb::sometimes;
    const solver::explore::PropertyVerdict verdict = verdict_at_end(module, followed, name),
                                           wanted = sometimes ? solver::explore::PropertyVerdict::holds
                                                              : solver::explore::PropertyVerdict::violated;
    if (verdict != wanted)
      result.push_back(fmt::format("{}: {} at the end of its expected trace, expected {}", name,
                                   name_of(verdict), name_of(wanted)));
  }
  return result;
}

bool expects_something(const fleet::Expectation& e) {
  return e.states || e.transitions || e.depth || !e.verdicts.empty() || !e.traces.empty();
}

Exit status(const solver::explore::Exploration& found) {
  Exit worst = Exit::yes;
  for (const auto& property : found.properties) {
    if (property.verdict == solver::explore::PropertyVerdict::violated) return Exit::no;
    if (property.verdict == solver::explore::PropertyVerdict::undetermined) worst = Exit::undetermined;
  }
  return found.complete ? worst : Exit::undetermined;
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

/// `is violated after 4 steps`, for an *eventually* `cannot be had any more after 4 steps`.
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
                          const ExploreOptions& options, Output& output) {
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
    for (const solver::explore::Trace::Step& step : *property.loop) {
      tell(module, step.event, *before, step.after, ++number, output);
      before = &step.after;
    }
  }
  output.print("  {}\n  again: portolan explore {}\n", broken(module, property), options.scenario);
}

void print_text(const fleet::LoadedScenario& loaded, const ExploreOptions& options,
                const solver::explore::Exploration& found, const std::vector<ShownProperty>& shown,
                Output& output) {
  print_verdicts(loaded.module, found, output);
  for (const ShownProperty& one : shown) print_counterexample(one, loaded, options, output);
}

Json whole_json(const fleet::LoadedScenario& loaded, const solver::explore::Exploration& found,
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
  if (expects_something(loaded.scenario.expect)) json["unexpected"] = wrong;
  return json;
}

/// Every violated property that has a trace, in the smallest scenario that shows it.
std::vector<ShownProperty> counterexamples(const fleet::LoadedScenario& loaded, const ExploreOptions& options,
                                           const solver::explore::Exploration& found,
                                           const solver::explore::ExploreOptions& search) {
  std::vector<ShownProperty> all;
  const Interruption interruption;
  const auto begun = std::chrono::steady_clock::now();
  SmallerOptions bounds;
  // An attempt is worth no more than what was looked at before; a search that ended at a bound leaves nothing
  // for more.
  bounds.states_max = std::clamp<std::uint64_t>(found.states, 1'000, 200'000);
  bounds.bytes_max = search.bytes_max;
  bounds.stop = [&] {
    const double passed =
        found.seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return interruption.signal() != 0 || (search.seconds_max > 0 && passed >= search.seconds_max);
  };
  const bool worth_it =
      options.minimise && (found.complete || found.bound == "violation" || found.bound == "states");
  for (const solver::explore::PropertyResult& property : found.properties) {
    if (property.verdict != solver::explore::PropertyVerdict::violated || !property.trace) continue;
    all.push_back({&property, worth_it ? smaller_scenario(loaded, property.name, bounds) : std::nullopt});
  }
  return all;
}

/// The one trace that the options ask for: of `--property`, else of the first property that is violated.
/// Null: there is none.
const ShownProperty* chosen(const ExploreOptions& options, const solver::explore::Exploration& found,
                            std::vector<ShownProperty>& shown) {
  if (options.property.empty()) return shown.empty() ? nullptr : &shown.front();
  for (const ShownProperty& one : shown)
    if (one.found->name == options.property) return &one;
  for (const solver::explore::PropertyResult& property : found.properties)
    if (property.name == options.property && property.trace)
      return &shown.emplace_back(ShownProperty{&property, std::nullopt});
  return nullptr;
}

/// The chosen trace as a file for another program.
void print_trace(const ShownProperty& shown, const fleet::LoadedScenario& loaded, Output& output) {
  const fleet::LoadedScenario& scenario = shown.scenario(loaded);
  const solver::explore::PropertyResult& property = shown.result();
  if (output.format() == Format::mermaid) {
    output.write(sequence_diagram(scenario.module, shown.trace(), property.loop ? &*property.loop : nullptr,
                                  property.name + " " + after_steps(property),
                                  broken(scenario.module, property), scenario.is_fleet()));
    return;
  }
  const bool undefined = property.name == solver::explore::well_defined &&
                         property.verdict == solver::explore::PropertyVerdict::violated;
  output.write(pretty(
      itf(scenario.module, shown.trace(), property.loop ? &*property.loop : nullptr,
          {loaded.scenario.file, shown.smaller ? scenario.content : std::string(), property.name,
           std::string(rules::name_of(property.verb)), std::string(name_of(property.verdict)), undefined})));
}

Exit replay_trace(const ExploreOptions& options, Output& output) {
  const auto document = files::read_document(options.replay);
  if (!document) return output.refuse(document.error());
  const auto about = read_itf_meta(*document);
  if (!about) return output.refuse(about.error());
  const std::string file = options.scenario.empty() ? about->scenario : options.scenario;
  if (file.empty())
    return output.refuse({{FaultCode::usage,
                           {options.replay, {}, "#meta.source"},
                           "the trace does not say which scenario it is of",
                           "a scenario",
                           "portolan explore SCENARIO --replay " + options.replay}});
  auto loaded = fleet::load_scenario(file);
  if (!loaded) return output.refuse(loaded.error());
  if (options.scenario.empty() && !about->content.empty()) {
    loaded = fleet::read_scenario(about->content, options.replay + ": #meta.scenario", loaded->catalogue);
    if (!loaded) return output.refuse(loaded.error());
  }
  const rules::Module& module = loaded->module;
  const auto recorded = read_itf(*document, module);
  if (!recorded) {
    if (!options.scenario.empty() && !about->content.empty())
      output.note("the trace is of a smaller scenario, which it carries in #meta.scenario: leave " +
                  options.scenario + " out to replay it there, or write the trace with --no-minimise");
    return output.refuse(recorded.error());
  }
  const Replay replayed = replay(module, *recorded);
  const std::string& property = recorded->about.property;
  const bool known = property == solver::explore::well_defined || module.property(property) >= 0;
  if (!property.empty() && !known)
    return output.refuse({{FaultCode::unknown_name,
                           {options.replay, {}, "#meta.property"},
                           "there is no property " + in_quotes(property),
                           "a property of the scenario",
                           {}}});
  std::string verdict;
  if (replayed.misfit.empty() && !property.empty())
    verdict = name_of(verdict_at_end(module, replayed, property));
  const int asked = module.property(property);
  const std::string no_loop =
      replayed.misfit.empty() && asked >= 0
          ? loop_fault(module, *recorded, replayed, module.properties[static_cast<std::size_t>(asked)])
          : std::string();
  const bool same =
      replayed.misfit.empty() && no_loop.empty() &&
      (property.empty() || recorded->about.verdict.empty() || verdict == recorded->about.verdict);
  const std::string differs =
      !replayed.misfit.empty()
          ? (replayed.step == 0 ? replayed.misfit
                                : fmt::format("step {}: {}", replayed.step, replayed.misfit))
      : same             ? std::string()
      : !no_loop.empty() ? no_loop
                         : fmt::format("{}: {} at the end of the trace, recorded as {}", property, verdict,
                                       recorded->about.verdict);
  if (output.json()) {
    Json json = versioned();
    json["scenario"] = file;
    json["verdict"] = same ? "replayed" : "differs";
    json["steps"] = recorded->states.size() - 1;
    if (!replayed.misfit.empty()) json["step"] = replayed.step;
    if (!differs.empty()) json["reason"] = differs;
    if (!property.empty())
      json["property"] = {{"name", property}, {"verdict", verdict.empty() ? Json() : Json(verdict)}};
    json["trace"] = json_of(module, replayed.trace);
    output.write(pretty(json));
    return same ? Exit::yes : Exit::no;
  }
  output.print("{}: {} of {}, {} of {}\n", same ? output.good("replayed") : output.bad("differs"),
               counted(replayed.trace.steps.size(), "step"), recorded->states.size() - 1, file,
               options.replay);
  tell(module, replayed.trace, output);
  if (recorded->loop && replayed.misfit.empty() && no_loop.empty() && !recorded->states.empty()) {
    const std::size_t last = recorded->states.size() - 1;
    if (*recorded->loop == last &&
        (last == 0 || recorded->states[last].cells != recorded->states[last - 1].cells))
      output.print("  and there nothing has to happen any more\n");
    else
      output.print("  and for ever again from step {} on\n", std::max<std::size_t>(*recorded->loop, 1));
  }
  if (!differs.empty()) output.print("  {}\n", differs);
  if (!verdict.empty()) {
    const int position = module.property(property);
    const std::string meaning = position < 0 ? "no event of the model lacks a meaning"
                                             : module.properties[static_cast<std::size_t>(position)].meaning;
    output.print("  {}: {}{}\n", property, verdict, meaning.empty() ? "" : " (" + meaning + ")");
  }
  return same ? Exit::yes : Exit::no;
}

Exit export_module(const fleet::LoadedScenario& loaded, const ExploreOptions& options, Output& output) {
  const auto text = options.export_to == "dot"   ? rules::state_graph(loaded.module)
                    : options.export_to == "tla" ? rules::tla(loaded.module)
                                                 : rules::promela(loaded.module, {options.property});
  if (!text) return output.refuse(text.error());
  output.write(*text);
  return Exit::yes;
}

/// What the options ask that makes no sense together.
Faults contradictions(const ExploreOptions& options, const Output& output) {
  Faults faults;
  const auto fault = [&](std::string what, std::string finding, std::string remedy) {
    faults.push_back(
        {FaultCode::usage, {std::move(what), {}, {}}, std::move(finding), {}, std::move(remedy)});
  };
  const bool one_trace =
      output.format() == Format::itf || output.format() == Format::mermaid || !options.save_scenario.empty();
  if (options.scenario.empty() && options.replay.empty())
    fault("SCENARIO", "is missing", "name a scenario file");
  if (!options.property.empty() && !one_trace && options.export_to != "promela")
    fault("--property", "has nothing to choose for",
          "give it beside --export promela, --save-scenario, --format itf or --format mermaid");
  if (!options.replay.empty() &&
      (!options.export_to.empty() || options.interactive || options.proving || options.expected || one_trace))
    fault("--replay", "stands beside an option that explores", "give it alone, with or without a scenario");
  if (options.search.bitstate && options.expected)
    fault("--bitstate", "stands beside --expect",
          "what is expected of all states needs all states: leave it out");
  if (options.search.bitstate && options.search.partial_order)
    fault("--bitstate", "stands beside --partial-order", "give one of them");
  if (options.search.partial_order && options.search.symmetry == "on")
    fault("--partial-order", "stands beside --symmetry on", "give one of them");
  if (options.proving && (!options.export_to.empty() || options.interactive || options.expected || one_trace))
    fault("--prove", "stands beside another thing to do instead of exploring", "give it alone");
  if (!options.engine.empty() && !options.proving)
    fault("--solver", "stands without --prove", "give both: states are always visited otherwise");
  return faults;
}

Exit explore(const ExploreOptions& options, Output& output) {
  if (const Faults faults = contradictions(options, output); !faults.empty()) return output.refuse(faults);
  if (!options.replay.empty()) return replay_trace(options, output);
  const auto loaded = fleet::load_scenario(options.scenario);
  if (!loaded) return output.refuse(loaded.error());
  if (!options.property.empty() && options.property != solver::explore::well_defined &&
      loaded->module.property(options.property) < 0) {
    std::vector<std::string> names;
    for (const rules::Property& property : loaded->module.properties) names.push_back(property.name);
    return output.refuse({{FaultCode::unknown_name,
                           {options.scenario, {}, "properties"},
                           "unknown property " + in_quotes(options.property),
                           names.empty() ? "the module has none" : "one of " + listed(names, 40),
                           {}}});
  }
  if (!options.export_to.empty()) return export_module(*loaded, options, output);
  if (options.proving)
    return prove(*loaded, options.search,
                 options.engine.empty() ? solver::Engine::direct : *solver::engine_named(options.engine),
                 output);
  if (options.interactive) return step_through(*loaded, options.search, output);
  if (options.expected && !expects_something(loaded->scenario.expect))
    return output.refuse({{FaultCode::usage,
                           {options.scenario, {}, "expect"},
                           "the scenario expects nothing",
                           "states, transitions, depth, verdicts or traces under expect",
                           "run without --expect"}});
  for (const rules::Property& property : loaded->module.properties) {
    if (!options.search.partial_order || property.verb != rules::Verb::eventually) continue;
    output.note(fmt::format(
        "--partial-order: {} is an eventually, which needs every order; nothing is left out", property.name));
    break;
  }
  auto database = storing(options.search);
  if (!database) return output.refuse(database.error());
  solver::explore::Exploration found;
  solver::explore::ExploreOptions bounds;
  {
    const Interruption interruption;
    Progress progress(output, progress_kind(options.search));
    auto search = search_options(options.search, progress, interruption);
    if (!search) return output.refuse(search.error());
    search->stop_at_violation = options.first_violation;
    search->bitstate = options.search.bitstate;
    search->partial_order = options.search.partial_order;
    const fleet::Expectation& expect = loaded->scenario.expect;
    search->symmetry =
        options.search.symmetry == "on" ||
        (options.search.symmetry.empty() && !expect.states && !expect.transitions && !expect.depth);
    bounds.seconds_max = search->seconds_max;
    bounds.bytes_max = search->bytes_max;
    found = solver::explore::Explorer(loaded->module, *search).run();
  }
  const std::vector<std::string> wrong = surprises(loaded->module, loaded->scenario.expect, found);
  std::vector<ShownProperty> shown = counterexamples(*loaded, options, found, bounds);
  if (output.json())
    output.write(pretty(whole_json(*loaded, found, shown, wrong)));
  else if (output.format() == Format::text) {
    print_text(*loaded, options, found, shown, output);
    if (expects_something(loaded->scenario.expect))
      output.print("\n{}\n", wrong.empty() ? output.good("as the scenario expects")
                                           : output.bad("not as the scenario expects:"));
    for (const std::string& one : wrong) output.print("  {}\n", one);
  }
  const bool one_trace = output.format() == Format::itf || output.format() == Format::mermaid;
  if (one_trace || !options.save_scenario.empty()) {
    const ShownProperty* one = chosen(options, found, shown);
    if (one == nullptr)
      output.note(options.property.empty() ? "no property is violated, so there is no counterexample; "
                                             "--property names one that holds sometimes"
                                           : options.property + " has no trace");
    else if (one_trace)
      print_trace(*one, *loaded, output);
    if (one != nullptr && !options.save_scenario.empty()) {
      const auto written =
          write_whole(options.save_scenario,
                      regression_scenario(one->scenario(*loaded), one->result(), options.save_scenario),
                      "--save-scenario");
      if (!written) return output.refuse(written.error());
      output.note(fmt::format("{} {}: kept in {}", one->result().name, after_steps(one->result()),
                              options.save_scenario));
    }
  }
  const auto stored =
      database->store({}, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
        report.command = "explore";
        report.scenario = row_of(*loaded);
        report.exploration = row_of(loaded->module, found);
      });
  if (!stored) return output.refuse(stored.error());
  if (options.expected) return wrong.empty() ? Exit::yes : Exit::no;
  return status(found);
}

}  // namespace

void add_explore(Command& root) {
  auto options = std::make_shared<ExploreOptions>();
  Command command = root.command(
      "explore", "Model checking: every state a scenario can reach", {"text", "json", "itf", "mermaid"},
      "portolan explore scenarios/fleet/upgrade.yaml --threads 2\n"
      "  portolan explore scenarios/models/lock.yaml --format itf > lock.itf.json\n"
      "  portolan explore --replay lock.itf.json\n"
      "  portolan explore scenarios/fleet/upgrade.yaml --export promela > upgrade.pml\n"
      "  portolan explore scenarios/models/peterson.yaml --export tla > model.tla");
  command.option(
      "SCENARIO", options->scenario,
      "A scenario file (portolan.scenario/1); without one, --replay takes the scenario that its trace names");
  add_search_options(command, options->search);
  command
      .option("--symmetry", options->search.symmetry,
              "Count states once that differ only by which of several alike hosts or VMs is which: on, "
              "unless the scenario expects numbers")
      .one_of({"on", "off"});
  command.flag("--bitstate", options->search.bitstate,
               "Keep a few bits of each state, for models that no memory holds: finds violations, never says "
               "that there is none; the table takes half of --memory, or 512 MiB");
  command.flag("--partial-order", options->search.partial_order,
               "Of independent actions look at one order: fewer states, the same verdicts; not where an "
               "`eventually` is asked, and without symmetry");
  command.flag("--first-violation", options->first_violation,
               "End at the first violated property instead of looking at every state");
  command.flag("--expect", options->expected,
               "Exit status 0 when the results are those under `expect`, 1 when not: the scenario as a test");
  command.flag("!--no-minimise", options->minimise,
               "Show counterexamples in the scenario as it is, not in a smaller one that has them too");
  command
      .option("--save-scenario", options->save_scenario,
              "Keep the counterexample as a scenario that expects it, for explore --expect")
      .stands_for("FILE")
      .not_empty(a_file);
  command
      .option("--replay", options->replay,
              "Carry out a trace (--format itf) again, step by step, instead: 0 it fits, 1 it differs")
      .stands_for("TRACE")
      .not_empty(a_file);
  command.flag("--interactive", options->interactive,
               "Walk through the scenario by hand: commands are read from standard input");
  command.flag("--prove", options->proving,
               "Prove `always` properties for any number of VMs, hosts, faults and steps instead: 0 all of "
               "them, 3 some are left open");
  command
      .option("--solver", options->engine,
              "Which procedure --prove uses: `direct` (as long as nothing is said) visits every state of one "
              "VM, `z3` finds an invariant, `both` compares them")
      .one_of({"direct", "z3", "both"});
  command
      .option("--export", options->export_to,
              "Print the model for another program instead: Spin, TLC, or its states as a graph for Graphviz")
      .one_of({"promela", "tla", "dot"});
  command
      .option("--property", options->property,
              "The one property whose trace --format itf, --format mermaid or --save-scenario is to have, or "
              "that --export promela is to check")
      .stands_for("NAME")
      .not_empty("the name of a property");
  command.on_chosen(options, explore);
}

}  // namespace portolan::cli
