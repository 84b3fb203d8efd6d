// SPDX-License-Identifier: Apache-2.0
//
// `apply` on real device programs over real sockets: what it does, what it refuses, what it rolls back, and
// that the journal conforms. Every fault at every call is tried on devices in memory (tests/vfio/execution).

#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <regex>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/transcript.hpp"
#include "tests/support/background.hpp"
#include "tests/support/temporary.hpp"
#include "vfio/user/client.hpp"

namespace {

using namespace portolan;
using Json = nlohmann::json;
using testing::HasSubstr;

class Apply : public testing::Test {
 protected:
  /// Two hosts, one VM on the first; the second is upgraded, the VM moves, the first is upgraded.
  void SetUp() override {
    write_scenario("");
    for (const char* host : {"host1", "host2"}) std::filesystem::create_directories(folder / host);
    device = std::make_unique<test::Background>(
        PORTOLAN_DEVICE,
        std::vector<std::string>{"--socket", (folder / "host1/web.sock").string(), "--model",
                                 std::string(fleet) + "acme-gfx-1.json", "--m-memory=8192", "--state-size",
                                 state_size, "--seed", "9", "--dirty-rate", dirty_rate});
    EXPECT_THAT(device->line(), HasSubstr("ready"));
    write_inventory("");
    ASSERT_EQ(portolan({"plan", scenario, "-o", plan, "--no-store"}).status, 0);
  }
  void TearDown() override {
    // Programs that apply started go on; their logs say where they are.
    for (const char* host : {"host1", "host2"})
      for (const auto& entry : std::filesystem::directory_iterator(folder / host))
        if (entry.path().extension() == ".sock")
          test::run_program("/bin/sh",
                            {"-c", "pkill -f -- '--socket " + entry.path().string() + "' || true"});
  }
  void write_scenario(const std::string& more) {
    std::ofstream(scenario) << "format: portolan.scenario/1\ndescription: two hosts\ncatalogue: " << fleet
                            << "drivers.yaml\nfleet:\n"
                            << "  hosts: [{name: host, count: 2, implementation: acme-gfx, version: \"1\"}]\n"
                            << "  vms: [{name: web, parameters: {memory: 8192}, place: host1}]\n"
                            << "goal: \"forall(h in host: driver[h] == `acme-gfx@2`) && place[web] != "
                               "none\"\nactions: {without: [power_cycle]}\n"
                            << "faults: {budget: 1, kinds: [device_error]}\n"
                            << more;
  }
  /// `fault` goes to the program of driver 2 on host2.
  void write_inventory(const std::string& fault) {
    const std::string size = ", --state-size, " + state_size;
    const auto driver = [&](const char* version, const std::string& more) {
      return std::string("acme-gfx@") + version + ": [" PORTOLAN_DEVICE ", --model, " + fleet + "acme-gfx-" +
             version + ".json" + size + more + "]";
    };
    std::ofstream(inventory) << "format: portolan.inventory/1\nhosts:\n  host1: {directory: host1, drivers: {"
                             << driver("1", "") << ", " << driver("2", "")
                             << "}}\n  host2: {directory: host2, drivers: {" << driver("1", "") << ", "
                             << driver("2", fault.empty() ? "" : ", --fault, \"" + fault + "\"")
                             << "}}\nvms:\n  web: {device: \"vfio-user:host1/web.sock\"}\n";
  }
  /// A command that the upgrade of host2 runs, before the VM moves there.
  void install_on_host2(const std::string& command) {
    std::ifstream in(inventory);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string host = "host2: {directory: host2, ";
    text.insert(text.find(host) + host.size(),
                "install: {acme-gfx@2: [/bin/sh, -c, " + Json(command).dump() + "]}, ");
    std::ofstream(inventory) << text;
  }
  static test::Ended portolan(const std::vector<std::string>& arguments) { return test::run_here(arguments); }
  test::Ended apply(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"apply",     plan,    "--inventory", inventory,
                                       "--journal", journal, "--progress",  "none"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return portolan(arguments);
  }
  Json conformity() {
    const auto ran = portolan({"journal", "--conform", "--json", "--journal", journal});
    return Json::parse(ran.out).at("conformity");
  }
  std::string state_of(const std::string& socket) {
    auto client = vfio::user::Client::connect(socket, "test", {});
    if (!client) return to_string(client.error());
    const auto state = client->state();
    return state ? std::string(machines::name_of(*state)) : to_string(state.error());
  }

