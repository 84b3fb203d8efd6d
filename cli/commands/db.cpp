// SPDX-License-Identifier: Apache-2.0
//
// `db list` and `db show REPORT`: what earlier commands stored with --db.

#include "cli/command.hpp"
#include "cli/json.hpp"
#include "db/store.hpp"

namespace portolan::cli {

namespace {

struct DbOptions {
  std::string file = "portolan.db";
  std::int64_t report = 0;
};

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
      json["catalogues"].push_back(
          {{"id", one.id}, {"digest", one.digest}, {"file", one.file}, {"stored", one.stored}, {"implementations", one.implementations}});
    }
    json["reports"] = Json::array();
    for (const auto& one : *reports) {
      Json row = {{"id", one.id}, {"command", one.command}};
      if (!one.scheme.empty()) row["scheme"] = one.scheme;
      row.update({{"program", one.program}, {"stored", one.stored}, {"verdicts", one.verdicts}, {"findings", one.findings}});
      json["reports"].push_back(row);
    }
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}\n", output.bold(counted(catalogues->size(), "catalogue")));
  for (const auto& one : *catalogues) {
    output.print("  {:>4}  {}  {}  {}  {}\n", one.id, one.stored, one.digest.substr(0, 12), counted(static_cast<std::uint64_t>(one.implementations), "implementation"), one.file);
  }
  output.print("{}\n", output.bold(counted(reports->size(), "report")));
  for (const auto& one : *reports) {
    output.print("  {:>4}  {}  {} {}  {}, {}\n", one.id, one.stored, one.command, one.scheme, counted(static_cast<std::uint64_t>(one.verdicts), "verdict"),
                 counted(static_cast<std::uint64_t>(one.findings), "finding"));
  }
  return Exit::yes;
}

Exit show(const DbOptions& options, Output& output) {
  auto store = db::Store::open(options.file, db::Opening::existing);
  if (!store) return output.refuse(store.error());
  const auto report = store->report(options.report);
  if (!report) return output.refuse(report.error());
  if (!*report) {
    return output.refuse({{FaultCode::unknown_name, {options.file, {}, {}}, fmt::format("has no report {}", options.report), "a number from the list",
                           fmt::format("see portolan db list --db {}", options.file)}});
  }
  const auto verdicts = store->verdicts(options.report);
  if (!verdicts) return output.refuse(verdicts.error());
  const auto findings = store->findings(options.report);
  if (!findings) return output.refuse(findings.error());

  const auto& head = **report;
  if (output.json()) {
    Json json = versioned();
    json.update({{"report", head.id}, {"command", head.command}});
    if (!head.scheme.empty()) json["scheme"] = head.scheme;
    json["stored"] = head.stored;
    json["verdicts"] = Json::array();
    for (const auto& one : *verdicts) {
      Json row = {{"model", one.model}, {"source", one.source}, {"destination", one.destination}, {"verdict", one.verdict}};
      if (one.relation) row["relation"] = *one.relation;
      if (one.reasons) row["reasons"] = Json::parse(*one.reasons);
      if (one.witness) row["witness"] = Json::parse(*one.witness);
      json["verdicts"].push_back(std::move(row));
    }
    json["findings"] = Json::array();
    for (const auto& one : *findings) json["findings"].push_back(Json::parse(one));
    output.write(pretty(json));
    return Exit::yes;
  }
  output.print("{}\n", output.bold(fmt::format("report {}: {} {} on {} UTC", head.id, head.command, head.scheme, head.stored)));
  for (const auto& one : *verdicts) {
    output.print("  {:<12}  {}  {} -> {}{}\n", one.verdict, one.model, one.source, one.destination,
                 one.relation ? fmt::format("  (over all configurations: {})", *one.relation) : "");
  }
  for (const auto& one : *findings) {
    const Json finding = Json::parse(one);
    output.print("  {:<12}  {}  {}\n", finding.value("severity", ""), finding.value("rule", ""), finding.value("message", ""));
  }
  return Exit::yes;
}

}  // namespace

void add_db(CLI::App& app, Line& line) {
  auto* command = app.add_subcommand("db", "What check, compat and matrix stored with --db");
  command->require_subcommand(1);
  command->footer("Example:\n  portolan db list --db results.db\n");
  auto options = std::make_shared<DbOptions>();
  auto* lists = add_command(*command, line, "list", "Catalogues and reports in the database", {"text", "json"}, "portolan db list --db results.db");
  lists->add_option("--db", options->file, "The database file")->capture_default_str();
  on_chosen(lists, line, options, list);
  auto* shows = add_command(*command, line, "show", "The verdicts and findings of one report", {"text", "json"}, "portolan db show 1 --db results.db");
  shows->add_option("REPORT", options->report, "Its number in the list")->required();
  shows->add_option("--db", options->file, "The database file")->capture_default_str();
  on_chosen(shows, line, options, show);
}

}  // namespace portolan::cli
