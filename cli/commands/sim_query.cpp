// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/sim_query.hpp"

#include <algorithm>

#include "cli/frame/csv.hpp"
#include "cli/frame/json.hpp"
#include "db/schema.hpp"
#include "model/support/text.hpp"

namespace portolan::cli {

namespace {

struct QueryOptions {
  std::string sql, database = "portolan.db";
};

Json column_json(const db::Statement& row, int column) {
  switch (row.kind(column)) {
    case db::Statement::Kind::null: return nullptr;
    case db::Statement::Kind::integer: return row.integer(column);
    case db::Statement::Kind::real: return row.real(column);
    case db::Statement::Kind::text:
    case db::Statement::Kind::bytes: return row.text(column);
  }
  return nullptr;
}

Exit query(const QueryOptions& options, Output& output) {
  auto database = db::open_for_reading(options.database);
  if (!database) return output.refuse(database.error());
  auto statement = database->prepare_reading(options.sql);
  if (!statement) return output.refuse(statement.error());
  const int columns = statement->columns();
  std::vector<std::string> names;
  for (int c = 0; c < columns; ++c) names.push_back(statement->column_name(c));
  Json rows = Json::array();
  std::vector<std::vector<std::string>> table;
  std::vector<bool> numbers(static_cast<std::size_t>(columns), true);
  for (;;) {
    auto row = statement->step();
    if (!row) return output.refuse(row.error());
    if (!*row) break;
    Json values = Json::array();
    std::vector<std::string> texts;
    for (int c = 0; c < columns; ++c) {
      const auto kind = statement->kind(c);
      const bool text = kind == db::Statement::Kind::text || kind == db::Statement::Kind::bytes;
      if (text) numbers[static_cast<std::size_t>(c)] = false;
      if (output.json())
        values.push_back(column_json(*statement, c));
      else if (output.format() == Format::csv)  // NULL is empty
        texts.push_back(text ? csv_cell(statement->text(c)) : statement->text(c));
      else
        texts.push_back(printable(statement->text(c)));
    }
    if (output.json())
      rows.push_back(std::move(values));
    else
      table.push_back(std::move(texts));
  }
  if (output.json()) {
    Json json = versioned();
    json["columns"] = names;
    json["rows"] = std::move(rows);
    output.write(pretty(json));
    return Exit::yes;
  }
  if (output.format() == Format::csv) {
    const auto line = [&](const std::vector<std::string>& fields) {
      for (std::size_t c = 0; c < fields.size(); ++c) output.print("{}{}", c > 0 ? "," : "", fields[c]);
      output.write("\r\n");
    };
    for (std::string& name : names) name = csv_cell(name);
    line(names);
    for (const auto& row : table) line(row);
    return Exit::yes;
  }
  for (std::string& name : names) name = printable(name);
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < names.size(); ++c) {
    std::size_t width = names[c].size();
    for (const auto& row : table) width = std::max(width, row[c].size());
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& fields) {
    std::string text;
    for (std::size_t c = 0; c < fields.size(); ++c)
      text += (c > 0 ? "  " : "") + (numbers[c] ? fmt::format("{:>{}}", fields[c], widths[c])
                                                : fmt::format("{:<{}}", fields[c], widths[c]));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  output.print("{}\n", output.bold(line(names)));
  for (const auto& row : table) output.print("{}\n", line(row));
  return Exit::yes;
}

}  // namespace

void add_sim_query(Command& sim) {
  auto options = std::make_shared<QueryOptions>();
  Command command = sim.command("query", "Asks the database; it is only read", {"text", "json", "csv"},
                                "portolan sim query \"SELECT action, count(*) FROM events GROUP BY action\"");
  command.option("SQL", options->sql, "One SELECT statement; docs/database.md has the tables").required();
  command.option("--db", options->database, "The database file").shows_default().not_empty(a_file);
  command.on_chosen(options, query);
}

}  // namespace portolan::cli
