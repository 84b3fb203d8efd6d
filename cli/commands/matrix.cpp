// SPDX-License-Identifier: Apache-2.0
//
// `matrix`: every ordered pair of implementations and every model that both describe, for the init values and over all
// configurations of the source.

#include "cli/command.hpp"
#include "cli/json.hpp"
#include "cli/storing.hpp"
#include "model/support/text.hpp"
#include "solver/matrix.hpp"

namespace portolan::cli {

namespace {

struct MatrixOptions {
  std::vector<std::string> files;
  std::string scheme = "rfc-v3";
  std::string engine = "auto";
  std::string database;
  bool summary = false;
};

/// The pair's model and ends by name.
struct Named {
  const std::string& model;
  const std::string& source;
  const std::string& destination;
};

Named named(const compat::Catalogue& catalogue, const solver::Matrix& matrix, const solver::Pair& pair) {
  return {matrix.models()[pair.model], catalogue.implementations[pair.source].label, catalogue.implementations[pair.destination].label};
}

Json summary_json(const solver::MatrixSummary& summary) {
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
void print_json(const MatrixOptions& options, const compat::Catalogue& catalogue, const solver::Matrix& matrix, Output& output) {
  Json labels = Json::array();
  for (const auto& one : catalogue.implementations) labels.push_back(one.label);
  output.print("{{\"format_version\": 1,\n\"scheme\": \"{}\",\n\"implementations\": {},\n\"summary\": {}", options.scheme, compact(labels),
               compact(summary_json(matrix.summary())));
  if (!options.summary) {
    output.print(",\n\"pairs\": [");
    bool first = true;
    for (const auto& pair : matrix.pairs()) {
      const auto [model, source, destination] = named(catalogue, matrix, pair);
      const auto witness = matrix.witness(pair);
      Json json = {{"model", model},
                   {"source", source},
                   {"destination", destination},
                   {"fresh", compat::name_of(pair.fresh)},
                   {"relation", solver::name_of(pair.relation)},
                   {"witness", witness ? json_of(*witness) : Json(nullptr)}};
      if (auto reason = matrix.reason(pair); !reason.empty()) json["reason"] = reason;
      output.print("{}\n{}", first ? "" : ",", compact(json));
      first = false;
    }
    output.print("\n]");
  }
  output.print("\n}}\n");
}

// RFC 4180: a field with a comma, a quote or a line break is quoted.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void print_csv(const MatrixOptions& options, const compat::Catalogue& catalogue, const solver::Matrix& matrix, Output& output) {
  if (options.summary) {
    output.print("count,value\n");
    const Json counts = summary_json(matrix.summary());
    for (const auto& [name, value] : counts.items()) output.print("{},{}\n", name, value.get<std::size_t>());
    return;
  }
  output.print("model,source,destination,fresh,relation,witness\n");
  for (const auto& pair : matrix.pairs()) {
    const auto [model, source, destination] = named(catalogue, matrix, pair);
    const auto witness = matrix.witness(pair);
    output.print("{},{},{},{},{},{}\n", csv_field(model), csv_field(source), csv_field(destination), compat::name_of(pair.fresh),
                 solver::name_of(pair.relation), witness ? csv_field(compact(json_of(*witness))) : "");
  }
}

void print_text(const MatrixOptions& options, const compat::Catalogue& catalogue, const solver::Matrix& matrix, Output& output) {
  if (!options.summary) {
    for (const auto& pair : matrix.pairs()) {
      const auto [model, source, destination] = named(catalogue, matrix, pair);
      const std::string relation(solver::name_of(pair.relation));
      output.print("{}  {} -> {}  new instance: {}, over all configurations: {}", printable(model), printable(source), printable(destination), compat::name_of(pair.fresh),
                   pair.relation == solver::RelationKind::all    ? output.good(relation)
                   : pair.relation == solver::RelationKind::none ? output.bad(relation)
                                                                 : output.unsure(relation));
      if (const auto witness = matrix.witness(pair)) {
        // Only what differs from the init values: the rest of the configuration is what a new instance has anyway.
        const auto& parameters = catalogue.implementations[pair.source].model(model)->parameters;
        std::string values;
        for (const auto& [name, value] : *witness) {
          if (value != parameters.at(name).init) values += printable(" " + name + "=" + compat::to_string(value));
        }
        output.print("; rejected, for example, {}", values.empty() ? "with the init values" : "with" + values);
      }
      if (const auto reason = matrix.reason(pair); !reason.empty()) output.print("; {}", printable(reason));
      output.print("\n");
    }
    output.print("\n");
  }
  const auto& counts = matrix.summary();
  output.print("{}\n", output.bold(fmt::format("{} over {}, {} ({})", counted(counts.pairs, "ordered pair"), counted(catalogue.implementations.size(), "implementation"),
                                               counted(matrix.models().size(), "model"), options.scheme)));
  output.print("  a new instance (init values): {} accepted, {} rejected, {} undetermined\n", grouped(counts.fresh_accept), grouped(counts.fresh_reject),
               grouped(counts.fresh_undetermined));
  output.print("  over all configurations:      {} accept all, {} some, {} none, {} undetermined\n", grouped(counts.relation_all), grouped(counts.relation_some),
               grouped(counts.relation_none), grouped(counts.relation_undetermined));
}

Exit matrix(const MatrixOptions& options, Output& output) {
  const auto catalogue = compat::load(options.files, true);
  if (!catalogue) return output.refuse(catalogue.error());
  solver::MatrixOptions how;
  how.scheme = *compat::scheme_named(options.scheme);
  how.engine = *solver::engine_named(options.engine);
  const solver::Matrix matrix(*catalogue, how);
  if (matrix.summary().disagreements > 0) {
    output.note(fmt::format("portolan matrix: the engines disagree on {}; please report it with the files", counted(matrix.summary().disagreements, "pair")));
    return Exit::internal;
  }
  const auto stored = store(options.database, {&*catalogue}, "matrix", options.scheme, output,
                            [&](const std::vector<db::StoredCatalogue>& catalogues, db::Report& report) {
    for (const auto& pair : matrix.pairs()) {
      const auto witness = matrix.witness(pair);
      report.verdicts.push_back({matrix.models()[pair.model], catalogues[0].implementations[pair.source], catalogues[0].implementations[pair.destination],
                                 pair.fresh, std::string(solver::name_of(pair.relation)), std::nullopt,
                                 witness ? std::optional(compact(json_of(*witness))) : std::nullopt});
    }
  });
  if (!stored) return output.refuse(stored.error());
  switch (output.format()) {
    case Format::json: print_json(options, *catalogue, matrix, output); break;
    case Format::csv: print_csv(options, *catalogue, matrix, output); break;
    case Format::text: print_text(options, *catalogue, matrix, output); break;
  }
  return Exit::yes;
}

}  // namespace

void add_matrix(Command& root) {
  auto options = std::make_shared<MatrixOptions>();
  Command command = root.command("matrix", "Decides every ordered pair, over all configurations", {"text", "json", "csv"},
                              "portolan matrix scenarios/gfx/catalogue.yaml --summary");
  command.option("FILE", options->files, "Migration information, catalogues, or folders of them (not their subfolders)").required();
  command.option("--scheme", options->scheme, "rfc-v3 asks whether the destination accepts what is listed (C1-C3), rfc-v3-strict also what is not (C4-C6)").one_of({"rfc-v3", "rfc-v3-strict"}).shows_default();
  command.flag("--summary", options->summary, "Only the counts, not a line for each pair");
  command.option("--engine", options->engine, "Which procedure decides; `both` compares them")
      .one_of({"auto", "direct", "z3", "both", "z3-joined"}).shows_default();
  command.option("--db", options->database, "Also store the verdicts in this database").stands_for("FILE").not_empty(a_file);
  command.on_chosen(options, matrix);
}

}  // namespace portolan::cli
