// SPDX-License-Identifier: Apache-2.0
//
// `sim` through the command line, and through the program where it is killed.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/frame/process.hpp"
#include "cli/run.hpp"
#include "db/runs.hpp"
#include "model/support/text.hpp"
#include "tests/cli/transcript.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using test::run_here;
using testing::HasSubstr;
using testing::StartsWith;

class Sim : public testing::Test {
 protected:
  void SetUp() override {
    const std::string fleet =
        "format: portolan.scenario/1\ndescription: two VMs\ncatalogue: " PORTOLAN_SOURCE_DIR
        "/scenarios/fleet/drivers.yaml\nfleet:\n"
        "  hosts: [{name: host, count: 3, implementation: acme-gfx, version: \"1\"}]\n  vms: [{name: vm, "
        "count: 2, place: host1}]\ngoal: \"place[vm1] == host3\"\nseed: 11\n";
    std::ofstream(scenario)
        << fleet
        << "simulation: {events_max: 400}\nfaults: {budget: 2, rates: {device_error_ns: 10000000000}}\n";
    std::ofstream(endless) << fleet
                           << "simulation: {events_max: 1000000000000, until_ns: 4000000000000000000}\n";
  }
  test::TemporaryFolder folder;
  const std::string scenario = (folder / "fleet.yaml").string(), endless = (folder / "endless.yaml").string(),
                    database = (folder / "p.db").string();

  /// The program, running; its results go to a file.
  pid_t start() {
    const pid_t child = fork();
    if (child == 0) {
      const int out = open((folder / "out").c_str(), O_CREAT | O_WRONLY, 0600);
      dup2(out, STDOUT_FILENO);
      dup2(out, STDERR_FILENO);
      execl(PORTOLAN_BINARY, "portolan", "sim", "run", endless.c_str(), "--db", database.c_str(), "-j", "1",
            static_cast<char*>(nullptr));
      _exit(127);
    }
    // Until its first events are stored.
    for (int k = 0; k < 1000; ++k) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (!std::filesystem::exists(database)) continue;
      const auto listed = run_here({"sim", "status", "--db", database, "--json"});
      if (listed.status == 0 && !listed.json()["runs"].empty() && listed.json()["runs"][0]["events"] > 0)
        break;
    }
    return child;
  }
};

TEST_F(Sim, SaysItsSeedFirstAndWhatCameOfIt) {
  const auto ran = run_here({"sim", "run", scenario, "--db", database});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("seed 11\nrun 1: complete, 1 replication of "));
  for (const char* line :
       {"  events      400\n", "  simulated   ", "  migrations  ", " committed, ", "  downtime    min ",
        "  goal        reached in 1 of 1 replication\n", "  digest      "})
    EXPECT_THAT(ran.out, HasSubstr(line));
}

TEST_F(Sim, GivesTheSameDigestForAnyNumberOfThreads) {
  std::set<std::string> digests;
  for (const char* threads : {"1", "2", "3"})
    digests.insert(run_here({"sim", "run", scenario, "--db", database, "--seed", "5", "--replications", "4",
                             "-j", threads, "--json"})
                       .json()["digest"]);
  EXPECT_EQ(digests.size(), 1u);
  EXPECT_EQ(digests.begin()->size(), 64u);
  const auto other =
      run_here({"sim", "run", scenario, "--db", database, "--seed", "6", "--replications", "4", "--json"})
          .json();
  EXPECT_FALSE(digests.contains(other["digest"]));
  EXPECT_EQ(other["run"], 4);
  EXPECT_EQ(other["seed"], 6);
  EXPECT_EQ(other["replications"].size(), 4u);
  EXPECT_EQ(other["events"], 1600);
  EXPECT_GT(other["migrations"]["committed"], 0);
  EXPECT_GE(other["downtime_ns"]["max"], other["downtime_ns"]["median"]);
}

TEST_F(Sim, VerifiesARunWithoutTheFilesItCameFrom) {
  ASSERT_EQ(run_here({"sim", "run", scenario, "--db", database}).status, 0);
  std::filesystem::remove(scenario);
  const auto verified = run_here({"sim", "replay", "1", "--verify", "--db", database});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("run 1: 400 events of 1 replication are the same again; digest"));
}

