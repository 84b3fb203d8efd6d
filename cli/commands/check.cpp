// SPDX-License-Identifier: Apache-2.0
//
// `check`: everything that can be said about files before any migration: what is wrong or odd in them, and the
// properties of compatibility.md §5 for every configuration.

#include <algorithm>

#include "cli/command.hpp"
#include "cli/json.hpp"
#include "cli/storing.hpp"
#include "model/support/text.hpp"
#include "solver/proofs.hpp"
#include "solver/properties.hpp"

namespace portolan::cli {

namespace {

using compat::Finding;
using compat::PropertyVerdict;
using compat::Severity;

struct CheckOptions {
  std::vector<std::string> files;
  std::string level;
  std::string fail_on = "error";
  std::string engine = "auto";
  std::string smtlib;
  std::string database;
};

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json finding_json(const Finding& finding) {
  Json json = {{"rule", finding.rule},
               {"severity", compat::name_of(finding.severity)},
               {"model", text_or_null(finding.model)},
               {"parameter", text_or_null(finding.parameter)},
               {"source", text_or_null(finding.source)},
               {"destination", text_or_null(finding.destination)},
               {"direction", text_or_null(finding.direction)},
               {"witness", finding.witness ? json_of(*finding.witness) : Json(nullptr)},
               {"message", finding.message},
               {"remedy", text_or_null(finding.remedy)}};
  if (const auto place = to_string(finding.place); !place.empty()) json["place"] = place;
  return json;
}

void print_json(const compat::Catalogue& catalogue, const compat::Examination& examination, Output& output) {
  Json json = versioned();
  json["implementations"] = Json::array();
  for (const auto& one : catalogue.implementations) json["implementations"].push_back(one.label);
  json["scheme"] = compat::name_of(solver::MatrixOptions{}.scheme);  // of the levels
  json["findings"] = Json::array();
  for (const auto& finding : examination.findings) json["findings"].push_back(finding_json(finding));
  json["properties"] = Json::array();
  for (const auto& property : examination.properties) {
    Json row = {{"name", property.name}, {"verdict", compat::name_of(property.verdict)}, {"meaning", property.meaning},
                {"rule", property.rule}, {"count", property.count}};
    if (!property.reason.empty()) row["reason"] = property.reason;
    json["properties"].push_back(std::move(row));
  }
  output.write(pretty(json));
}

void print_text(const compat::Catalogue& catalogue, const compat::Examination& examination, Output& output) {
  std::size_t errors = 0, warnings = 0, infos = 0;
  std::map<std::string, std::size_t> told;  // by level that was not asked for
  const auto print = [&](const Finding& finding, const std::string& severity) {
    const std::string place = to_string(finding.place);
    output.print("{}{} {}: {}\n", place.empty() ? "" : place + ": ", severity, finding.rule, printable(finding.message));
    if (!finding.remedy.empty()) output.print("    {}\n", printable(finding.remedy));
  };
  for (const auto& finding : examination.findings) {
    // Of a level that was not asked for, one example is enough: --json has them all.
    if (finding.severity == Severity::info) {
      ++infos;
      if (++told[finding.rule] == 1) print(finding, output.faint("note"));
      continue;
    }
    const bool error = finding.severity == Severity::error;
    ++(error ? errors : warnings);
    print(finding, error ? output.bad("error") : output.unsure("warning"));
  }
  if (errors + warnings + infos > 0) output.print("\n");
  output.print("{}\n", output.bold("Properties"));
  for (const auto& property : examination.properties) {
    const std::string word = fmt::format("{:<12}", compat::name_of(property.verdict));
    const std::string shown = property.verdict == PropertyVerdict::holds      ? output.good(word)
                              : property.verdict == PropertyVerdict::violated ? output.bad(word)
                                                                              : output.unsure(word);
    output.print("  {} {:<24} {}{}\n", shown, property.name, property.meaning,
                 !property.reason.empty() ? fmt::format(" ({})", printable(property.reason))
                 : property.count > 0     ? fmt::format(" ({})", counted(property.count, "violation"))
                                          : "");
  }
  output.print("\n{} checked: {}, {}{}\n", counted(catalogue.implementations.size(), "implementation"), counted(errors, "error"),
               counted(warnings, "warning"), infos > 0 ? fmt::format(", {} for levels that were not asked for (--level makes one a requirement, --json has all)", counted(infos, "note")) : "");
  output.print("Levels are judged by rfc-v3; compat asks by rfc-v3-strict unless told otherwise.\n");
}

/// The folder for the queries, made where it is missing; empty where none is asked for.
Result<std::optional<std::filesystem::path>> smtlib_folder(const std::string& asked) {
  if (asked.empty()) return std::optional<std::filesystem::path>();
  std::error_code error;
  std::filesystem::create_directories(asked, error);
  if (!error && !std::filesystem::is_directory(asked, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) return fail(Fault{FaultCode::unreadable, {asked, {}, {}}, error.message(), "a folder that can be written", "name another one with --smtlib"});
  return std::optional<std::filesystem::path>(asked);
}

Exit check(const CheckOptions& options, Output& output) {
  const auto catalogue = compat::load(options.files, true);
  if (!catalogue) return output.refuse(catalogue.error());
  const auto level = solver::level_named(options.level);
  auto examination = compat::examine(*catalogue);
  {
    const solver::Matrix matrix(*catalogue);
    auto levels = solver::levels(*catalogue, matrix, level);
    std::move(levels.findings.begin(), levels.findings.end(), std::back_inserter(examination.findings));
    std::move(levels.properties.begin(), levels.properties.end(), std::back_inserter(examination.properties));
  }
  solver::ProofOptions how;
  how.engine = *solver::engine_named(options.engine);
  auto folder = smtlib_folder(options.smtlib);
  if (!folder) return output.refuse(folder.error());
  how.smtlib = *folder;
  auto proofs = solver::prove(*catalogue, how);
  if (proofs.disagreements > 0) {
    output.note(fmt::format("portolan check: the procedures disagree on {}; please report it with the files", counted(proofs.disagreements, "question")));
    return Exit::internal;
  }
  std::move(proofs.examination.findings.begin(), proofs.examination.findings.end(), std::back_inserter(examination.findings));
  std::move(proofs.examination.properties.begin(), proofs.examination.properties.end(), std::back_inserter(examination.properties));
  const auto stored = store(options.database, {&*catalogue}, "check", std::nullopt, output, [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
    for (const auto& finding : examination.findings) {
      report.findings.push_back({finding.rule, std::string(compat::name_of(finding.severity)), compact(finding_json(finding))});
    }
  });
  if (!stored) return output.refuse(stored.error());
  if (output.json()) {
    print_json(*catalogue, examination, output);
  } else {
    print_text(*catalogue, examination, output);
  }

  const bool fails = std::any_of(examination.findings.begin(), examination.findings.end(), [&](const Finding& finding) {
    return finding.severity == Severity::error || (finding.severity == Severity::warning && options.fail_on == "warning");
  });
  if (fails) return Exit::no;
  const bool open = std::any_of(examination.properties.begin(), examination.properties.end(), [&](const compat::PropertyResult& property) {
    return property.verdict == PropertyVerdict::undetermined && property.name == options.level;
  });
  return open ? Exit::undetermined : Exit::yes;
}

}  // namespace

void add_check(Command& root) {
  auto options = std::make_shared<CheckOptions>();
  Command command = root.command("check", "Reads files and proves what can be proved about them", {"text", "json"},
                              "portolan check cards.yaml --level backward --fail-on warning");
  command.option("FILE", options->files, "Migration information, catalogues, or folders of them (not their subfolders); oldest first").required();
  command.option("--level", options->level, "Make a level of compatibility a requirement; old -> new is forward here (registries: BACKWARD)")
      .one_of({"backward", "forward", "full", "backward-transitive", "forward-transitive", "full-transitive"});
  command.option("--fail-on", options->fail_on, "Which findings make the exit status 1").one_of({"error", "warning"}).shows_default();
  command.option("--solver", options->engine, "Which procedure proves the properties; `both` compares them").one_of({"auto", "direct", "z3", "both"}).shows_default();
  command.option("--smtlib", options->smtlib, "Also write the queries as SMT-LIB 2 into this folder").stands_for("DIR").not_empty("a folder");
  command.option("--db", options->database, "Also store the findings in this database").stands_for("FILE").not_empty(a_file);
  command.on_chosen(options, check);
}

}  // namespace portolan::cli
