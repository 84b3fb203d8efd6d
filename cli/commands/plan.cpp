// SPDX-License-Identifier: Apache-2.0
//
// `portolan plan`: finds an order of actions that reaches a scenario's goal, verifies it, and shows or checks
// a plan that was made.

#include <algorithm>

#include "cli/frame/searching.hpp"
#include "cli/report/rows.hpp"
#include "cli/report/stale_plan.hpp"
#include "cli/report/story.hpp"
#include "model/fleet/vocabulary.hpp"
#include "model/support/text.hpp"
#include "model/support/whole_file.hpp"
#include "solver/planning/planner.hpp"

namespace portolan::cli {
namespace {

struct PlanOptions {
  std::string scenario, file, out;
  SearchOptions search;
  bool expected = false;
};

void print_steps(const fleet::Plan& plan, Output& output) {
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const fleet::PlanStep& step = plan.steps[s];
    std::string after;
    for (std::size_t before : step.after) after += (after.empty() ? "" : ", ") + std::to_string(before + 1);
    output.print("  {:>2}. {}{}\n", s + 1, output.bold(to_string(step.event)),
                 after.empty() ? "" : output.faint(fmt::format("  after {}", after)));
    output.print("      {}\n",
                 output.faint(step.does + (step.does.empty() || step.rule.empty() ? "" : " — ") + step.rule));
    if (!step.walk.empty())
      output.print("      {} of the session follow\n", counted(step.walk.size(), "event"));
    for (const fleet::Fact& fact : step.guarantees)
      output.print("      then {} = {}\n", fact.name, fact.value);
    if (plan.point_of_no_return == s)
      output.print("      {}\n", output.bad("the point of no return: see the notes above"));
  }
}

void print_verified(const fleet::PlanVerification& verified, Output& output) {
  output.print("\nVerified under {}: {}, {}{}\n", counted(verified.fault_budget, "fault"),
               counted(verified.states, "state"), counted(verified.transitions, "transition"),
               verified.complete ? ", every behaviour of its steps, of sessions and of faults"
                                 : ", cut off by a bound");
  for (const auto& one : verified.verdicts) {
    const std::string padded = fmt::format("{:<12}", one.verdict);
    output.print("  {} {:<10} {}\n",
                 one.verdict == "holds"      ? output.good(padded)
                 : one.verdict == "violated" ? output.bad(padded)
                                             : output.unsure(padded),
                 one.verb, one.property);
  }
}

Json steps_json(const fleet::Plan& plan) { return Json::parse(fleet::write_plan(plan)); }

void print_notes(const fleet::Plan& plan, Output& output) {
  for (const std::string& note : plan.notes) output.print("  note: {}\n", note);
}

Json obstacles_json(const solver::planning::PlanAnswer& answer) {
  Json json = Json::array();
  for (const auto& obstacle : answer.obstacles)
    json.push_back({{"what", obstacle.what}, {"details", obstacle.details}, {"remedy", obstacle.remedy}});
  return json;
}

/// What was explored when the plan was verified.
db::ExplorationRow verified_row(const fleet::PlanVerification& verified) {
  db::ExplorationRow row;
  row.states = static_cast<std::int64_t>(verified.states);
  row.transitions = static_cast<std::int64_t>(verified.transitions);
  row.complete = verified.complete;
  for (const auto& one : verified.verdicts)
    row.properties.push_back({one.property, one.verb, one.verdict, {}, std::nullopt});
  return row;
}

/// The plan's file names its scenario as seen from its own folder.
void name_scenario(fleet::Plan& plan, const PlanOptions& options) {
  const std::filesystem::path folder =
      options.out.empty() ? std::filesystem::path(".") : std::filesystem::path(options.out).parent_path();
  std::error_code error;
  const auto relative = std::filesystem::proximate(options.scenario, folder.empty() ? "." : folder, error);
  plan.scenario = error ? options.scenario : relative.string();
}

/// What the scenario expects and did not get, one sentence each.
std::vector<std::string> surprises(const fleet::Expectation& expect,
                                   const solver::planning::PlanAnswer& answer) {
  const bool found = answer.verdict == solver::planning::PlanVerdict::found;
  const std::size_t steps = answer.plan.steps.size();
  std::vector<std::string> wrong;
  if (expect.plan_possible && *expect.plan_possible != found)
    wrong.push_back(fmt::format("plan: {}, expected {}", name_of(answer.verdict),
                                *expect.plan_possible ? "possible" : "impossible"));
  if (expect.plan_steps && found && *expect.plan_steps != steps)
    wrong.push_back(fmt::format("plan: {}, expected {}", counted(steps, "step"), *expect.plan_steps));
  return wrong;
}

/// The plan, also where it is unsafe; nothing where there is none.
std::optional<Json> plan_json(const solver::planning::PlanAnswer& answer) {
  if (answer.plan.steps.empty() && answer.verdict != solver::planning::PlanVerdict::found)
    return std::nullopt;
  return steps_json(answer.plan);
}

Json answer_json(const solver::planning::PlanAnswer& answer) {
  Json json = versioned();
  json["verdict"] = name_of(answer.verdict);
  json["states"] = answer.states;
  json["transitions"] = answer.transitions;
  json["seconds"] = answer.seconds;
  if (!answer.reason.empty()) json["reason"] = answer.reason;
  json["obstacles"] = obstacles_json(answer);
  json["plan"] = plan_json(answer).value_or(Json(nullptr));
  return json;
}

void print_verdict(const solver::planning::PlanAnswer& answer, const std::string& goal, Output& output) {
  switch (answer.verdict) {
    case solver::planning::PlanVerdict::found:
      output.print("{}: {} for {}\n", output.good("found"), counted(answer.plan.steps.size(), "step"),
                   answer.plan.goal);
      break;
    case solver::planning::PlanVerdict::impossible:
      output.print("{}: {}\n", output.bad("impossible"), goal);
      break;
    case solver::planning::PlanVerdict::unsafe:
      output.print("{}: {}\n", output.bad("unsafe"), answer.reason);
      break;
    case solver::planning::PlanVerdict::undetermined:
      output.print("{}: {}\n", output.unsure("undetermined"), answer.reason);
      break;
  }
  output.print("  {} searched, {:.2f} s\n", counted(answer.states, "state"), answer.seconds);
}

void print_answer(const solver::planning::PlanAnswer& answer, const std::string& goal, Output& output) {
  print_verdict(answer, goal, output);
  print_notes(answer.plan, output);
  if (!answer.plan.steps.empty()) {
    output.print("\n");
    print_steps(answer.plan, output);
    print_verified(answer.plan.verified, output);
  }
  if (!answer.obstacles.empty())
    output.print("\nWhat stands in the way (without any one of these there is a plan):\n");
  for (const auto& obstacle : answer.obstacles) {
    output.print("  {}\n", obstacle.what);
    for (const std::string& detail : obstacle.details) output.print("    {}\n", detail);
    output.print("    {}\n", output.faint(obstacle.remedy));
  }
}

Result<void> store_answer(Storing& database, const fleet::LoadedScenario& loaded,
                          const solver::planning::PlanAnswer& answer, const Output& output) {
  return database.store({}, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
    report.command = "plan";
    report.scenario = row_of(loaded);
    const auto plan = plan_json(answer);
    report.plan = db::PlanRow{std::string(name_of(answer.verdict)),
                              answer.reason,
                              loaded.scenario.goal->text,
                              static_cast<std::int64_t>(answer.plan.steps.size()),
                              plan ? std::optional(compact(*plan)) : std::nullopt,
                              compact(obstacles_json(answer))};
    if (answer.verdict == solver::planning::PlanVerdict::found)
      report.exploration = verified_row(answer.plan.verified);
  });
}

