// SPDX-License-Identifier: Apache-2.0
//
// `matrix`: every ordered pair of implementations and every model that both describe, for the init values and
// over all configurations of the source.

#include <set>

#include "cli/commands/selection.hpp"
#include "cli/frame/command.hpp"
#include "cli/frame/csv.hpp"
#include "cli/frame/json.hpp"
#include "cli/frame/query_folder.hpp"
#include "cli/frame/storing.hpp"
#include "model/compat/loading.hpp"
#include "model/support/text.hpp"
#include "solver/matrix/matrix.hpp"
#include "solver/schemes/schemes.hpp"

namespace portolan::cli {

namespace {

struct MatrixOptions {
  std::vector<std::string> files;
  std::string scheme = "declared";
  std::string profile;
  std::string engine = "auto";
  std::string database, smtlib;
  bool summary = false;
};

/// One cell with its names, whichever way it was decided.
struct MatrixCell {
  const std::string& model;
  std::size_t source, destination;  ///< positions in the catalogue
  compat::Decision fresh;
  solver::matrix::RelationKind relation;
  std::optional<compat::Configuration> witness;
  std::string reason;
};

/// The matrix as it is printed and stored: value sets and Z3 for C1-C6, asked configurations for the other
/// schemes.
class Table {
 public:
  Table(const compat::Catalogue& catalogue, solver::matrix::Matrix matrix)
      : catalogue_(catalogue),
        matrix_(std::move(matrix)),
        summary_(matrix_->summary()),
        models_(matrix_->models().size()) {}
  Table(const compat::Catalogue& catalogue, std::vector<solver::schemes::SchemePair> pairs,
        std::vector<solver::schemes::SchemePair> to_themselves)
      : catalogue_(catalogue), pairs_(std::move(pairs)), to_themselves_(std::move(to_themselves)) {
    std::set<std::string> models;
    for (const auto& one : catalogue.implementations)
      for (const auto& [name, model] : one.info.models) models.insert(name);
    models_ = models.size();
    for (const auto& pair : pairs_) {
      ++summary_.pairs;
      ++(pair.fresh == compat::Decision::accept   ? summary_.fresh_accept
         : pair.fresh == compat::Decision::reject ? summary_.fresh_reject
                                                  : summary_.fresh_undetermined);
      ++(pair.relation == solver::matrix::RelationKind::all    ? summary_.relation_all
         : pair.relation == solver::matrix::RelationKind::some ? summary_.relation_some
         : pair.relation == solver::matrix::RelationKind::none ? summary_.relation_none
                                                               : summary_.relation_undetermined);
    }
  }

  const compat::Catalogue& catalogue() const { return catalogue_; }
  const solver::matrix::MatrixSummary& summary() const { return summary_; }
  std::size_t models() const { return models_; }
  const std::string& label(std::size_t implementation) const {
    return catalogue_.implementations[implementation].label;
  }

  /// One cell after the other: there may be hundreds of thousands, and their witnesses are made one by one.
  template <class Does>
  void each(Does does) const {
    for (const auto& pair : pairs_) does(cell_of(pair));
    if (!matrix_) return;
    for (const auto& pair : matrix_->pairs()) does(cell_of(pair));
  }
  /// Implementations to themselves, which are no pairs of the summary.
  template <class Does>
  void each_to_itself(Does does) const {
    for (const auto& pair : to_themselves_) does(cell_of(pair));
    if (!matrix_) return;
    for (const auto& pair : matrix_->to_themselves()) does(cell_of(pair));
  }

 private:
  static MatrixCell cell_of(const solver::schemes::SchemePair& pair) {
    return {pair.model, pair.source, pair.destination, pair.fresh, pair.relation, pair.witness, pair.reason};
  }
  MatrixCell cell_of(const solver::matrix::Pair& pair) const {
    return {matrix_->models()[pair.model], pair.source,          pair.destination, pair.fresh, pair.relation,
            matrix_->witness(pair),        matrix_->reason(pair)};
  }

