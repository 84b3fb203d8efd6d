#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What portolan keeps in a database file: catalogues and scenarios, once for each content, and the results of
// commands over them (docs/database.md). Invariants: 1. a report is stored whole or not at all; 2. a
// catalogue that is stored already is found by its digest and not stored again; 3. nothing reads the clock:
// the caller says when.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "db/sqlite.hpp"
#include "model/compat/catalogue.hpp"
#include "model/compat/check.hpp"

namespace portolan::db {

using Seconds = std::int64_t;  ///< since 1970, UTC

/// Row numbers of a stored catalogue and of its implementations, in the catalogue's order.
struct StoredCatalogue {
  std::int64_t id = 0;
  std::vector<std::int64_t> implementations;
};

struct VerdictRow {
  std::string model;
  std::int64_t source = 0;  ///< StoredCatalogue::implementations[k]
  std::int64_t destination = 0;
  compat::Decision verdict = compat::Decision::undetermined;
  std::optional<std::string> relation;  ///< all, some, none, undetermined; empty for one configuration
  std::optional<std::string> reasons;   ///< JSON
  std::optional<std::string> witness;   ///< JSON
};

struct FindingRow {
  std::string rule;
  std::string severity;  ///< error, warning, info
  std::string detail;    ///< JSON
};

struct ScenarioRow {
  std::string file, content;                     ///< as given; canonical JSON
  const compat::Catalogue* catalogue = nullptr;  ///< null for a model of the scenario's own
};

struct PropertyRow {
  std::string name, verb, verdict,
      reason;                        ///< verb, verdict: as `explore --json` spells them; reason may be empty
  std::optional<std::string> trace;  ///< JSON
};

struct ExplorationRow {
  std::int64_t states = 0, transitions = 0;
  std::optional<std::int64_t> depth;
  bool complete = false;
  std::string bound;  ///< may be empty
  std::optional<double> seconds;
  std::optional<std::int64_t> peak_bytes;
  std::vector<PropertyRow> properties;
};

struct PlanRow {
  std::string verdict, reason, goal;  ///< verdict: as `plan --json` spells it; reason may be empty
  std::int64_t steps = 0;
  std::optional<std::string> content, obstacles;  ///< JSON
};

struct Report {
  std::string command;  ///< check, compat, matrix, explore, plan, plan verify
  std::optional<std::string> scheme;
  std::string program;
  Seconds when_s = 0;
  std::vector<VerdictRow> verdicts = {};
  std::vector<FindingRow> findings = {};
  std::optional<ScenarioRow> scenario = {};
  std::optional<ExplorationRow> exploration = {};
  std::optional<PlanRow> plan = {};
};

struct CatalogueSummary {
  std::int64_t id = 0;
  std::string digest, file, stored;  ///< stored: `2026-01-31 12:00:00`, UTC
  std::int64_t implementations = 0;
};

struct ReportSummary {
  std::int64_t id = 0;
  std::string command, scheme, scenario, program, stored;  ///< scheme, scenario: may be empty
  std::int64_t verdicts = 0, findings = 0, properties = 0;
};

struct VerdictSummary {
  std::string model, source, destination, verdict;
  std::optional<std::string> relation, reasons, witness;
};

/// Stores the catalogue unless one of the same content is there. In a transaction of the caller's.
Result<StoredCatalogue> add_catalogue(Database& database, const compat::Catalogue& catalogue, Seconds when_s);
/// Stores the scenario, and its catalogue, unless one of the same content is there; gives its number. In a
/// transaction of the caller's.
Result<std::int64_t> add_scenario(Database& database, const ScenarioRow& scenario, Seconds when_s);

class Store {
 public:
  /// Opens and migrates (db/schema.hpp).
  static Result<Store> open(const std::filesystem::path& file, Opening opening);

  /// Stores the catalogues and the report in one transaction. `fill` is given the stored catalogues, in the
  /// order of `catalogues`, and returns the report whose rows refer to them; gives the report's number.
  template <class Fill>
  Result<std::int64_t> add(const std::vector<const compat::Catalogue*>& catalogues, Seconds when_s,
                           Fill&& fill) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return fail(transaction.error());
    std::vector<StoredCatalogue> stored;
    for (const auto* catalogue : catalogues) {
      auto one = add_catalogue(database_, *catalogue, when_s);
      if (!one) return fail(one.error());
      stored.push_back(std::move(*one));
    }
    auto report = add_report(fill(stored));
    if (!report) return fail(report.error());
    if (auto done = transaction->commit(); !done) return fail(done.error());
    return report;
  }

  Result<std::vector<CatalogueSummary>> catalogues();
  Result<std::vector<ReportSummary>> reports();
  /// Empty when there is no report of that number.
  Result<std::optional<ReportSummary>> report(std::int64_t id);
  Result<std::vector<VerdictSummary>> verdicts(std::int64_t report);
  /// The findings' JSON, in the order in which they were stored.
  Result<std::vector<std::string>> findings(std::int64_t report);
  /// Empty when the report is not of an exploration, or not of a plan.
  Result<std::optional<ExplorationRow>> exploration(std::int64_t report);
  Result<std::optional<PlanRow>> plan(std::int64_t report);

 private:
  explicit Store(Database database) : database_(std::move(database)) {}
  Result<std::int64_t> add_report(const Report& report);
  Result<std::vector<ReportSummary>> reports_where(const std::string& condition);
  Database database_;
};

}  // namespace portolan::db
