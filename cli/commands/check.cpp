// SPDX-License-Identifier: Apache-2.0
//
// `check`: everything that can be said about files before any migration: what is wrong or odd in them, what
// live devices showed against what is declared, and the properties of rules.md §properties for every
// configuration. Findings that somebody accepted do not count (--baseline); what would change with a new
// publication is told beside them (--against).

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "cli/frame/command.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/query_folder.hpp"
#include "cli/frame/storing.hpp"
#include "cli/report/explanations.hpp"
#include "cli/report/findings.hpp"
#include "cli/report/publication.hpp"
#include "model/compat/audit/audit.hpp"
#include "model/compat/judging/declared.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "model/support/whole_file.hpp"
#include "solver/properties/levels.hpp"
#include "solver/properties/prove.hpp"

namespace portolan::cli {

namespace {

using compat::Finding;
using compat::PropertyVerdict;
using compat::Severity;

struct CheckOptions {
  std::vector<std::string> files;
  std::string level;
  std::string fail_on = "error";
  std::string baseline;
  bool write_baseline = false;
  std::string against;
  bool all = false;
  std::string engine = "auto";
  std::string smtlib;
  std::string database;
};

/// What a check ends with.
struct Checked {
  std::vector<compat::PropertyResult> properties;
  compat::AcceptedFindings baseline;  ///< findings.accepted points into it
  Findings findings;
  std::optional<solver::advice::PublicationImpact> impact;
};

/// Every property, in the order in which they are printed.
compat::Examination examine(const compat::Catalogue& catalogue,
                            std::optional<solver::properties::Level> level,
                            const solver::properties::PropertyProofOptions& how, std::size_t& disagreements) {
  auto examination = compat::examine_declared(catalogue);
  if (level)  // a level is no yes where there is nothing left to ask about
    for (Finding& one : examination.findings)
      if (one.rule == name_of(compat::Property::model_gone)) one.severity = Severity::error;
  examination.add(compat::audit::examine(catalogue));
  const solver::matrix::Matrix matrix(catalogue);
  examination.add(solver::properties::levels(matrix, level));
  solver::properties::Proofs proofs = solver::properties::prove(catalogue, how);
  disagreements += proofs.disagreements;
  examination.add(std::move(proofs.examination));
  return examination;
}

void print_json(const CheckOptions& options, const compat::Catalogue& catalogue, const Checked& checked,
                Output& output) {
  Json json = versioned();
  json["implementations"] = Json::array();
  for (const auto& one : catalogue.implementations) json["implementations"].push_back(one.label);
  json["scheme"] = compat::name_of(solver::matrix::MatrixOptions{}.scheme);  // of the levels
  if (!options.baseline.empty())
    json["baseline"] = {{"file", options.baseline}, {"accepted", checked.findings.count_accepted()}};
  json["findings"] = Json::array();
  for (std::size_t k = 0; k < checked.findings.all.size(); ++k)
    json["findings"].push_back(
        finding_json(checked.findings.all[k], checked.findings.prints[k], checked.findings.accepted[k]));
  json["properties"] = Json::array();
  for (const auto& property : checked.properties) {
    Json row = {{"name", property.name},
                {"verdict", compat::name_of(property.verdict)},
                {"meaning", property.meaning},
                {"rule", property.rule},
                {"count", property.count}};
    if (!property.reason.empty()) row["reason"] = property.reason;
    json["properties"].push_back(std::move(row));
  }
  if (checked.impact) json["against"] = publication_json(*checked.impact);
  output.write(pretty(json));
}

/// Whether the text names a level: a finding that is told, or a row of the properties.
bool tells_of_a_level(const CheckOptions& options, const Checked& checked) {
  return std::any_of(checked.properties.begin(), checked.properties.end(),
                     [&](const compat::PropertyResult& property) {
                       return solver::properties::level_named(property.name) &&
                              (options.all || property.verdict == PropertyVerdict::violated ||
                               property.verdict == PropertyVerdict::undetermined);
                     });
}

void print_text(const CheckOptions& options, const compat::Catalogue& catalogue, const Checked& checked,
                Output& output) {
  print_failing_pairs(checked.findings, options.all, output);
  print_findings(checked.findings, options.all, output);
  output.print("{}\n", output.bold("Properties"));
  std::size_t holding = 0, vacuous = 0;
  for (const auto& property : checked.properties) {
    holding += property.verdict == PropertyVerdict::holds;
    vacuous += property.verdict == PropertyVerdict::vacuous;
    if (!options.all &&
        (property.verdict == PropertyVerdict::holds || property.verdict == PropertyVerdict::vacuous))
      continue;
    const std::string word = fmt::format("{:<12}", compat::name_of(property.verdict));
    const std::string shown = property.verdict == PropertyVerdict::holds      ? output.good(word)
                              : property.verdict == PropertyVerdict::violated ? output.bad(word)
                                                                              : output.unsure(word);
    output.print("  {} {:<24} {}{}{}\n", shown, property.name, property.meaning,
                 property.count > 0 ? fmt::format(" ({})", counted(property.count, "violation")) : "",
                 property.reason.empty() ? "" : fmt::format(" ({})", printable(property.reason)));
  }
  if (!options.all && holding + vacuous > 0)
    output.print("  {} {}{}: --all names them\n", grouped(holding), holding == 1 ? "holds" : "hold",
                 vacuous > 0 ? fmt::format(", {} had nothing to look at", grouped(vacuous)) : "");
  if (checked.impact) print_publication(*checked.impact, options.all, output);
  const Findings& findings = checked.findings;
  const std::size_t notes = findings.count(Severity::info), accepted = findings.count_accepted();
  output.print(
      "\n{} checked: {}, {}{}{}\n", counted(catalogue.implementations.size(), "implementation"),
      counted(findings.count(Severity::error), "error"),
      counted(findings.count(Severity::warning), "warning"),
      accepted > 0 ? fmt::format(", {} accepted by {}", grouped(accepted), printable(options.baseline)) : "",
      notes > 0
          ? fmt::format(
                ", {} for levels that were not asked for (--level makes one a requirement, --json has all)",
                counted(notes, "note"))
          : "");
  output.print("Profiles are judged by all that is known (R13), levels by rfc-v3.\n");
  if (tells_of_a_level(options, checked)) output.print("{}\n", compat::levels_elsewhere);
  const Finding* first = first_told(findings);
  if (first != nullptr && first->severity != Severity::info) print_where_explained(first->rule, output);
}

/// What the file accepts, and what is to say about the file; the file is written anew where that was asked
/// for.
Result<void> apply_baseline(const CheckOptions& options, Checked& checked, Output& output) {
  Findings& findings = checked.findings;
  findings.accepted.assign(findings.all.size(), nullptr);
  if (options.baseline.empty()) return {};
  std::error_code error;
  if (!options.write_baseline || std::filesystem::exists(options.baseline, error)) {
    auto read = compat::read_accepted(options.baseline);
    if (!read) return fail(read.error());
    checked.baseline = std::move(*read);
  }
  if (options.write_baseline) {
    checked.baseline = compat::all_accepted(findings.all, checked.baseline);
    if (auto written = write_whole(options.baseline, compat::write_accepted(checked.baseline)); !written)
      return written;
    output.note(fmt::format("accepted {} in {}; fill in the reasons, and the days until which they count",
                            counted(checked.baseline.accepted.size(), "finding"), options.baseline));
  }
  const auto today =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(now_s())));
  auto applied = compat::accept(findings.all, checked.baseline, today);
  findings.accepted = std::move(applied.of);
  for (auto& warning : applied.warnings) {
    if (options.write_baseline && warning.rule == "acceptance-without-reason") continue;  // was just said
    findings.all.push_back(std::move(warning));
    findings.accepted.push_back(nullptr);
  }
  findings.prints = compat::fingerprints(findings.all);
  return {};
}