Exit status_of(solver::planning::PlanVerdict verdict) {
  switch (verdict) {
    case solver::planning::PlanVerdict::found: return Exit::yes;
    case solver::planning::PlanVerdict::undetermined: return Exit::undetermined;
    default: return Exit::no;
  }
}

Result<solver::planning::PlanAnswer> search_plan(const fleet::LoadedScenario& loaded,
                                                 const PlanOptions& options, const Output& output) {
  const Interruption interruption;
  Progress progress(output, progress_kind(options.search));
  const auto search = search_options(options.search, progress, interruption);
  if (!search) return fail(search.error());
  return solver::planning::make_plan(loaded, *search);
}

Result<fleet::LoadedScenario> load(const std::string& scenario, const PlanOptions& options,
                                   const Output& output) {
  Progress progress(output, progress_kind(options.search));
  progress.phase("reading the scenario");
  return fleet::load_with_goal(scenario);
}

Exit make(const PlanOptions& options, Output& output) {
  if (options.scenario.empty())
    return output.refuse({{FaultCode::usage,
                           {"portolan plan", {}, {}},
                           "no scenario given",
                           "portolan plan SCENARIO -o PLAN, or plan show|verify PLAN",
                           "see portolan plan --help"}});
  LastResort last_resort(output, last_bounds(options.search));
  const auto loaded = load(options.scenario, options, output);
  if (!loaded) return output.refuse(loaded.error());
  auto database = storing(options.search);
  if (!database) return output.refuse(database.error());
  auto answer = search_plan(*loaded, options, output);
  if (!answer) return output.refuse(answer.error());
  last_resort.answered();
  const bool found = answer->verdict == solver::planning::PlanVerdict::found;
  if (found) {
    name_scenario(answer->plan, options);
    pin(answer->plan, *loaded);
    if (!options.out.empty())
      if (auto written = write_whole(options.out, fleet::write_plan(answer->plan)); !written)
        return output.refuse(written.error());
  }
  const std::vector<std::string> wrong = surprises(loaded->scenario.expect, *answer);
  if (output.json()) {
    output.write(pretty(answer_json(*answer)));
  } else {
    print_answer(*answer, loaded->scenario.goal->text, output);
    if (found && !options.out.empty())
      output.print("\nWritten to {}; see portolan plan show {}\n", options.out, options.out);
    for (const std::string& one : wrong)
      output.print("{}: {}\n", output.bad("not as the scenario expects"), one);
  }
  if (auto stored = store_answer(*database, *loaded, *answer, output); !stored)
    return output.refuse(stored.error());
  if (options.expected) return wrong.empty() ? Exit::yes : Exit::no;
  return status_of(answer->verdict);
}

