// SPDX-License-Identifier: Apache-2.0
#include "db/store.hpp"

#include "db/rows.hpp"
#include "db/schema.hpp"
#include "model/support/sha256.hpp"

namespace portolan::db {

namespace {}  // namespace

Result<Store> Store::open(const std::filesystem::path& file, Opening opening) {
  auto database = open_migrated(file, opening);
  if (!database) return fail(database.error());
  return Store(std::move(*database));
}

Result<StoredCatalogue> add_catalogue(Database& database, const compat::Catalogue& catalogue,
                                      Seconds when_s) {
  const std::string content = compat::write_catalogue(catalogue);
  const std::string digest = sha256(content);
  StoredCatalogue stored;

  auto find = database.prepare(
      "SELECT i.id, c.id FROM catalogue c JOIN implementation i ON i.catalogue = c.id WHERE c.digest = ?1 "
      "ORDER BY i.position");
  if (!find) return fail(find.error());
  find->bind(1, std::string_view(digest));
  for (;;) {
    auto row = find->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    stored.implementations.push_back(find->integer(0));
    stored.id = find->integer(1);
  }
  // The canonical text holds every implementation, so equal digests mean equally many of them.
  if (stored.id != 0) return stored;

  auto names = Names::in(database);
  if (!names) return fail(names.error());
  auto insert = database.prepare(
      "INSERT INTO catalogue (digest, file, content, stored_s) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (digest) DO UPDATE SET digest = digest RETURNING id");
  if (!insert) return fail(insert.error());
  insert->bind(1, std::string_view(digest))
      .bind(2, std::string_view(catalogue.file))
      .bind(3, std::string_view(content))
      .bind(4, when_s);
  auto row = insert->step();
  if (!row) return fail(row.error());
  stored.id = insert->integer(0);
  insert->reset();

  auto one = database.prepare(
      "INSERT INTO implementation (catalogue, position, label, kind) VALUES (?1, ?2, ?3, ?4)");
  if (!one) return fail(one.error());
  std::int64_t position = 0;
  for (const auto& implementation : catalogue.implementations) {
    auto label = names->id(implementation.label);
    if (!label) return fail(label.error());
    one->bind(1, stored.id).bind(2, position++).bind(3, *label).bind(4, compat::name_of(implementation.kind));
    if (auto done = one->finish(); !done) return fail(done.error());
    stored.implementations.push_back(database.last_row_id());
  }
  return stored;
}

Result<std::int64_t> add_scenario(Database& database, const ScenarioRow& scenario, Seconds when_s) {
  std::optional<std::int64_t> catalogue;
  std::string digest_text = scenario.content + "\n";
  if (scenario.catalogue != nullptr) {
    auto stored = add_catalogue(database, *scenario.catalogue, when_s);
    if (!stored) return fail(stored.error());
    catalogue = stored->id;
    digest_text += compat::write_catalogue(*scenario.catalogue);
  }
  auto insert = database.prepare(
      "INSERT INTO scenario (digest, file, content, catalogue, stored_s) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (digest) DO UPDATE SET digest = digest RETURNING id");
  if (!insert) return fail(insert.error());
  insert->bind(1, std::string_view(sha256(digest_text)))
      .bind(2, std::string_view(scenario.file))
      .bind(3, std::string_view(scenario.content))
      .bind(4, catalogue)
      .bind(5, when_s);
  auto row = insert->step();
  if (!row) return fail(row.error());
  return insert->integer(0);
}

namespace {

/// The parts of a report, each to the report's row `id`.
class ReportParts {
 public:
  ReportParts(Database& database, Names names, std::int64_t id)
      : database_(database), names_(std::move(names)), id_(id) {}

  Result<void> add(const std::vector<VerdictRow>& verdicts);
  Result<void> add(const std::vector<FindingRow>& findings);
  Result<void> add(const ExplorationRow& one);
  Result<void> add(const PlanRow& one);

