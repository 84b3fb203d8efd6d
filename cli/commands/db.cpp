// SPDX-License-Identifier: Apache-2.0
//
// `db list` and `db show REPORT`: what earlier commands stored.

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "db/store.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

struct DbOptions {
  std::string file = "portolan.db";
  std::int64_t report = 0;
};

/// `matrix rfc-v3`, `explore upgrade.yaml`.
std::string subject(const db::ReportSummary& report) {
  return report.command + (report.scheme.empty() ? "" : " " + report.scheme) +
         (report.scenario.empty() ? "" : " " + report.scenario);
}

std::string contents(const db::ReportSummary& report) {
  if (!report.scenario.empty())
    return fmt::format("{} propert{}", report.properties, report.properties == 1 ? "y" : "ies");
  return counted(static_cast<std::uint64_t>(report.verdicts), "verdict") + ", " +
         counted(static_cast<std::uint64_t>(report.findings), "finding");
}

Json exploration_json(const db::ExplorationRow& found) {
  Json json = {{"states", found.states}, {"transitions", found.transitions}};
  if (found.depth) json["depth"] = *found.depth;
  if (found.seconds) json["seconds"] = *found.seconds;
  if (found.peak_bytes) json["peak_bytes"] = *found.peak_bytes;
  json["complete"] = found.complete;
  if (!found.bound.empty()) json["bound"] = found.bound;
  json["properties"] = Json::array();
  for (const db::PropertyRow& one : found.properties) {
    Json row = {{"name", one.name}, {"verb", one.verb}, {"verdict", one.verdict}};
    if (!one.reason.empty()) row["reason"] = one.reason;
    row["trace"] = one.trace ? Json::parse(*one.trace) : Json::array();
    json["properties"].push_back(std::move(row));
  }
  return json;
}

/// `1. migrate_begin(vm1, host2)` with what it changed, from the JSON of a trace or of a plan's steps.
void print_steps(const Json& steps, Output& output) {
  std::size_t number = 0;
  for (const Json& step : steps) {
    std::string arguments;
    for (const Json& one : step.value("arguments", Json::array()))
      arguments += (arguments.empty() ? "" : ", ") + one.get<std::string>();
    output.print("  {:>2}. {}({}){}\n", ++number, step.value("action", ""), arguments,
                 step.value("fault", false) ? output.bad("  [fault]") : "");
    const Json changes = step.value("changes", Json::object());  // items() only refers to it
    for (const auto& [name, change] : changes.items())
      output.print("      {}: {} -> {}\n", name, change.value("from", ""), change.value("to", ""));
  }
}

void print_exploration(const db::ExplorationRow& found, Output& output) {
  output.print(
      "  {}, {}{}{}\n", counted(static_cast<std::uint64_t>(found.states), "state"),
      counted(static_cast<std::uint64_t>(found.transitions), "transition"),
      found.depth ? fmt::format(", depth {}", *found.depth) : "",
      found.complete ? "" : fmt::format(", cut off by {}", found.bound.empty() ? "a bound" : found.bound));
  for (const db::PropertyRow& one : found.properties) {
    output.print("  {:<12}  {:<10} {}\n", one.verdict, one.verb, one.name);
    if (one.verdict == "violated" && one.trace) print_steps(Json::parse(*one.trace), output);
  }
}

void print_plan(const db::PlanRow& plan, Output& output) {
  output.print("  {}: {} for {}\n", plan.verdict, counted(static_cast<std::uint64_t>(plan.steps), "step"),
               plan.goal);
  if (!plan.reason.empty()) output.print("  {}\n", plan.reason);
  if (plan.content) print_steps(Json::parse(*plan.content).value("steps", Json::array()), output);
  if (plan.obstacles)
    for (const Json& one : Json::parse(*plan.obstacles)) {
      output.print("  in the way: {}\n", one.value("what", ""));
      for (const Json& detail : one.value("details", Json::array()))
        output.print("    {}\n", detail.get<std::string>());
    }
}

Exit list(const DbOptions& options, Output& output) {
  auto store = db::Store::open(options.file, db::Opening::existing);
  if (!store) return output.refuse(store.error());
  const auto catalogues = store->catalogues();
  if (!catalogues) return output.refuse(catalogues.error());
  const auto reports = store->reports();
  if (!reports) return output.refuse(reports.error());

  if (output.json()) {
    Json json = versioned();
    json["catalogues"] = Json::array();
    for (const auto& one : *catalogues) {
      json["catalogues"].push_back({{"id", one.id},
                                    {"digest", one.digest},
                                    {"file", one.file},
                                    {"stored", one.stored},
                                    {"implementations", one.implementations}});
    }
    json["reports"] = Json::array();
    for (const auto& one : *reports) {
      Json row = {{"id", one.id}, {"command", one.command}};
      if (!one.scheme.empty()) row["scheme"] = one.scheme;
      if (!one.scenario.empty()) row["scenario"] = one.scenario;
      row.update({{"program", one.program},
                  {"stored", one.stored},
                  {"verdicts", one.verdicts},
                  {"findings", one.findings},
                  {"properties", one.properties}});
      json["reports"].push_back(row);
    }
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}\n", output.bold(counted(catalogues->size(), "catalogue")));
  for (const auto& one : *catalogues) {
    output.print("  {:>4}  {}  {}  {}  {}\n", one.id, one.stored, one.digest.substr(0, 12),
                 counted(static_cast<std::uint64_t>(one.implementations), "implementation"),
                 printable(one.file));
  }
  output.print("{}\n", output.bold(counted(reports->size(), "report")));
  for (const auto& one : *reports) {
    output.print("  {:>4}  {}  {}  {}\n", one.id, one.stored, printable(subject(one)), contents(one));
  }
  return Exit::yes;
}

