// SPDX-License-Identifier: Apache-2.0
//
// `portolan apply`: carries a verified plan out on real devices, with a journal.

#include "cli/frame/command.hpp"
#include "cli/frame/interruption.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/long_running.hpp"
#include "cli/frame/process.hpp"
#include "cli/frame/searching.hpp"
#include "cli/report/rows.hpp"
#include "cli/report/stale_plan.hpp"
#include "db/journal.hpp"
#include "vfio/devices.hpp"
#include "vfio/execution/execution.hpp"
#include "vfio/user/programs.hpp"

namespace portolan::cli {
namespace {

namespace execution = vfio::execution;
using execution::ExecutionEnd;

struct ApplyOptions {
  std::string plan, inventory, journal = "portolan-journal.db", progress = "text";
  bool dry_run = false;
  double reply_timeout_s = 10, state_timeout_s = 60, start_timeout_s = 30, pre_copy_limit_s = 300;
};

Exit status_of(ExecutionEnd end) {
  switch (end) {
    case ExecutionEnd::done: return Exit::yes;
    case ExecutionEnd::refused: return Exit::unmet;
    case ExecutionEnd::stopped: return Exit::stopped;
    case ExecutionEnd::rolled_back: return Exit::rolled_back;
    case ExecutionEnd::unknown: return Exit::stopped;
    case ExecutionEnd::lost: return Exit::lost;
  }
  return Exit::internal;
}

Json execution_json(const ApplyOptions& options, const fleet::Plan& plan,
                    const execution::ExecutionResult& result, std::int64_t id) {
  Json json = versioned();
  json["outcome"] = execution::name_of(result.end);
  json["dry_run"] = options.dry_run;
  json["steps"] = plan.steps.size();
  json["steps_done"] = result.steps_done;
  if (!result.why.empty()) json["why"] = result.why;
  if (!result.attention.empty()) json["needs_attention"] = result.attention;
  json["notes"] = result.notes;
  json["devices"] = Json(result.devices);
  if (id > 0) {
    json["journal"] = options.journal;
    json["execution"] = id;
  }
  return json;
}

/// Preconditions that do not hold, all at once; nothing was touched.
Exit refuse_unmet(const ApplyOptions& options, const fleet::Plan& plan, const Faults& faults,
                  Output& output) {
  if (output.json()) {
    execution::ExecutionResult result;
    result.why = "preconditions do not hold";
    for (const Fault& fault : faults) result.notes.push_back(to_string(fault));
    output.write(pretty(execution_json(options, plan, result, 0)));
  }
  output.refuse(faults);
  output.note("nothing was touched");
  return Exit::unmet;
}

void print_steps_ahead(const fleet::Plan& plan, Output& output) {
  for (std::size_t s = 0; s < plan.steps.size(); ++s)
    output.print("  {:>2}. {}\n", s + 1, fleet::to_string(plan.steps[s].event));
}

/// What a plan has to be before anybody looks at a device.
Faults unfit(const std::string& scenario, const fleet::LoadedScenario& loaded) {
  if (!loaded.is_fleet())
    return {{FaultCode::usage,
             {scenario, {}, {}},
             "has a model of its own",
             "a fleet over a catalogue",
             "simulate it: portolan sim run --plan"}};
  return {};
}

Exit dry_run(const ApplyOptions& options, const fleet::Plan& plan, Output& output) {
  if (output.json()) {
    Json json = execution_json(options, plan, {}, 0);
    json["outcome"] = "would-run";
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}: every precondition holds; these {} would be taken:\n", output.bold("DRY RUN"),
               counted(plan.steps.size(), "step"));
  print_steps_ahead(plan, output);
  output.print("Nothing was written, started or told to a device.\n");
  return Exit::yes;
}

void print_result(const ApplyOptions& options, const fleet::Plan& plan,
                  const execution::ExecutionResult& result, std::int64_t id, Output& output) {
  const std::string word(execution::name_of(result.end));
  const std::string shown = result.end == ExecutionEnd::done ? output.good(word)
                            : result.end == ExecutionEnd::lost || result.end == ExecutionEnd::unknown
                                ? output.bad(word)
                                : output.unsure(word);
  output.print("{}: {} of {} of {}\n", shown, result.steps_done, counted(plan.steps.size(), "step"),
               options.plan);
  if (!result.why.empty()) output.print("  why        {}\n", result.why);
  if (!result.attention.empty()) output.print("  {}  {}\n", output.bad("attention"), result.attention);
  for (const std::string& note : result.notes) output.print("  note       {}\n", note);
  for (const auto& [vm, device] : result.devices) output.print("  {:<10} {}\n", vm, device);
  output.print("  journal    portolan journal {} --conform --journal {}\n", id, options.journal);
}

/// Takes the steps, with a journal.
Exit carry_out(const ApplyOptions& options, const fleet::LoadedScenario& loaded, const fleet::Plan& plan,
               const fleet::Inventory& inventory, const ports::Clock& clock,
               execution::Execution& carried_out, Output& output) {
  auto journal =
      db::Journal::open(options.journal, db::Opening::create, [&clock] { return clock.wall().count(); });
  if (!journal) return output.refuse(journal.error());
  Json beginning = Json::object();
  for (const auto& [name, vm] : inventory.vms)
    if (!vm.device.empty()) beginning[name] = vm.device;
  const auto id = journal->begin({row_of(loaded), options.plan, fleet::write_plan(plan), inventory.content,
                                  static_cast<std::int64_t>(plan.steps.size()), PORTOLAN_VERSION,
                                  this_process(), compact(beginning)});
  if (!id) return output.refuse(id.error());
  const execution::ExecutionResult result = carried_out.run(*journal);
  const auto closed = journal->close({std::string(execution::name_of(result.end)),
                                      static_cast<std::int64_t>(result.steps_done), result.why,
                                      result.attention, compact(Json(result.devices))});
  if (output.json())
    output.write(pretty(execution_json(options, plan, result, *id)));
  else
    print_result(options, plan, result, *id, output);
  for (const Faults* faults : {&journal->faults(), closed ? nullptr : &closed.error()})
    if (faults != nullptr && !faults->empty()) output.refuse(*faults);
  // Done, but nothing says so that lasts.
  return closed || result.end != ExecutionEnd::done ? status_of(result.end) : Exit::stopped;
}

Exit apply(const ApplyOptions& options, Output& output) {
  const auto plan = fleet::read_plan(options.plan);
  if (!plan) return output.refuse(plan.error());
  const std::string scenario = fleet::scenario_of(*plan, options.plan);
  const auto loaded = fleet::load_with_goal(scenario);
  if (!loaded) return output.refuse(loaded.error());
  if (const Faults faults = unfit(scenario, *loaded); !faults.empty()) return output.refuse(faults);
  if (const auto stale = staleness(*loaded, *plan, options.plan))
    return refuse_stale(*stale, scenario, options.plan, output);
  const auto inventory = fleet::read_inventory(options.inventory);
  if (!inventory) return output.refuse(inventory.error());
  if (const Faults missing = fleet::missing_from(*inventory, *loaded, execution::Execution::hosts_of(*plan),
                                                 execution::Execution::vms_of(*plan));
      !missing.empty())
    return output.refuse(missing);

  const Interruption interruption(Interruption::Holds::devices);
  ports::SystemClock clock;
  const ports::DeviceRegistry devices =
      vfio::all_devices({milliseconds_of(options.reply_timeout_s), milliseconds_of(options.state_timeout_s)});
  vfio::user::ProgramHosts hosts(*inventory, {.start = milliseconds_of(options.start_timeout_s)}, clock);
  execution::ExecutionOptions how;
  how.walk.pre_copy_limit = milliseconds_of(options.pre_copy_limit_s);
  how.walk.stop_requested = [&] { return interruption.signal() != 0; };
  if (options.progress != "none")
    how.tell = [&](std::size_t step, const std::string& what, const std::string& said) {
      if (options.progress == "json")
        output.note_json(compact(Json{{"step", step}, {"what", what}, {"said", said}}));
      else
        output.note(fmt::format("step {}: {}: {}", step, what, said));
    };
  execution::Execution carried_out(*loaded, *plan, *inventory, {devices, hosts, clock}, how);
  if (const Faults unmet = carried_out.preconditions(); !unmet.empty())
    return refuse_unmet(options, *plan, unmet, output);
  if (options.dry_run) return dry_run(options, *plan, output);
  return carry_out(options, *loaded, *plan, *inventory, clock, carried_out, output);
}

}  // namespace