 private:
  Database& database_;
  Names names_;
  std::int64_t id_;
};

Result<void> ReportParts::add(const std::vector<VerdictRow>& verdicts) {
  auto verdict = database_.prepare(
      "INSERT INTO verdict (report, model, source, destination, verdict, relation, reasons, witness) VALUES "
      "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  if (!verdict) return fail(verdict.error());
  for (const VerdictRow& row : verdicts) {
    auto model = names_.id(row.model);
    if (!model) return fail(model.error());
    verdict->bind(1, id_)
        .bind(2, *model)
        .bind(3, row.source)
        .bind(4, row.destination)
        .bind(5, compat::name_of(row.verdict))
        .bind(6, row.relation)
        .bind(7, row.reasons)
        .bind(8, row.witness);
    if (auto done = verdict->finish(); !done) return done;
  }
  return {};
}

Result<void> ReportParts::add(const std::vector<FindingRow>& findings) {
  auto finding =
      database_.prepare("INSERT INTO finding (report, rule, severity, detail) VALUES (?1, ?2, ?3, ?4)");
  if (!finding) return fail(finding.error());
  for (const FindingRow& row : findings) {
    auto rule = names_.id(row.rule);
    if (!rule) return fail(rule.error());
    finding->bind(1, id_)
        .bind(2, *rule)
        .bind(3, std::string_view(row.severity))
        .bind(4, std::string_view(row.detail));
    if (auto done = finding->finish(); !done) return done;
  }
  return {};
}

Result<void> ReportParts::add(const ExplorationRow& one) {
  auto exploration = database_.prepare(
      "INSERT INTO exploration (report, states, transitions, depth, complete, bound, seconds, peak_bytes) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  if (!exploration) return fail(exploration.error());
  exploration->bind(1, id_)
      .bind(2, one.states)
      .bind(3, one.transitions)
      .bind(4, one.depth)
      .bind(5, std::int64_t{one.complete})
      .bind(6, unless_empty(one.bound))
      .bind(7, one.seconds)
      .bind(8, one.peak_bytes);
  if (auto done = exploration->finish(); !done) return done;
  auto property = database_.prepare(
      "INSERT INTO property (report, name, verb, verdict, reason, trace) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  if (!property) return fail(property.error());
  for (const PropertyRow& row : one.properties) {
    auto name = names_.id(row.name);
    if (!name) return fail(name.error());
    property->bind(1, id_)
        .bind(2, *name)
        .bind(3, std::string_view(row.verb))
        .bind(4, std::string_view(row.verdict))
        .bind(5, unless_empty(row.reason))
        .bind(6, row.trace);
    if (auto done = property->finish(); !done) return done;
  }
  return {};
}

Result<void> ReportParts::add(const PlanRow& one) {
  auto plan = database_.prepare(
      "INSERT INTO plan (report, verdict, reason, goal, steps, content, obstacles) VALUES (?1, ?2, ?3, ?4, "
      "?5, ?6, ?7)");
  if (!plan) return fail(plan.error());
  plan->bind(1, id_)
      .bind(2, std::string_view(one.verdict))
      .bind(3, unless_empty(one.reason))
      .bind(4, std::string_view(one.goal))
      .bind(5, one.steps)
      .bind(6, one.content)
      .bind(7, one.obstacles);
  return plan->finish();
}

}  // namespace

Result<std::int64_t> Store::add_report(const Report& report) {
  std::optional<std::int64_t> scenario;
  if (report.scenario) {
    auto stored = add_scenario(database_, *report.scenario, report.when_s);
    if (!stored) return fail(stored.error());
    scenario = *stored;
  }
  auto insert = database_.prepare(
      "INSERT INTO report (command, scheme, scenario, program, stored_s) VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!insert) return fail(insert.error());
  insert->bind(1, std::string_view(report.command))
      .bind(2, report.scheme)
      .bind(3, scenario)
      .bind(4, std::string_view(report.program))
      .bind(5, report.when_s);
  if (auto done = insert->finish(); !done) return fail(done.error());
  const std::int64_t id = database_.last_row_id();

  auto names = Names::in(database_);
  if (!names) return fail(names.error());
  ReportParts parts(database_, std::move(*names), id);
  if (auto done = parts.add(report.verdicts); !done) return fail(done.error());
  if (auto done = parts.add(report.findings); !done) return fail(done.error());
  if (report.exploration) {
    if (auto done = parts.add(*report.exploration); !done) return fail(done.error());
  }
  if (report.plan) {
    if (auto done = parts.add(*report.plan); !done) return fail(done.error());
  }
  return id;
}

Result<std::vector<CatalogueSummary>> Store::catalogues() {
  auto query =
      database_.prepare("SELECT id, digest, file, stored, implementations FROM catalogues ORDER BY id");
  if (!query) return fail(query.error());
  return all_rows<CatalogueSummary>(*query, [](const Statement& row) {
    return CatalogueSummary{row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)};
  });
}

Result<std::vector<ReportSummary>> Store::reports_where(const std::string& condition) {
  auto query = database_.prepare(
      "SELECT id, command, scheme, scenario, program, stored, verdicts, findings, properties FROM reports " +
      condition + " ORDER BY id");
  if (!query) return fail(query.error());
  return all_rows<ReportSummary>(*query, [](const Statement& row) {
    return ReportSummary{row.integer(0), row.text(1),    row.text(2),    row.text(3),   row.text(4),
                         row.text(5),    row.integer(6), row.integer(7), row.integer(8)};
  });
}

Result<std::vector<ReportSummary>> Store::reports() { return reports_where(""); }

Result<std::optional<ReportSummary>> Store::report(std::int64_t id) {
  auto found = reports_where("WHERE id = " + std::to_string(id));
  if (!found) return fail(found.error());
  return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<VerdictSummary>> Store::verdicts(std::int64_t report) {
  auto query = database_.prepare(
      "SELECT model, source, destination, verdict, relation, reasons, witness FROM verdicts WHERE report = "
      "?1 ORDER BY id");
  if (!query) return fail(query.error());
  query->bind(1, report);
  return all_rows<VerdictSummary>(*query, [](const Statement& row) {
    return VerdictSummary{row.text(0),           row.text(1),           row.text(2),          row.text(3),
                          optional_text(row, 4), optional_text(row, 5), optional_text(row, 6)};
  });
}

Result<std::vector<std::string>> Store::findings(std::int64_t report) {
  auto query = database_.prepare("SELECT detail FROM finding WHERE report = ?1 ORDER BY id");
  if (!query) return fail(query.error());
  query->bind(1, report);
  return all_rows<std::string>(*query, [](const Statement& row) { return row.text(0); });
}

Result<std::optional<ExplorationRow>> Store::exploration(std::int64_t report) {
  auto query = database_.prepare(
      "SELECT states, transitions, depth, complete, bound, seconds, peak_bytes FROM exploration WHERE report "
      "= ?1");
  if (!query) return fail(query.error());
  auto row = query->bind(1, report).step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  ExplorationRow found{query->integer(0),
                       query->integer(1),
                       optional_integer(*query, 2),
                       query->integer(3) != 0,
                       query->text(4),
                       query->is_null(5) ? std::nullopt : std::optional(query->real(5)),
                       optional_integer(*query, 6),
                       {}};
  auto properties = database_.prepare(
      "SELECT property, verb, verdict, reason, trace FROM properties WHERE report = ?1 ORDER BY id");
  if (!properties) return fail(properties.error());
  properties->bind(1, report);
  auto rows = all_rows<PropertyRow>(*properties, [](const Statement& one) {
    return PropertyRow{one.text(0), one.text(1), one.text(2), one.text(3), optional_text(one, 4)};
  });
  if (!rows) return fail(rows.error());
  found.properties = std::move(*rows);
  return found;
}

Result<std::optional<PlanRow>> Store::plan(std::int64_t report) {
  auto query = database_.prepare(
      "SELECT verdict, reason, goal, steps, content, obstacles FROM plan WHERE report = ?1");
  if (!query) return fail(query.error());
  auto row = query->bind(1, report).step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return PlanRow{query->text(0),    query->text(1),           query->text(2),
                 query->integer(3), optional_text(*query, 4), optional_text(*query, 5)};
}

}  // namespace portolan::db