/// One report, as it is stored.
struct Shown {
  db::ReportSummary head;
  std::optional<db::ExplorationRow> exploration;
  std::optional<db::PlanRow> plan;
  std::vector<db::VerdictSummary> verdicts;
  std::vector<std::string> findings;
};

/// Throws Json::exception where stored JSON is damaged.
void print(const Shown& shown, Output& output) {
  const db::ReportSummary& head = shown.head;
  if (output.json()) {
    Json json = versioned();
    json.update({{"report", head.id}, {"command", head.command}});
    if (!head.scheme.empty()) json["scheme"] = head.scheme;
    if (!head.scenario.empty()) json["scenario"] = head.scenario;
    json["stored"] = head.stored;
    if (shown.exploration) json["exploration"] = exploration_json(*shown.exploration);
    if (shown.plan) {
      json["plan"] = {{"verdict", shown.plan->verdict}, {"goal", shown.plan->goal}};
      if (!shown.plan->reason.empty()) json["plan"]["reason"] = shown.plan->reason;
      json["plan"]["obstacles"] = shown.plan->obstacles ? Json::parse(*shown.plan->obstacles) : Json::array();
      json["plan"]["plan"] = shown.plan->content ? Json::parse(*shown.plan->content) : Json(nullptr);
    }
    json["verdicts"] = Json::array();
    for (const auto& one : shown.verdicts) {
      Json row = {{"model", one.model},
                  {"source", one.source},
                  {"destination", one.destination},
                  {"verdict", one.verdict}};
      if (one.relation) row["relation"] = *one.relation;
      if (one.reasons) row["reasons"] = Json::parse(*one.reasons);
      if (one.witness) row["witness"] = Json::parse(*one.witness);
      json["verdicts"].push_back(std::move(row));
    }
    json["findings"] = Json::array();
    for (const auto& one : shown.findings) json["findings"].push_back(Json::parse(one));
    output.write(pretty(json));
    return;
  }
  output.print("{}\n", output.bold(fmt::format("report {}: {} on {} UTC", head.id, printable(subject(head)),
                                               head.stored)));
  if (shown.plan) print_plan(*shown.plan, output);
  if (shown.exploration) print_exploration(*shown.exploration, output);
  for (const auto& one : shown.verdicts) {
    output.print("  {:<12}  {}  {} -> {}{}\n", one.verdict, printable(one.model), printable(one.source),
                 printable(one.destination),
                 one.relation ? fmt::format("  (over all configurations: {})", *one.relation) : "");
    if (!one.reasons) continue;
    for (const Json& reason : Json::parse(*one.reasons))
      output.print("                {}: {}\n", reason.value("rule", ""),
                   printable(reason.value("message", "")));
  }
  for (const auto& one : shown.findings) {
    const Json finding = Json::parse(one);
    output.print("  {:<12}  {}  {}{}\n", finding.value("severity", ""), finding.value("rule", ""),
                 finding.contains("place") ? finding.value("place", "") + ": " : "",
                 printable(finding.value("message", "")));
    if (finding.contains("remedy") && finding["remedy"].is_string())
      output.print("                {}\n", printable(finding["remedy"].get<std::string>()));
  }
}

Exit show(const DbOptions& options, Output& output) {
  auto store = db::Store::open(options.file, db::Opening::existing);
  if (!store) return output.refuse(store.error());
  const auto report = store->report(options.report);
  if (!report) return output.refuse(report.error());
  if (!*report) {
    return output.refuse({{FaultCode::unknown_name,
                           {options.file, {}, {}},
                           fmt::format("has no report {}", options.report),
                           "a number from the list",
                           fmt::format("see portolan db list --db {}", options.file)}});
  }
  const auto verdicts = store->verdicts(options.report);
  if (!verdicts) return output.refuse(verdicts.error());
  const auto findings = store->findings(options.report);
  if (!findings) return output.refuse(findings.error());

  const auto exploration = store->exploration(options.report);
  if (!exploration) return output.refuse(exploration.error());
  const auto plan = store->plan(options.report);
  if (!plan) return output.refuse(plan.error());

  const Shown shown{**report, *exploration, *plan, *verdicts, *findings};
  const auto printed = from_database(options.file, fmt::format("report {}", options.report), [&] {
    print(shown, output);
    return true;
  });
  if (printed) return Exit::yes;
  output.forget();
  return output.refuse(printed.error());
}

}  // namespace

void add_db(Command& root) {
  Command command = root.group("db", "What check, compat, matrix, explore and plan stored",
                               "portolan db list --db results.db");
  auto options = std::make_shared<DbOptions>();
  Command lists = command.command("list", "Catalogues and reports in the database", {"text", "json"},
                                  "portolan db list --db results.db");
  lists.option("--db", options->file, "The database file").shows_default().not_empty(a_file);
  lists.on_chosen(options, list);
  Command shows = command.command("show", "One report: its verdicts and findings, its exploration, its plan",
                                  {"text", "json"}, "portolan db show 1 --db results.db");
  shows.option("REPORT", options->report, "Its number in the list").required();
  shows.option("--db", options->file, "The database file").shows_default().not_empty(a_file);
  shows.on_chosen(options, show);
}

}  // namespace portolan::cli
