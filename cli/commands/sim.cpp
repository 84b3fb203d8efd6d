// SPDX-License-Identifier: Apache-2.0
//
// `sim run`, `sim replay`, `sim status`: the simulator (sim/) and what it stores (db/runs.hpp), brought
// together.

#include <atomic>
#include <chrono>
#include <thread>

#include "cli/commands/sim_query.hpp"
#include "cli/frame/ends_early.hpp"
#include "cli/frame/interruption.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/process.hpp"
#include "cli/frame/searching.hpp"
#include "cli/frame/storing.hpp"
#include "cli/report/rows.hpp"
#include "cli/report/stale_plan.hpp"
#include "cli/report/story.hpp"
#include "db/comparison.hpp"
#include "model/support/text.hpp"
#include "sim/prepare.hpp"
#include "sim/run/replication.hpp"
#include "sim/run/run.hpp"

namespace portolan::cli {

namespace {

struct SimOptions {
  std::string scenario, plan, database = "portolan.db";
  std::optional<std::uint64_t> seed, replications;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::int64_t run = 0;
  std::optional<std::int64_t> until_ns;
  std::optional<std::uint32_t> replication;
  std::optional<std::size_t> events;
  bool verify = false;
  double time_s = 0;  ///< 0: no bound
  std::string progress = "auto";
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
};

/// `86400 s`, `0.0802 s`: exactly, without trailing zeros.
std::string seconds(std::int64_t ns) {
  std::string text = fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

Fault seed_fault() {
  return {FaultCode::out_of_range,
          {"--seed", {}, {}},
          "the seed is too large",
          "at most 9223372036854775807",
          {}};
}

/// The scenario as it is stored and read again, so that what runs now and what a replay runs are the same by
/// construction.
Result<std::shared_ptr<const fleet::LoadedScenario>> from_text(
    const std::string& content, const std::string& file, const std::optional<std::string>& catalogue_text,
    const std::string& catalogue_file) {
  std::shared_ptr<const compat::Catalogue> catalogue;
  if (catalogue_text) {
    auto read = compat::parse_catalogue(*catalogue_text, catalogue_file);
    if (!read) return fail(read.error());
    catalogue = std::make_shared<const compat::Catalogue>(std::move(*read));
  }
  auto loaded = fleet::read_scenario(content, file, std::move(catalogue));
  if (!loaded) return fail(loaded.error());
  return std::make_shared<const fleet::LoadedScenario>(std::move(*loaded));
}

Faults no_such_run(const std::string& database, std::int64_t run) {
  return {{FaultCode::unknown_name,
           {database, {}, {}},
           fmt::format("has no run {}", run),
           "a number from the list",
           fmt::format("see portolan sim status --db {}", database)}};
}

/// A step of a plan and what follows from it, in order.
std::vector<const fleet::NamedEvent*> events_of(const fleet::PlanStep& step) {
  std::vector<const fleet::NamedEvent*> events{&step.event};
  for (const fleet::NamedEvent& event : step.walk) events.push_back(&event);
  return events;
}

// --- sim run
// ---------------------------------------------------------------------------------------------------------

Json replication_json(const db::ReplicationSummary& one) {
  Json json = {{"number", one.number},
               {"events", one.events},
               {"time_ns", one.time_ns},
               {"ended", one.ended ? Json(*one.ended) : Json(nullptr)}};
  if (!one.detail.empty()) json["detail"] = one.detail;
  json["goal_ns"] = one.goal_ns ? Json(*one.goal_ns) : Json(nullptr);
  json["digest"] = one.digest ? Json(*one.digest) : Json(nullptr);
  return json;
}

/// Why a replication ended, in words.
std::string ending(const std::string& reason) {
  if (reason == "until") return "came to simulation.until_ns";
  if (reason == "events") return "came to simulation.events_max";
  if (reason == "nothing-left") return "nothing can happen any more";
  if (reason == "plan-done") return "the plan is done";
  if (reason == "plan-diverged") return "the plan could not be followed";
  return reason;
}

bool went_wrong(const db::ReplicationSummary& one) {
  return one.ended == "undefined" || one.ended == "plan-diverged";
}

Result<Exit> print_run(db::Runs& runs, const std::string& database, std::int64_t run, bool has_goal,
                       bool is_fleet, Output& output) {
  const auto stored = runs.stored(run);
  if (!stored) return fail(stored.error());
  const auto replications = runs.replications(run);
  if (!replications) return fail(replications.error());
  const auto migrations = runs.migrations(run);
  if (!migrations) return fail(migrations.error());
  const db::RunSummary& head = (*stored)->summary;
  const auto goals = std::count_if(replications->begin(), replications->end(),
                                   [](const auto& one) { return one.goal_ns.has_value(); });
  const bool wrong = std::any_of(replications->begin(), replications->end(), went_wrong);
  const Exit status = wrong ? Exit::no : Exit::yes;
  if (output.json()) {
    Json json = versioned();
    json.update({{"seed", head.seed},
                 {"run", head.id},
                 {"scenario", head.scenario},
                 {"state", head.state},
                 {"events", head.events},
                 {"time_ns", head.time_ns}});
    json["migrations"] = {{"committed", migrations->committed},
                          {"aborted", migrations->aborted},
                          {"lost", migrations->lost},
                          {"unfinished", migrations->unfinished}};
    json["downtime_ns"] = migrations->downtime_min_ns ? Json{{"min", *migrations->downtime_min_ns},
                                                             {"median", *migrations->downtime_median_ns},
                                                             {"max", *migrations->downtime_max_ns}}
                                                      : Json(nullptr);
    json["ended"] = head.ended;
    if (has_goal) json["goal_reached"] = goals;
    json["replications"] = Json::array();
    for (const auto& one : *replications) json["replications"].push_back(replication_json(one));
    json["digest"] = head.digest.empty() ? Json(nullptr) : Json(head.digest);
    output.write(pretty(json));
    return status;
  }
  output.print("seed {}\n", head.seed);
  const bool all = head.ended == head.replications;
  output.print("run {}: {}, {}{} of {}\n", head.id, output.bold(head.state),
               all ? "" : fmt::format("{} of ", grouped(static_cast<std::uint64_t>(head.ended))),
               counted(static_cast<std::uint64_t>(head.replications), "replication"), head.scenario);
  output.print("  events      {}\n", grouped(static_cast<std::uint64_t>(head.events)));
  output.print("  simulated   {}\n", seconds(head.time_ns));
  if (is_fleet)
    output.print("  migrations  {} committed, {} aborted, {} lost, {} unfinished\n",
                 grouped(static_cast<std::uint64_t>(migrations->committed)),
                 grouped(static_cast<std::uint64_t>(migrations->aborted)),
                 grouped(static_cast<std::uint64_t>(migrations->lost)),
                 grouped(static_cast<std::uint64_t>(migrations->unfinished)));
  if (migrations->downtime_min_ns)
    output.print("  downtime    min {}, median {}, max {}\n", seconds(*migrations->downtime_min_ns),
                 seconds(*migrations->downtime_median_ns), seconds(*migrations->downtime_max_ns));
  if (has_goal)
    output.print("  goal        reached in {} of {}\n", grouped(static_cast<std::uint64_t>(goals)),
                 // Of what was stopped nothing is known.
                 counted(static_cast<std::uint64_t>(head.ended), "replication") + (all ? "" : " that ended"));
  constexpr std::size_t listed_max = 20;
  for (std::size_t k = 0; k < replications->size() && k < listed_max; ++k) {
    const auto& one = (*replications)[k];
    output.print("  {:>4}  {:>11} events  {:>22}  {}{}\n", one.number,
                 grouped(static_cast<std::uint64_t>(one.events)), seconds(one.time_ns),
                 one.ended ? went_wrong(one) ? output.bad(ending(*one.ended)) : ending(*one.ended)
                           : output.unsure("not ended"),
                 one.detail.empty() ? "" : ": " + one.detail);
  }
  if (replications->size() > listed_max)
    output.print(
        "        and {} more; see portolan sim query \"SELECT * FROM replication WHERE run = {}\" --db {}\n",
        replications->size() - listed_max, head.id, database);
  if (!head.digest.empty()) output.print("  digest      {}\n", head.digest);
  return status;
}

/// Runs the replications into the database.
Result<void> simulate(db::Runs& runs, std::int64_t id,
                      const std::shared_ptr<const sim::run::Blueprint>& blueprint, std::uint64_t seed,
                      std::uint64_t replications, const EndsEarly& early, const SimOptions& options,
                      const Output& output) {
  sim::run::Run source(blueprint, {seed, 0, static_cast<std::uint32_t>(replications), options.threads},
                       &early.now());
  Progress progress(output, progress_kind(options.progress));
  progress.phase("simulating");
  return runs.record(id, source, now_s, [&](std::int64_t events) {
    const double passed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - options.begun).count();
    progress.show(fmt::format("{}, {:.0f} s", counted(static_cast<std::uint64_t>(events), "event"), passed),
                  compact(Json{{"events", events}, {"seconds", passed}}));
  });
}

Exit run(const SimOptions& options, Output& output) {
  auto loaded = fleet::load_scenario(options.scenario);
  if (!loaded) return output.refuse(loaded.error());
  const std::uint64_t seed = options.seed.value_or(loaded->scenario.seed),
                      replications = options.replications.value_or(loaded->scenario.replications);
  if (seed >> 63 != 0) return output.refuse({seed_fault()});
  constexpr std::uint64_t replications_max = 100'000'000;
  if (replications == 0 || replications > replications_max)
    return output.refuse({{FaultCode::out_of_range,
                           {"--replications", {}, {}},
                           fmt::format("got {}", replications),
                           "1 to 100,000,000",
                           {}}});
  db::RunHead head;
  head.scenario = row_of(*loaded);
  head.seed = seed;
  head.replications = replications;
  head.program = PORTOLAN_VERSION;
  head.process = this_process();
  std::optional<std::string> catalogue_text;
  if (loaded->catalogue) catalogue_text = compat::write_catalogue(*loaded->catalogue);
  auto again = from_text(loaded->content, options.scenario, catalogue_text,
                         loaded->catalogue ? loaded->catalogue->file : std::string());
  if (!again) return output.refuse(again.error());
  std::vector<fleet::NamedEvent> plan;
  if (!options.plan.empty()) {
    const auto read = fleet::read_plan(options.plan);
    if (!read) return output.refuse(read.error());
    if (!loaded->goal) return output.refuse(fleet::load_with_goal(options.scenario).error());
    if (const auto stale = staleness(*loaded, *read, options.plan))
      return refuse_stale(*stale, options.scenario, options.plan, output);
    Json stored = Json::array();
    for (const fleet::PlanStep& step : read->steps) {
      for (const fleet::NamedEvent* event : events_of(step)) {
        plan.push_back({event->action, event->arguments});
        stored.push_back({{"action", event->action}, {"arguments", event->arguments}});
      }
    }
    head.plan = compact(stored);
  }
  auto blueprint = sim::prepare(*again, plan);
  if (!blueprint) return output.refuse(blueprint.error());
  auto runs = db::Runs::open(options.database, db::Opening::create);
  if (!runs) return output.refuse(runs.error());
  const EndsEarly early(options.begun, options.time_s);
  const auto id = runs->begin(head, now_s());
  if (!id) return output.refuse(id.error());
  output.note(fmt::format("seed {}; run {} in {}", seed, *id, options.database));
  if (auto done = simulate(*runs, *id, *blueprint, seed, replications, early, options, output); !done)
    return output.refuse(done.error());
  const auto printed =
      print_run(*runs, options.database, *id, (*again)->goal.has_value(), (*again)->is_fleet(), output);
  if (!printed) return output.refuse(printed.error());
  return early.status().value_or(*printed);
}

// --- sim replay
// ------------------------------------------------------------------------------------------------------

Exit verify(db::Runs& runs, const db::StoredRun& stored,
            const std::shared_ptr<const sim::run::Blueprint>& blueprint, const SimOptions& options,
            Output& output) {
  const db::RunSummary& head = stored.summary;
  const EndsEarly early(options.begun, options.time_s);
  sim::run::Run source(blueprint,
                       {static_cast<std::uint64_t>(head.seed), 0,
                        static_cast<std::uint32_t>(head.replications), options.threads},
                       &early.now());
  const auto comparison = [&] {
    Progress progress(output, progress_kind(options.progress));
    progress.phase("running it again");
    return db::compare(runs, head.id, source);
  }();
  if (const auto stopped = early.status()) return *stopped;
  if (!comparison) return output.refuse(comparison.error());
  const bool same = comparison->differences.empty();
  if (output.json()) {
    Json json = versioned();
    json.update({{"seed", head.seed},
                 {"run", head.id},
                 {"verdict", same ? "same" : "different"},
                 {"events", comparison->events},
                 {"replications", comparison->replications}});
    json["digest"] = head.digest.empty() ? Json(nullptr) : Json(head.digest);
    json["differences"] = Json::array();
    for (const auto& one : comparison->differences)
      json["differences"].push_back({{"replication", one.replication},
                                     {"what", one.what},
                                     {"sequence", one.sequence},
                                     {"stored", one.stored},
                                     {"again", one.again}});
    output.write(pretty(json));
    return same ? Exit::yes : Exit::no;
  }
  output.print("seed {}\n", head.seed);
  for (const auto& one : comparison->differences) {
    const std::string where = one.replication > 0
                                  ? fmt::format("replication {}, {}{}", one.replication, one.what,
                                                one.sequence > 0 ? fmt::format(" {}", one.sequence) : "")
                                  : one.what;
    output.print("run {}, {} {}\n  stored  {}\n  again   {}\n", head.id, where, output.bad("differs"),
                 one.stored, one.again);
  }
  if (same)
    output.print("run {}: {} of {} {}{}\n", head.id,
                 counted(static_cast<std::uint64_t>(comparison->events), "event"),
                 counted(static_cast<std::uint64_t>(comparison->replications), "replication"),
                 output.good("are the same again"),
                 head.digest.empty() ? " (as far as the run came)" : fmt::format("; digest {}", head.digest));
  return same ? Exit::yes : Exit::no;
}

/// A replication as it is told: its last events before a time, and what is not as it was at the beginning.
struct Told {
  std::uint32_t replication = 1;
  std::int64_t events = 0, time_ns = 0;
  std::vector<ports::EventRow> last;
  std::vector<std::pair<std::string, std::string>> changed;  ///< name, value
  std::int64_t first() const { return events - static_cast<std::int64_t>(last.size()) + 1; }
};

Json told_json(const db::RunSummary& head, const sim::run::Blueprint& blueprint, const Told& told) {
  const auto names = blueprint.names();
  Json json = versioned();
  json.update({{"seed", head.seed},
               {"run", head.id},
               {"replication", told.replication},
               {"time_ns", told.time_ns},
               {"events", told.events}});
  json["last"] = Json::array();
  for (std::size_t k = 0; k < told.last.size(); ++k) {
    Json arguments = Json::array();
    for (const ports::Name one : told.last[k].arguments)
      if (one != ports::no_name) arguments.push_back(names[static_cast<std::size_t>(one)]);
    json["last"].push_back({{"sequence", told.first() + static_cast<std::int64_t>(k)},
                            {"time_ns", told.last[k].time_ns},
                            {"action", names[static_cast<std::size_t>(told.last[k].action)]},
                            {"arguments", std::move(arguments)}});
  }
  json["state"] = Json::object();
  for (const auto& [name, value] : told.changed) json["state"][name] = value;
  return json;
}

void print_told(const db::RunSummary& head, const sim::run::Blueprint& blueprint, const Told& told,
                Output& output) {
  const auto names = blueprint.names();
  const rules::Module& module = blueprint.module();
  output.print("seed {}\n", head.seed);
  output.print("run {}, replication {}, at {}: {}\n", head.id, told.replication, seconds(told.time_ns),
               counted(static_cast<std::uint64_t>(told.events), "event"));
  for (std::size_t k = 0; k < told.last.size(); ++k) {
    const auto& action =
        module.actions[blueprint.evaluator().groups()[static_cast<std::size_t>(told.last[k].action)].first];
    std::string arguments;
    for (const ports::Name one : told.last[k].arguments)
      if (one != ports::no_name)
        arguments += (arguments.empty() ? "" : ", ") + names[static_cast<std::size_t>(one)];
    output.print(
        "  {:>8}  {:>22}  {}({})  {}\n", told.first() + static_cast<std::int64_t>(k),
        seconds(told.last[k].time_ns), action.name, arguments,
        output.faint(action.meaning + (action.sources.empty() ? "" : " (" + action.sources.front() + ")")));
  }
  output.print("state there, where it is not what it was at the beginning:\n");
  for (const auto& [name, value] : told.changed) output.print("  {} = {}\n", name, value);
  if (told.changed.empty()) output.print("  nothing\n");
}

/// The last events before a time, and what has changed in the state since the beginning.
Exit tell(const db::StoredRun& stored, const std::shared_ptr<const sim::run::Blueprint>& blueprint,
          const SimOptions& options, Output& output) {
  const db::RunSummary& head = stored.summary;
  const std::uint32_t number = options.replication.value_or(1);
  const std::size_t events_told = options.events.value_or(20);
  if (number == 0 || number > head.replications)
    return output.refuse({{FaultCode::out_of_range,
                           {"--replication", {}, {}},
                           fmt::format("got {}", number),
                           fmt::format("1 to {}", head.replications),
                           {}}});
  const Interruption stopping;
  const auto replication = blueprint->replicate({static_cast<std::uint64_t>(head.seed), 0, number});
  Told told;
  told.replication = number;
  std::vector<ports::EventRow>& last = told.last;
  ports::Batch batch;
  const auto keep = [&] {
    told.events += static_cast<std::int64_t>(batch.events.size());
    last.insert(last.end(), batch.events.begin(), batch.events.end());
    if (last.size() > events_told)
      last.erase(last.begin(), last.end() - static_cast<std::ptrdiff_t>(events_told));
    batch = {};
  };
  if (options.until_ns) {
    replication->run_until(batch, *options.until_ns);
    keep();
  } else {
    for (bool ended = false; !ended && !stopping.requested();) {
      ended = replication->run(batch, 1000);
      keep();
    }
  }
  if (const auto stopped = stopping.status()) return *stopped;
  const rules::Module& module = blueprint->module();
  for (std::size_t v = 0; v < module.variables.size(); ++v)
    for (std::int32_t k = 0; k < module.widths[v]; ++k) {
      const std::size_t cell = static_cast<std::size_t>(module.offsets[v]) + static_cast<std::size_t>(k);
      if (replication->cells()[cell] != module.initial[cell])
        told.changed.emplace_back(rules::cell_name(module, v, static_cast<std::size_t>(k)),
                                  rules::shown(module, module.variables[v], replication->cells()[cell]));
    }
  told.time_ns = options.until_ns
                     ? std::min(*options.until_ns, static_cast<std::int64_t>(blueprint->timing().until_ns))
                     : replication->now();
  if (output.json())
    output.write(pretty(told_json(head, *blueprint, told)));
  else
    print_told(head, *blueprint, told, output);
  return Exit::yes;
}

Exit replay(const SimOptions& options, Output& output) {
  if (options.verify && (options.until_ns || options.replication || options.events))
    return output.refuse({{FaultCode::usage,
                           {"--verify", {}, {}},
                           "stands beside --until, --replication or --events",
                           "one or the other",
                           "--verify compares the whole run"}});
  auto runs = db::Runs::open(options.database, db::Opening::existing);
  if (!runs) return output.refuse(runs.error());
  const auto found = runs->stored(options.run);
  if (!found) return output.refuse(found.error());
  if (!*found) return output.refuse(no_such_run(options.database, options.run));
  const db::StoredRun& stored = **found;
  if (stored.summary.program != PORTOLAN_VERSION)
    output.note(fmt::format("run {} is of portolan {}, this is {}: it may differ", stored.summary.id,
                            stored.summary.program, PORTOLAN_VERSION));
  auto loaded = from_text(stored.scenario_content, stored.summary.scenario, stored.catalogue_content,
                          stored.catalogue_file.value_or(""));
  if (!loaded) return output.refuse(loaded.error());
  const auto plan =
      from_database(options.database, fmt::format("the plan of run {}", stored.summary.id), [&] {
        std::vector<fleet::NamedEvent> steps;
        if (stored.plan)
          for (const Json& step : Json::parse(*stored.plan))
            steps.push_back(
                {step.at("action").get<std::string>(), step.at("arguments").get<std::vector<std::string>>()});
        return steps;
      });
  if (!plan) return output.refuse(plan.error());
  auto blueprint = sim::prepare(*loaded, *plan);
  if (!blueprint) return output.refuse(blueprint.error());
  return options.verify ? verify(*runs, stored, *blueprint, options, output)
                        : tell(stored, *blueprint, options, output);
}

// --- sim status
// ------------------------------------------------------------------------------------------------------

Exit status(const SimOptions& options, Output& output) {
  auto runs = db::Runs::open(options.database, db::Opening::existing);
  if (!runs) return output.refuse(runs.error());
  const auto all = runs->runs();
  if (!all) return output.refuse(all.error());
  if (output.json()) {
    Json json = versioned();
    json["runs"] = Json::array();
    for (const auto& one : *all) {
      json["runs"].push_back({{"run", one.id},
                              {"state", state_now(one.state, one.process)},
                              {"scenario", one.scenario},
                              {"seed", one.seed},
                              {"replications", one.replications},
                              {"ended", one.ended},
                              {"events", one.events},
                              {"time_ns", one.time_ns},
                              {"digest", one.digest.empty() ? Json(nullptr) : Json(one.digest)},
                              {"program", one.program},
                              {"started", one.started},
                              {"finished", one.finished.empty() ? Json(nullptr) : Json(one.finished)}});
    }
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}\n", output.bold(counted(all->size(), "run")));
  for (const auto& one : *all) {
    const std::string state = state_now(one.state, one.process);
    output.print("  {:>4}  {}  {}  {} of {} ended, {}, as far as {}, seed {}  {}\n", one.id, one.started,
                 state == "complete"  ? output.good(state)
                 : state == "running" ? state
                                      : output.unsure(state),
                 one.ended, counted(static_cast<std::uint64_t>(one.replications), "replication"),
                 counted(static_cast<std::uint64_t>(one.events), "event"), seconds(one.time_ns), one.seed,
                 one.scenario);
  }
  return Exit::yes;
}

}  // namespace

void add_sim(Command& root) {
  Command command =
      root.group("sim", "Simulates a scenario in time, event by event",
                 "portolan sim run scenarios/fleet/upgrade.yaml --replications 10 --db runs.db");
  auto options = std::make_shared<SimOptions>();
  const auto database = [&](Command one) {
    one.option("--db", options->database, "The database file").shows_default().not_empty(a_file);
  };
  const auto threads = [&](Command one) {
    one.option("-j,--threads", options->threads,
               "Replications at once; the results are the same for any number")
        .within(1u, 1024u)
        .shows_default("all processors");
  };
  const auto bounds = [&](Command one) {
    one.duration("--time", options->time_s, "End after that time, with everything: 90s, 15m");
    one.option("--progress", options->progress, "On standard error: auto, json or none")
        .one_of({"auto", "json", "none"})
        .shows_default();
  };

  Command runs = command.command(
      "run", "Runs replications of a scenario into the database; checks no properties (explore does)",
      {"text", "json"}, "portolan sim run scenarios/fleet/upgrade.yaml --seed 7 --replications 10");
  runs.option("SCENARIO", options->scenario, "The scenario").required();
  runs.option("--plan", options->plan,
              "Follow this plan (portolan.plan/1) step by step instead of deciding by chance; exit status 1 "
              "where it could not be followed to its end, 4 where it is stale")
      .stands_for("PLAN");
  runs.option("--seed", options->seed, "What chance is drawn from; by default the scenario's");
  runs.option("--replications", options->replications, "How many; by default the scenario's");
  threads(runs);
  bounds(runs);
  database(runs);
  runs.on_chosen(options, run);

  Command replays = command.command("replay", "Runs a stored run again, from what is stored",
                                    {"text", "json"}, "portolan sim replay 1 --verify");
  replays.option("RUN", options->run, "Its number in sim status").required();
  replays.flag("--verify", options->verify,
               "Compares every event, migration and digest with what is stored; 1 where one differs");
  replays.option("--until", options->until_ns, "Stops there, in simulated nanoseconds")
      .within(std::int64_t{0}, std::int64_t{1} << 62);
  replays.option("--replication", options->replication, "Which one is told").shows_default("1");
  replays.option("--events", options->events, "How many of the last events are told").shows_default("20");
  threads(replays);
  bounds(replays);
  database(replays);
  replays.on_chosen(options, replay);

  Command shows = command.command("status", "The runs in the database, and how far each came",
                                  {"text", "json"}, "portolan sim status --db runs.db");
  database(shows);
  shows.on_chosen(options, status);

  add_sim_query(command);
}

}  // namespace portolan::cli