Exit status_of(const CheckOptions& options, const Checked& checked) {
  if (checked.findings.count(Severity::error) > 0 ||
      (options.fail_on == "warning" && checked.findings.count(Severity::warning) > 0))
    return Exit::no;
  if (checked.impact && checked.impact->worse()) return Exit::no;
  const bool open = std::any_of(
      checked.properties.begin(), checked.properties.end(), [&](const compat::PropertyResult& property) {
        return property.verdict == PropertyVerdict::undetermined && property.name == options.level;
      });
  return open ? Exit::undetermined : Exit::yes;
}

Exit check(const CheckOptions& options, Output& output) {
  if (options.write_baseline && options.baseline.empty()) {
    return output.refuse({{FaultCode::usage,
                           {"--write-baseline", {}, {}},
                           "no file to write",
                           "--baseline FILE beside it",
                           {}}});
  }
  const auto catalogue = compat::load(options.files, true);
  auto publication = options.against.empty() ? Result<compat::Catalogue>(compat::Catalogue{})
                                             : compat::load({options.against}, true);
  Faults faults;
  for (const auto* read : {&catalogue, static_cast<const Result<compat::Catalogue>*>(&publication)})
    if (!*read) faults.insert(faults.end(), read->error().begin(), read->error().end());
  if (!faults.empty()) return output.refuse(faults);

  const auto level = solver::properties::level_named(options.level);
  solver::properties::PropertyProofOptions how;
  how.engine = *solver::engine_named(options.engine);
  auto folder = smtlib_folder(options.smtlib);
  if (!folder) return output.refuse(folder.error());
  how.smtlib = *folder;
  std::size_t disagreements = 0;
  auto examination = examine(*catalogue, level, how, disagreements);
  how.smtlib.reset();  // the queries of these files, not those of what they would become
  Checked checked;
  checked.properties = std::move(examination.properties);
  checked.findings.all = std::move(examination.findings);
  checked.findings.prints = compat::fingerprints(checked.findings.all);
  if (!options.against.empty()) {
    checked.impact = solver::advice::impact_of(
        *catalogue, checked.findings.all, *publication,
        [&](const compat::Catalogue& after) { return examine(after, level, how, disagreements).findings; });
  }
  if (disagreements > 0) {
    output.note(fmt::format("portolan check: the procedures disagree on {}; please report it with the files",
                            counted(disagreements, "question")));
    return Exit::internal;
  }
  if (auto applied = apply_baseline(options, checked, output); !applied)
    return output.refuse(applied.error());
  const auto stored = store(
      options.database, {&*catalogue}, "check", std::nullopt, output,
      [&](const std::vector<db::StoredCatalogue>&, db::Report& report) {
        for (std::size_t k = 0; k < checked.findings.all.size(); ++k) {
          const Finding& finding = checked.findings.all[k];
          report.findings.push_back(
              {finding.rule, std::string(compat::name_of(finding.severity)),
               compact(finding_json(finding, checked.findings.prints[k], checked.findings.accepted[k]))});
        }
      });
  if (!stored) return output.refuse(stored.error());
  if (output.json()) {
    print_json(options, *catalogue, checked, output);
  } else {
    print_text(options, *catalogue, checked, output);
  }
  return status_of(options, checked);
}

}  // namespace

