// SPDX-License-Identifier: Apache-2.0
//
// `portolan status` and `portolan journal`: what was carried out, how far it came, and whether it is what was
// proved.

#include "db/journal.hpp"
#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/process.hpp"
#include "cli/report/stale_plan.hpp"
#include "model/fleet/plans/course.hpp"
#include "vfio/devices.hpp"
#include "vfio/execution/aftermath.hpp"

namespace portolan::cli {
namespace {

struct JournalOptions {
  std::string file = "portolan-journal.db";
  std::optional<std::int64_t> execution;
  bool conform = false;
};

/// null where the row is damaged.
Json parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

Json execution_summary_json(const db::ExecutionSummary& one) {
  Json json = {{"execution", one.id},      {"state", state_now(one.state, one.process)},
               {"scenario", one.scenario}, {"plan", one.plan_file},
               {"steps", one.steps},       {"steps_done", one.steps_done},
               {"entries", one.entries}};
  if (!one.why.empty()) json["why"] = one.why;
  if (!one.attention.empty()) json["needs_attention"] = one.attention;
  json["devices"] = one.devices.empty() ? Json::object() : parsed(one.devices);
  json.update(
      {{"started", one.started}, {"finished", one.finished.empty() ? Json(nullptr) : Json(one.finished)}});
  return json;
}

/// What the newest execution left behind, where it did not come to its end.
struct LeftBehind {
  std::int64_t execution = 0;
  std::vector<vfio::execution::VmNow> vms;
};

/// Asks the devices. Empty: there is nothing to ask after.
Result<LeftBehind> left_behind(db::Journal& journal, const std::vector<db::ExecutionSummary>& all,
                               const std::string& file) {
  LeftBehind left;
  if (all.empty()) return left;
  const db::ExecutionSummary& newest = all.back();
  const std::string state = state_now(newest.state, newest.process);
  if (state == "done" || state == "refused" || state.starts_with("running")) return left;
  const auto stored = journal.stored(newest.id);
  if (!stored) return fail(stored.error());
  const auto entries = journal.entries(newest.id);
  if (!entries) return fail(entries.error());
  const auto plan =
      fleet::parse_plan((*stored)->plan, file + ": the plan of execution " + std::to_string(newest.id));
  // One of an earlier version, whose plans say less: what was asked for is still listed.
  if (!plan) return left;
  std::map<std::string, std::string> beginning;
  const Json devices = newest.devices.empty() ? Json::object() : parsed(newest.devices);
  for (const auto& [vm, device] : devices.items())
    if (device.is_string()) beginning[vm] = device.get<std::string>();
  std::vector<vfio::execution::Written> written;
  for (const db::JournalEntry& one : *entries)
    written.push_back({static_cast<std::size_t>(one.step), one.what, one.detail, one.done});
  constexpr std::chrono::seconds patience{2};
  left.execution = newest.id;
  left.vms = vfio::execution::aftermath(*plan, beginning, written, vfio::all_devices({patience, patience}));
  return left;
}

Json left_behind_json(const LeftBehind& left) {
  Json json = Json::array();
  for (const auto& vm : left.vms) {
    Json devices = Json::array();
    for (const auto& one : vm.devices)
      devices.push_back({{"device", one.device},
                         {"state", one.state ? Json(machines::name_of(*one.state)) : Json(nullptr)},
                         {"said", one.said}});
    json.push_back({{"vm", vm.vm},
                    {"runs_on", vm.runs_on.empty() ? Json(nullptr) : Json(vm.runs_on)},
                    {"said", vm.said},
                    {"next", vm.next},
                    {"devices", std::move(devices)},
                    {"left_over", vm.left_over}});
  }
  return json;
}

void print_left_behind(const LeftBehind& left, Output& output) {
  if (left.vms.empty()) return;
  output.print("\nAfter execution {}, as the devices say now:\n", left.execution);
  for (const auto& vm : left.vms) {
    output.print("  {}: {}\n", output.bold(vm.vm), vm.runs_on.empty() ? output.bad(vm.said) : vm.said);
    for (const std::string& device : vm.left_over) output.print("    left over: {}\n", device);
    if (!vm.next.empty()) output.print("    next: {}\n", vm.next);
  }
}

Result<db::Journal> opened(const JournalOptions& options) {
  return db::Journal::open(options.file, db::Opening::existing, [] { return std::int64_t{0}; });
}

Exit status(const JournalOptions& options, Output& output) {
  auto journal = opened(options);
  if (!journal) return output.refuse(journal.error());
  const auto all = journal->executions();
  if (!all) return output.refuse(all.error());
  const auto left = left_behind(*journal, *all, options.file);
  if (!left) return output.refuse(left.error());
  if (output.json()) {
    Json json = versioned();
    json["executions"] = Json::array();
    for (const auto& one : *all) json["executions"].push_back(execution_summary_json(one));
    if (left->execution > 0) json["now"] = {{"execution", left->execution}, {"vms", left_behind_json(*left)}};
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}\n", output.bold(counted(all->size(), "execution")));
  for (const auto& one : *all) {
    const std::string state = state_now(one.state, one.process);
    output.print("  {:>4}  {}  {}  {} of {}  {}\n", one.id, one.started,
                 state == "done"      ? output.good(state)
                 : state == "running" ? state
                                      : output.unsure(state),
                 one.steps_done, counted(static_cast<std::uint64_t>(one.steps), "step"), one.plan_file);
    if (!one.why.empty()) output.print("        {}\n", one.why);
    if (!one.attention.empty()) output.print("        {} {}\n", output.bad("attention:"), one.attention);
  }
  print_left_behind(*left, output);
  return Exit::yes;
}

/// What the journal of an execution says, held against the tables.
struct Conformity {
  std::size_t events = 0, observations = 0;
  std::vector<std::string> open;  ///< entries of which nothing is known
  std::string difference;         ///< the first; empty: none
  bool at_goal = false;
};

Result<Conformity> conform(const db::StoredExecution& stored, const std::vector<db::JournalEntry>& entries,
                           const std::string& file) {
  auto catalogue = compat::parse_catalogue(stored.catalogue_content, stored.catalogue_file);
  if (!catalogue) return fail(catalogue.error());
  const auto loaded = fleet::read_scenario(stored.scenario_content, stored.summary.scenario,
                                           std::make_shared<const compat::Catalogue>(std::move(*catalogue)));
  if (!loaded) return fail(loaded.error());
  fleet::Course course(*loaded);
  Conformity result;
  std::int64_t expected = 0;
  for (const db::JournalEntry& entry : entries) {
    if (entry.sequence != ++expected) {
      result.difference = fmt::format("entry {} is missing", expected);
      break;
    }
    if (!entry.done) {
      result.open.push_back(
          fmt::format("entry {}, step {}: {} of {}", entry.sequence, entry.step, entry.what, entry.detail));
      continue;
    }
    const Json events = Json::parse(entry.events, nullptr, false),
               observed = Json::parse(entry.observed, nullptr, false);
    const auto damaged = [&] {
      return fail(Fault{FaultCode::storage,
                        {file, {}, fmt::format("journal[{}]", entry.sequence)},
                        "the row is damaged",
                        "events and observations as JSON",
                        {}});
    };
    if (!events.is_array() || !observed.is_object()) return damaged();
    for (const Json& event : events) {
      if (!event.is_array() || event.empty()) return damaged();
      fleet::NamedEvent named;
      for (const Json& word : event) {
        if (!word.is_string()) return damaged();
        if (named.action.empty())
          named.action = word.get<std::string>();
        else
          named.arguments.push_back(word.get<std::string>());
      }
      ++result.events;
      if (const auto refused = course.take(named); refused && result.difference.empty())
        result.difference = fmt::format("entry {}, {}: {}", entry.sequence, entry.what, *refused);
    }
    std::map<std::string, std::string> said;
    for (const auto& [name, value] : observed.items()) {
      if (!value.is_string()) return damaged();
      said[name] = value.get<std::string>();
    }
    result.observations += said.size();
    if (const std::string differs = course.difference(said); !differs.empty() && result.difference.empty())
      result.difference = fmt::format("entry {}, {}: {}", entry.sequence, entry.what, differs);
    if (!result.difference.empty()) break;
  }
  result.at_goal = course.at_goal();
  if (stored.summary.state == "done" && !result.at_goal && result.difference.empty())
    result.difference = "the execution says that it is done, and by its entries the goal is not reached";
  return result;
}

void print_entries(const std::vector<db::JournalEntry>& entries, Output& output) {
  for (const db::JournalEntry& entry : entries) {
    const std::string word = !entry.done   ? output.unsure("?   ")
                             : *entry.done ? output.good("done")
                                           : output.bad("no  ");
    output.print("  {:>4}  step {:<3} {}  {}{}\n", entry.sequence, entry.step, word, entry.what,
                 entry.ended_ns
                     ? output.faint(fmt::format(
                           "  {:.3f} s", static_cast<double>(*entry.ended_ns - entry.intended_ns) / 1e9))
                     : "");
    output.print("        {}\n", entry.done ? entry.said : entry.detail + ": what came of it is not known");
    if (const Json events = Json::parse(entry.events, nullptr, false); events.is_array() && !events.empty()) {
      std::string text;
      for (const Json& event : events) {
        text += text.empty() ? "" : "; ";
        for (std::size_t k = 0; event.is_array() && k < event.size(); ++k)
          text += (k == 0   ? ""
                   : k == 1 ? "("
                            : ", ") +
                  (event[k].is_string() ? event[k].get<std::string>() : event[k].dump());
        text += event.is_array() && event.size() > 1 ? ")" : "";
      }
      output.print("        {}\n", output.faint(text));
    }
  }
}

std::string_view verdict_of(const Conformity& conformity) {
  if (!conformity.difference.empty()) return "differs";
  return conformity.open.empty() ? "conforms" : "undetermined";
}

Json journal_json(const db::ExecutionSummary& head, const std::vector<db::JournalEntry>& entries,
                  const std::optional<Conformity>& conformity) {
  Json json = versioned();
  json.update(execution_summary_json(head));
  json["journal"] = Json::array();
  for (const db::JournalEntry& entry : entries) {
    Json one = {{"sequence", entry.sequence},
                {"step", entry.step},
                {"what", entry.what},
                {"detail", entry.detail},
                {"intended_ns", entry.intended_ns},
                {"done", entry.done ? Json(*entry.done) : Json(nullptr)}};
    if (entry.done) {
      one.update({{"said", entry.said},
                  {"events", parsed(entry.events)},
                  {"observed", parsed(entry.observed)},
                  {"bytes", entry.bytes}});
      if (!entry.sha256.empty()) one["sha256"] = entry.sha256;
      one["ended_ns"] = entry.ended_ns ? Json(*entry.ended_ns) : Json(nullptr);
    }
    json["journal"].push_back(std::move(one));
  }
  if (conformity) {
    json["conformity"] = {{"verdict", verdict_of(*conformity)},
                          {"events", conformity->events},
                          {"observations", conformity->observations},
                          {"goal_reached", conformity->at_goal},
                          {"open", conformity->open}};
    if (!conformity->difference.empty()) json["conformity"]["difference"] = conformity->difference;
  }
  return json;
}

void print_conformity(const Conformity& conformity, Output& output) {
  if (!conformity.difference.empty())
    output.print("  {}: {}\n", output.bad("differs"), conformity.difference);
  else
    output.print(
        "  {}: {} of the fleet's model, each enabled where it happened; {} of devices, each as the tables "
        "say; the goal {}\n",
        conformity.open.empty() ? output.good("conforms") : output.unsure("conforms so far"),
        counted(conformity.events, "event"), counted(conformity.observations, "observation"),
        conformity.at_goal ? "is reached" : "is not reached");
  for (const std::string& one : conformity.open) output.print("  not known: what came of {}\n", one);
}

/// The execution that was asked for, or the last one.
Result<db::StoredExecution> asked_for(db::Journal& journal, const JournalOptions& options) {
  std::int64_t id = options.execution.value_or(0);
  if (!options.execution) {
    const auto all = journal.executions();
    if (!all) return fail(all.error());
    if (!all->empty()) id = all->back().id;
  }
  auto stored = journal.stored(id);
  if (!stored) return fail(stored.error());
  if (*stored) return std::move(**stored);
  return fail(Fault{FaultCode::unknown_name,
                    {options.file, {}, {}},
                    id == 0 ? "has no execution" : fmt::format("has no execution {}", id),
                    "a number from the list",
                    fmt::format("see portolan status --journal {}", options.file)});
}

Exit journal(const JournalOptions& options, Output& output) {
  auto journal = opened(options);
  if (!journal) return output.refuse(journal.error());
  const auto stored = asked_for(*journal, options);
  if (!stored) return output.refuse(stored.error());
  const db::ExecutionSummary& head = stored->summary;
  const auto entries = journal->entries(head.id);
  if (!entries) return output.refuse(entries.error());
  std::optional<Conformity> conformity;
  if (options.conform) {
    const auto held = conform(*stored, *entries, options.file);
    if (!held) return output.refuse(held.error());
    conformity = *held;
  }
  if (output.json()) {
    output.write(pretty(journal_json(head, *entries, conformity)));
  } else {
    output.print("{}\n", output.bold(fmt::format("execution {}: {}, {} of {} of {}", head.id,
                                                 state_now(head.state, head.process), head.steps_done,
                                                 counted(static_cast<std::uint64_t>(head.steps), "step"),
                                                 head.plan_file)));
    if (conformity)
      print_conformity(*conformity, output);
    else
      print_entries(*entries, output);
  }
  if (!conformity) return Exit::yes;
  if (!conformity->difference.empty()) return Exit::no;
  return conformity->open.empty() ? Exit::yes : Exit::undetermined;
}

}  // namespace

void add_status(Command& root) {
  auto options = std::make_shared<JournalOptions>();
  Command shows = root.command("status", "What apply carried out, and how far each came", {"text", "json"},
                               "portolan status --journal portolan-journal.db");
  shows.option("--journal", options->file, "The journal")
      .stands_for("FILE")
      .shows_default()
      .not_empty(a_file);
  shows.on_chosen(options, status);
}

void add_journal(Command& root) {
  auto options = std::make_shared<JournalOptions>();
  Command journals = root.command("journal", "What was done, step by step, and whether it is what was proved",
                                  {"text", "json"},
                                  "portolan journal 1 --conform --journal portolan-journal.db\n\n"
                                  "Exit status with --conform: 0 what ran is what the tables allow, 1 it "
                                  "differs, 3 of some entry nothing is known.");
  journals.option("EXECUTION", options->execution, "Its number in status; by default the last one");
  journals.flag(
      "--conform", options->conform,
      "Follow the journal through the tables again: every event enabled, every device where the tables say");
  journals.option("--journal", options->file, "The journal")
      .stands_for("FILE")
      .shows_default()
      .not_empty(a_file);
  journals.on_chosen(options, journal);
}

}  // namespace portolan::cli
