// SPDX-License-Identifier: Apache-2.0
//
// What commands store with --db is what `db list` and `db show` give back.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "db/sqlite.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using test::run_here;
using testing::HasSubstr;

class Storing : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(old_file)
        << R"({"models": {"a.com/x": {"params": {"n": {"type": "int", "init_value": 18446744073709551615}}}}})";
    std::ofstream(new_file)
        << R"({"models": {"a.com/x": {"params": {"n": {"type": "int", "init_value": 4, "allowed_values": [4]}}}}})";
  }
  test::TemporaryFolder folder;
  const std::string old_file = (folder / "old.json").string(), new_file = (folder / "new.json").string(),
                    database = (folder / "p.db").string();
};

TEST_F(Storing, HappensOnlyWhenAskedFor) {
  EXPECT_EQ(run_here({"compat", "--from", old_file, "--to", new_file}).status, 1);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST_F(Storing, KeepsTheVerdictOfCompat) {
  const auto compat = run_here({"compat", "--from", old_file, "--to", new_file, "--db", database, "--json"});
  EXPECT_EQ(compat.status, 1);
  EXPECT_THAT(compat.err, HasSubstr("report 1"));
  const auto shown = run_here({"db", "show", "1", "--db", database, "--json"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const Json verdict = shown.json()["verdicts"].at(0);
  EXPECT_EQ(verdict["verdict"], "reject");
  EXPECT_EQ(verdict["model"], "a.com/x");
  EXPECT_EQ(verdict["reasons"], compat.json()["reasons"]);
  EXPECT_EQ(verdict["reasons"].at(0)["value"], 18446744073709551615u) << "64 bits exactly";
}

TEST_F(Storing, KeepsEveryPairOfAMatrix) {
  const auto matrix = run_here({"matrix", old_file, new_file, "--db", database, "--json"});
  ASSERT_EQ(matrix.status, 0) << matrix.err;
  const auto shown = run_here({"db", "show", "1", "--db", database, "--json"}).json();
  const Json pairs = matrix.json()["pairs"];
  ASSERT_EQ(shown["verdicts"].size(), pairs.size());
  for (std::size_t k = 0; k < shown["verdicts"].size(); ++k) {
    const Json& stored = shown["verdicts"][k];
    const Json& pair = pairs[k];
    EXPECT_EQ(stored["source"], pair["source"]);
    EXPECT_EQ(stored["destination"], pair["destination"]);
    EXPECT_EQ(stored["verdict"], pair["fresh"]);
    EXPECT_EQ(stored["relation"], pair["relation"]);
  }
}

TEST_F(Storing, KeepsTheFindingsOfCheck) {
  const auto check = run_here({"check", old_file, new_file, "--level", "full", "--db", database, "--json"});
  EXPECT_EQ(check.status, 1) << check.err;
  const auto shown = run_here({"db", "show", "1", "--db", database, "--json"}).json();
  EXPECT_FALSE(shown["findings"].empty());
  EXPECT_EQ(shown["findings"], check.json()["findings"]);
}

TEST_F(Storing, ListsReportsAndCatalogues) {
  run_here({"compat", "--from", old_file, "--to", new_file, "--db", database});
  run_here({"matrix", old_file, new_file, "--db", database});
  const auto listed = run_here({"db", "list", "--db", database, "--json"}).json();
  EXPECT_EQ(listed["reports"].size(), 2u);
  EXPECT_EQ(listed["reports"][0]["command"], "compat");
  EXPECT_EQ(listed["catalogues"].size(), 3u) << "two files, and both together";
}

TEST_F(Storing, RefusesAReportThatDoesNotExist) {
  run_here({"compat", "--from", old_file, "--to", new_file, "--db", database});
  const auto shown = run_here({"db", "show", "7", "--db", database});
  EXPECT_EQ(shown.status, 2);
  EXPECT_EQ(shown.out, "");
  EXPECT_THAT(shown.err, HasSubstr("has no report 7"));
}

TEST_F(Storing, SaysThatAStoredReportIsDamaged) {
  run_here({"compat", "--from", old_file, "--to", new_file, "--db", database});
  {
    auto raw = db::Database::open(database, db::Opening::existing).value();
    ASSERT_TRUE(
        raw.run("PRAGMA ignore_check_constraints = ON; UPDATE verdict SET reasons = '[{\"rule\": 7}]', "
                "witness = '{'"));
  }
  for (const char* format : {"text", "json"}) {
    const auto shown = run_here({"db", "show", "1", "--db", database, "--format", format});
    EXPECT_EQ(shown.status, 2);
    EXPECT_EQ(shown.out, "");
    EXPECT_THAT(shown.err, HasSubstr("p.db: report 1 is damaged"));
  }
}

TEST_F(Storing, RefusesAnEmptyName) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"compat", "--from", old_file, "--to", new_file, "--db", ""},
        {"check", old_file, "--db", ""},
        {"matrix", old_file, "--db", ""},
        {"db", "list", "--db", ""},
        {"sim", "status", "--db", ""},
        {"sim", "query", "SELECT 1", "--db", ""}}) {
    const auto ran = run_here(line);
    EXPECT_EQ(ran.status, 2) << line[0];
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("--db: got \"\", expected the name of a file"));
  }
  EXPECT_THAT(run_here({"check", ""}).err, HasSubstr("\"\": no such file"));
}

TEST_F(Storing, ShowsControlCharactersInNamesInsteadOfPrintingThem) {
  const std::string odd_file = (folder / "new\nforged\x1b[31m.json").string();
  std::filesystem::copy_file(new_file, odd_file);
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"compat", "--from", old_file, "--to", odd_file},
        {"matrix", old_file, odd_file},
        {"check", old_file, odd_file, "--level", "full"}}) {
    const auto ran = run_here(line);
    EXPECT_THAT(ran.out, HasSubstr("new\\nforged\\x1b[31m")) << line[0];
    EXPECT_EQ(ran.out.find("\nforged"), std::string::npos) << line[0];
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos) << line[0];
  }
}

TEST_F(Storing, PrintsNoResultWhenItFails) {
  const auto compat =
      run_here({"compat", "--from", old_file, "--to", new_file, "--db", folder.path().string()});
  EXPECT_EQ(compat.status, 2);
  EXPECT_EQ(compat.out, "");
  EXPECT_THAT(compat.err, HasSubstr("is a folder"));
}

}  // namespace
