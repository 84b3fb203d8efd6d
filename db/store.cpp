// SPDX-License-Identifier: Apache-2.0
#include "db/store.hpp"

#include "db/digest.hpp"
#include "db/rows.hpp"
#include "db/schema.hpp"

namespace portolan::db {

namespace {

std::optional<std::string> optional_text(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.text(column);
}

}  // namespace

Result<Store> Store::open(const std::filesystem::path& file, Opening opening) {
  auto database = Database::open(file, opening);
  if (!database) return fail(database.error());
  if (auto done = migrate(*database); !done) return fail(done.error());
  return Store(std::move(*database));
}

Result<StoredCatalogue> add_catalogue(Database& database, const compat::Catalogue& catalogue, Seconds when_s) {
  const std::string content = compat::write_catalogue(catalogue);
  const std::string digest = sha256(content);
  StoredCatalogue stored;

  auto find = database.prepare("SELECT i.id, c.id FROM catalogue c JOIN implementation i ON i.catalogue = c.id WHERE c.digest = ?1 ORDER BY i.position");
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
  insert->bind(1, std::string_view(digest)).bind(2, std::string_view(catalogue.file)).bind(3, std::string_view(content)).bind(4, when_s);
  auto row = insert->step();
  if (!row) return fail(row.error());
  stored.id = insert->integer(0);
  insert->reset();

  auto one = database.prepare("INSERT INTO implementation (catalogue, position, label, kind) VALUES (?1, ?2, ?3, ?4)");
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

Result<std::int64_t> Store::add_report(const Report& report) {
  auto insert = database_.prepare("INSERT INTO report (command, scheme, program, stored_s) VALUES (?1, ?2, ?3, ?4)");
  if (!insert) return fail(insert.error());
  insert->bind(1, std::string_view(report.command)).bind(2, report.scheme).bind(3, std::string_view(report.program)).bind(4, report.when_s);
  if (auto done = insert->finish(); !done) return fail(done.error());
  const auto id = database_.last_row_id();

  auto names = Names::in(database_);
  if (!names) return fail(names.error());
  auto verdict = database_.prepare(
      "INSERT INTO verdict (report, model, source, destination, verdict, relation, reasons, witness) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  if (!verdict) return fail(verdict.error());
  for (const auto& row : report.verdicts) {
    auto model = names->id(row.model);
    if (!model) return fail(model.error());
    verdict->bind(1, id).bind(2, *model).bind(3, row.source).bind(4, row.destination).bind(5, compat::name_of(row.verdict));
    verdict->bind(6, row.relation).bind(7, row.reasons).bind(8, row.witness);
    if (auto done = verdict->finish(); !done) return fail(done.error());
  }

  auto finding = database_.prepare("INSERT INTO finding (report, rule, severity, detail) VALUES (?1, ?2, ?3, ?4)");
  if (!finding) return fail(finding.error());
  for (const auto& row : report.findings) {
    auto rule = names->id(row.rule);
    if (!rule) return fail(rule.error());
    finding->bind(1, id).bind(2, *rule).bind(3, std::string_view(row.severity)).bind(4, std::string_view(row.detail));
    if (auto done = finding->finish(); !done) return fail(done.error());
  }
  return id;
}

Result<std::vector<CatalogueSummary>> Store::catalogues() {
  auto query = database_.prepare("SELECT id, digest, file, stored, implementations FROM catalogues ORDER BY id");
  if (!query) return fail(query.error());
  return all_rows<CatalogueSummary>(*query, [](const Statement& row) {
    return CatalogueSummary{row.integer(0), row.text(1), row.text(2), row.text(3), row.integer(4)};
  });
}

Result<std::vector<ReportSummary>> Store::reports_where(const std::string& condition) {
  auto query = database_.prepare("SELECT id, command, scheme, program, stored, verdicts, findings FROM reports " + condition + " ORDER BY id");
  if (!query) return fail(query.error());
  return all_rows<ReportSummary>(*query, [](const Statement& row) {
    return ReportSummary{row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5), row.integer(6)};
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
      "SELECT model, source, destination, verdict, relation, reasons, witness FROM verdicts WHERE report = ?1 ORDER BY id");
  if (!query) return fail(query.error());
  query->bind(1, report);
  return all_rows<VerdictSummary>(*query, [](const Statement& row) {
    return VerdictSummary{row.text(0), row.text(1), row.text(2), row.text(3), optional_text(row, 4), optional_text(row, 5), optional_text(row, 6)};
  });
}

Result<std::vector<std::string>> Store::findings(std::int64_t report) {
  auto query = database_.prepare("SELECT detail FROM finding WHERE report = ?1 ORDER BY id");
  if (!query) return fail(query.error());
  query->bind(1, report);
  return all_rows<std::string>(*query, [](const Statement& row) { return row.text(0); });
}

}  // namespace portolan::db
