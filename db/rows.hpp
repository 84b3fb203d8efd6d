#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the stores share: names as numbers, and reading every row of a query.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/sqlite.hpp"

namespace portolan::db {

/// NULL as nothing, and nothing as NULL.
inline std::optional<std::int64_t> optional_integer(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}
inline std::optional<std::string> optional_text(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional<std::string>(row.text(column));
}
inline std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Row numbers of names, made when missing. Lives as long as one transaction.
class Names {
 public:
  static Result<Names> in(Database& database) {
    auto insert = database.prepare(
        "INSERT INTO name (text) VALUES (?1) ON CONFLICT (text) DO UPDATE SET text = text RETURNING id");
    if (!insert) return fail(insert.error());
    return Names(std::move(*insert));
  }

  Result<std::int64_t> id(const std::string& name) {
    if (auto known = ids_.find(name); known != ids_.end()) return known->second;
    auto row = insert_.bind(1, std::string_view(name)).step();
    if (!row) return fail(row.error());
    const auto id = insert_.integer(0);
    insert_.reset();
    ids_.emplace(name, id);
    return id;
  }

 private:
  explicit Names(Statement insert) : insert_(std::move(insert)) {}
  Statement insert_;
  std::unordered_map<std::string, std::int64_t> ids_;
};

/// Every row of a query, read by `read`.
template <class Row, class Read>
Result<std::vector<Row>> all_rows(Statement& statement, Read read) {
  std::vector<Row> rows;
  for (;;) {
    auto row = statement.step();
    if (!row) return fail(row.error());
    if (!*row) return rows;
    rows.push_back(read(statement));
  }
}

}  // namespace portolan::db
