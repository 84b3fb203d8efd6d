// SPDX-License-Identifier: Apache-2.0
//
// `portolan explore`: every state that a scenario can reach, and what its properties say of them.

#include <algorithm>
#include <chrono>

#include "cli/commands/explore_interactive.hpp"
#include "cli/commands/explore_prove.hpp"
#include "cli/commands/explore_replay.hpp"
#include "cli/report/exploration.hpp"
#include "cli/report/rows.hpp"
#include "model/rules/exports/graph.hpp"
#include "model/rules/exports/promela.hpp"
#include "model/rules/exports/tla.hpp"
#include "model/support/text.hpp"
#include "model/support/whole_file.hpp"
#include "model/traces/regression.hpp"
#include "solver/explore/expectations.hpp"

namespace portolan::cli {
namespace {

struct ExploreOptions {
  std::string scenario, export_to, property, replay, save_scenario;
  std::string engine;  ///< of --prove; empty: not given, which is `direct`
  SearchOptions search;
  bool expected = false, first_violation = false, interactive = false, proving = false, minimise = true;
};

Exit status(const solver::explore::Exploration& found) {
  Exit worst = Exit::yes;
  for (const auto& property : found.properties) {
    if (property.verdict == solver::explore::PropertyVerdict::violated) return Exit::no;
    if (property.verdict == solver::explore::PropertyVerdict::undetermined) worst = Exit::undetermined;
  }
  return found.complete ? worst : Exit::undetermined;
}

/// Every violated property that has a trace, in the smallest scenario that shows it.
std::vector<ShownProperty> counterexamples(const fleet::LoadedScenario& loaded, const ExploreOptions& options,
                                           const solver::explore::Exploration& found,
                                           const solver::explore::ExploreOptions& search,
                                           const Output& output) {
  std::vector<ShownProperty> all;
  const Interruption interruption;
  Progress progress(output, progress_kind(options.search));
  progress.phase("looking for smaller scenarios");
  solver::explore::MinimiseOptions bounds;
  // An attempt is worth no more than what was looked at before; a search that ended at a bound leaves nothing
  // for more.
  bounds.states_max = std::clamp<std::uint64_t>(found.states, 1'000, 200'000);
  bounds.bytes_max = search.bytes_max;
  bounds.stop = [&] {
    return interruption.signal() != 0 ||
           (search.deadline && std::chrono::steady_clock::now() >= *search.deadline);
  };
  const bool worth_it =
      options.minimise && (found.complete || found.bound == "violation" || found.bound == "states");
  for (const solver::explore::PropertyResult& property : found.properties) {
    if (property.verdict != solver::explore::PropertyVerdict::violated || !property.trace) continue;
    all.push_back(
        {&property, worth_it ? solver::explore::minimised(loaded, property.name, bounds) : std::nullopt});
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

Exit export_module(const fleet::LoadedScenario& loaded, const ExploreOptions& options, Output& output) {
  const auto text = options.export_to == "dot"   ? rules::exports::state_graph(loaded.module)
                    : options.export_to == "tla" ? rules::exports::tla(loaded.module)
                                                 : rules::exports::promela(loaded.module, {options.property});
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

/// What can only be said once the scenario is known.
Faults misfits(const ExploreOptions& options, const fleet::LoadedScenario& loaded) {
  if (!options.property.empty() && options.property != solver::explore::well_defined &&
      loaded.module.property(options.property) < 0) {
    std::vector<std::string> names;
    for (const rules::Property& property : loaded.module.properties) names.push_back(property.name);
    return {{FaultCode::unknown_name,
             {options.scenario, {}, "properties"},
             "unknown property " + in_quotes(options.property),
             names.empty() ? "the module has none" : "one of " + listed(names, 40),
             {}}};
  }
  return {};
}

/// Bounds that what comes after the search still keeps to.
struct Explored {
  solver::explore::Exploration found;
  solver::explore::ExploreOptions bounds;
};

Result<Explored> search(const fleet::LoadedScenario& loaded, const ExploreOptions& options,
                        const Output& output) {
  const Interruption interruption;
  Progress progress(output, progress_kind(options.search));
  auto search = search_options(options.search, progress, interruption);
  if (!search) return fail(search.error());
  search->stop_at_violation = options.first_violation;
  search->bitstate = options.search.bitstate;
  search->partial_order = options.search.partial_order;
  const fleet::Expectation& expect = loaded.scenario.expect;
  search->symmetry = options.search.symmetry == "on" || (options.search.symmetry.empty() && !expect.states &&
                                                         !expect.transitions && !expect.depth);
  Explored explored;
  explored.bounds.deadline = search->deadline;
  explored.bounds.bytes_max = search->bytes_max;
  explored.found = solver::explore::Explorer(loaded.module, *search).run();
  return explored;
}

/// The one trace that was asked for, printed or kept as a scenario.
Result<void> give_trace(const ExploreOptions& options, const fleet::LoadedScenario& loaded,
                        const solver::explore::Exploration& found, std::vector<ShownProperty>& shown,
                        Output& output) {
  const bool one_trace = output.format() == Format::itf || output.format() == Format::mermaid;
  if (!one_trace && options.save_scenario.empty()) return {};
  const ShownProperty* one = chosen(options, found, shown);
  if (one == nullptr) {
    output.note(options.property.empty() ? "no property is violated, so there is no counterexample; "
                                           "--property names one that holds sometimes"
                                         : options.property + " has no trace");
    return {};
  }
  if (one_trace) print_trace(*one, loaded, output);
  if (options.save_scenario.empty()) return {};
  const solver::explore::PropertyResult& kept = one->result();
  const auto written = write_whole(options.save_scenario,
                                   traces::regression_scenario(one->scenario(loaded),
                                                               {kept.name, std::string(name_of(kept.verdict)),
                                                                kept.trace ? &*kept.trace : nullptr},
                                                               options.save_scenario),
                                   "--save-scenario");
  if (!written) return fail(written.error());
  output.note(fmt::format("{} {}: kept in {}", kept.name, after_steps(kept), options.save_scenario));
  return {};
}

/// Visits every state and says what was found.
Exit visit(const ExploreOptions& options, const fleet::LoadedScenario& loaded, LastResort& last_resort,
           Output& output) {
  const fleet::Expectation& expect = loaded.scenario.expect;
  const bool expects = solver::explore::expects_something(expect);
  if (options.expected && !expects)
    return output.refuse({{FaultCode::usage,
                           {options.scenario, {}, "expect"},
                           "the scenario expects nothing",
                           "states, transitions, depth, verdicts or traces under expect",
                           "run without --expect"}});
  for (const rules::Property& property : loaded.module.properties) {
    if (!options.search.partial_order || property.verb != rules::Verb::eventually) continue;
    output.note(fmt::format(
        "--partial-order: {} is an eventually, which needs every order; nothing is left out", property.name));
    break;
  }
  auto database = storing(options.search);
  if (!database) return output.refuse(database.error());
  const auto explored = search(loaded, options, output);
  if (!explored) return output.refuse(explored.error());
  const solver::explore::Exploration& found = explored->found;
  const std::vector<std::string> wrong = solver::explore::surprises(loaded.module, expect, found);
  std::vector<ShownProperty> shown = counterexamples(loaded, options, found, explored->bounds, output);
  last_resort.answered();
  if (output.json())
    output.write(pretty(exploration_json(loaded, found, shown, wrong)));
  else if (output.format() == Format::text) {
    print_exploration(loaded, "explore " + options.scenario, found, shown, output);
    if (expects)
      output.print("\n{}\n", wrong.empty() ? output.good("as the scenario expects")
                                           : output.bad("not as the scenario expects:"));
    for (const std::string& one : wrong) output.print("  {}\n", one);
  }
  if (auto given = give_trace(options, loaded, found, shown, output); !given)
    return output.refuse(given.error());
  const auto stored =
      database->store({}, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
        report.command = "explore";
        report.scenario = row_of(loaded);
        report.exploration = row_of(loaded.module, found);
      });
  if (!stored) return output.refuse(stored.error());
  if (options.expected) return wrong.empty() ? Exit::yes : Exit::no;
  return status(found);
}

Exit explore(const ExploreOptions& options, Output& output) {
  if (const Faults faults = contradictions(options, output); !faults.empty()) return output.refuse(faults);
  if (!options.replay.empty()) return replay_trace(options.replay, options.scenario, output);
  LastResort last_resort(output, last_bounds(options.search));
  const auto loaded = [&] {
    Progress progress(output, progress_kind(options.search));
    progress.phase("reading the scenario");
    return fleet::load_scenario(options.scenario);
  }();
  if (!loaded) return output.refuse(loaded.error());
  if (const Faults faults = misfits(options, *loaded); !faults.empty()) return output.refuse(faults);
  if (!options.export_to.empty()) return export_module(*loaded, options, output);
  if (options.proving)
    return prove(*loaded, options.search,
                 options.engine.empty() ? solver::Engine::direct : *solver::engine_named(options.engine),
                 output);
  if (!options.interactive) return visit(options, *loaded, last_resort, output);
  last_resort.answered();  // whoever walks by hand takes as long as they like
  return step_through(*loaded, options.search, output);
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