void add_apply(Command& root) {
  auto options = std::make_shared<ApplyOptions>();
  Command command =
      root.command("apply", "Carries a verified plan out on real devices, with a journal", {"text", "json"},
                   "portolan apply upgrade.plan.json --inventory inventory.yaml --dry-run\n"
                   "  portolan apply upgrade.plan.json --inventory inventory.yaml\n\n"
                   "Exit status: 0 done, 4 stale plan or unmet precondition, 5 stopped part-way or a device "
                   "does not answer,\n"
                   "6 a migration failed and was rolled back, 8 a device state was lost or needs a person.");
  command.option("PLAN", options->plan, "A plan (portolan.plan/1)").required();
  command
      .option("--inventory", options->inventory,
              "Which host and device of the plan is which program or socket (portolan.inventory/1)")
      .required()
      .stands_for("FILE");
  command.flag("--dry-run", options->dry_run,
               "Check everything that can be checked; write, start and change nothing");
  command
      .option("--journal", options->journal,
              "The file in which every step is written down before and after it")
      .stands_for("FILE")
      .shows_default()
      .not_empty(a_file);
  constexpr double day_s = 86'400;
  command.duration("--reply-timeout", options->reply_timeout_s, "How long a device may take to answer",
                   day_s);
  command.duration("--state-timeout", options->state_timeout_s, "How long it may take to change its state",
                   day_s);
  command.duration("--start-timeout", options->start_timeout_s,
                   "How long a program may take until it listens", day_s);
  command.duration("--pre-copy-limit", options->pre_copy_limit_s,
                   "When a source is stopped, whatever is left", day_s);
  command.option("--progress", options->progress, "Progress on standard error")
      .one_of({"text", "json", "none"})
      .shows_default();
  command.on_chosen(options, apply);
}

}  // namespace portolan::cli