TEST_F(Sim, NamesTheFirstEventThatIsNotWhatItWas) {
  ASSERT_EQ(run_here({"sim", "run", scenario, "--db", database}).status, 0);
  {
    auto raw = db::Database::open(database, db::Opening::existing).value();
    ASSERT_TRUE(raw.run("UPDATE event SET time_ns = 1 WHERE sequence = 2"));
  }
  const auto verified = run_here({"sim", "replay", "1", "--verify", "--db", database});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.out, HasSubstr("run 1, replication 1, event 2 differs\n  stored  1 ns "));
  const auto json = run_here({"sim", "replay", "1", "--verify", "--db", database, "--json"}).json();
  EXPECT_EQ(json["verdict"], "different");
  EXPECT_EQ(json["differences"][0]["sequence"], 2);
}

TEST_F(Sim, TellsTheEventsBeforeATimeAndTheStateThere) {
  ASSERT_EQ(run_here({"sim", "run", scenario, "--db", database}).status, 0);
  const auto asked = run_here({"sim", "query",
                               "SELECT time_ns, sequence FROM events WHERE action = 'migrate_step.pre_copy' "
                               "ORDER BY sequence LIMIT 1",
                               "--db", database, "--json"})
                         .json()["rows"][0];
  const auto told = run_here({"sim", "replay", "1", "--until", std::to_string(asked[0].get<std::int64_t>()),
                              "--events", "3", "--db", database, "--json"})
                        .json();
  EXPECT_EQ(told["events"], asked[1]);
  ASSERT_EQ(told["last"].size(), 3u);
  EXPECT_EQ(told["last"][2]["action"], "migrate_step.pre_copy");
  const std::string vm = told["last"][2]["arguments"][0];
  EXPECT_EQ(told["state"]["source[" + vm + "]"], "PRE_COPY");
  EXPECT_EQ(told["state"]["session[" + vm + "]"], "Transferring");
}

TEST_F(Sim, AnswersQueriesAndRefusesChanges) {
  ASSERT_EQ(run_here({"sim", "run", scenario, "--db", database}).status, 0);
  const auto table = run_here({"sim", "query", "SELECT state, events FROM runs", "--db", database});
  EXPECT_EQ(table.out, "state     events\ncomplete     400\n") << table.err;
  const auto csv = run_here({"sim", "query", "SELECT 'a,\"b\"' AS text, NULL AS empty, 1.5 AS n", "--db",
                             database, "--format", "csv"});
  EXPECT_EQ(csv.out, "text,empty,n\r\n\"a,\"\"b\"\"\",,1.5\r\n");
  // A number stays what it is, and no text is a formula.
  const auto formula =
      run_here({"sim", "query", "SELECT -1 AS \"=n\", -0.5 AS x, '-1' AS text, '=1+1' AS sum", "--db",
                database, "--format", "csv"});
  EXPECT_EQ(formula.out, "'=n,x,text,sum\r\n-1,-0.5,'-1,'=1+1\r\n");
  const auto json =
      run_here({"sim", "query", "SELECT 1 AS n, 'x' AS t, NULL AS z", "--db", database, "--json"}).json();
  EXPECT_EQ(json["columns"], (Json{"n", "t", "z"}));
  EXPECT_EQ(json["rows"], (Json{{1, "x", nullptr}}));
  const auto refused = run_here({"sim", "query", "DELETE FROM event", "--db", database});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("it does more than read"));
  EXPECT_EQ(run_here({"sim", "query", "SELECT count(*) FROM event", "--db", database, "--json"})
                .json()["rows"][0][0],
            400);
  const auto missing = run_here({"sim", "query", "SELECT 1", "--db", (folder / "none.db").string()});
  EXPECT_EQ(missing.status, 2);
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST_F(Sim, ShowsFaultsOfTheTimingAllAtOnce) {
  std::ofstream(scenario, std::ios::app)
      << "network: {bandwith_bytes_per_s: 1, latency_ns: {uniform: [5, 4]}}\nworkload: {state_bytes: "
         "{normal: 4}, rounds_max: 0}\n"
         "durations: {upgrde_ns: 4, upgrade_ns: -1}\noperator: {weights: {fly: 1}, interval_ns: 0}\n";
  const auto ran = run_here({"sim", "run", scenario, "--db", database});
  EXPECT_EQ(ran.status, 2);
  for (const char* finding :
       {"network.bandwith_bytes_per_s: is not a member here", "got [5, 4], expected the smaller number first",
        "workload.state_bytes.normal: is not a member here", "workload.rounds_max: got 0",
        "durations.upgrde_ns: is no action here", "durations.upgrade_ns",
        "operator.weights.fly: is no action here", "operator.interval_ns: got 0"})
    EXPECT_THAT(ran.err, HasSubstr(finding));
  EXPECT_FALSE(std::filesystem::exists(database));
}