  const compat::Catalogue& catalogue_;
  std::optional<solver::matrix::Matrix> matrix_;
  std::vector<solver::schemes::SchemePair> pairs_, to_themselves_;
  solver::matrix::MatrixSummary summary_;
  std::size_t models_ = 0;
};

Json summary_json(const solver::matrix::MatrixSummary& summary) {
  return {{"pairs", summary.pairs},
          {"fresh_accept", summary.fresh_accept},
          {"fresh_reject", summary.fresh_reject},
          {"fresh_undetermined", summary.fresh_undetermined},
          {"relation_all", summary.relation_all},
          {"relation_some", summary.relation_some},
          {"relation_none", summary.relation_none},
          {"relation_undetermined", summary.relation_undetermined}};
}

// The pairs are printed one for each line and never held as a tree: there may be hundreds of thousands.
void print_json(const MatrixOptions& options, const Table& table, Output& output) {
  Json labels = Json::array();
  for (const auto& one : table.catalogue().implementations) labels.push_back(one.label);
  output.print("{{\"format_version\": 1,\n\"scheme\": \"{}\",\n", options.scheme);
  if (!options.profile.empty()) output.print("\"profile\": {},\n", compact(Json(options.profile)));
  output.print("\"implementations\": {},\n\"summary\": {}", compact(labels),
               compact(summary_json(table.summary())));
  if (!options.summary) {
    bool first = true;
    const auto print = [&](const MatrixCell& cell) {
      Json json = {{"model", cell.model},
                   {"source", table.label(cell.source)},
                   {"destination", table.label(cell.destination)},
                   {"fresh", compat::name_of(cell.fresh)},
                   {"relation", name_of(cell.relation)},
                   {"witness", cell.witness ? json_of(*cell.witness) : Json(nullptr)}};
      if (!cell.reason.empty()) json["reason"] = cell.reason;
      output.print("{}\n{}", first ? "" : ",", compact(json));
      first = false;
    };
    output.print(",\n\"pairs\": [");
    table.each(print);
    output.print("\n],\n\"self\": [");
    first = true;
    table.each_to_itself(print);
    output.print("\n]");
  }
  output.print("\n}}\n");
}

void print_csv(const MatrixOptions& options, const Table& table, Output& output) {
  if (options.summary) {
    output.print("count,value\n");
    const Json counts = summary_json(table.summary());
    for (const auto& [name, value] : counts.items()) output.print("{},{}\n", name, value.get<std::size_t>());
    return;
  }
  output.print("model,source,destination,fresh,relation,witness\n");
  table.each([&](const MatrixCell& cell) {
    output.print("{},{},{},{},{},{}\n", csv_cell(cell.model), csv_cell(table.label(cell.source)),
                 csv_cell(table.label(cell.destination)), compat::name_of(cell.fresh), name_of(cell.relation),
                 cell.witness ? csv_cell(compact(json_of(*cell.witness))) : "");
  });
}

void print_cell(const MatrixOptions& options, const Table& table, const MatrixCell& cell, Output& output) {
  if (!options.profile.empty()) {
    const std::string decision(compat::name_of(cell.fresh));
    output.print("{}  {} -> {}  {}{}\n", printable(cell.model), printable(table.label(cell.source)),
                 printable(table.label(cell.destination)),
                 cell.fresh == compat::Decision::accept   ? output.good(decision)
                 : cell.fresh == compat::Decision::reject ? output.bad(decision)
                                                          : output.unsure(decision),
                 cell.reason.empty() ? "" : "; " + printable(cell.reason));
    return;
  }
  const std::string relation(name_of(cell.relation));
  output.print("{}  {} -> {}  new instance: {}, over all configurations: {}", printable(cell.model),
               printable(table.label(cell.source)), printable(table.label(cell.destination)),
               compat::name_of(cell.fresh),
               cell.relation == solver::matrix::RelationKind::all    ? output.good(relation)
               : cell.relation == solver::matrix::RelationKind::none ? output.bad(relation)
                                                                     : output.unsure(relation));
  if (cell.witness) {
    // Only what differs from the init values: the rest of the configuration is what a new instance has
    // anyway.
    const auto& parameters = table.catalogue().implementations[cell.source].model(cell.model)->parameters;
    std::string values;
    for (const auto& [name, value] : *cell.witness) {
      if (value != parameters.at(name).init) values += printable(" " + name + "=" + compat::to_string(value));
    }
    output.print("; rejected, for example, {}", values.empty() ? "with the init values" : "with" + values);
  }
  if (!cell.reason.empty()) output.print("; {}", printable(cell.reason));
  output.print("\n");
}

void print_text(const MatrixOptions& options, const Table& table, Output& output) {
  if (!options.summary) {
    const auto print = [&](const MatrixCell& cell) { print_cell(options, table, cell, output); };
    table.each(print);
    table.each_to_itself(print);
    output.print("\n");
  }
  const auto& counts = table.summary();
  output.print("{}\n", output.bold(fmt::format(
                           "{} over {}, {} ({}{})", counted(counts.pairs, "ordered pair"),
                           counted(table.catalogue().implementations.size(), "implementation"),
                           counted(table.models(), "model"), options.scheme,
                           options.profile.empty() ? "" : " at profile " + printable(options.profile))));
  if (!options.profile.empty()) {
    output.print("  {} accepted, {} rejected, {} undetermined\n", grouped(counts.fresh_accept),
                 grouped(counts.fresh_reject), grouped(counts.fresh_undetermined));
    return;
  }
  output.print("  a new instance (init values): {} accepted, {} rejected, {} undetermined\n",
               grouped(counts.fresh_accept), grouped(counts.fresh_reject),
               grouped(counts.fresh_undetermined));
  output.print("  over all configurations:      {} accept all, {} some, {} none, {} undetermined\n",
               grouped(counts.relation_all), grouped(counts.relation_some), grouped(counts.relation_none),
               grouped(counts.relation_undetermined));
}

/// Writes what `declared` asks of every pair, where that was wanted.
Result<void> write_queries(const MatrixOptions& options, const solver::matrix::Matrix& matrix,
                           Output& output) {
  const auto folder = smtlib_folder(options.smtlib);
  if (!folder) return fail(folder.error());
  if (!*folder) return {};
  output.note(fmt::format("wrote {} to {}", counted(matrix.write_queries(**folder), "file"), options.smtlib));
  return {};
}

/// Empty where the procedures disagree, which is an error of ours.
Result<std::optional<Table>> decide(const MatrixOptions& options, const compat::Catalogue& catalogue,
                                    Output& output) {
  const auto scheme = *compat::any_scheme_named(options.scheme);
  const auto plain = compat::plain(scheme);
  if (!plain || !options.profile.empty())
    return std::optional<Table>(
        std::in_place, catalogue, solver::schemes::scheme_matrix(catalogue, scheme, options.profile),
        solver::schemes::scheme_matrix_to_themselves(catalogue, scheme, options.profile));
  solver::matrix::MatrixOptions how;
  how.scheme = *plain;
  how.engine = *solver::engine_named(options.engine);
  solver::matrix::Matrix matrix(catalogue, how);
  if (const auto disagreements = matrix.summary().disagreements; disagreements > 0) {
    output.note(fmt::format("portolan matrix: the engines disagree on {}; please report it with the files",
                            counted(disagreements, "pair")));
    return std::optional<Table>();
  }
  if (auto written = write_queries(options, matrix, output); !written) return fail(written.error());
  return std::optional<Table>(std::in_place, catalogue, std::move(matrix));
}

Exit matrix(const MatrixOptions& options, Output& output) {
  const auto scheme = *compat::any_scheme_named(options.scheme);
  if (compat::is_for_profiles(scheme) && options.profile.empty())
    return output.refuse(
        {{FaultCode::usage,
          {"--scheme", {}, {}},
          fmt::format("{} makes both ends from a profile, and none is given", options.scheme),
          "--profile NAME",
          {}}});
  if (!options.smtlib.empty() && (options.scheme != "declared" || !options.profile.empty()))
    return output.refuse({{FaultCode::usage,
                           {"--smtlib", {}, {}},
                           "only `declared` asks a solver about all configurations",
                           "--smtlib without --scheme and without --profile",
                           {}}});
  const auto catalogue = compat::load(options.files, true);
  if (!catalogue) return output.refuse(catalogue.error());
  const auto decided = decide(options, *catalogue, output);
  if (!decided) return output.refuse(decided.error());
  const auto& table = *decided;
  if (!table) return Exit::internal;
  const auto stored =
      store(options.database, {&*catalogue}, "matrix", options.scheme, output,
            [&](const std::vector<db::StoredCatalogue>& catalogues, db::Report& report) {
              table->each([&](const MatrixCell& cell) {
                report.verdicts.push_back(
                    {cell.model, catalogues[0].implementations[cell.source],
                     catalogues[0].implementations[cell.destination], cell.fresh,
                     std::string(name_of(cell.relation)), std::nullopt,
                     cell.witness ? std::optional(compact(json_of(*cell.witness))) : std::nullopt});
              });
            });
  if (!stored) return output.refuse(stored.error());
  switch (output.format()) {
    case Format::json: print_json(options, *table, output); break;
    case Format::csv: print_csv(options, *table, output); break;
    default: print_text(options, *table, output); break;
  }
  return Exit::yes;
}

}  // namespace

void add_matrix(Command& root) {
  auto options = std::make_shared<MatrixOptions>();
  Command command =
      root.command("matrix", "Decides every ordered pair, over all configurations", {"text", "json", "csv"},
                   "portolan matrix scenarios/gfx/catalogue.yaml --summary");
  command
      .option("FILE", options->files,
              "Migration information, catalogues, or folders of them (not their subfolders)")
      .required();
  command.option("--scheme", options->scheme, "Which scheme decides; see docs/schemes.md")
      .one_of(scheme_names())
      .shows_default();
  command
      .option("--profile", options->profile, "Only instances at this profile, instead of all configurations")
      .stands_for("NAME")
      .not_empty("the name of a profile");
  command.flag("--summary", options->summary, "Only the counts, not a line for each pair");
  command.option("--engine", options->engine, "Which procedure decides; `both` compares them")
      .one_of({"auto", "direct", "z3", "both", "z3-joined"})
      .shows_default();
  command.option("--smtlib", options->smtlib, "Also write what `declared` asks as SMT-LIB 2 into this folder")
      .stands_for("DIR")
      .not_empty("a folder");
  command.option("--db", options->database, "Also store the verdicts in this database")
      .stands_for("FILE")
      .not_empty(a_file);
  command.on_chosen(options, matrix);
}

}  // namespace portolan::cli