Exit show(const PlanOptions& options, Output& output) {
  const auto plan = fleet::read_plan(options.file);
  if (!plan) return output.refuse(plan.error());
  if (output.json()) {
    Json json = versioned();
    json["plan"] = steps_json(*plan);
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}: {} for {}\n  of {}\n", options.file, counted(plan->steps.size(), "step"), plan->goal,
               plan->scenario);
  print_notes(*plan, output);
  output.print("\n");
  print_steps(*plan, output);
  print_verified(plan->verified, output);
  return Exit::yes;
}

constexpr const char* other_result =
    "The plan records another result: it was made by another version of portolan, or changed by hand.";

/// What the plan says of the ways back otherwise than its steps have it. What a bound hid, now or when the
/// plan was made, cannot be compared; nor can the notes on a power-off, which take the planner's searches.
std::vector<std::string> edits(const fleet::Plan& plan, const solver::planning::WaysBack& back) {
  const auto is_open = [](const std::string& note) {
    return note.ends_with(solver::planning::not_found_out);
  };
  if (!back.known || std::any_of(plan.notes.begin(), plan.notes.end(), is_open)) return {};
  std::vector<std::string> found;
  const auto step = [](const std::optional<std::size_t>& point) {
    return point ? fmt::format("step {}", *point + 1) : std::string("none");
  };
  if (plan.point_of_no_return != back.point_of_no_return)
    found.push_back(fmt::format("it says point_of_no_return {}, its actions give {}",
                                step(plan.point_of_no_return), step(back.point_of_no_return)));
  const bool powers_off = std::any_of(plan.steps.begin(), plan.steps.end(), [](const fleet::PlanStep& one) {
    return one.event.action == fleet::vocabulary::action::power_cycle;
  });
  const auto contains = [](const std::vector<std::string>& notes, const std::string& note) {
    return std::find(notes.begin(), notes.end(), note) != notes.end();
  };
  const auto of_power_off = [](const std::string& note) {
    return note.starts_with("a VM has to be powered off") || note.starts_with("what forces it: ") ||
           note.starts_with("  ");
  };
  for (const std::string& note : back.notes)
    if (!contains(plan.notes, note)) found.push_back("it leaves out the note " + in_quotes(note, 200));
  for (const std::string& note : plan.notes)
    if (!contains(back.notes, note) && !(powers_off && of_power_off(note)))
      found.push_back(fmt::format("its note {} does not follow from its actions", in_quotes(note, 200)));
  return found;
}

