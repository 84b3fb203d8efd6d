// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite.hpp"

#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>

#include "db/schema.hpp"
#include "tests/support/temporary.hpp"

using namespace portolan;
using testing::HasSubstr;

namespace {

std::string all_faults(const Faults& faults) { return to_string(faults); }

TEST(Sqlite, RoundTripsTextIntegersAndNull) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(database) << all_faults(database.error());
  ASSERT_TRUE(database->run("CREATE TABLE t (i INTEGER, s TEXT, n TEXT) STRICT"));
  const std::string with_zero("a\0b", 3);
  auto insert = database->prepare("INSERT INTO t VALUES (?1, ?2, ?3)");
  ASSERT_TRUE(insert);
  insert->bind(1, std::int64_t{-5}).bind(2, std::string_view(with_zero)).bind_null(3);
  ASSERT_TRUE(insert->finish());
  auto query = database->prepare("SELECT i, s, n FROM t");
  ASSERT_TRUE(query);
  ASSERT_EQ(query->step().value(), true);
  EXPECT_EQ(query->integer(0), -5);
  EXPECT_EQ(query->text(1), with_zero);
  EXPECT_TRUE(query->is_null(2));
  EXPECT_EQ(query->step().value(), false);
}

TEST(Sqlite, RollsBackATransactionThatIsNotCommitted) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->run("CREATE TABLE t (i INTEGER) STRICT"));
  {
    auto transaction = db::Transaction::begin(*database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database->run("INSERT INTO t VALUES (1)"));
  }
  auto count = database->prepare("SELECT count(*) FROM t");
  ASSERT_TRUE(count->step());
  EXPECT_EQ(count->integer(0), 0);
}

TEST(Sqlite, ReportsAFailedInsertAndLeavesTheStatementUsable) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->run("CREATE TABLE t (i INTEGER UNIQUE) STRICT"));
  auto insert = database->prepare("INSERT INTO t VALUES (?1)");
  ASSERT_TRUE(insert->bind(1, std::int64_t{1}).finish());
  auto second = insert->bind(1, std::int64_t{1}).finish();
  ASSERT_FALSE(second);
  EXPECT_THAT(all_faults(second.error()), HasSubstr("UNIQUE"));
  EXPECT_TRUE(insert->bind(1, std::int64_t{2}).finish());
}

TEST(Sqlite, TakesEveryNameForThatOfAFile) {
  test::TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* name : {":memory:", "file:zz?mode=memory", "file:a%20b", "?immutable=1"}) {
    {
      auto database = db::Database::open(name, db::Opening::create);
      ASSERT_TRUE(database) << all_faults(database.error());
      EXPECT_EQ(database->file(), name);
      EXPECT_TRUE(database->run("CREATE TABLE t (i INTEGER) STRICT")) << name;
    }
    EXPECT_TRUE(std::filesystem::exists(name)) << name;
    for (const auto opening : {db::Opening::existing, db::Opening::reading}) {
      auto again = db::Database::open(name, opening);
      ASSERT_TRUE(again) << name;
      EXPECT_TRUE(again->prepare("SELECT i FROM t")) << name;
    }
  }
  std::filesystem::current_path(before);
}

TEST(Sqlite, RefusesTheEmptyName) {
  auto database = db::Database::open("", db::Opening::create);
  ASSERT_FALSE(database);
  EXPECT_THAT(all_faults(database.error()), HasSubstr("\"\": the name is empty"));
}

/// A database of ours in a folder that may be read only. Who is root may write all the same, so these tests
/// are for everyone else.
class ReadOnly : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    std::filesystem::create_directory(inside);
  }
  void TearDown() override {
    std::error_code skipped;
    std::filesystem::permissions(inside, std::filesystem::perms::owner_all, skipped);
  }
  void close() {
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    std::filesystem::permissions(inside,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  }
  test::TemporaryFolder folder;
  const std::filesystem::path inside = folder / "100% ours?", file = inside / "a#b.db";
};

TEST_F(ReadOnly, IsReadWhenItIsUpToDate) {
  { ASSERT_TRUE(db::open_migrated(file, db::Opening::create)); }
  close();
  auto database = db::open_migrated(file, db::Opening::existing);
  ASSERT_TRUE(database) << all_faults(database.error());
  EXPECT_TRUE(database->prepare("SELECT count(*) FROM reports")->step().value());
  EXPECT_FALSE(database->run("DELETE FROM report"));
  EXPECT_TRUE(db::open_for_reading(file));
}

TEST_F(ReadOnly, HasToBeBroughtUpToDateBySomebodyElse) {
  {
    auto database = db::Database::open(file, db::Opening::create);
    ASSERT_TRUE(database->run(std::string(db::migrations()[0])));
    ASSERT_TRUE(database->run("PRAGMA user_version = 1; PRAGMA application_id = " +
                              std::to_string(db::application_id)));
  }
  close();
  auto database = db::open_migrated(file, db::Opening::existing);
  ASSERT_FALSE(database);
  EXPECT_THAT(all_faults(database.error()), HasSubstr("has schema version 1 and may not be written"));
  EXPECT_THAT(all_faults(database.error()), HasSubstr("let somebody who may write it bring it up to date"));
}

