// SPDX-License-Identifier: Apache-2.0
//
// `portolan explore`: every state that a scenario can reach, and what its properties say of them.

#include "cli/exploring.hpp"
#include "model/fleet/scenario.hpp"
#include "model/rules/promela.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {
namespace {

using solver::PropertyVerdict;

struct ExploreOptions {
  std::string scenario, export_to, property;
  SearchOptions search;
  bool expected = false, first_violation = false;
};

/// What the scenario expects and did not get, one sentence each.
std::vector<std::string> surprises(const fleet::Expectation& expect, const solver::Exploration& found) {
  std::vector<std::string> result;
  const auto number = [&](const char* what, const std::optional<std::uint64_t>& wanted, std::uint64_t got) {
    if (wanted && *wanted != got) result.push_back(fmt::format("{}: {}, expected {}", what, grouped(got), grouped(*wanted)));
  };
  number("states", expect.states, found.states);
  number("transitions", expect.transitions, found.transitions);
  number("depth", expect.depth, found.depth);
  for (const auto& [name, verdict] : expect.verdicts)
    for (const auto& property : found.properties)
      if (property.name == name && solver::name_of(property.verdict) != verdict) result.push_back(fmt::format("{}: {}, expected {}", name, solver::name_of(property.verdict), verdict));
  return result;
}

bool expects_something(const fleet::Expectation& e) { return e.states || e.transitions || e.depth || !e.verdicts.empty(); }

Exit status(const solver::Exploration& found) {
  Exit worst = Exit::yes;
  for (const auto& property : found.properties) {
    if (property.verdict == PropertyVerdict::violated) return Exit::no;
    if (property.verdict == PropertyVerdict::undetermined) worst = Exit::undetermined;
  }
  return found.complete ? worst : Exit::undetermined;
}

std::string ended(const std::string& bound) {
  if (bound == "states") return "ended at --max-states";
  if (bound == "memory") return "ended at --memory";
  if (bound == "time") return "ended at --time";
  if (bound == "violation") return "ended at the first violation";
  return "stopped before its end";
}

std::string word(PropertyVerdict verdict, const Output& output) {
  const std::string padded = fmt::format("{:<12}", solver::name_of(verdict));
  switch (verdict) {
    case PropertyVerdict::holds: return output.good(padded);
    case PropertyVerdict::violated: return output.bad(padded);
    default: return output.unsure(padded);
  }
}

void print_text(const fleet::LoadedScenario& loaded, const ExploreOptions& options, const solver::Exploration& found, Output& output) {
  const rules::Module& module = loaded.module;
  output.print("{}\n", output.bold(fmt::format("{}, {}, depth {}{}", counted(found.states, "state"), counted(found.transitions, "transition"), found.depth,
                                               found.complete ? "" : fmt::format(" — {}: what was not found so far may still be there", ended(found.bound)))));
  output.print("  {:.2f} s, {}\n\n", found.seconds, shown_bytes(found.peak_bytes));
  std::size_t width = 0;
  for (const auto& property : found.properties) width = std::max(width, property.name.size());
  for (const auto& property : found.properties) {
    const int known = module.property(property.name);
    const rules::Property* asked = known < 0 ? nullptr : &module.properties[static_cast<std::size_t>(known)];
    const std::string meaning = asked == nullptr ? "no event of the model lacks a meaning" : asked->meaning.empty() ? asked->condition.source : asked->meaning;
    output.print("  {} {:<10} {:<{}}  {}\n", word(property.verdict, output), rules::name_of(property.verb), property.name, width, output.faint(meaning));
    // What is said of the whole search is not repeated under each property.
    if (!property.reason.empty() && (found.complete || property.verdict != PropertyVerdict::undetermined)) output.print("  {:>12} {}\n", "", property.reason);
  }
  for (const auto& property : found.properties) {
    if (property.verdict != PropertyVerdict::violated || !property.trace) continue;
    const int known = module.property(property.name);
    const bool eventually = property.verb == rules::Verb::eventually;
    output.print("\n{} {}\n", output.bad(property.name), property.trace->steps.empty() ? (eventually ? "is out of reach from the beginning:" : "is violated at the beginning:")
                                                                    : eventually ? fmt::format("cannot be had any more after {}; the last one is the point of no return:", counted(property.trace->steps.size(), "step"))
                                                                                 : fmt::format("is violated after {}:", counted(property.trace->steps.size(), "step")));
    tell(module, *property.trace, output);
    if (known >= 0) {
      const rules::Property& asked = module.properties[static_cast<std::size_t>(known)];
      output.print("  {}{}: {} {}\n", eventually ? "out of reach" : "broken", asked.source.empty() ? "" : " (" + asked.source + ")", rules::name_of(asked.verb), asked.condition.source);
    } else output.print("  broken: the last event has no meaning: an index is none, a value leaves its domain, or one variable is given two values\n");
    output.print("  replay: portolan explore {}\n", options.scenario);
  }
}

Json whole_json(const fleet::LoadedScenario& loaded, const solver::Exploration& found, const std::vector<std::string>& wrong) {
  Json json = versioned();
  json["scenario"] = loaded.scenario.file;
  json["states"] = found.states;
  json["transitions"] = found.transitions;
  json["depth"] = found.depth;
  json["seconds"] = found.seconds;
  json["peak_bytes"] = found.peak_bytes;
  json["complete"] = found.complete;
  if (!found.bound.empty()) json["bound"] = found.bound;
  json["properties"] = Json::array();
  for (const auto& property : found.properties) {
    Json one{{"name", property.name}, {"verb", rules::name_of(property.verb)}, {"verdict", solver::name_of(property.verdict)}};
    if (!property.reason.empty()) one["reason"] = property.reason;
    one["trace"] = property.trace ? json_of(loaded.module, *property.trace) : Json::array();
    json["properties"].push_back(std::move(one));
  }
  if (expects_something(loaded.scenario.expect)) json["unexpected"] = wrong;
  return json;
}

Exit explore(const ExploreOptions& options, Output& output) {
  const auto loaded = fleet::load_scenario(options.scenario);
  if (!loaded) return output.refuse(loaded.error());
  if (!options.export_to.empty()) {
    const auto text = rules::promela(loaded->module, {options.property});
    if (!text) return output.refuse(text.error());
    output.write(*text);
    return Exit::yes;
  }
  if (options.expected && !expects_something(loaded->scenario.expect))
    return output.refuse({{FaultCode::usage, {options.scenario, {}, "expect"}, "the scenario expects nothing", "states, transitions, depth or verdicts under expect", "run without --expect"}});
  auto database = storing(options.search);
  if (!database) return output.refuse(database.error());
  solver::Exploration found;
  {
    const Interruption interruption;
    Progress progress(output, progress_kind(options.search));
    auto search = search_options(options.search, progress, interruption);
    if (!search) return output.refuse(search.error());
    search->stop_at_violation = options.first_violation;
    found = solver::Explorer(loaded->module, *search).run();
  }
  const std::vector<std::string> wrong = surprises(loaded->scenario.expect, found);
  if (output.json()) output.write(pretty(whole_json(*loaded, found, wrong)));
  else {
    print_text(*loaded, options, found, output);
    if (expects_something(loaded->scenario.expect)) output.print("\n{}\n", wrong.empty() ? output.good("as the scenario expects") : output.bad("not as the scenario expects:"));
    for (const std::string& one : wrong) output.print("  {}\n", one);
  }
  const auto stored = database->store({}, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
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
  Command command = root.command("explore", "Model checking: every state a scenario can reach", {"text", "json"},
                              "portolan explore scenarios/fleet/upgrade.yaml --threads 2\n"
                              "  portolan explore scenarios/fleet/upgrade.yaml --export promela > upgrade.pml");
  command.option("SCENARIO", options->scenario, "A scenario file (portolan.scenario/1)").required();
  add_search_options(command, options->search);
  command.flag("--first-violation", options->first_violation, "End at the first violated property instead of looking at every state");
  command.flag("--expect", options->expected, "Exit status 0 when the results are those under `expect`, 1 when not: the scenario as a test");
  const Option exported = command.option("--export", options->export_to, "Print the model in the language of another checker instead").one_of({"promela"});
  command.option("--property", options->property, "With --export: the one property to check (all `always` properties without it)").needs(exported);
  command.on_chosen(options, explore);
}

}  // namespace portolan::cli