void add_check(Command& root) {
  auto options = std::make_shared<CheckOptions>();
  Command command =
      root.command("check", "Reads files and proves what can be proved about them", {"text", "json"},
                   "portolan check cards.yaml --level backward --fail-on warning");
  command
      .option("FILE", options->files,
              "Migration information, catalogues, or folders of them (not their subfolders); oldest first")
      .required();
  command
      .option(
          "--level", options->level,
          "Make a level of compatibility a requirement; old -> new is forward here (registries: BACKWARD)")
      .one_of(solver::properties::level_names());
  command.option("--fail-on", options->fail_on, "Which findings make the exit status 1")
      .one_of({"error", "warning"})
      .shows_default();
  command
      .option("--baseline", options->baseline,
              "Accepted findings with reason and expiry: they no longer count; unused and expired ones are "
              "warned about")
      .stands_for("FILE")
      .not_empty(a_file);
  command.flag("--write-baseline", options->write_baseline,
               "Accept every error and warning of today in that file; reasons that stand there are kept");
  command
      .option("--against", options->against,
              "Something newly published: which verdicts and findings would change; exit status 1 when one "
              "gets worse")
      .stands_for("FILE")
      .not_empty(a_file);
  command.flag("--all", options->all, "Tell every finding, not only examples of those that are alike");
  command.option("--solver", options->engine, "Which procedure proves the properties; `both` compares them")
      .one_of({"auto", "direct", "z3", "both"})
      .shows_default();
  command.option("--smtlib", options->smtlib, "Also write the queries as SMT-LIB 2 into this folder")
      .stands_for("DIR")
      .not_empty("a folder");
  command.option("--db", options->database, "Also store the findings in this database")
      .stands_for("FILE")
      .not_empty(a_file);
  command.on_chosen(options, check);
}

}  // namespace portolan::cli