TEST_F(Sim, RefusesWhatItCannotCount) {
  EXPECT_EQ(run_here({"sim", "run", scenario, "--db", database, "--seed", "9223372036854775808"}).status, 2);
  EXPECT_EQ(run_here({"sim", "run", scenario, "--db", database, "--seed", "9223372036854775807"}).status, 0);
  EXPECT_EQ(run_here({"sim", "run", scenario, "--db", database, "--replications", "0"}).status, 2);
  EXPECT_EQ(run_here({"sim", "run", scenario, "--db", database, "-j", "0"}).status, 2);
  EXPECT_EQ(run_here({"sim", "replay", "9", "--db", database}).status, 2);
}

TEST_F(Sim, TakesWholeNumbersAndNothingElse) {
  const auto said = [&](std::vector<std::string> line) {
    line.insert(line.end(), {"--db", database});
    const auto ran = run_here(line);
    EXPECT_EQ(ran.status, 2) << line[3];
    EXPECT_EQ(ran.out, "");
    return ran.err;
  };
  for (const char* wrong :
       {"-1", "18446744073709551616", "99999999999999999999", "0x10", "1e3", "1.5", " 7", "7 ", "", "+7"})
    EXPECT_THAT(said({"sim", "run", scenario, "--seed", wrong}),
                HasSubstr(std::string("--seed: got \"") + wrong +
                          "\", expected a whole number from 0 to 18446744073709551615;"))
        << wrong;
  EXPECT_THAT(said({"sim", "run", scenario, "--replications", "-1"}),
              HasSubstr("--replications: got \"-1\""));
  EXPECT_THAT(said({"sim", "replay", "1", "--replication", "4294967296"}),
              HasSubstr("expected a whole number from 0 to 4294967295"));
  EXPECT_THAT(said({"sim", "replay", "1", "--until", "9223372036854775808"}),
              HasSubstr("expected a whole number from 0 to 9223372036854775807"));
  EXPECT_THAT(said({"sim", "run", scenario, "-j", "4294967297"}),
              HasSubstr("expected a whole number from 0 to 4294967295"));
  EXPECT_THAT(said({"sim", "run", scenario, "-j", "1025"}), HasSubstr("1025 not in range"));
  const auto decimal = run_here({"sim", "run", scenario, "--db", database, "--seed", "010", "--json"});
  ASSERT_EQ(decimal.status, 0) << decimal.err;
  EXPECT_EQ(decimal.json()["seed"], 10) << "no other base than ten";
}

TEST_F(Sim, SaysThatAStoredPlanIsDamaged) {
  ASSERT_EQ(run_here({"sim", "run", scenario, "--db", database}).status, 0);
  for (const char* damaged :
       {"[", "7", "[7]", "[{\"action\": 1, \"arguments\": []}]", "[{\"action\": \"drain\"}]"}) {
    {
      auto raw = db::Database::open(database, db::Opening::existing).value();
      ASSERT_TRUE(raw.run("PRAGMA ignore_check_constraints = ON; UPDATE run SET plan = '" +
                          std::string(damaged) + "'"));
    }
    const auto replayed = run_here({"sim", "replay", "1", "--db", database});
    EXPECT_EQ(replayed.status, 2) << damaged;
    EXPECT_THAT(replayed.err, HasSubstr("p.db: the plan of run 1 is damaged")) << damaged;
    EXPECT_EQ(replayed.out, "");
  }
}