  std::string state_size = "3M", dirty_rate = "1M";
  static constexpr const char* fleet = PORTOLAN_SOURCE_DIR "/scenarios/fleet/";
  test::TemporaryFolder folder;
  const std::string scenario = (folder / "fleet.yaml").string(), plan = (folder / "plan.json").string(),
                    inventory = (folder / "inventory.yaml").string(),
                    journal = (folder / "journal.db").string();
  std::unique_ptr<test::Background> device;
};

class SlowApply : public Apply {};

TEST_F(Apply, CarriesThePlanOutAndTheJournalConforms) {
  const auto ran = apply({"--json"});
  ASSERT_EQ(ran.status, 0) << ran.out << ran.err;
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json.at("outcome"), "done");
  EXPECT_EQ(json.at("steps_done"), json.at("steps"));
  EXPECT_EQ(json.at("devices").at("web"), "vfio-user:" + (folder / "host2/web.sock").string());
  EXPECT_EQ(state_of((folder / "host2/web.sock").string()), "RUNNING");
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "STOP")
      << "nobody said how it is ended, so it is left stopped";
  EXPECT_THAT(json.at("notes").dump(), HasSubstr("vms.web.retire"));

  const Json held = conformity();
  EXPECT_EQ(held.at("verdict"), "conforms") << held;
  EXPECT_EQ(held.at("goal_reached"), true);
  EXPECT_GT(held.at("events"), 12);
  EXPECT_GT(held.at("observations"), 10);
  // What the device says that it saved is what the other says that it loaded: contents arrived, and the
  // journal has the digest of the stream.
  const Json entries = Json::parse(portolan({"journal", "--json", "--journal", journal}).out).at("journal");
  std::string sha256;
  for (const Json& entry : entries)
    if (entry.contains("sha256")) sha256 = entry.at("sha256");
  std::ifstream log(folder / "host2/web.log");
  const std::string said{std::istreambuf_iterator<char>(log), {}};
  EXPECT_THAT(said, HasSubstr("\"event\":\"loaded\""));
  EXPECT_THAT(said, HasSubstr(sha256));
  EXPECT_THAT(portolan({"status", "--journal", journal}).out, HasSubstr("done"));
  EXPECT_THAT(portolan({"journal", "--journal", journal}).out, HasSubstr("migrate_commit(web)"));
}

