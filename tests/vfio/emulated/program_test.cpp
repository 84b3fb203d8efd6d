// SPDX-License-Identifier: Apache-2.0
//
// portolan-device as a program (rules.md R11), and `portolan device` on it: exit statuses, JSON,
// signals.

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <nlohmann/json.hpp>

#include "model/compat/migration_info.hpp"
#include "tests/support/background.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/thorough.hpp"
#include "vfio/emulated/program.hpp"

namespace {

using namespace portolan;
using test::Background;
using test::run_program;
using test::TemporaryFolder;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

const std::string information = R"({"models": {"example.org/nic": {"params": {
  "queues": {"type": "int", "init_value": 1, "allowed_values": ["1-4"]},
  "fast": {"type": "bool", "init_value": true, "off_value": false},
  "vendor": {"type": "str", "init_value": "a"}}}}})";

std::string written(const TemporaryFolder& folder, const std::string& text) {
  const auto file = folder / "info.json";
  std::ofstream(file) << text;
  return file;
}

/// A device that is ready, and its log.
struct Running {
  Background process;
  std::string socket;
  Json ready;
  Running(const std::string& path, Words more)
      : process(PORTOLAN_DEVICE, with_socket(path, std::move(more))), socket(path) {
    const std::string line = process.line();
    if (line.empty()) throw std::runtime_error("the device did not start");
    ready = Json::parse(line);
  }
  static Words with_socket(const std::string& path, Words more) {
    more.insert(more.begin(), {"--socket", path});
    return more;
  }
  std::string name() const { return "vfio-user:" + socket; }
  std::vector<Json> events() {
    process.signal(SIGTERM);
    std::vector<Json> all;
    for (std::string line = process.line(); !line.empty(); line = process.line())
      all.push_back(Json::parse(line));
    return all;
  }
};