/// A plan's steps verified again.
struct Verified {
  solver::planning::PlanCheck check;
  fleet::PlanVerification now;
  bool as_recorded = true;  ///< or a bound cut it off, so that nothing can be compared
  /// `verified`, `different` from what the plan records, or what the check says where it is not good.
  std::string verdict() const {
    if (check.verdict != solver::planning::PlanVerdict::found) return std::string(name_of(check.verdict));
    return as_recorded ? "verified" : "different";
  }
};

Verified verified(const fleet::LoadedScenario& loaded, const fleet::Plan& plan,
                  solver::planning::PlanCheck check) {
  fleet::PlanVerification now{check.exploration.states,
                              check.exploration.transitions,
                              loaded.scenario.fault_budget,
                              check.exploration.complete,
                              {}};
  for (const auto& property : check.exploration.properties)
    now.verdicts.push_back(
        {property.name, std::string(rules::name_of(property.verb)), std::string(name_of(property.verdict))});
  const bool as_recorded = !check.exploration.complete || now == plan.verified;
  return {std::move(check), std::move(now), as_recorded};
}

Json verified_json(const Verified& verified) {
  Json json = versioned();
  json["verdict"] = verified.verdict();
  json["as_recorded"] = verified.as_recorded;
  json["states"] = verified.now.states;
  json["transitions"] = verified.now.transitions;
  json["properties"] = Json::array();
  for (const auto& one : verified.now.verdicts)
    json["properties"].push_back({{"name", one.property}, {"verb", one.verb}, {"verdict", one.verdict}});
  return json;
}

void print_verified(const Verified& verified, const fleet::LoadedScenario& loaded, const fleet::Plan& plan,
                    Output& output) {
  const std::string verdict = verified.verdict();
  output.print("{}: {} of {}\n", verdict == "verified" ? output.good(verdict) : output.bad(verdict),
               counted(plan.steps.size(), "step"), plan.scenario);
  print_verified(verified.now, output);
  const rules::Module module = fleet::following(loaded, plan.steps);
  for (const auto& property : verified.check.exploration.properties)
    if (property.verdict == solver::explore::PropertyVerdict::violated && property.trace) {
      output.print("\n{} is violated:\n", output.bad(property.name));
      tell(module, *property.trace, output);
    }
  if (!verified.as_recorded) output.print("\n{}\n", output.bad(other_result));
}