TEST_F(Apply, TouchesNothingInADryRun) {
  const auto ran = apply({"--dry-run"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("DRY RUN"));
  EXPECT_FALSE(std::filesystem::exists(journal));
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
  EXPECT_TRUE(std::filesystem::is_empty(folder / "host2"));
}

TEST_F(SlowApply, AMigrationThatFailsIsRolledBackAndItsSourceRunsOn) {
  write_inventory("refuse-data");
  const auto ran = apply({"--json"});
  EXPECT_EQ(ran.status, 6) << ran.out << ran.err;
  EXPECT_EQ(Json::parse(ran.out).at("outcome"), "rolled-back");
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
  EXPECT_THAT(state_of((folder / "host2/web.sock").string()), HasSubstr("cannot connect"))
      << "the new program was ended";
  const Json held = conformity();
  EXPECT_EQ(held.at("verdict"), "conforms") << held;
  EXPECT_EQ(held.at("goal_reached"), false);
}

TEST_F(SlowApply, RefusesWithoutTouchingAnythingWhatThePlanWasNotProvedFor) {
  const auto unmet = [&](const std::string& why) {
    const auto ran = apply();
    EXPECT_EQ(ran.status, 4) << ran.out << ran.err;
    EXPECT_THAT(ran.out + ran.err, HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(journal));
    EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
  };
  // Another program than the catalogue says.
  std::ifstream in(inventory);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::ofstream(inventory) << std::regex_replace(text, std::regex("acme-gfx-2\\.json"),
                                                 "acme-gfx-2-compact.json");
  unmet("publishes other migration information than the catalogue has");
  // Another fleet than the plan was made for.
  write_inventory("");
  write_scenario("rollout: {migrations_max: 1}\n");
  unmet("rollout.migrations_max was added: 1");
  write_scenario("");
  // A device that is not where the plan begins.
  {
    auto client = vfio::user::Client::connect((folder / "host1/web.sock").string(), "test", {});
    ASSERT_TRUE(client && client->set_state(machines::DeviceState::stop));
  }
  const auto ran = apply();
  EXPECT_EQ(ran.status, 4);
  EXPECT_THAT(ran.err, HasSubstr("is in STOP, expected RUNNING"));
  device.reset();
  const auto gone = apply();
  EXPECT_EQ(gone.status, 4);
  EXPECT_THAT(gone.err, HasSubstr("cannot connect"));
}

TEST_F(SlowApply, RefusesProgramsForADriverThatTheCatalogueHasAsMdev) {
  std::ifstream in(std::string(fleet) + "drivers.yaml");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text = std::regex_replace(text, std::regex("kind: vfio-user"), "kind: mdev");
  text = std::regex_replace(text, std::regex("migration_info: "), std::string("migration_info: ") + fleet);
  std::ofstream(folder / "mdev.yaml") << text;
  std::ifstream of(scenario);
  std::string other{std::istreambuf_iterator<char>(of), {}};
  std::ofstream(scenario) << std::regex_replace(other, std::regex("catalogue: .*"), "catalogue: mdev.yaml");
  ASSERT_EQ(portolan({"plan", scenario, "-o", plan, "--no-store"}).status, 0);
  const auto ran = apply({"--dry-run"});
  EXPECT_EQ(ran.status, 4) << ran.out << ran.err;
  for (const char* said :
       {"hosts.host2: what the inventory has there is vfio-user", "with kind: mdev",
        "hosts.host1: what the inventory has there is vfio-user", "vms.web: vfio-user:", "mdev.yaml:"})
    EXPECT_THAT(ran.err, HasSubstr(said));
}

TEST_F(SlowApply, EndsWhatAWrapperStarted) {
  std::ofstream(folder / "wrap.sh") << "#!/bin/sh\n" PORTOLAN_DEVICE " \"$@\"\n";
  std::filesystem::permissions(folder / "wrap.sh", std::filesystem::perms::owner_all);
  write_inventory("refuse-data");
  std::ifstream again(inventory);
  std::string refusing{std::istreambuf_iterator<char>(again), {}};
  const std::size_t at = refusing.rfind(PORTOLAN_DEVICE);
  refusing.replace(at, std::string(PORTOLAN_DEVICE).size(), "./wrap.sh");
  std::ofstream(inventory) << refusing;
  EXPECT_EQ(apply().status, 6);
  EXPECT_THAT(state_of((folder / "host2/web.sock").string()), HasSubstr("cannot connect"))
      << "what the wrapper started is ended, too";
}

TEST_F(SlowApply, FindsAJournalThatSaysSomethingElse) {
  ASSERT_EQ(apply().status, 0);
  test::run_program(
      "/usr/bin/python3",
      {"-c",
       "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute(\"UPDATE journal SET observed = "
       "'{\\\"source[web]\\\": \\\"RUNNING\\\"}' WHERE what = 'stop_source'\"); d.commit()",
       journal});
  const auto ran = portolan({"journal", "--conform", "--journal", journal});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("source[web] is RUNNING on the device, and STOP_COPY by the tables"));
}

TEST_F(SlowApply, StopsBeforeTheNextStepWhenItsJournalIsNotThereAnyMore) {
  const std::pair<const char*, const char*> happened[] = {
      {"rm JOURNAL", "was deleted"},
      {"truncate -s 0 JOURNAL", "was cut short or overwritten"},
      {"echo something else entirely > JOURNAL", "was cut short or overwritten"},
      {"cp JOURNAL JOURNAL.copy; mv JOURNAL.copy JOURNAL", "was replaced"},
      {"rm JOURNAL-wal", ""}};
  for (const auto& [command, why] : happened) {
    write_inventory("");
    install_on_host2(std::regex_replace(command, std::regex("JOURNAL"), journal));
    const auto ran = apply();
    EXPECT_EQ(ran.status, 5) << command << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("the journal cannot be written")) << command;
    EXPECT_THAT(ran.err, HasSubstr(why)) << command;
    EXPECT_THAT(ran.err, HasSubstr(journal)) << command;
    EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING") << command;
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(journal + part);
  }
}

TEST_F(SlowApply, SaysSoWhenTheMemoryThatSqliteSharesIsCutShort) {
  write_inventory("");
  install_on_host2("truncate -s 0 " + journal + "-shm");
  const auto ran = test::run_program(
      PORTOLAN_BINARY, {"apply", plan, "--inventory", inventory, "--journal", journal, "--progress", "none"});
  EXPECT_EQ(ran.status, 5) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("was cut short by somebody else"));
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
}