Json info_of(const Running& device) {
  const auto ended = run_program(PORTOLAN_BINARY, {"device", "info", device.name(), "--json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  return Json::parse(ended.out);
}

test::Ended migrate(const std::string& from, const std::string& to, Words more = {}) {
  Words words{"device", "migrate", "--from", from, "--to", to, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return run_program(PORTOLAN_BINARY, words);
}

TEST(DeviceProgram, PrintsItsMigrationInformation) {
  const TemporaryFolder folder;
  const auto file = written(folder, information);
  const auto ended = run_program(PORTOLAN_DEVICE, {"--model", file, "--print-migration-info-json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const auto again = written(folder, ended.out);
  const auto read = compat::read_migration_info(again);
  ASSERT_TRUE(read);
  EXPECT_EQ(compat::write_migration_info(*read), ended.out);
  EXPECT_EQ(read->models.at("example.org/nic").parameters.size(), 3u);
}

TEST(DeviceProgram, TakesParametersInBothForms) {
  const TemporaryFolder folder;
  const auto file = written(folder, information);
  for (const Words& form :
       {Words{"--m-queues=4", "--m-fast=off"}, Words{"--m-queues", "4", "--m-fast", "off"},
        Words{"--m-vendor=a=b", "--m-fast=1"}}) {
    Words words{"--model", file};
    words.insert(words.end(), form.begin(), form.end());
    Running device(folder / "socket", words);
    EXPECT_EQ(device.ready["model"], "example.org/nic");
    EXPECT_EQ(device.process.end(SIGTERM), 143);
    EXPECT_FALSE(std::filesystem::exists(folder / "socket"));
  }
}

TEST(SlowDeviceProgram, SaysWhyTheInstanceCannotBeMade) {
  const TemporaryFolder folder;
  const auto file = written(folder, information);
  const auto refused = [&](Words words) {
    words.insert(words.begin(), {"--socket", folder / "socket", "--model", file});
    const auto ended = run_program(PORTOLAN_DEVICE, words);
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_EQ(ended.out, "");
    return ended.err;
  };
  EXPECT_THAT(refused({"--m-queues=5"}),
              testing::HasSubstr("--m-queues: refused value \"5\", expected one of {1-4}"));
  EXPECT_THAT(refused({"--m-fast", "maybe"}),
              testing::HasSubstr("--m-fast: got \"maybe\", expected a value of type bool"));
  EXPECT_THAT(refused({"--m-color=red"}),
              testing::HasSubstr("--m-color: unknown parameter, expected one of fast, queues, vendor"));
  EXPECT_THAT(refused({"--m-queues=2", "--fault", "refuse-value:name=queues"}),
              testing::HasSubstr("--m-queues: no resources"));
  EXPECT_THAT(refused({"--model-name", "example.org/other"}),
              testing::HasSubstr("got \"example.org/other\""));
  // All of them at once.
  const auto all = refused({"--m-queues=5", "--m-color=red", "--m-fast=maybe"});
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << all;

  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(run_program(PORTOLAN_DEVICE, {"--socket", folder / "file"}).status, 1)
      << "a file is not overwritten";
  EXPECT_EQ(run_program(PORTOLAN_DEVICE, {"--socket", folder / "socket", "--model", folder / "nothing.json"})
                .status,
            1);
  EXPECT_EQ(run_program(PORTOLAN_DEVICE, {"--socket", std::string(200, 'x')}).status, 1);
  Running device(folder / "socket", {});
  EXPECT_EQ(run_program(PORTOLAN_DEVICE, {"--socket", folder / "socket"}).status, 1)
      << "another device is not pushed aside";
}

TEST(DeviceProgram, TakesOverASocketThatADeadProcessLeft) {
  const TemporaryFolder folder;
  { Running device(folder / "socket", {}); }  // killed
  ASSERT_TRUE(std::filesystem::exists(folder / "socket"));
  Running device(folder / "socket", {});
  EXPECT_EQ(info_of(device)["state"], "RUNNING");
}

TEST(SlowDeviceProgram, CallsUsageByItsName) {
  for (const Words& words :
       {Words{}, Words{"--socket"}, Words{"--nonsense"}, Words{"--socket", "x", "--state-size", "4X"},
        Words{"--socket", "x", "--state-size", "65G"}, Words{"--socket", "x", "--flags", "p2p"},
        Words{"--socket", "x", "--seed", "-1"}, Words{"--help=1"},
        Words{"--socket", "x", "--fault", "fail-hop"},
        Words{"--socket", "x", "--fault", "fail-hop:at=1,state=STOP"},
        Words{"--socket", "x", "--fault", "fail-hop:at=0"},
        Words{"--socket", "x", "--fault", "stall:message=1,byte=2"},
        Words{"--socket", "x", "--fault", "corrupt:errno=EIO"},
        Words{"--socket", "x", "--fault", "refuse-data:errno=EWHAT"},
        Words{"--socket", "x", "--m-a=1", "--m-a=2"}}) {
    const auto ended = run_program(PORTOLAN_DEVICE, words);
    EXPECT_EQ(ended.status, 2) << testing::PrintToString(words) << ended.err;
    EXPECT_FALSE(ended.err.empty());
  }
  const auto help = run_program(PORTOLAN_DEVICE, {"--help"});
  EXPECT_EQ(help.status, 0);
  for (const auto& kind : vfio::emulated::injected_kinds())
    EXPECT_THAT(help.out, testing::HasSubstr(std::string(kind.name)));
}

TEST(Documentation, OfTheDeviceNamesEveryOptionAndFault) {
  std::ifstream in(PORTOLAN_SOURCE_DIR "/docs/vfio-user.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  for (const auto& kind : vfio::emulated::injected_kinds())
    EXPECT_THAT(page, testing::HasSubstr("`" + std::string(kind.name) + "`"));
  const auto help = run_program(PORTOLAN_DEVICE, {"--help"}).out;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("  --", 0) != 0) continue;
    EXPECT_THAT(page, testing::HasSubstr(line.substr(2, line.find_first_of(" =", 2) - 2))) << line;
  }
}

TEST(DeviceMigrate, CommitsAndTellsWhatItDid) {
  const TemporaryFolder folder;
  const auto file = written(folder, information);
  Running a(folder / "a", {"--model", file, "--m-queues=2", "--state-size", "3M", "--dirty-rate", "1M"});
  Running b(folder / "b", {"--model", file, "--m-queues=2", "--state-size", "3M"});
  const auto ended = migrate(a.name(), b.name());
  ASSERT_EQ(ended.status, 0) << ended.out << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["format_version"], 1);
  EXPECT_EQ(json["outcome"], "committed");
  EXPECT_EQ(json["source_state"], "STOP");
  EXPECT_EQ(json["destination_state"], "RUNNING");
  EXPECT_GT(json["bytes"], 3u << 20);
  EXPECT_EQ(json["sha256"].get<std::string>().size(), 64u);
  EXPECT_GT(json["seconds"], json["downtime_seconds"]);
  EXPECT_GT(json["downtime_seconds"], 0.0);
  EXPECT_EQ(json["steps"].front()["step"], "begin");
  EXPECT_EQ(json["steps"].back()["step"], "start");
  EXPECT_THAT(ended.err, testing::Not(testing::HasSubstr("100")))
      << "no percentage before the destination runs";
  const Json there = info_of(b)["content"];
  EXPECT_EQ(there["sha256"], info_of(a)["content"]["sha256"]);
  EXPECT_EQ(there["loads"], 1);
  EXPECT_EQ(there["damaged_pages"], 0);
  // The devices' own logs saw the same stream.
  for (const auto& event : b.events()) {
    if (event["event"] != "loaded") continue;
    EXPECT_EQ(event["sha256"], json["sha256"]);
  }
}

TEST(SlowDeviceMigrate, DoesNotOverwriteWhatAGuestHasUsed) {
  const TemporaryFolder folder;
  Running a(folder / "a", {}), b(folder / "b", {"--dirty-rate", "8M"});
  while (info_of(b)["fresh"] == true) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto refused = migrate(a.name(), b.name());
  EXPECT_EQ(refused.status, 6) << refused.out;
  const Json json = Json::parse(refused.out);
  EXPECT_EQ(json["outcome"], "aborted");
  EXPECT_EQ(json["steps"], Json::array());
  EXPECT_THAT(json["why"].get<std::string>(), testing::HasSubstr("a guest has used it"));
  EXPECT_THAT(json["why"].get<std::string>(), testing::HasSubstr("--overwrite"));
  EXPECT_EQ(info_of(b)["fresh"], false);
  EXPECT_EQ(info_of(b)["content"]["loads"], 0);
  EXPECT_EQ(info_of(a)["state"], "RUNNING");
  EXPECT_EQ(migrate(a.name(), b.name(), {"--overwrite"}).status, 0);
  // A source is not fresh either, though it is stopped: it holds what it had.
  EXPECT_EQ(info_of(a)["fresh"], false);
  EXPECT_EQ(migrate(b.name(), a.name()).status, 6);
  EXPECT_EQ(migrate(b.name(), a.name(), {"--overwrite", "--no-pre-copy"}).status, 0);
}

TEST(SlowDeviceMigrate, TriesAgainAfterAnAbortWhichResetsTheDestination) {
  const TemporaryFolder folder;
  Running a(folder / "a", {}), b(folder / "b", {"--fault", "fail-hop:at=2,times=1"});
  EXPECT_EQ(info_of(b)["fresh"], true);
  EXPECT_EQ(migrate(a.name(), b.name()).status, 6);
  EXPECT_EQ(info_of(b)["fresh"], true);
  EXPECT_EQ(migrate(a.name(), b.name()).status, 0);
}

TEST(SlowDeviceMigrate, AbortsWithTheSourceRunning) {
  const TemporaryFolder folder;
  Running a(folder / "a", {}), b(folder / "b", {"--fault", "refuse-data:at=500000,errno=ENOMEM"});
  const auto before = info_of(a)["content"]["sha256"];
  const auto ended = migrate(a.name(), b.name(), {"--progress", "json"});
  EXPECT_EQ(ended.status, 6) << ended.out;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["outcome"], "aborted");
  EXPECT_EQ(json["source_state"], "RUNNING");
  EXPECT_THAT(json["why"].get<std::string>(), testing::HasSubstr("refused MIG_DATA_WRITE with ENOMEM"));
  EXPECT_EQ(info_of(a)["content"]["sha256"], before);
  EXPECT_EQ(info_of(a)["state"], "RUNNING");
  std::istringstream lines(ended.err);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(Json::accept(line)) << line;
}

TEST(SlowDeviceMigrate, HasAStatusForEachEnding) {
  const TemporaryFolder folder;
  const auto status = [&](Words from_faults, Words to_faults, Words more = {}) {
    Running a(folder / "a", from_faults), b(folder / "b", to_faults);
    const auto ended = migrate(a.name(), b.name(), more);
    return std::pair(ended.status, Json::parse(ended.out)["outcome"].get<std::string>());
  };
  EXPECT_EQ(status({"--fault", "exit:byte=400000"}, {}), std::pair(8, std::string("lost")));
  EXPECT_EQ(status({}, {"--fault", "exit:byte=400000"}), std::pair(6, std::string("aborted")));
  EXPECT_EQ(status({}, {"--fault", "fail-hop:at=4"}), std::pair(0, std::string("committed")))
      << "a second try starts it";
  EXPECT_EQ(status({}, {"--fault", "fail-hop:state=RUNNING"}), std::pair(8, std::string("committed")))
      << "needs a person";
  EXPECT_EQ(status({"--state-size", "2M"}, {"--state-size", "1M"}), std::pair(6, std::string("aborted")));
}

TEST(SlowDeviceMigrate, CallsALostAnswerUnknownAndLetsNobodyRun) {
  const TemporaryFolder folder;
  // VERSION, flags, state, RESUMING, state, one write: the seventh message is the load. Then the process
  // stands still, so that it takes no other connection either.
  Running a(folder / "a", {"--state-size", "1K"}),
      b(folder / "b", {"--state-size", "1K", "--fault", "stall:message=7,when=before"});
  std::jthread freezer([&] {
    for (std::string line = b.process.line(); line.find("\"stall\"") == std::string::npos && !line.empty();
         line = b.process.line()) {}
    b.process.signal(SIGSTOP);
  });
  const auto ended =
      migrate(a.name(), b.name(), {"--reply-timeout", "2", "--state-timeout", "2", "--no-pre-copy"});
  freezer.join();
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(ended.status, 5) << ended.out;
  EXPECT_EQ(json["outcome"], "unknown");
  EXPECT_EQ(json["steps"].back()["step"], "ask");
  EXPECT_EQ(json["source_state"], "STOP_COPY");
  EXPECT_EQ(json["destination_state"], nullptr);
  EXPECT_THAT(json["needs_attention"].get<std::string>(), testing::HasSubstr("let neither run"));
  EXPECT_EQ(info_of(a)["state"], "STOP_COPY");
}

TEST(SlowDeviceMigrate, StoppedByASignalBringsTheSourceBack) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TemporaryFolder folder;
    Running a(folder / "a", {"--state-size", "2G"}), b(folder / "b", {"--state-size", "2G"});
    Background command(PORTOLAN_BINARY, {"device", "migrate", "--from", a.name(), "--to", b.name(),
                                         "--no-pre-copy", "--progress", "none"});
    for (std::string line = b.process.line(); line.find("RESUMING\",\"source") == std::string::npos;
         line = b.process.line())
      ASSERT_FALSE(line.empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(command.end(signal), 128 + signal);
    EXPECT_EQ(info_of(a)["state"], "RUNNING");
    EXPECT_EQ(info_of(b)["content"]["loads"], 0);
  }
}

TEST(SlowDeviceMigrate, IsUsageWhenNothingIsThere) {
  const TemporaryFolder folder;
  Running a(folder / "a", {});
  EXPECT_EQ(migrate(a.name(), "vfio-user:" + (folder / "nothing").string()).status, 2);
  EXPECT_EQ(migrate("vfio-user:" + (folder / "nothing").string(), a.name()).status, 2);
  EXPECT_EQ(migrate(a.name(), a.name()).status, 2);
  EXPECT_EQ(migrate("mdev:83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", a.name()).status, 2);
  EXPECT_EQ(info_of(a)["state"], "RUNNING");
}

TEST(SlowDeviceProgram, GoesOnWhenItsLogCannotBeWritten) {
  const TemporaryFolder folder;
  Background device("/bin/sh", {"-c", "exec 3>&1; ulimit -f 0; exec \"$0\" --socket \"$1\" 2>&3 > \"$1.log\"",
                                PORTOLAN_DEVICE, (folder / "a").string()});
  EXPECT_THAT(device.line(), testing::HasSubstr("the log cannot be written: EFBIG"));
  const auto asked =
      run_program(PORTOLAN_BINARY, {"device", "info", "vfio-user:" + (folder / "a").string(), "--json"});
  EXPECT_EQ(asked.status, 0) << asked.err;
  EXPECT_EQ(device.end(SIGHUP), 129);
}

/// Peak resident memory of a process so far.
std::uint64_t peak_bytes(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

TEST(SlowDeviceMigrate, AMuchRewrittenStateMovesInLittleMemory) {
  const TemporaryFolder folder;
  const std::uint64_t mebibytes = std::min<std::uint64_t>(test::thorough(256), 4096);  // 4 GiB in a soak
  const std::string size = std::to_string(mebibytes) + "M";
  Running a(folder / "a", {"--state-size", size, "--dirty-rate", "8M"}),
      b(folder / "b", {"--state-size", size});
  const auto ended = migrate(a.name(), b.name(), {"--pre-copy-limit", "600"});
  ASSERT_EQ(ended.status, 0) << ended.out << ended.err;
  const Json json = Json::parse(ended.out), from = info_of(a)["content"], to = info_of(b)["content"];
  EXPECT_GT(json["bytes"], mebibytes << 20);
  EXPECT_GT(from["rewrites"], 500) << "pages are rewritten while they move";
  EXPECT_EQ(to["sha256"], from["sha256"]);
  EXPECT_EQ(to["damaged_pages"], 0);
  std::printf("%s MiB: %s bytes in %.1f s, downtime %.3f s, %zu steps, peak %.1f and %.1f MiB\n",
              std::to_string(mebibytes).c_str(), json["bytes"].dump().c_str(), json["seconds"].get<double>(),
              json["downtime_seconds"].get<double>(), json["steps"].size(),
              static_cast<double>(peak_bytes(a.process.id())) / (1 << 20),
              static_cast<double>(peak_bytes(b.process.id())) / (1 << 20));
#if !defined(__SANITIZE_ADDRESS__)  // the sanitizer's own memory is not the device's
  constexpr std::uint64_t most = 64 << 20;
  EXPECT_LT(peak_bytes(a.process.id()), most);
  EXPECT_LT(peak_bytes(b.process.id()), most);
#endif
}

}  // namespace