TEST(Schema, RefusesAFileThatIsNoDatabaseAndLeavesItAsItIs) {
  test::TemporaryFolder folder;
  const std::string text =
      "this is a letter, not a database; it is long enough to hold a header of a hundred bytes, and then "
      "some more";
  std::ofstream(folder / "letter.txt") << text;
  auto database = db::Database::open(folder / "letter.txt", db::Opening::create);
  Faults faults;
  if (database) {
    auto done = db::migrate(*database);
    ASSERT_FALSE(done);
    faults = done.error();
  } else {
    faults = database.error();
  }
  EXPECT_THAT(all_faults(faults), HasSubstr("letter.txt"));
  EXPECT_THAT(all_faults(faults), HasSubstr("--db"));
  std::ifstream again(folder / "letter.txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(again), {}), text);
}

TEST(Schema, RefusesADatabaseOfAnotherProgramAndLeavesItAsItIs) {
  test::TemporaryFolder folder;
  {
    auto other = db::Database::open(folder / "other.db", db::Opening::create);
    ASSERT_TRUE(other->run("CREATE TABLE recipe (text TEXT)"));
  }
  const auto bytes = [&] {
    std::ifstream in(folder / "other.db", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto before = bytes();
  auto database = db::Database::open(folder / "other.db", db::Opening::create);
  ASSERT_TRUE(database);
  auto done = db::migrate(*database);
  ASSERT_FALSE(done);
  EXPECT_THAT(all_faults(done.error()), HasSubstr("another program"));
  EXPECT_EQ(bytes(), before);
}

TEST(Schema, RefusesAFileOfANewerPortolan) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(db::migrate(*database));
  ASSERT_TRUE(database->run("PRAGMA user_version = 1000"));
  auto done = db::migrate(*database);
  ASSERT_FALSE(done);
  EXPECT_THAT(all_faults(done.error()), HasSubstr("has schema version 1000"));
}

TEST(Schema, MigratesOnlyOnce) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(db::migrate(*database));
  const auto before = db::schema_of(*database).value();
  ASSERT_TRUE(db::migrate(*database));
  EXPECT_EQ(db::schema_of(*database).value(), before);
}

TEST(Schema, KeepsWhatAnOlderPortolanStored) {
  test::TemporaryFolder folder;
  {
    auto database = db::Database::open(folder / "old.db", db::Opening::create);
    ASSERT_TRUE(database->run(std::string(db::migrations()[0])));
    ASSERT_TRUE(database->run(std::string(db::migrations()[1])));
    ASSERT_TRUE(database->run("PRAGMA user_version = 2; PRAGMA application_id = " +
                              std::to_string(db::application_id)));
    ASSERT_TRUE(
        database->run("INSERT INTO name VALUES (1, 'card'), (2, 'old'), (3, 'L1');"
                      "INSERT INTO catalogue VALUES (1, '" +
                      std::string(64, 'a') +
                      "', 'cards.yaml', '{}', 5);"
                      "INSERT INTO implementation VALUES (1, 1, 0, 2, 'mdev');"
                      "INSERT INTO report VALUES (7, 'compat', 'rfc-v3', '0.1', 5);"
                      "INSERT INTO verdict VALUES (1, 7, 1, 1, 1, 'accept', NULL, NULL, NULL);"
                      "INSERT INTO finding VALUES (1, 7, 3, 'info', '{}');"));
  }
  auto database = db::Database::open(folder / "old.db", db::Opening::existing);
  ASSERT_TRUE(database);
  auto done = db::migrate(*database);
  ASSERT_TRUE(done) << all_faults(done.error());
  const auto one = [&](const std::string& sql) {
    auto query = database->prepare(sql);
    EXPECT_TRUE(query && query->step());
    return query->integer(0);
  };
  EXPECT_EQ(one("SELECT count(*) FROM verdicts WHERE report = 7 AND command = 'compat' AND source = 'old'"),
            1);
  EXPECT_EQ(one("SELECT count(*) FROM finding WHERE report = 7"), 1);
  EXPECT_EQ(one("SELECT verdicts FROM reports WHERE id = 7"), 1);
  EXPECT_EQ(one("PRAGMA foreign_keys"), 1);
  // The references still are to the table of reports: its row takes them along.
  ASSERT_TRUE(database->run("DELETE FROM report WHERE id = 7"));
  EXPECT_EQ(one("SELECT count(*) FROM verdict"), 0);
  // And the file has the schema of a new one.
  auto fresh = db::Database::open(folder / "new.db", db::Opening::create);
  ASSERT_TRUE(db::migrate(*fresh));
  EXPECT_EQ(db::schema_of(*database).value(), db::schema_of(*fresh).value());
}

// The statements of a schema with comments and line breaks reduced to single spaces.
std::string plain(const std::string& sql) {
  std::string result;
  bool comment = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql.compare(i, 2, "--") == 0) comment = true;
    if (sql[i] == '\n') comment = false;
    if (comment) continue;
    const bool space = sql[i] == ' ' || sql[i] == '\n';
    if (space && (result.empty() || result.back() == ' ')) continue;
    result += space ? ' ' : sql[i];
  }
  // SQLite keeps the text of a statement but not the space before its semicolon.
  for (std::size_t at; (at = result.find(" ;")) != std::string::npos;) result.erase(at, 1);
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

TEST(Schema, IsTheOneThatTheDocumentationShows) {
  test::TemporaryFolder folder;
  auto database = db::Database::open(folder / "a.db", db::Opening::create);
  ASSERT_TRUE(db::migrate(*database));
  std::ifstream in(PORTOLAN_SOURCE_DIR "/docs/database.md");
  const std::string document((std::istreambuf_iterator<char>(in)), {});
  const auto begin = document.find("```sql\n");
  ASSERT_NE(begin, std::string::npos);
  const auto end = document.find("```", begin + 7);
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(plain(document.substr(begin + 7, end - begin - 7)), plain(db::schema_of(*database).value()));
}

}  // namespace