TEST_F(Apply, TheJournalIsForItsUserAlone) {
  ASSERT_EQ(apply().status, 0);
  for (const std::string& file : {journal, (folder / "host2/web.log").string()})
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << file;
}

TEST_F(SlowApply, ATerminalThatEndsStopsItBetweenTwoSteps) {
  install_on_host2("kill -HUP $PPID");
  const auto ran = test::run_program(
      PORTOLAN_BINARY, {"apply", plan, "--inventory", inventory, "--journal", journal, "--progress", "none"});
  EXPECT_EQ(ran.status, 5) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("stopped on request, between two steps"));
  EXPECT_THAT(portolan({"status", "--journal", journal}).out, HasSubstr("stopped"));
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
}

TEST_F(SlowApply, AfterAKillStatusAsksTheDevicesAndSaysWhatIsTrue) {
  install_on_host2("kill -9 $PPID");
  const auto ran = test::run_program(
      PORTOLAN_BINARY, {"apply", plan, "--inventory", inventory, "--journal", journal, "--progress", "none"});
  EXPECT_EQ(ran.status, 128 + SIGKILL);
  const std::string socket = "vfio-user:" + (folder / "host1/web.sock").string();
  const auto text = portolan({"status", "--journal", journal});
  EXPECT_THAT(text.out, HasSubstr("broken-off"));
  EXPECT_THAT(text.out, HasSubstr("web: runs on " + socket + " (RUNNING)"));
  {
    auto client = vfio::user::Client::connect((folder / "host1/web.sock").string(), "test", {});
    ASSERT_TRUE(client && client->set_state(machines::DeviceState::stop));
  }
  const Json now = Json::parse(portolan({"status", "--json", "--journal", journal}).out).at("now");
  EXPECT_EQ(now.at("vms").at(0).at("runs_on"), nullptr);
  EXPECT_EQ(now.at("vms").at(0).at("said"), "nobody runs it: " + socket + " is in STOP and holds it");
  EXPECT_EQ(now.at("vms").at(0).at("next"), "bring " + socket + " to RUNNING");
  EXPECT_EQ(now.at("vms").at(0).at("left_over"), Json::array({socket}));
}

TEST_F(SlowApply, ALimitOnTheSizeOfFilesIsAMessage) {
  const auto ran =
      test::run_program("/bin/sh", {"-c", "ulimit -f 8; exec \"$0\" \"$@\"", PORTOLAN_BINARY, "apply", plan,
                                    "--inventory", inventory, "--journal", journal, "--progress", "none"});
  EXPECT_EQ(ran.status, 2) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("EFBIG"));
  EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
}

TEST_F(SlowApply, OpensNothingThroughALinkAndNoFifo) {
  const auto victim = folder / "victim.txt";
  std::ofstream(victim) << "kept";
  const auto log = folder / "host2/web.log";
  const auto refused = [&](const std::string& why) {
    const auto ran = apply();
    EXPECT_EQ(ran.status, 6) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr(why));
    EXPECT_EQ(std::filesystem::file_size(victim), 4u);
    EXPECT_EQ(state_of((folder / "host1/web.sock").string()), "RUNNING");
    std::filesystem::remove(log);
  };
  std::filesystem::create_symlink(victim, log);
  refused("web.log: is a link");
  std::filesystem::create_hard_link(victim, log);
  refused("web.log: is no file of one name");
  ASSERT_EQ(mkfifo(log.c_str(), 0600), 0);
  refused("web.log: ");
}

TEST_F(Apply, InventoriesAreReadWithEveryFaultAtOnce) {
  std::ofstream(inventory) << "format: portolan.inventory/1\nhosts:\n  host9: {directory: x, drivers: {a: "
                              "[]}}\n  host1: {drivers: 4}\n  ../up: {directory: x, drivers: {a: [b]}}\n"
                              "vms:\n  web: {device: \"mdev:1\"}\n";
  const auto ran = apply();
  EXPECT_EQ(ran.status, 2);
  for (const char* fault :
       {"hosts.host9.drivers.a: is empty", "hosts.host1: \"directory\" is missing", "hosts.host1.drivers",
        "the name \"../up\" has a slash", "vms.web.device: got \"mdev:1\", expected vfio-user:SOCKET"})
    EXPECT_THAT(ran.err, HasSubstr(fault));
}

}  // namespace