/// Empty `check`: the plan is stale, and nothing was verified.
Result<void> store_verified(Storing& database, const fleet::LoadedScenario& loaded, const fleet::Plan& plan,
                            const std::string& verdict, const std::string& reason,
                            const solver::planning::PlanCheck* check, const Output& output) {
  return database.store({}, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
    report.command = "plan verify";
    report.scenario = row_of(loaded);
    report.plan = db::PlanRow{verdict,
                              reason,
                              plan.goal,
                              static_cast<std::int64_t>(plan.steps.size()),
                              compact(steps_json(plan)),
                              std::nullopt};
    if (check != nullptr)
      report.exploration = row_of(fleet::following(loaded, plan.steps), check->exploration);
  });
}

Exit verify(const PlanOptions& options, Output& output) {
  const auto plan = fleet::read_plan(options.file);
  if (!plan) return output.refuse(plan.error());
  const std::string scenario = fleet::scenario_of(*plan, options.file);
  LastResort last_resort(output, last_bounds(options.search));
  const auto loaded = load(scenario, options, output);
  if (!loaded) return output.refuse(loaded.error());
  auto database = storing(options.search);
  if (!database) return output.refuse(database.error());
  auto stale = staleness(*loaded, *plan, options.file);
  solver::planning::PlanCheck check;
  if (!stale || stale->by_digest_alone) {
    const Interruption interruption;
    Progress progress(output, progress_kind(options.search));
    const auto search = search_options(options.search, progress, interruption);
    if (!search) return output.refuse(search.error());
    if (auto differences = edits(*plan, solver::planning::ways_back(*loaded, plan->steps, *search));
        !differences.empty())
      stale = fleet::edited(std::move(differences));
    else if (!stale)
      check = solver::planning::verify_plan(*loaded, plan->steps, *search);
  }
  last_resort.answered();
  if (stale) {
    const Exit status = refuse_stale(*stale, scenario, options.file, output);
    const auto stored = store_verified(*database, *loaded, *plan, "stale", stale->reason, nullptr, output);
    return stored ? status : output.refuse(stored.error());
  }
  const Verified again = verified(*loaded, *plan, std::move(check));
  if (output.json())
    output.write(pretty(verified_json(again)));
  else
    print_verified(again, *loaded, *plan, output);
  // In a database a plan whose result is another one is not called verified either.
  const std::string verdict = again.verdict();
  const auto stored = store_verified(*database, *loaded, *plan, verdict == "different" ? "stale" : verdict,
                                     again.as_recorded ? "" : other_result, &again.check, output);
  if (!stored) return output.refuse(stored.error());
  return verdict == "different" ? Exit::no : status_of(again.check.verdict);
}

}  // namespace

void add_plan(Command& root) {
  auto options = std::make_shared<PlanOptions>();
  Command command = root.command("plan", "Finds, verifies and shows an order of actions that reaches a goal",
                                 {"text", "json"},
                                 "portolan plan scenarios/fleet/upgrade.yaml -o upgrade.plan.json\n"
                                 "  portolan plan verify upgrade.plan.json\n"
                                 "  portolan plan show upgrade.plan.json");
  command.option("SCENARIO", options->scenario, "A scenario with a goal (portolan.scenario/1)");
  command.option("-o,--output", options->out, "Write the plan to this file").stands_for("PLAN");
  add_search_options(command, options->search);
  command.flag("--expect", options->expected,
               "Exit status 0 when the answer is the one under `expect`, 1 when not");
  command.may_have_commands();
  command.on_chosen(options, make);

  Command of_show =
      command.command("show", "Shows a plan", {"text", "json"}, "portolan plan show upgrade.plan.json");
  of_show.option("PLAN", options->file, "A plan (portolan.plan/1)").required();
  of_show.on_chosen(options, show);

  Command of_verify = command.command(
      "verify", "Explores a plan's steps again, with faults, and says whether it still fits its scenario",
      {"text", "json"}, "portolan plan verify upgrade.plan.json");
  of_verify.option("PLAN", options->file, "A plan (portolan.plan/1)").required();
  add_search_options(of_verify, options->search);
  of_verify.on_chosen(options, verify);
}

}  // namespace portolan::cli