TEST_F(Sim, EndsAtItsTimeAndSaysOfHowManyItKnows) {
  // Long enough that it cannot be done by then.
  const auto ran = run_here({"sim", "run", scenario, "--db", database, "--replications", "1000000", "--time",
                             "300ms", "--progress", "none"});
  EXPECT_EQ(ran.status, 3) << ran.err;
  const auto ended = run_here({"sim", "query", "SELECT count(*) FROM replication WHERE ended IS NOT NULL",
                               "--db", database, "--json"})
                         .json()["rows"][0][0]
                         .get<std::int64_t>();
  EXPECT_THAT(ran.out, HasSubstr("run 1: interrupted, "));
  EXPECT_THAT(ran.out, HasSubstr(fmt::format(" of {} that ended\n",
                                             counted(static_cast<std::uint64_t>(ended), "replication"))));
  const auto json =
      run_here({"sim", "run", scenario, "--db", database, "--replications", "3", "--json"}).json();
  EXPECT_EQ(json["ended"], 3);
}

TEST_F(Sim, RefusesAPlanForAScenarioWithAModelOfItsOwn) {
  const std::filesystem::path beside = std::filesystem::path(database).parent_path();
  const std::string own = (beside / "switch.yaml").string(), plan = (beside / "switch.plan.json").string();
  std::ofstream(own) << "format: portolan.scenario/1\n"
                        "description: a switch\n"
                        "model:\n"
                        "  variables: {on: {domain: bool}}\n"
                        "  actions: [{name: push, update: \"on := true\", source: test}]\n"
                        "goal: \"on\"\n";
  const auto planned = run_here({"plan", own, "-o", plan, "--no-store"});
  ASSERT_EQ(planned.status, 0) << planned.out << planned.err;
  const auto ran = run_here({"sim", "run", own, "--plan", plan, "--db", database});
  EXPECT_EQ(ran.status, 2) << ran.out;
  EXPECT_THAT(ran.err,
              HasSubstr("a scenario with a model of its own has no operator who could follow a plan"));
}

class SlowSim : public Sim {};

TEST_F(SlowSim, ThatIsKilledLeavesADatabaseThatSaysHowFarItCame) {
  const pid_t child = start();
  ASSERT_EQ(kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
  const auto listed = run_here({"sim", "status", "--db", database, "--json"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  const Json one = listed.json()["runs"][0];
  EXPECT_EQ(one["state"], "broken-off");
  EXPECT_EQ(one["ended"], 0);
  EXPECT_GT(one["events"], 0);
  EXPECT_GT(one["time_ns"], 0);
  const auto query = [&](const std::string& sql) {
    return run_here({"sim", "query", sql, "--db", database, "--json"}).json()["rows"][0][0];
  };
  EXPECT_EQ(query("SELECT count(*) FROM event"), one["events"]) << "how far it came is what is there";
  EXPECT_EQ(query("SELECT max(time_ns) FROM event"), one["time_ns"]);
  {
    auto raw = db::Database::open(database, db::Opening::existing).value();
    auto check = raw.prepare("PRAGMA integrity_check").value();
    ASSERT_TRUE(check.step().value());
    EXPECT_EQ(check.text(0), "ok");
  }
  EXPECT_EQ(run_here({"sim", "replay", "1", "--verify", "--db", database}).status, 0)
      << "as far as it came, it is what it would be again";
}

TEST_F(SlowSim, StopsCleanlyWhenInterrupted) {
  const pid_t child = start();
  ASSERT_EQ(kill(child, SIGINT), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const Json one = run_here({"sim", "status", "--db", database, "--json"}).json()["runs"][0];
  EXPECT_EQ(one["state"], "interrupted");
  EXPECT_GT(one["events"], 0);
  EXPECT_NE(one["finished"], nullptr);
  EXPECT_EQ(run_here({"sim", "replay", "1", "--verify", "--db", database}).status, 0);
}

TEST(Processes, AreKnownByTheirStart) {
  const std::string me = cli::this_process();
  EXPECT_EQ(cli::is_alive(me), cli::Alive::yes);
  EXPECT_EQ(cli::is_alive(me + "1"), cli::Alive::no) << "the same number, started at another time";
  EXPECT_EQ(cli::is_alive("elsewhere.example 1 1"), cli::Alive::elsewhere);
}

}  // namespace
